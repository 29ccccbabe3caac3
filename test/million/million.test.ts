import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { DynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import { DAY, epochMillis, HOUR } from '../../lib/time.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { asking } from '../builders/question.ts';
import { CountedRequests, type Counts } from '../contract/counted-requests.ts';
import { NOW } from '../contract/now.ts';
import type { RunningDynalite } from '../contract/running-dynalite.ts';
import { runningWorld } from './filled-world.ts';
import {
  auditIdOf,
  type Fact,
  factsOfWorld,
  LATE,
  NAMESPACES,
  NEW,
  objectOf,
  RECORDS,
  recordOf,
  teamOf,
} from './world.ts';

const LIMIT = 100;
/** The maximum number of requests for the first page of an incident's questions. */
const FIRST_PAGE = 12;
/** An actor's partitions of an index. */
const ENDINGS = 4;

describe(`a table of ${RECORDS.toLocaleString('en-US')} records`, () => {
  const facts = factsOfWorld();
  let dynalite: RunningDynalite;
  let stores: DynamoDbStores;
  let requests: CountedRequests;

  beforeAll(async () => {
    ({ dynalite, stores } = await runningWorld(inject('filled')));
    requests = new CountedRequests(dynalite.client);
  });
  afterAll(() => dynalite?.stop());

  /** Pages as they come, until there are no more, or so many: what each cost. */
  async function pages(question: Parameters<typeof asking>[0], most = Number.POSITIVE_INFINITY) {
    const found: string[] = [];
    const costs: (Counts & { readonly examined: number })[] = [];
    let cursor: string | undefined;
    do {
      let examined = 0;
      const counts = await requests.during(async () => {
        const answer = await queryRecords({ question: asking(question), limit: LIMIT, cursor }, stores);
        ({ cursor, examined } = answer);
        found.push(...answer.records.map(({ auditId }) => auditId));
      });
      costs.push({ ...counts, examined });
    } while (cursor !== undefined && costs.length < most);
    return { found, costs, first: costs[0] ?? { requests: 0, items: 0, examined: 0 } };
  }

  const meant = (isMeant: (fact: Fact) => boolean) =>
    facts
      .filter(isMeant)
      .toSorted((a, b) => b.at - a.at)
      .map(auditIdOf);
  const since = epochMillis(NOW - 2 * HOUR);
  const from = new Date(since).toISOString();

  it('answers what was done in a cluster in the last two hours, each page within ten requests', async () => {
    const { found, costs } = await pages({ cluster: 'prod', from });
    expect(found.toSorted()).toEqual(meant(({ at, cluster }) => cluster === 'prod' && at >= since).toSorted());
    expect(found.length).toBeGreaterThan(10 * LIMIT);
    for (const cost of costs) {
      // The directory, how wide its namespaces are, each of these, and the records themselves.
      expect(cost.requests).toBeLessThanOrEqual(FIRST_PAGE);
      expect(cost.examined).toBeLessThanOrEqual(LIMIT);
      expect(cost.items).toBeLessThanOrEqual(6 * LIMIT);
    }
  });

  it("finds a role's records of the last two hours by its sessions, each page within ten requests", async () => {
    const { found, costs } = await pages({ role: 'team-3', from });
    expect(found.toSorted()).toEqual(meant(({ at, who }) => teamOf(who) === 'team-3' && at >= since).toSorted());
    expect(found.length).toBeGreaterThan(LIMIT);
    for (const cost of costs) {
      expect(cost.requests).toBeLessThanOrEqual(FIRST_PAGE);
      expect(cost.items).toBeLessThanOrEqual(6 * LIMIT);
    }
  });

  it('finds an object by its name in a namespace, of the last two hours within ten requests', async () => {
    const { number, cluster, namespace } = facts.find(({ at }) => at >= since) ?? facts[0] ?? { number: 0 };
    const object = objectOf({ number } as Fact);
    const { found, first } = await pages({ cluster: cluster ?? '', namespace: namespace ?? '', object, from });
    expect(found).toContain(`event-${number}`);
    expect(first.requests).toBeLessThanOrEqual(FIRST_PAGE);
    expect(first.items).toBeLessThanOrEqual(10 * LIMIT);
  });

  it('finds an object by its name among all records, and says how many records it examined for each page', async () => {
    const { found, costs } = await pages({ cluster: 'prod', namespace: 'shop', object: 'feature-flags' });
    const wanted = (fact: Fact) => fact.cluster === 'prod' && fact.namespace === 'shop' && fact.number % 1_000 === 0;
    expect(found).toEqual(meant(wanted));
    for (const cost of costs) {
      expect(cost.examined).toBeLessThanOrEqual(5_250);
      expect(cost.items).toBeLessThanOrEqual(3 * cost.examined);
      expect(cost.requests).toBeLessThanOrEqual(cost.examined / 50 + 5);
    }
    const [first] = (await pages({ cluster: 'prod', object: 'feature-flags' }, 1)).costs;
    expect(first?.examined).toBeLessThanOrEqual(5_250);
  });

  it('answers what an actor did who was first seen in the last two days, each page within ten requests', async () => {
    const { found, costs } = await pages({ firstSeenSince: new Date(NOW - 2 * DAY).toISOString() });
    expect(found.toSorted()).toEqual(meant(({ who }) => who === NEW).toSorted());
    expect(found.length).toBeGreaterThan(LIMIT);
    for (const { requests: count, items } of costs) {
      expect(count).toBeLessThanOrEqual(FIRST_PAGE);
      expect(items).toBeLessThanOrEqual(7 * LIMIT);
    }
  });

  it('answers what several new actors did, by their own partitions', async () => {
    const { found, costs } = await pages({ firstSeenSince: new Date(NOW - 8 * DAY).toISOString() }, 5);
    const newest = meant(({ who }) => who === NEW || LATE.includes(who));
    expect(found).toEqual(newest.slice(0, 5 * LIMIT));
    const actors = LATE.length + 1;
    // The directory; of each actor its names, and its partitions once or twice; and the records.
    for (const { requests: count } of costs) expect(count).toBeLessThanOrEqual(1 + actors * (1 + 2 * ENDINGS) + 1);
  });

  it('has a first page of one namespace, of an actor, of a session and of an audit id within thirteen requests, three of them for whose name it is', async () => {
    const [some] = facts.slice(0, 1).map(recordOf);
    for (const question of [
      { cluster: 'prod', namespace: NAMESPACES },
      { cluster: 'prod', namespace: 'shop' },
      { actor: 'user-1' },
      { session: String(some?.session) },
      { auditId: 'event-5' },
    ]) {
      const { first } = await pages(question, 1);
      expect(first.requests, JSON.stringify(question)).toBeLessThanOrEqual(13);
      expect(first.items, JSON.stringify(question)).toBeLessThanOrEqual(6 * LIMIT);
    }
  });
});
