import { describe, expect, it } from 'vitest';
import { type ClusterCondition, fieldsOfKey } from '../../lib/identity/cluster.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { epochMillis } from '../../lib/time.ts';
import { QuestionError } from '../../lib/usecases/query/question.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { MOST_PARTITIONS, planSearch, type SearchPlan } from '../../lib/usecases/query/search-plan.ts';
import { bareRoleUser, roleUser } from '../builders/audit-event.ts';
import { KEY, ROLE_ARN, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { asking } from '../builders/question.ts';
import { awsService, iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { NOW } from '../contract/now.ts';
import { storedRecord } from '../contract/stored-record.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores } from '../usecases/service.ts';

const grants = ['alice', 'bob'].map((name) =>
  grant({ id: name, session: name, key: `ASIA${name.toUpperCase()}SESSION0001`, by: iamUser(name) }),
);
let number = 0;

function event(cluster: string, namespace: string, session = 'alice', time = utc('12:10:00')): StoredRecord {
  number += 1;
  const user = roleUser({ session, key: `ASIA${session.toUpperCase()}SESSION0001` });
  const objectRef = { resource: 'pods', namespace, name: `web-${number}`, apiVersion: 'v1' };
  return storedRecord({ auditID: `event-${number}`, user, objectRef, requestReceivedTimestamp: time }, grants, cluster);
}

async function serviceOf(...records: readonly StoredRecord[]) {
  const stores = memoryStores(calmWorld(() => NOW));
  await stores.records.insert(records);
  return stores;
}

const company = () =>
  serviceOf(
    event('prod', 'shop'),
    event('prod', 'pay', 'bob'),
    event('staging', 'shop', 'bob', '2026-03-08T12:00:00Z'),
    storedRecord({ auditID: 'bare', user: bareRoleUser('somebody') }, [], 'prod'),
  );

/** The way as a text: what is read. */
function othersOf({ any = ['all'], not }: ClusterCondition = {}): string {
  return `others of ${any.join(' ')}${not === undefined ? '' : ` but ${not.join(' ')}`}`;
}

function read(way: SearchPlan): readonly string[] {
  if (way.by === 'statuses') return way.statuses.map((status) => `claims that are ${status}`);
  return way.places.map((place) => {
    if (place.by === 'other-namespaces') return othersOf(place.clusters);
    if (place.by === 'namespace') return `namespace ${fieldsOfKey(place.clusterKey).cluster}/${place.namespace}`;
    if (place.by === 'own-place') return `own place ${fieldsOfKey(place.clusterKey).cluster}/${place.namespace}`;
    if (place.by === 'actor') return `actor ${place.actor}`;
    if (place.by === 'session') return `session ${place.session}`;
    return place.by;
  });
}

const DAY = { from: utc('00:00:00'), to: utc('23:59:59') };
const [ALICE, BOB] = [`${ROLE_ID}:alice`, `${ROLE_ID}:bob`];

/** Records without a place of their own, which may be in any of the selected clusters. */
const OTHERS = ['others of all'];

describe('the index for a question', () => {
  it.each<[string, Parameters<typeof asking>[0], readonly string[]]>([
    ['an audit id, before all else', { auditId: ['a', 'b'], actor: 'alice', session: ALICE }, ['audit-id', 'audit-id']],
    ['a session, before its actor', { session: ALICE, actor: 'alice' }, [`session ${ALICE}`]],
    [
      'the key, if the session is a name alone',
      { session: 'alice', key: 'ASIAALICESESSION0001' },
      ['session ASIAALICESESSION0001'],
    ],
    [
      'of sessions and keys the fewer',
      { session: [ALICE, BOB], key: 'ASIAALICESESSION0001' },
      ['session ASIAALICESESSION0001'],
    ],
    ['an actor, before the cluster', { actor: ['alice', 'bob'], cluster: 'prod' }, ['actor alice', 'actor bob']],
    [
      'the lists of a status',
      { status: ['unattributed', 'pending'], role: ROLE_NAME },
      ['claims that are unattributed', 'claims that are pending'],
    ],
    ['the ambiguous for whoever may be meant', { candidate: 'alice', cluster: 'prod' }, ['claims that are ambiguous']],
    [
      'no list for a status that has none',
      { status: 'attributed', cluster: 'staging' },
      ['own place staging/shop', 'others of staging'],
    ],
    [
      'the sessions of a role',
      { role: ROLE_NAME, cluster: 'prod' },
      [`session ${ROLE_ID} somebody`, `session ${ALICE}`, `session ${BOB}`],
    ],
    [
      'the same by its ARN',
      { role: ROLE_ARN, ...DAY },
      [`session ${ROLE_ID} somebody`, `session ${ALICE}`, `session ${BOB}`],
    ],
    ['nothing for a role that nobody had', { role: 'no-role' }, []],
    [
      'the namespace that is asked for, be it known or not',
      { cluster: 'prod', namespace: ['shop', 'x'] },
      ['namespace prod/shop', 'namespace prod/x'],
    ],
    [
      'every namespace of a cluster',
      { cluster: 'prod', verb: 'delete' },
      ['own place prod/pay', 'own place prod/shop', 'others of prod'],
    ],
    [
      'a namespace in every cluster',
      { namespace: 'shop' },
      ['own place prod/shop', 'own place staging/shop', ...OTHERS],
    ],
    [
      'those in which there was anything in that time',
      { ...DAY },
      ['own place prod/pay', 'own place prod/shop', ...OTHERS],
    ],
    [
      'but none that is left out',
      { notNamespace: 'pay', notCluster: 'staging' },
      ['own place prod/shop', 'others of all but staging'],
    ],
    [
      'everything for what says no place',
      { verb: 'delete' },
      ['own place prod/pay', 'own place prod/shop', 'own place staging/shop', ...OTHERS],
    ],
    [
      'everything for a session name alone, which roles share',
      { session: 'alice' },
      ['own place prod/pay', 'own place prod/shop', 'own place staging/shop', ...OTHERS],
    ],
  ])('is %s', async (_says, question, places) => {
    const found = read(await planSearch(asking(question), await company()));
    expect(found.toSorted()).toEqual(places.toSorted());
  });

  it('is a cluster, a namespace or a time for a username. One of them is required if there is no other filter', async () => {
    const username = 'system:serviceaccount:shop:web';
    const of = async (question: Parameters<typeof asking>[0]) =>
      read(await planSearch(asking({ username, ...question }), await company()));
    expect(await of({ cluster: 'prod' })).toEqual(['own place prod/pay', 'own place prod/shop', 'others of prod']);
    expect(await of({ namespace: 'pay' })).toEqual(['own place prod/pay', ...OTHERS]);
    expect(await of({ from: DAY.from })).toEqual(['own place prod/pay', 'own place prod/shop', ...OTHERS]);
    expect(await of({ actor: 'alice' })).toEqual(['actor alice']);
    expect(await of({ role: ROLE_NAME })).toContain(`session ${ALICE}`);
    await expect(of({ verb: 'get' })).rejects.toThrow(
      'Searching by username needs one more filter: a namespace, a cluster or a time range.',
    );
    expect(read(await planSearch(asking({ notUsername: username }), await company()))).toContain('own place prod/shop');
  });

  it('is every namespace, however many there are; a cluster or a time reduces them', async () => {
    const many = Array.from({ length: MOST_PARTITIONS + 1 }, (_, at) => event('prod', `n-${at}`));
    const service = await serviceOf(...many, event('staging', 'shop'));
    expect(read(await planSearch(asking({ cluster: 'prod', verb: 'delete' }), service))).toHaveLength(many.length + 1);
    expect(read(await planSearch(asking({ cluster: 'staging' }), service))).toEqual([
      'own place staging/shop',
      'others of staging',
    ]);
    const product = {
      cluster: many.slice(0, 50).map((_, at) => `c-${at}`),
      namespace: many.slice(0, 50).map((_, at) => `n-${at}`),
    };
    expect(read(await planSearch(asking(product), service))).toHaveLength(1); // 2,500 places, of which none is known but the others
  });

  it("is a role's namespaces if it has more sessions than are merged", async () => {
    const many = Array.from({ length: 401 }, (_, at) => event('prod', 'shop', `session-${at}`));
    expect(read(await planSearch(asking({ role: ROLE_NAME }), await serviceOf(...many)))).toEqual([
      'own place prod/shop',
      'others of all',
    ]);
  });
});

describe('an answer', () => {
  const answerTo = async (question: Parameters<typeof asking>[0], limit: number, records: readonly StoredRecord[]) => {
    const answer = await queryRecords({ question: asking(question), limit }, await serviceOf(...records));
    return {
      found: answer.records.map(({ auditId }) => auditId),
      examined: answer.examined,
      more: answer.cursor !== undefined,
    };
  };
  const hundreds = Array.from({ length: 600 }, (_, at) => event('prod', 'shop', at % 300 === 0 ? 'bob' : 'alice'));

  it('reads no more records than it returns if the index answers the whole question', async () => {
    for (const question of [{ cluster: 'prod', namespace: 'shop' }, { cluster: 'prod' }, { actor: 'alice' }, DAY])
      expect(await answerTo(question, 10, hundreds)).toMatchObject({ examined: 10, more: true });
  });

  it('says how many records were read for it, including those that do not match', async () => {
    const { found, examined, more } = await answerTo({ cluster: 'prod', notActor: 'alice' }, 10, hundreds);
    expect([found.length, examined, more]).toEqual([2, 600, false]);
  });

  it('ends before it is full if some thousand records do not match, and continues from there', async () => {
    const thousands = Array.from({ length: 6_000 }, () => event('prod', 'shop'));
    const { found, examined, more } = await answerTo({ cluster: 'prod', verb: 'no-such-verb' }, 10, thousands);
    expect([found, more]).toEqual([[], true]);
    expect(examined).toBeGreaterThanOrEqual(5_000);
    expect(examined).toBeLessThan(6_000);
  });

  it('for a session without a name and an audit ID matches both', async () => {
    const bare = ['one', 'two'].map((id) => storedRecord({ auditID: 'same', verb: id, user: bareRoleUser(id) }));
    const { found } = await answerTo({ auditId: 'same', session: `${ROLE_ID} one` }, 10, bare);
    expect(found).toEqual(['same']);
  });

  it('for actors first seen since a time has theirs, and no others', async () => {
    const since = utc('12:10:00');
    const records = [
      event('prod', 'shop', 'alice', utc('12:05:00')),
      event('prod', 'shop', 'alice', utc('12:20:00')),
      event('prod', 'pay', 'bob', utc('12:15:00')),
    ];
    const { found } = await answerTo({ firstSeenSince: since }, 10, records);
    expect(found).toEqual([records[2]?.record.auditId]);
    expect((await answerTo({ firstSeenSince: since, actor: 'alice' }, 10, records)).found).toEqual([]);
    expect((await answerTo({ firstSeenSince: since, session: KEY }, 10, records)).found).toEqual([]);
    expect((await answerTo({ firstSeenSince: since, notNamespace: 'pay' }, 10, records)).found).toEqual([]);
  });

  it('about new actors leaves out a new instance of a known service, and has each instance of a new service', async () => {
    const [old, young] = [
      instance('i-0aaaaaaaaaaaaaaaa', utc('12:05:00')),
      instance('i-0bbbbbbbbbbbbbbbb', utc('12:15:00')),
    ];
    const since = { firstSeenSince: utc('12:10:00') };
    const records = [old, young, instance('i-0aaaaaaaaaaaaaaaa', utc('12:20:00'))];
    expect((await answerTo(since, 10, records)).found).toEqual([]);
    const before = { firstSeenSince: utc('12:00:00') };
    const ids = records.map(({ record }) => record.auditId).toReversed();
    expect((await answerTo(before, 10, records)).found).toEqual(ids);
    expect((await answerTo({ ...before, actor: 'ec2.amazonaws.com' }, 10, records)).found).toEqual(ids);
    expect((await answerTo({ ...before, actor: 'i-0bbbbbbbbbbbbbbbb' }, 10, records)).found).toEqual([
      young.record.auditId,
    ]);
  });
});

function instance(id: string, time: string): StoredRecord {
  number += 1;
  const user = roleUser({ session: id });
  return storedRecord({ auditID: `event-${number}`, user, requestReceivedTimestamp: time }, [
    grant({ id, session: id, by: awsService('ec2.amazonaws.com') }),
  ]);
}

describe('more first-seen actors than are merged', () => {
  /** Sessions with two records each, an hour apart. */
  const ofActor = (name: string) =>
    ['12:10:00', '12:40:00'].map((time, at) =>
      storedRecord(
        { auditID: `${name} ${at}`, user: roleUser({ session: name }), requestReceivedTimestamp: utc(time) },
        [grant({ id: name, session: name, by: iamUser(name) })],
      ),
    );
  const old = ['2026-03-01', '2026-03-10'].map((day) =>
    storedRecord(
      { auditID: `old ${day}`, user: roleUser({ session: 'old' }), requestReceivedTimestamp: `${day}T12:20:00Z` },
      [grant({ id: day, session: 'old', at: `${day}T12:00:00Z`, until: `${day}T13:00:00Z`, by: iamUser('old') })],
    ),
  );
  const many = Array.from({ length: 210 }, (_, at) => ofActor(`user-${at}`)).flat();

  async function pages(records: readonly StoredRecord[], limit: number, later: readonly StoredRecord[] = []) {
    const service = await serviceOf(...old, ...records);
    const question = asking({ firstSeenSince: '2026-03-10T00:00:00Z' });
    const found: string[] = [];
    const orders: (boolean | undefined)[] = [];
    let cursor: string | undefined;
    do {
      const page = await queryRecords({ question, limit, cursor }, service);
      expect(page.records.length).toBeLessThanOrEqual(limit);
      found.push(...page.records.map(({ auditId }) => auditId));
      orders.push(page.inOrder);
      cursor = page.cursor;
      if (orders.length === 1) await service.records.insert(later);
    } while (cursor !== undefined && orders.length < 200);
    return { found, orders };
  }

  it.each([30, 1_000])('are read in groups, in pages of %i, each record once, and no other actor', async (limit) => {
    const { found, orders } = await pages(many, limit);
    expect(found.toSorted()).toEqual(many.map(({ record }) => String(record.auditId)).toSorted());
    expect(new Set(orders)).toEqual(new Set([false]));
  });

  it('are in order of time up to a hundred, and continue if more come between two pages', async () => {
    const first = many.slice(0, 200);
    const inOrder = await pages(first, 50);
    expect(new Set(inOrder.orders)).toEqual(new Set([undefined]));
    expect(inOrder.found.slice(0, 100).every((id) => id.endsWith(' 1'))).toBe(true);
    const { found, orders } = await pages(first, 50, many.slice(200));
    expect(new Set(found).size).toBe(found.length);
    expect(first.map(({ record }) => String(record.auditId)).filter((id) => !found.includes(id))).toEqual([]);
    expect(orders.at(-1)).toBe(false);
  });

  it('are answered with any number of old ones beside them, a limited part of the directory at a time', async () => {
    const stores = await serviceOf(...ofActor('zoe'), ...ofActor('zorro'));
    const thousand = Array.from({ length: 1_000 }, (_, at) => ({
      kind: 'actor',
      name: `old-${at}`,
      first: epochMillis(0),
      last: NOW,
    }));
    let pagesRead = 0;
    const PAGES = 250;
    const directory = Object.assign(Object.create(stores.directory) as typeof stores.directory, {
      async known(...[kind, prefix, page]: Parameters<typeof stores.directory.known>) {
        pagesRead += 1;
        const at = Number(page.position?.slice(1) ?? 0);
        if (page.position?.startsWith('u') === true || at >= PAGES)
          return stores.directory.known(kind, prefix, { ...page, position: undefined });
        return { entries: thousand, position: `o${String(at + 1).padStart(4, '0')}` };
      },
    });
    const question = asking({ firstSeenSince: '2026-03-10T00:00:00Z' });
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await queryRecords({ question, limit: 3, cursor }, { ...stores, directory });
      found.push(...page.records.map(({ auditId }) => auditId));
      cursor = page.cursor;
    } while (cursor !== undefined && pagesRead < 10 * PAGES);
    expect(found.toSorted()).toEqual(['zoe 0', 'zoe 1', 'zorro 0', 'zorro 1']);
    expect(pagesRead).toBeLessThan(3 * PAGES);
  });
});

describe('a client that invents ten thousands of namespaces', () => {
  /** Returns stores whose directory lists invented places, page by page, before those in memory. */
  const invented = (stores: Awaited<ReturnType<typeof company>>): typeof stores => ({
    ...stores,
    directory: Object.assign(Object.create(stores.directory) as typeof stores.directory, {
      async known(...[kind, prefix, page]: Parameters<typeof stores.directory.known>) {
        const at = Number(page.position ?? 0);
        if (at >= 30) return stores.directory.known(kind, prefix, { limit: page.limit });
        const names = Array.from({ length: 1_000 }, (_, number) => `n-${at}-${number}`);
        const entries = names.map((name) => ({ kind, name, cluster: 'dev', first: NOW, last: NOW }));
        return { entries, position: String(at + 1) };
      },
    }),
  });

  it('affects no question about another cluster', async () => {
    const way = await planSearch(asking({ cluster: 'prod' }), invented(await company()));
    const places = way.by === 'places' ? way.places : [];
    expect(places).toContainEqual({ by: 'own-place', clusterKey: 'name:prod', namespace: 'shop' });
  });

  it('is reported to whoever asks about its own cluster', async () => {
    const question = asking({ cluster: 'dev' });
    await expect(planSearch(question, invented(await company()))).rejects.toThrow(QuestionError);
  });
});
