import { describe, expect, it, vi } from 'vitest';
import { REASON_ROWS } from '../../lib/attribution/reasons.ts';
import { waiterOf } from '../../lib/claims/waits.ts';
import type { JsonObject } from '../../lib/json.ts';
import { CursorError, writeCursor } from '../../lib/usecases/query/cursor.ts';
import type { RecordsQuestion } from '../../lib/usecases/query/question.ts';
import { queryRecords, type RecordsAnswer, tagOfQuestion } from '../../lib/usecases/query/records-query.ts';
import type { QueryService, RecordsRequest } from '../../lib/usecases/query/records-request.ts';
import { listSessions } from '../../lib/usecases/query/sessions-query.ts';
import { bareRoleUser, eventBy, iamUserOfCluster, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, OTHER_ACCOUNT, ROLE_ID, utc } from '../builders/company.ts';
import { keyId } from '../builders/ids.ts';
import { asking } from '../builders/question.ts';
import { accountOnly } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from './service.ts';

async function evening() {
  const clock = new SetClock(utc('12:11:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const running = new Service(stores, clock);
  await running.grants([
    grant({ id: 'alice' }),
    grant({ id: 'named', session: 'session-name-01', key: 'ASIANAMED00000000001' }),
  ]);
  await running.ingest([
    eventBy(roleUser(), { auditID: 'alice', requestReceivedTimestamp: utc('12:10:01') }),
    eventBy(roleUser({ session: 'bob', key: ANOTHER_KEY }), {
      auditID: 'bob-1',
      requestReceivedTimestamp: utc('12:10:02'),
    }),
    eventBy(roleUser({ session: 'bob', key: ANOTHER_KEY }), {
      auditID: 'bob-2',
      requestReceivedTimestamp: utc('12:10:03'),
    }),
    eventBy(bareRoleUser('session-name-01'), { auditID: 'named', requestReceivedTimestamp: utc('12:10:04') }),
    eventBy(bareRoleUser('nobody'), { auditID: 'nobody', requestReceivedTimestamp: utc('12:10:05') }),
  ]);
  await running.settleFor(40);
  return { running, stores };
}

/** Sixty sessions whose caller is of another account, behind as many that nobody can be named for. */
async function sixtySessions(each = 1) {
  const clock = new SetClock(utc('12:11:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const running = new Service(stores, clock, { withoutLookups: true });
  const numbers = Array.from({ length: 60 }, (_, at) => String(at).padStart(3, '0'));
  const keyOf = (number: string) => `ASIAVISITOR000000${number}`;
  const timeOf = (number: string) => `12:10:${(Number(number) * 0.09).toFixed(3).padStart(6, '0')}`;
  await running.grants(
    numbers.map((number) =>
      grant({
        id: number,
        session: `visitor-${number}`,
        key: keyOf(number),
        by: accountOnly(OTHER_ACCOUNT, 'AROAOTHER'),
      }),
    ),
  );
  const visits = numbers.flatMap((number) =>
    Array.from({ length: each }, (_, at) =>
      eventBy(roleUser({ session: `visitor-${number}`, key: keyOf(number) }), {
        auditID: `visit-${number}-${at}`,
        requestReceivedTimestamp: utc(`${timeOf(number)}00${at}`),
      }),
    ),
  );
  const others = numbers.map((number) =>
    eventBy(roleUser({ session: `nobody-${number}`, key: `ASIANOBODY0000000${number}` }), { auditID: number }),
  );
  await running.ingest([...visits, ...others]);
  await running.settleFor(45);
  const calls = { lists: 0, records: 0 };
  const counted = {
    ...stores,
    claims: counting(stores.claims, 'list', () => {
      calls.lists += 1;
    }),
    records: counting(stores.records, 'query', () => {
      calls.records += 1;
    }),
  };
  return { stores: counted, running, calls, count: 60 };
}

/** Returns the store with `report` called before each call of the method. */
function counting<T extends object>(store: T, method: keyof T, report: () => void): T {
  return new Proxy(store, {
    get(target, name) {
      if (name === method) report();
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** The audit IDs of every page, with something happening between each two. */
async function paged(
  request: Pick<RecordsRequest, 'question' | 'limit'>,
  stores: QueryService,
  between: (page: number, cursor: string) => Promise<void>,
): Promise<string[]> {
  const ids: string[] = [];
  for (let [page, cursor]: [number, string | undefined] = [0, undefined]; page < 40; page += 1) {
    const answer: RecordsAnswer = await queryRecords({ ...request, cursor }, stores);
    ids.push(...answer.records.map(({ auditId }) => auditId));
    cursor = answer.cursor;
    if (cursor === undefined) return ids;
    await between(page, cursor);
  }
  throw new Error('The answer has no end.');
}

async function found(question: RecordsQuestion, limit = 10): Promise<string[]> {
  const { stores } = await evening();
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const answer = await queryRecords({ question, limit, cursor }, stores);
    expect(answer.records.length).toBeLessThanOrEqual(limit);
    ids.push(...answer.records.map(({ auditId }) => auditId));
    cursor = answer.cursor;
  } while (cursor !== undefined);
  return ids;
}

describe('/records', () => {
  it('finds a session by its principal, stated or learnt from the username', async () => {
    expect(await found(asking({ session: `${ROLE_ID}:bob` }), 1)).toEqual(['bob-2', 'bob-1']);
    expect(await found(asking({ session: `${ROLE_ID}:session-name-01` }))).toEqual(['named']);
  });

  it('for a quick answer reads as much for a small page as for a large one', async () => {
    const { stores } = await evening();
    const budget = { allows: () => true, isUsedUp: true, spend: () => undefined };
    const question = asking({ cluster: 'prod-1', status: 'attributed' });
    const { records } = await queryRecords({ question, limit: 1, isQuick: true }, { ...stores, budget });
    expect(records.map(({ auditId }) => auditId)).toEqual(['named']);
  });

  it('finds a session by its access key, whether a grant lists it or not', async () => {
    expect(await found(asking({ session: KEY }))).toEqual(['alice']);
    expect(await found(asking({ session: ANOTHER_KEY }))).toEqual(['bob-2', 'bob-1']);
    expect(await found(asking({ session: 'ASIANEVERSEEN0000001' }))).toEqual([]);
  });

  it("finds the records of a user's own key and of the root user's, of a session without a name, and of a malformed uid", async () => {
    const { running, stores } = await evening();
    const own = 'AKIAALICE00000000001';
    const users = {
      user: iamUserOfCluster(own),
      root: { uid: `aws-iam-authenticator:${ACCOUNT}:${ACCOUNT}`, username: 'root', extra: { accessKeyId: [own] } },
      malformed: { uid: 'aws-iam-authenticator:what', username: 'who', extra: { accessKeyId: [own] } },
      other: iamUserOfCluster('AKIAALICE00000000002'),
      bare: bareRoleUser('somebody', { key: KEY }),
    };
    const events = Object.entries(users).map(([auditID, user], at) =>
      eventBy(user, { auditID, requestReceivedTimestamp: utc(`12:1${at}:00`) }),
    );
    await running.ingest(events, 'direct');
    const answerTo = async (session: string) => {
      const request = { question: asking({ session }), limit: 10 };
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const answer = await queryRecords({ ...request, cursor }, stores);
        ids.push(...answer.records.map(({ auditId }) => auditId));
        cursor = answer.cursor;
      } while (cursor !== undefined);
      return ids.toSorted();
    };
    expect(await answerTo(own)).toEqual(['malformed', 'root', 'user']);
    expect(await answerTo(KEY)).toEqual(['alice', 'bare']);
  });

  it('finds the records of a key by namespace if more claims wait for it than one question may read', async () => {
    const { stores } = await evening();
    const question = { kind: 'uses-of-key', accessKeyId: keyId(ANOTHER_KEY) } as const;
    for (let at = 0; at < 5_000; at += 1) await stores.waits.add(waiterOf({ id: `forged ${at}` }), [question]);
    const registered = vi.spyOn(stores.claims, 'registered');
    const { records } = await queryRecords({ question: asking({ session: ANOTHER_KEY }), limit: 10 }, stores);
    expect(records.map(({ auditId }) => auditId)).toEqual(['bob-2', 'bob-1']);
    expect(registered).not.toHaveBeenCalled();
  });

  it('finds records by status, claim by claim', async () => {
    expect(await found(asking({ status: 'unattributed' }), 1)).toEqual(['nobody', 'bob-2', 'bob-1']);
    expect(await found(asking({ status: 'pending' }))).toEqual([]);
  });

  it('finds records by actor, and by namespace', async () => {
    expect(await found(asking({ actor: 'alice' }), 1)).toEqual(['named', 'alice']);
    expect(await found(asking({ cluster: 'prod-1', namespace: 'shop' }), 2)).toHaveLength(5);
  });

  it('reads a session to its end, even if a new event moves it up between two pages', async () => {
    const { running, stores } = await evening();
    const question = asking({ status: 'unattributed' });
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const answer = await queryRecords({ question, limit: 1, cursor }, stores);
      ids.push(...answer.records.map(({ auditId }) => auditId));
      cursor = answer.cursor;
      if (ids.at(-1) !== 'bob-2') continue;
      const bob = roleUser({ session: 'bob', key: ANOTHER_KEY });
      await running.ingest([eventBy(bob, { auditID: 'bob-3', requestReceivedTimestamp: utc('12:50:00') })]);
    } while (cursor !== undefined && ids.length < 9);
    expect(ids).toEqual(['nobody', 'bob-2', 'bob-1']);
  });

  it.each([1, 2, 3])(
    'by status, finds each session once, whichever have new events between two pages of %d',
    async (limit) => {
      const { running, stores } = await evening();
      for (const name of ['carol', 'dave', 'erin'])
        await running.ingest([
          eventBy(bareRoleUser(name), { auditID: `${name}-1`, requestReceivedTimestamp: utc('12:09:00') }),
          eventBy(bareRoleUser(name), { auditID: `${name}-2`, requestReceivedTimestamp: utc('12:09:01') }),
        ]);
      await running.settleFor(40);
      const again = ['erin', 'nobody', 'dave', 'erin', 'carol'];
      const ids = await paged({ question: asking({ status: 'unattributed' }), limit }, stores, async (page) => {
        const name = again[page];
        const moved = { auditID: `new-${page}`, requestReceivedTimestamp: utc(`12:5${page}:00`) };
        if (name !== undefined) await running.ingest([eventBy(bareRoleUser(name), moved)]);
      });
      const all = ['bob-1', 'bob-2', 'carol-1', 'carol-2', 'dave-1', 'dave-2', 'erin-1', 'erin-2', 'nobody'];
      expect(ids.filter((id) => !id.startsWith('new')).toSorted()).toEqual(all);
      expect(new Set(ids).size).toBe(ids.length);
    },
  );

  it('by status, goes through many sessions again in few requests', async () => {
    const { stores, running, calls, count } = await sixtySessions();
    const user = roleUser({ session: 'visitor-003', key: 'ASIAVISITOR000000003' });
    const moved = eventBy(user, { auditID: 'new', requestReceivedTimestamp: utc('12:50:00') });
    const ids = await paged({ question: asking({ status: 'partial' }), limit: 25 }, stores, async (page) => {
      if (page === 0) await running.ingest([moved]);
    });
    expect(ids.filter((id) => id !== 'new')).toHaveLength(count);
    expect(new Set(ids).size).toBe(ids.length);
    expect(calls.lists).toBeLessThan(25);
    expect(calls.records).toBeLessThan(2 * count);
  });

  it('by status, finds a session that acts again while the first page is read', async () => {
    const { stores, running, count } = await sixtySessions();
    const user = roleUser({ session: 'visitor-000', key: 'ASIAVISITOR000000000' });
    const moved = eventBy(user, { auditID: 'new', requestReceivedTimestamp: utc('12:50:00') });
    let moving: Promise<unknown> | undefined;
    const list: typeof stores.claims.list = async (status, page) => {
      if (page.position !== undefined) moving ??= running.ingest([moved]);
      await moving;
      return stores.claims.list(status, page);
    };
    const claims = new Proxy(stores.claims, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        return name === 'list' ? list : typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const question = asking({ status: 'partial' });
    const ids = await paged({ question, limit: 1_000 }, { ...stores, claims }, async () => {});
    expect(ids.filter((id) => id !== 'new')).toHaveLength(count);
  });

  it('by status, reads no session that ended before the time range', async () => {
    const { stores } = await evening();
    const requests: string[] = [];
    const records = {
      ...stores.records,
      query: (...args: Parameters<typeof stores.records.query>) => {
        requests.push(JSON.stringify(args[0]));
        return stores.records.query(...args);
      },
    } as typeof stores.records;
    const question = asking({ status: 'unattributed', from: utc('12:10:04.5') });
    const first = await queryRecords({ question, limit: 10 }, { ...stores, records });
    expect(first.records.map(({ auditId }) => auditId)).toEqual(['nobody']);
    expect(first.cursor).toBeUndefined();
    expect(requests).toHaveLength(1);
  });

  it('by status, fills a page from many sessions, however many lists they are in, in few requests', async () => {
    const { stores, calls, count } = await sixtySessions();
    const request = { question: asking({ status: 'partial' }), limit: 25 };
    const sizes: number[] = [];
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const answer = await queryRecords({ ...request, cursor }, stores);
      sizes.push(answer.records.length);
      ids.push(...answer.records.map(({ auditId }) => auditId));
      cursor = answer.cursor;
    } while (cursor !== undefined);
    expect(sizes).toEqual([25, 25, 10]);
    expect(new Set(ids).size).toBe(count);
    expect(calls.lists).toBeLessThan(20);
    expect(calls.records).toBeLessThan(2 * count);
  });

  it('by status, starts a page in the middle of a session where the last one ended', async () => {
    const { stores } = await sixtySessions(3);
    for (const limit of [1, 2, 4, 7, 100, 200]) {
      const request = { question: asking({ status: 'partial' }), limit };
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const answer = await queryRecords({ ...request, cursor }, stores);
        if (answer.cursor !== undefined) expect(answer.records).toHaveLength(limit);
        ids.push(...answer.records.map(({ auditId }) => auditId));
        cursor = answer.cursor;
      } while (cursor !== undefined);
      expect(ids).toHaveLength(180);
      expect(new Set(ids).size).toBe(180);
    }
  });

  it('by session, refuses cursors with another field, and those of another session', async () => {
    const { stores } = await evening();
    const question = asking({ session: `${ROLE_ID}:bob` });
    const { cursor } = await queryRecords({ question, limit: 1 }, stores);
    expect((await queryRecords({ question, limit: 9, cursor }, stores)).records).toHaveLength(1);
    const other = { question: asking({ session: `${ROLE_ID}:alice-session` }), limit: 9, cursor };
    await expect(queryRecords(other, stores)).rejects.toThrow(CursorError);
    const extended = writeCursor({ records: '1', of: tagOfQuestion(question), ...{ list: '[]' } });
    await expect(queryRecords({ question, limit: 9, cursor: extended }, stores)).rejects.toThrow(CursorError);
  });

  it('refuses a cursor that it did not issue', async () => {
    const { stores } = await evening();
    const request = { question: asking({ actor: 'alice' }), limit: 1, cursor: 'nonsense' };
    await expect(queryRecords(request, stores)).rejects.toThrow(CursorError);
  });
});

describe('/sessions', () => {
  it('lists the claims that are not attributed, with the counts of settle', async () => {
    const { stores } = await evening();
    const { sessions, cursor } = await listSessions({ status: 'unattributed', limit: 1 }, stores.claims);
    expect(sessions).toMatchObject([
      {
        caller: { username: 'nobody' },
        count: 1,
        reasons: ['session-name-unknown'],
        why: [REASON_ROWS['session-name-unknown'].why],
        nextStep: REASON_ROWS['session-name-unknown'].step,
        open: false,
      },
    ]);
    const next = await listSessions({ status: 'unattributed', limit: 1, cursor }, stores.claims);
    expect(next.sessions).toMatchObject([
      { caller: { sessionName: 'bob' }, count: 2, first: utc('12:10:02'), last: utc('12:10:03'), namespaces: ['shop'] },
    ]);
    expect(next.cursor).toBeUndefined();
  });

  const bobAt = (...times: readonly string[]) => sessionOf(times.map((time) => ({ requestReceivedTimestamp: time })));
  const unreadable = '+002026-03-10T10:00:00Z';

  it('has no first and last time if no event has a readable one', async () => {
    const row = await bobAt(unreadable);
    expect(row).toMatchObject({ caller: { sessionName: 'bob' }, count: 1 });
    expect(row).not.toHaveProperty('first');
    expect(row).not.toHaveProperty('last');
  });

  it('has the readable times, in whatever order and zone they come', async () => {
    const times = [unreadable, utc('12:10:02'), '2026-03-10T13:10:01+01:00', 'yesterday', utc('12:10:01.5')];
    const range = { count: 5, first: '2026-03-10T13:10:01+01:00', last: utc('12:10:02') };
    expect(await bobAt(...times)).toMatchObject(range);
    expect(await bobAt(...times.toReversed())).toMatchObject(range);
  });
});

/** The row of bob's session, settled. */
async function sessionOf(events: readonly JsonObject[]) {
  const clock = new SetClock(utc('12:11:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const running = new Service(stores, clock);
  const user = roleUser({ session: 'bob', key: ANOTHER_KEY });
  await running.ingest(events.map((fields, at) => eventBy(user, { auditID: `bob-${at}`, ...fields })));
  await running.settleFor(40);
  const { sessions } = await listSessions({ status: 'unattributed', limit: 9 }, stores.claims);
  expect(sessions).toHaveLength(1);
  return sessions[0];
}
