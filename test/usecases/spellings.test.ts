import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import { MINUTE } from '../../lib/time.ts';
import { answerAnything } from '../../lib/usecases/query/anything/anything.ts';
import { Informant } from '../../lib/usecases/query/anything/informant.ts';
import { type ServiceQuestions, serviceSources } from '../../lib/usecases/query/anything/service-sources.ts';
import { listKnown } from '../../lib/usecases/query/known-query.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { whoisOfCaller } from '../../lib/usecases/query/whois.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY, KEY, utc } from '../builders/company.ts';
import { keyId } from '../builders/ids.ts';
import { iamUser, roleSession } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from './service.ts';

/** Two people of two accounts whose names differ in their letters alone, and a role each. */
const GRANTS = [
  grant({ id: 'small', by: iamUser('ana.silva') }),
  grant({
    id: 'large',
    by: iamUser('Ana.Silva', { accountId: '222233334444', principalId: 'AIDAOTHERANA00000001' }),
    session: 'other',
    key: ANOTHER_KEY,
    roleId: 'AROAOTHER00000000001',
    roleName: 'Project-Admin',
  }),
];
const EVENTS = [
  eventBy(roleUser({ key: KEY }), { auditID: 'small', requestReceivedTimestamp: utc('12:10:01') }),
  eventBy(roleUser({ session: 'other', key: ANOTHER_KEY, roleId: 'AROAOTHER00000000001', roleName: 'Project-Admin' }), {
    auditID: 'large',
    requestReceivedTimestamp: utc('12:10:02'),
  }),
];

/** Bob acts by a key that no grant lists, for a user of a directory. */
const BOB = {
  userId: '92a51494-6011-70e5-b0b0-0000000000b0',
  identityStoreArn: 'arn:aws:identitystore::1:identitystore/d-1',
};
const BOBS_KEY = keyId('ASIABOBSSESSION00003');
const BOBS = { session: 'bob', key: BOBS_KEY, roleId: 'AROABOBSROLE00000001', roleName: 'ops' };
const USES_OF_BOB = [
  callBy({ type: 'IdentityCenterUser', userName: 'bob@example.com', onBehalfOf: BOB }),
  callBy(roleSession({ ...BOBS, fields: { onBehalfOf: BOB } })),
];
const BY_BOB = eventBy(roleUser(BOBS), { auditID: 'bob', requestReceivedTimestamp: utc('12:10:03') });

interface Also {
  /** Usernames that another authenticator gave. There was a request under each. */
  readonly usernames?: readonly string[];
  /** Entries of the directory that come before all others. */
  readonly before?: number;
}

async function askedOfService(text: string, { usernames = [], before = 0 }: Also = {}) {
  const clock = new SetClock(utc('12:11:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const running = new Service(stores, clock);
  await running.grants([...GRANTS, ...USES_OF_BOB]);
  await running.ingest([...EVENTS, BY_BOB]);
  await running.ingest(
    usernames.map((username, at) =>
      eventBy({ username, groups: [] }, { auditID: `oidc-${at}`, requestReceivedTimestamp: utc('12:10:04') }),
    ),
  );
  await running.settleFor(5);
  const known: ServiceQuestions['known'] = async ({ kind, prefix, limit, cursor }) => {
    const at = Number(cursor?.startsWith('-') === true ? cursor.slice(1) : cursor === undefined ? 0 : before);
    if (kind !== 'actor' || prefix !== '' || at >= before)
      return listKnown(
        kind,
        prefix,
        { limit, position: cursor?.startsWith('-') === true ? undefined : cursor },
        stores,
      );
    const names = Array.from({ length: limit }, (_, number) => `AROA:${at + number}`);
    const times = { first: utc('12:00:00'), last: utc('12:00:00') };
    return { known: names.map((name) => ({ kind, name, ...times })), cursor: `-${at + limit}` };
  };
  const service = {
    ...stores,
    clock: clock.now,
    settings: DEFAULT_SETTINGS,
    deadline: 30 * MINUTE,
    lookups: undefined,
  };
  const informant = new Informant(
    serviceSources({
      clock: clock.now,
      records: (request) => queryRecords(request, stores),
      known,
      whois: ({ at, lookback, ...question }) => whoisOfCaller({ by: 'caller', question, at, lookback }, service),
    }),
  );
  const recognized = recognize(text);
  if (recognized.outcome !== 'subjects') throw new Error('nothing recognized');
  return answerAnything(recognized, informant);
}

describe('a name that is known in several spellings', () => {
  it.each(['ana.silva', 'Ana.Silva', 'ANA.SILVA'])('%s matches the people with any of them', async (text) => {
    const { found } = await askedOfService(text);
    expect(found).toMatchObject([
      {
        outcome: {
          sessions: [
            { attribution: { actor: { name: 'Ana.Silva' } } },
            { attribution: { actor: { name: 'ana.silva' } } },
          ],
        },
      },
    ]);
    expect(found[0]?.outcome).toHaveProperty('note', expect.stringContaining('Several names match'));
  });

  it.each(['project-admin', 'PROJECT-ADMIN'])('%s matches the roles with any of them', async (text) => {
    const { found } = await askedOfService(text);
    expect(found).toMatchObject([{ outcome: { sessions: [{ accessKeyId: ANOTHER_KEY }, { accessKeyId: KEY }] } }]);
  });

  const invented = Array.from({ length: 40 }, (_, at) => `${String(at).padStart(2, '0')}${'x'.repeat(900)}:Ana.Silva`);

  it('also matches people with the name after a prefix, and the answer says who was not searched for', async () => {
    const { found } = await askedOfService('ANA.SILVA', { usernames: invented });
    const [outcome] = found.map((each) => each.outcome);
    const names =
      outcome?.kind === 'sessions' ? outcome.sessions.map(({ attribution }) => attribution.actor?.name) : [];
    expect(names).toEqual(expect.arrayContaining(['ana.silva', 'Ana.Silva']));
    expect(outcome).toHaveProperty('note', expect.stringContaining('23 more'));
    expect(JSON.stringify(outcome?.kind === 'sessions' && outcome.note).length).toBeLessThan(12_000);
  });

  it('is found in an identity store by the name alone, however many others the service knows before', async () => {
    const { found } = await askedOfService('bob@example.com', { before: 30_000 });
    expect(found).toMatchObject([
      { outcome: { sessions: [{ attribution: { actor: { knownAs: 'bob@example.com (d-1 of 1)' } } }] } },
    ]);
  });

  it('is searched in other letter case among some thousand names, and the answer says that there are more', async () => {
    const { found } = await askedOfService('ANA.SILVA', { before: 30_000 });
    expect(found).toMatchObject([{ outcome: { sessions: [{ attribution: { actor: { name: 'ana.silva' } } }] } }]);
    expect(found[0]?.outcome).toHaveProperty('note', expect.stringContaining('the first 4000 names'));
    const [{ outcome } = {}] = (await askedOfService('NOBODY', { before: 30_000 })).found;
    expect(outcome).toMatchObject({ kind: 'not-known', hint: expect.stringContaining('the first 4000 names') });
  });
});
