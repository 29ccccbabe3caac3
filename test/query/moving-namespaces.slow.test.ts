import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MOST_UNPROVEN } from '../../lib/adapters/dynamodb/namespace-places.ts';
import { claimIntentsOf } from '../../lib/claims/claim-intents.ts';
import { openClaim } from '../../lib/claims/opening.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { DAY } from '../../lib/time.ts';
import { matcherOf } from '../../lib/usecases/query/filter.ts';
import type { RecordsQuestion } from '../../lib/usecases/query/question.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { MOST_PARTITIONS } from '../../lib/usecases/query/search-plan.ts';
import { roleUser } from '../builders/audit-event.ts';
import { ROLE_ID, ROLE_NAME } from '../builders/company.ts';
import { asking } from '../builders/question.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { FedTables } from '../contract/fed-tables.ts';
import { NOW } from '../contract/now.ts';
import { factsOf, storedRecord } from '../contract/stored-record.ts';

const PEOPLE = 450;
const keyOf = (person: number) => `ASIAPERSON${String(person).padStart(10, '0')}`;
const nameOf = (person: number) => `person-${person}`;
const grantOf = (person: number): JsonObject =>
  grant({ id: nameOf(person), session: nameOf(person), key: keyOf(person), by: iamUser(nameOf(person)) });

/** Records of one cluster or two, and those stored so far. Most of their namespaces are proven. */
class World {
  readonly stored: StoredRecord[] = [];
  stores: Awaited<ReturnType<FedTables['stores']>>;
  #made = 0;

  constructor(stores: Awaited<ReturnType<FedTables['stores']>>) {
    this.stores = stores;
  }

  static async begin(stores: World['stores']): Promise<World> {
    await stores.sessions.add(factsOf(Array.from({ length: PEOPLE }, (_, person) => grantOf(person))));
    return new World(stores);
  }

  async insert(records: readonly StoredRecord[]): Promise<void> {
    await this.stores.records.insert(records);
    this.stored.push(...records);
    const waiting = records.flatMap(({ claimId: id, session, record, at }) =>
      id === undefined || session === undefined || record.attribution.status === 'attributed'
        ? []
        : [{ claim: { id, session, caller: record.caller }, record, at }],
    );
    for (const intent of claimIntentsOf(waiting, true))
      await this.stores.claims.change(intent.id, (claim) => openClaim(claim, intent, NOW));
  }

  /** Requests of the people by turns. Every fiftieth cannot be attributed. */
  request(namespace: string, isProof: boolean, cluster = 'prod'): StoredRecord {
    this.#made += 1;
    const person = this.#made % PEOPLE;
    return storedRecord(
      {
        auditID: `event-${this.#made}`,
        verb: 'get',
        user: roleUser({ session: nameOf(person), key: keyOf(person) }),
        requestReceivedTimestamp: new Date(NOW - 1_200_000 + this.#made * 20).toISOString(),
        objectRef: { resource: 'pods', namespace, name: `web-${this.#made}`, apiVersion: 'v1' },
        sourceIPs: [`203.0.113.${this.#made % 5}`],
        responseStatus: { code: isProof ? 200 : 403 },
      },
      person % 50 === 0 ? [] : [grantOf(person)],
      cluster,
    );
  }
}

const named = (name: string, count: number) => Array.from({ length: count }, (_, at) => `${name}-${at}`);

describe('namespaces that are added and proven while records are read page by page', () => {
  let fed: FedTables;
  let world: World;
  let moved = 0;
  beforeAll(async () => {
    fed = await FedTables.begin();
    world = await World.begin(await fed.stores(() => NOW));
    const proven = named('team', MOST_PARTITIONS + 50).map((namespace) => world.request(namespace, true));
    await world.insert(proven);
    await world.insert(named('first', MOST_UNPROVEN).map((namespace) => world.request(namespace, false)));
    await world.insert(named('other', 60).map((namespace) => world.request(namespace, false)));
    await world.insert(named('team', 30).map((namespace) => world.request(namespace, true, 'staging')));
  });
  afterAll(() => fed.end());

  /** A namespace of the others is proven, another one comes, more comes among the others, and once a cluster does. */
  async function move(): Promise<void> {
    moved += 1;
    await world.insert([
      world.request(`other-${moved % 60}`, true),
      world.request(`new-${moved}`, true),
      world.request(`further-${moved}`, false),
      ...(moved % 10 === 0 ? [world.request(`new-${moved}`, true, `cluster-${moved}`)] : []),
    ]);
    if (moved % 3 === 0) world.stores = fed.again(() => NOW); // another process
  }

  async function read(question: RecordsQuestion, limit: number): Promise<readonly string[]> {
    const found: string[] = [];
    let [cursor, pages]: [string | undefined, number] = [undefined, 0];
    do {
      const page = await queryRecords({ question, limit, cursor }, world.stores);
      found.push(...page.records.map(({ auditId }) => auditId));
      cursor = page.cursor;
      pages += 1;
      if (pages <= 8) await move();
    } while (cursor !== undefined && pages < 2_000);
    return found;
  }

  const since = new Date(NOW - DAY).toISOString();
  it.each<[string, Parameters<typeof asking>[0]]>([
    ['nothing', {}],
    ['a cluster', { cluster: 'prod' }],
    ['clusters but one', { notCluster: 'staging' }],
    ['namespaces', { namespace: ['other-1', 'other-2', 'other-3', 'team-1', 'first-1'] }],
    ['namespaces of a cluster', { cluster: 'prod', namespace: ['other-4', 'other-5', 'other-6', 'team-1'] }],
    ['namespaces but one', { notNamespace: 'team-1' }],
    ['an actor', { actor: [nameOf(1), nameOf(2)] }],
    ['a role', { role: ROLE_NAME }],
    ['sessions', { session: [`${ROLE_ID}:${nameOf(3)}`, `${ROLE_ID}:${nameOf(4)}`] }],
    ['keys', { key: [keyOf(5), keyOf(6)] }],
    ['a status that is listed', { status: ['unattributed', 'pending'] }],
    ['a status that is not', { status: 'attributed' }],
    ['a username, and a time', { username: 'project-admin', from: since }],
    ['an address', { ip: '203.0.113.1' }],
    ['a verb, and a time', { verb: 'get', from: since }],
    ['audit ids', { auditId: ['event-1', 'event-500', 'event-960'] }],
    ['who was first seen', { firstSeenSince: since }],
    ['who was first seen in a cluster', { firstSeenSince: since, cluster: 'prod' }],
  ])('never make a record come twice, or not at all: searched by %s', async (_says, parameters) => {
    const question = asking(parameters);
    const isMatch = matcherOf(question.filter);
    const isMeant = (record: StoredRecord['record']) =>
      isMatch(record) && (question.firstSeenSince === undefined || record.attribution.actor !== undefined);
    for (const limit of [37, 400, 1_000]) {
      const before = world.stored.filter(({ record }) => isMeant(record)).map(({ record }) => String(record.auditId));
      expect(before).not.toHaveLength(0);
      const found = await read(question, limit);
      const twice = found.filter((id, at) => found.indexOf(id) !== at);
      expect({ limit, twice }).toEqual({ limit, twice: [] });
      const all = new Set(found);
      expect({ limit, missing: before.filter((id) => !all.has(id)) }).toEqual({ limit, missing: [] });
    }
  });

  it('not even if they become more than are merged between two pages', async () => {
    const grown = await World.begin(await fed.stores(() => NOW));
    await grown.insert(named('first', MOST_UNPROVEN).map((namespace) => grown.request(namespace, false)));
    await grown.insert(named('other', 40).map((namespace) => grown.request(namespace, false)));
    await grown.insert(named('team', 600).map((namespace) => grown.request(namespace, true)));
    const before = grown.stored.map(({ record }) => String(record.auditId));
    const question = asking({ cluster: 'prod' });
    const first = await queryRecords({ question, limit: 100 }, grown.stores);
    expect(first.inOrder).toBeUndefined();
    await grown.insert(named('late', 200).map((namespace) => grown.request(namespace, true)));
    await grown.insert(named('other', 40).map((namespace) => grown.request(namespace, true)));
    const found = first.records.map(({ auditId }) => String(auditId));
    for (let cursor = first.cursor; cursor !== undefined; ) {
      const page = await queryRecords({ question, limit: 90, cursor }, grown.stores);
      expect(page.inOrder).toBe(false);
      found.push(...page.records.map(({ auditId }) => String(auditId)));
      cursor = page.cursor;
    }
    expect(found.toSorted()).toEqual(before.toSorted());
  });
});
