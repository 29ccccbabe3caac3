import { describe, expect, it, vi } from 'vitest';
import type { Question } from '../../lib/attribution/questions.ts';
import { isAnsweredForGood, parseWaiter, waitIds } from '../../lib/claims/waits.ts';
import { MINUTE, SECOND } from '../../lib/time.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { KEY, OTHER_ACCOUNT, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { iamUser, roleSession } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, type Options, Service, SetClock } from './service.ts';

/** Ingest, grants and settle are processes of their own: what each does may fall between any two steps of another. */
function service(options: Options = { withoutLookups: true }) {
  const clock = new SetClock(utc('12:11:00'));
  const stores = memoryStores(calmWorld(clock.now));
  return { stores, running: new Service(stores, clock, options), clock };
}

const aliceGrant = grant({ id: 'alice-grant' });

/** An IAM user who is called as alice's session is: the records of that session have a flag from then on. */
const NAMESAKE = callBy(iamUser('alice-session'));
const FLAGS = ['session-name-claims-other-actor'];

/** A call with alice's key by somebody of another account, to whom she delegated: she is not who acts. */
const DELEGATE = callBy(
  roleSession({
    roleId: ROLE_ID,
    roleName: ROLE_NAME,
    session: 'alice-session',
    key: KEY,
    began: utc('12:00:00'),
    fields: { invokedByDelegate: { accountId: OTHER_ACCOUNT } },
  }),
);

const at = (time: string, auditID: string) => ({ auditID, requestReceivedTimestamp: utc(time) });

describe('a grant that is delivered while settle is running', () => {
  it('decides a closed claim, even if settle reads it before the grant is stored', async () => {
    const { running, stores, clock } = service();
    await running.ingest([eventBy(roleUser())]);
    await running.settleFor(50);
    expect((await running.only()).attribution.status).toBe('unattributed');
    clock.set(utc('15:00:00'));
    const add = stores.sessions.add.bind(stores.sessions);
    vi.spyOn(stores.sessions, 'add').mockImplementationOnce(async (facts) => {
      await running.settleFor(5);
      return add(facts);
    });
    await running.grants([aliceGrant]);
    await running.settleFor(5);
    expect((await running.only()).attribution).toMatchObject({ status: 'attributed', actor: { name: 'alice' } });
  });

  it('finds the claim that waits for it, from the moment at which the table is asked for the grant', async () => {
    const { running, stores } = service();
    await running.grants([aliceGrant]);
    await running.ingest([eventBy(roleUser()), eventBy(roleUser({ key: null }), { auditID: 'without a key' })]);
    const claims = stores.claims.all().map(({ id }) => id);
    const unfound: Question[] = [];
    const answer = stores.sessions.answer.bind(stores.sessions);
    const spy = vi.spyOn(stores.sessions, 'answer').mockImplementation(async (questions, moment) => {
      for (const question of questions.filter((each) => !isAnsweredForGood(each))) {
        const pages = await Promise.all(waitIds(question).map((wait) => stores.waits.page(wait, 10)));
        const waiting = pages.flatMap(({ waiters }) => waiters.map((waiter) => parseWaiter(waiter).id));
        if (!claims.some((id) => waiting.includes(id))) unfound.push(question);
      }
      return answer(questions, moment);
    });
    await running.settle();
    expect(spy.mock.calls.length).toBeGreaterThan(0);
    expect(unfound).toEqual([]);
  });

  it('is seen by a claim that has just begun to wait for it, before the claim closes', async () => {
    const { running, stores, clock } = service();
    await running.grants([aliceGrant]);
    await running.ingest([eventBy(roleUser())]);
    clock.pass(5 * MINUTE);
    const answer = stores.sessions.answer.bind(stores.sessions);
    const before = vi.spyOn(stores.sessions, 'answer').mockImplementation(async (questions, moment) => {
      const all = await answer(questions, moment);
      return all.filter(({ holders = [] }) => !holders.some(({ name }) => name === 'alice-session'));
    });
    await running.grants([NAMESAKE]); // nobody waits for it yet
    await running.settle();
    before.mockRestore();
    expect((await running.only()).attribution.flags).toEqual([]);
    clock.pass(MINUTE);
    await running.settleFor(10);
    expect((await running.only()).attribution.flags).toEqual(FLAGS);
  });
});

it('a token explains its requests, even if settle reads these before the token is stored', async () => {
  const { running, stores, clock } = service();
  const token = 'JTI=4c1f5b1e-0000-4000-8000-000000000001';
  const extra = { 'authentication.kubernetes.io/credential-id': [token] };
  const robot = { username: 'system:serviceaccount:shop:deployer', extra };
  await running.grants([aliceGrant]);
  await running.ingest([eventBy(robot, at('12:10:00', 'used'))], 'used');
  await running.settleFor(10);
  expect((await running.only('used')).attribution.status).toBe('system');
  const add = stores.sessions.add.bind(stores.sessions);
  vi.spyOn(stores.sessions, 'add').mockImplementationOnce(async (facts) => {
    await running.settleFor(5);
    return add(facts);
  });
  const issued = {
    ...at('12:05:00', 'issued'),
    verb: 'create',
    objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: 'deployer' },
    annotations: { 'authentication.kubernetes.io/issued-credential-id': token },
  };
  await running.ingest([eventBy(roleUser(), issued)], 'issued');
  clock.pass(MINUTE);
  await running.settleFor(5);
  expect((await running.only('used')).attribution).toMatchObject({ method: 'token', actor: { name: 'alice' } });
});

describe('a record that something else changes while settle decides it', () => {
  it('is decided in the next pass, however final its answer would have been', async () => {
    const { running, stores } = service();
    await running.ingest([eventBy(roleUser())], 'backfill', false);
    const correct = stores.records.correct.bind(stores.records);
    const overtaking = vi.spyOn(stores.records, 'correct').mockImplementation(async (records) => {
      const isFinal = records.some(({ record }) => !record.attribution.provisional);
      if (!isFinal) return correct(records);
      overtaking.mockRestore();
      const stored = stores.records.all().map(({ replayed: _replayed, ...live }) => live);
      await stores.records.correct(stored); // as a delivery does that makes it live
      return correct(records);
    });
    await running.settleFor(90);
    expect(stores.records.all()).toMatchObject([
      { revision: 3, record: { attribution: { status: 'unattributed', provisional: false } } },
    ]);
  });
});

describe('the answers for an access key that a process keeps in memory', () => {
  /** Alice's key is in use, and a process that began just now has decided it. */
  async function remembered() {
    const of = service();
    const { running, clock, stores } = of;
    await running.grants([aliceGrant]);
    await running.ingest([eventBy(roleUser(), at('12:10:00', 'first'))], 'first');
    await running.settleFor(15);
    const process = new Service(stores, clock);
    await process.ingest([eventBy(roleUser(), at('12:25:00', 'second'))], 'second');
    return { ...of, process };
  }

  const LATER = eventBy(roleUser(), at('12:29:00', 'later'));

  it('decide its next delivery without the table', async () => {
    const { process, running, stores } = await remembered();
    const written = vi.spyOn(stores.sessions, 'answer');
    await process.ingest([LATER], 'later');
    expect((await running.only('later')).attribution).toMatchObject({ method: 'access-key', actor: { name: 'alice' } });
    expect(written).not.toHaveBeenCalled();
  });

  it.each([
    ['a minute later', MINUTE],
    ['by a clock that is some seconds behind', -9 * SECOND],
  ])('are dropped once a fact touched the claim, %s: somebody else uses the key', async (_, millis) => {
    const { process, running, clock, stores } = await remembered();
    clock.pass(millis);
    await running.grants([DELEGATE]);
    clock.pass(Math.max(0, -millis));
    await running.settleFor(5);
    expect((await running.only('first')).attribution).toMatchObject({ reason: 'acts-by-delegation' });
    expect(stores.claims.all()[0]?.due).toBeUndefined();
    await process.ingest([LATER], 'later');
    await running.settleFor(5);
    expect((await running.only('later')).attribution).toMatchObject({
      status: 'partial',
      reason: 'acts-by-delegation',
    });
  });
});
