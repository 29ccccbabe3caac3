import { expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import type { SessionStore } from '../../lib/ports/sessions.ts';
import { MINUTE } from '../../lib/time.ts';
import { whois } from '../../lib/usecases/query/whois.ts';
import { ACCOUNT, KEY, ROLE_ID, utc } from '../builders/company.ts';
import { roleSession, userId } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';
import { factsOf } from '../contract/stored-record.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { instant, ListedTrail, memoryStores, SetClock } from './service.ts';

it('whois asks CloudTrail who owns a key that is given with a user’s uid, although the uid identifies the user', async () => {
  const clock = new SetClock(utc('13:00:00'));
  const trail = new ListedTrail();
  trail.records = [grant({ key: KEY })];
  const stores = memoryStores(calmWorld(clock.now));
  const service = { ...stores, clock: clock.now, settings: DEFAULT_SETTINGS, deadline: 30 * MINUTE };
  const lookups = trail.lookups({ claim: 'a-claim', keep: async () => undefined, read: [] });
  const user = { uid: `aws-iam-authenticator:${ACCOUNT}:${userId('bob')}`, username: 'bob' };
  const answerTo = (question: object) =>
    whois({ by: 'caller', question, at: instant(utc('12:05:00')), lookback: undefined }, { ...service, lookups });

  expect(await answerTo(user)).toMatchObject({ attribution: { status: 'attributed', method: 'direct' } });
  expect(await answerTo({ ...user, accessKeyId: KEY })).toMatchObject({
    attribution: { status: 'ambiguous', candidates: [{}, { actor: { name: 'alice' } }] },
    caller: { kind: 'iam-user', accessKeyId: KEY },
  });
  expect([...trail.noted]).toEqual([ACCOUNT]);
});

/** Returns the kinds of questions that go to the store at once, for a session of alice with that name. */
async function roundsOf(sessionName: string, question: object): Promise<string[][]> {
  const clock = new SetClock(utc('13:00:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const use = callBy(roleSession({ roleId: ROLE_ID, session: sessionName, key: KEY }));
  await stores.sessions.add(factsOf([grant({ key: KEY, session: sessionName }), use]));
  const rounds: string[][] = [];
  const sessions: SessionStore = {
    answer: (questions, moment) => {
      rounds.push(questions.map(({ kind }) => kind));
      return stores.sessions.answer(questions, moment);
    },
    add: (facts) => stores.sessions.add(facts),
    missing: (facts) => stores.sessions.missing(facts),
  };
  const service = { ...stores, sessions, clock: clock.now, settings: DEFAULT_SETTINGS, deadline: 30 * MINUTE };
  const request = { by: 'caller', question, at: instant(utc('12:05:00')), lookback: undefined } as const;
  const answer = await whois(request, { ...service, lookups: undefined });
  expect(answer).toMatchObject({ attribution: { status: 'attributed', method: 'access-key' } });
  return rounds;
}

it('whois requests a key’s uses together with its grants, and nothing twice', async () => {
  expect(await roundsOf('alice-session', { accessKeyId: KEY })).toEqual([
    ['grants-of-key', 'uses-of-key'],
    ['user-of-id', 'user-of-name'],
  ]);
});

it('whois asks at once whether a user has the session’s name, if programs choose such names', async () => {
  const stating = (sessionName: string) => ({ principal: `${ROLE_ID}:${sessionName}`, accessKeyId: KEY });
  expect(await roundsOf('EKSGetTokenAuth', stating('EKSGetTokenAuth'))).toEqual([
    ['grants-of-key', 'uses-of-key', 'user-of-name'],
    ['user-of-id'],
  ]);
  expect(await roundsOf('alice', stating('alice'))).toEqual([['grants-of-key', 'uses-of-key'], ['user-of-id']]);
});
