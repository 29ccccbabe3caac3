import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { routesOf } from '../../functions/http/routes.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { MOST_REQUESTS, RequestBudget, RequestBudgetError } from '../../lib/ports/budget.ts';
import { HOUR } from '../../lib/time.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import type { QueryService } from '../../lib/usecases/query/records-request.ts';
import { related } from '../../lib/usecases/related/related.ts';
import { storedSource } from '../../lib/usecases/related/related-source.ts';
import { roleUser } from '../builders/audit-event.ts';
import { asking } from '../builders/question.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { CountedRequests } from './counted-requests.ts';
import { NOW } from './now.ts';
import { RunningDynalite } from './running-dynalite.ts';
import { storedRecord } from './stored-record.ts';

/** A look-up of callers that knows nobody. No story here has changes of clusters. */
const NOBODY = () => Promise.reject(new Error('no change of a cluster'));

/** A request of its own, some seconds before now, in this namespace. */
function seen(number: number, namespace: string, more = {}) {
  return storedRecord({
    auditID: `event-${number}`,
    requestReceivedTimestamp: new Date(NOW - HOUR + number * 1_000).toISOString(),
    objectRef: { resource: 'pods', namespace, name: `web-${number}`, apiVersion: 'v1' },
    ...more,
  });
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);

describe('a query of the tables', () => {
  let dynalite: RunningDynalite;
  let counted: CountedRequests;
  let stores: Awaited<ReturnType<RunningDynalite['stores']>>;
  beforeAll(async () => {
    dynalite = await RunningDynalite.start();
    counted = new CountedRequests(dynalite.client);
  });
  afterAll(() => dynalite.stop());
  beforeEach(async () => {
    stores = await dynalite.stores(() => NOW);
  });

  /** All pages of the answer, and what the dearest of them cost. */
  async function pages(question: Parameters<typeof asking>[0], service: () => QueryService) {
    const found: string[] = [];
    let [cursor, count, dearest]: [string | undefined, number, number] = [undefined, 0, 0];
    do {
      const { requests } = await counted.during(async () => {
        const answer = await queryRecords({ question: asking(question), limit: 100, cursor }, service());
        found.push(...answer.records.map(({ auditId }) => auditId));
        cursor = answer.cursor;
      });
      count += 1;
      dearest = Math.max(dearest, requests);
    } while (cursor !== undefined && count < 1_000);
    return { found, count, dearest };
  }

  it('that matches nothing in 400 namespaces reads each of them about once, in each page within its budget', async () => {
    const records = numbers(1_600).map((number) => seen(number, `team-${number % 400}`));
    for (let at = 0; at < records.length; at += 200) await stores.records.insert(records.slice(at, at + 200));
    const nothing = await pages({ cluster: 'prod-1', object: 'no-such' }, () =>
      stores.within(new RequestBudget().try()),
    );
    expect(nothing).toMatchObject({ found: [], count: 1 });
    expect(nothing.dearest).toBeLessThan(3 * 400);
    expect(nothing.dearest).toBeLessThan(MOST_REQUESTS);
    const one = await pages({ cluster: 'prod-1', object: 'web-7' }, () => stores.within(new RequestBudget().try()));
    expect(one.found).toEqual(['event-7']);
  });

  it('about more namespaces than are merged is answered in groups, and may be tried again with fewer rows', async () => {
    const records = numbers(1_000).map((number) => seen(number, `team-${number}`));
    for (let at = 0; at < records.length; at += 200) await stores.records.insert(records.slice(at, at + 200));
    const { found, dearest } = await pages({ cluster: 'prod-1' }, () => {
      const budget = new RequestBudget();
      budget.try().spend();
      return stores.within(budget.try());
    });
    expect(found.toSorted()).toEqual(records.map(({ record }) => String(record.auditId)).toSorted());
    expect(dearest).toBeLessThan(MOST_REQUESTS / 2);
    const nothing = await pages({ cluster: 'prod-1', object: 'none' }, () => stores.within(new RequestBudget().try()));
    expect(nothing.found).toEqual([]);
    expect(nothing.dearest).toBeLessThanOrEqual(MOST_REQUESTS / 2);
  });

  it('about more first-seen actors than are merged is answered in groups, each page within half its budget', async () => {
    const records = numbers(350).map((number) => {
      const session = `invented-${number}`;
      const by = iamUser(session);
      return storedRecord({ auditID: `of ${session}`, user: roleUser({ session }) }, [
        grant({ id: session, session, by }),
      ]);
    });
    for (let at = 0; at < records.length; at += 50) await stores.records.insert(records.slice(at, at + 50));
    const since = { firstSeenSince: '2026-03-10T00:00:00Z' };
    const within = () => stores.within(new RequestBudget().try());
    const { found, dearest } = await pages(since, within);
    expect(found.toSorted()).toEqual(records.map(({ record }) => String(record.auditId)).toSorted());
    expect(dearest).toBeLessThanOrEqual(MOST_REQUESTS / 2);
    const nothing = await pages({ ...since, verb: 'no-such' }, within);
    expect(nothing).toMatchObject({ found: [] });
    expect(nothing.dearest).toBeLessThanOrEqual(MOST_REQUESTS / 2);
  });

  it('has the same answer in the same order however small the budget of its pages is, each within it', async () => {
    const records = numbers(700).map((number) => seen(number, `team-${(number * number) % 37}`));
    await stores.records.insert(records);
    for (const question of [
      { cluster: 'prod-1' },
      { cluster: 'prod-1', notNamespace: 'team-1' },
      { object: ['web-9', 'web-650'] },
    ]) {
      const whole = await pages(question, () => stores);
      for (const most of [60, 81, 150, 2_000]) {
        const cut = await pages(question, () => stores.within(new RequestBudget(most).try()));
        expect(cut.found).toEqual(whole.found);
        expect(cut.dearest).toBeLessThanOrEqual(most);
        expect(cut.count).toBeLessThan(100);
      }
    }
  });

  it('about a session in more partitions than are merged is answered by the namespaces', async () => {
    const [first, ...others] = numbers(30).map((number) => seen(number, `team-${number % 3}`));
    const [another] = [seen(99, 'team-1', { user: roleUser({ session: 'bob' }) })];
    if (first?.session === undefined || another === undefined) throw new Error('no session');
    const Item = {
      partition: `spread ${first.session}`,
      sort: 'spread',
      day: 1,
      least: [],
      revision: 1,
      claims: 1_024,
      writes: 16,
    };
    await dynalite.client.send(
      new PutCommand({ TableName: stores.tables.claims, Item: { ...Item, expires: 2_000_000_000 } }),
    );
    await stores.records.insert([first, ...others, another]);
    const bounded = () => stores.within(new RequestBudget().try());
    const { found, dearest } = await pages({ session: first.session }, bounded);
    expect(found.toSorted()).toEqual([first, ...others].map(({ record }) => String(record.auditId)).toSorted());
    expect(dearest).toBeLessThan(MOST_REQUESTS);
  });

  it('that needs more than its budget before any row is known is refused, with advice', async () => {
    await stores.records.insert(numbers(60).map((number) => seen(number, `team-${number}`)));
    const bounded = stores.within(new RequestBudget(30).try());
    const refused = queryRecords({ question: asking({ cluster: 'prod-1' }), limit: 10 }, bounded);
    await expect(refused).rejects.toThrow(RequestBudgetError);
    await expect(refused).rejects.toThrow('more than 30 requests');
  });

  it('may be retried with fewer rows, within one budget', async () => {
    await stores.records.insert(numbers(100).map((number) => seen(number, `team-${number % 10}`)));
    const budget = new RequestBudget(60);
    const { requests } = await counted.during(async () => {
      for (const limit of [100, 10])
        expect(
          (await queryRecords({ question: asking({ cluster: 'prod-1' }), limit }, stores.within(budget.try()))).records,
        ).toHaveLength(limit);
    });
    expect(requests).toBeLessThanOrEqual(60);
  });

  it('about 25 roles with many sessions is answered as far as the budget allows, and says how many roles are left', async () => {
    const roles = numbers(25).map((at) => ({
      roleId: `AROATEAM${String(at).padStart(2, '0')}ROLE00001`,
      roleName: `team-${at}`,
    }));
    const records = roles.flatMap((role, at) =>
      numbers(60).map((session) =>
        seen(at * 60 + session, 'shop', { user: roleUser({ ...role, session: `user-${session}`, key: null }) }),
      ),
    );
    for (let at = 0; at < records.length; at += 200) await stores.records.insert(records.slice(at, at + 200));
    const routes = routesOf({ tables: stores, clock: () => NOW, settings: DEFAULT_SETTINGS, deadline: HOUR }, 'all');
    const q = roles.map(({ roleId }) => `https://console ${roleId}`).join('\n');
    let body: unknown;
    const { requests } = await counted.during(async () => {
      body = await routes['/whois']?.(new URLSearchParams({ q }).toString(), () => undefined);
    });
    expect(requests).toBeLessThanOrEqual(MOST_REQUESTS);
    const { answers, recognized } = body as { answers: readonly object[]; recognized: { left: number } };
    expect(answers.length).toBeGreaterThan(10);
    expect(answers.length + recognized.left).toBe(25);
    expect(recognized.left).toBeGreaterThan(0);
  });

  it('about what belongs to a request ends at its budget, and says so', async () => {
    const user = roleUser({ session: 'robot' });
    const around = numbers(1_500).map((number) => seen(number, 'shop', { user }));
    for (let at = 0; at < around.length; at += 200) await stores.records.insert(around.slice(at, at + 200));
    let answer: Awaited<ReturnType<typeof related>>;
    const { requests } = await counted.during(async () => {
      answer = await related(
        { auditId: auditIdOf('event-700') },
        storedSource(stores.within(new RequestBudget(40).try()), NOBODY),
      );
    });
    expect(requests).toBeLessThanOrEqual(40);
    expect(answer?.requests[0]?.notKnown.join(' ')).toContain('not all were searched');
  });
});
