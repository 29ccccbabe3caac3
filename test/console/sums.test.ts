import { describe, expect, it } from 'vitest';
import type { SummaryAnswer } from '../../console/page/core/answers.ts';
import { countedBins } from '../../console/page/core/bins.ts';
import { FACETS, resourceOf } from '../../console/page/core/facets.ts';
import {
  countOf,
  daysOf,
  monthlyCost,
  shareIn,
  shareOf,
  sumsBy,
  verbTable,
  whereOf,
  whoOf,
} from '../../console/page/core/sums.ts';
import { estimatedCosts, ownDollars } from '../../lib/cost/estimate.ts';
import { DAY, HOUR } from '../../lib/time.ts';
import { bareRoleUser } from '../builders/audit-event.ts';
import { ROLE_ID } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { storedRecord } from '../contract/stored-record.ts';

const alices = [grant({ id: 'alice-grant', until: '2026-03-10T23:00:00Z' })];
const of = (fields: Parameters<typeof storedRecord>[0]) => storedRecord(fields, alices).record;
const pods = { resource: 'pods', namespace: 'shop', name: 'web-0', apiVersion: 'v1' };
const exec = of({ objectRef: { ...pods, subresource: 'exec' }, verb: 'create' });
const deleted = of({ objectRef: pods, verb: 'delete' });
const listed = of({ objectRef: { resource: 'nodes' }, verb: 'list' });
const url = of({ objectRef: undefined, requestURI: '/healthz', verb: 'get' });
const nobody = storedRecord({ user: bareRoleUser('somebody') }).record;

describe('sums of records', () => {
  it('list the most frequent first', () => {
    expect(sumsBy([exec, deleted, deleted], ({ request }) => resourceOf(request))).toEqual([
      { of: 'pods', count: 2 },
      { of: 'pods/exec', count: 1 },
    ]);
  });

  it('count by resource and verb, reading verbs first', () => {
    expect(verbTable([deleted, exec, deleted, listed, url])).toEqual({
      verbs: ['list', 'create', 'delete'],
      rows: [
        { resource: 'pods', counts: [0, 0, 2] },
        { resource: 'pods/exec', counts: [0, 1, 0] },
        { resource: 'nodes', counts: [1, 0, 0] },
      ],
      most: 2,
    });
    expect(verbTable([])).toEqual({ verbs: [], rows: [], most: 0 });
  });

  it('name the actor, or the caller if the actor is unknown', () => {
    expect(whoOf(exec)).toEqual({ actor: 'iam-user/111122223333/AIDAALICE000000000000', status: 'attributed' });
    expect(whoOf(nobody)).toEqual({
      caller: 'somebody',
      session: `${ROLE_ID} somebody`,
      status: nobody.attribution.status,
    });
  });

  it('count the ids that are one person under the first', () => {
    const { actor } = exec.attribution;
    if (actor === undefined) throw new Error('nobody is named');
    const joined = { ...actor, samePerson: ['root/444455556666', actor.id] };
    const record = { ...exec, attribution: { ...exec.attribution, actor: joined } } as typeof exec;
    expect(whoOf(record)).toMatchObject({ actor: 'root/444455556666' });
    expect(FACETS.find(({ field }) => field === 'actor')?.valuesOf(record)).toEqual(['root/444455556666']);
  });

  it('count by namespace and cluster', () => {
    expect(whereOf(exec)).toEqual({ cluster: 'prod-1', namespace: 'shop' });
    expect(whereOf(listed).namespace).toBe('-');
  });
});

describe('the days of records', () => {
  const at = (time: string) => ({ ...exec, time });
  const utc = () => 0;
  const day = Date.UTC(2026, 2, 10); // a Tuesday

  it('are those of the range, up to a week', () => {
    const days = daysOf(
      [at('2026-03-10T08:59:59.9Z'), at('2026-03-11T00:00:00Z')],
      { from: day, to: day + DAY },
      utc,
      [],
    );
    expect(days.map(({ start, weekday }) => [start, weekday])).toEqual([
      [day, 2],
      [day + DAY, 3],
    ]);
    expect(days[0]?.counts[8]).toBe(1);
    expect(days[1]?.counts[0]).toBe(1);
    expect(days.flatMap(({ counts }) => counts).reduce((sum, each) => sum + each)).toBe(2);
  });

  it('are the days of the week for a longer range, from Monday', () => {
    const records = [at('2026-03-10T08:00:00Z'), at('2026-03-17T08:00:00Z'), at('2026-03-15T23:30:00Z')];
    const days = daysOf(records, { from: day - 30 * DAY, to: day + DAY }, utc, []);
    expect(days.map(({ weekday }) => weekday)).toEqual([1, 2, 3, 4, 5, 6, 0]);
    expect([days[1]?.counts[8], days[6]?.counts[23]]).toEqual([2, 1]);
  });

  it('start at midnight in the zone of the page', () => {
    const tokyo = () => -9 * HOUR;
    const days = daysOf([at('2026-03-10T16:00:00Z')], { from: day + 10 * HOUR, to: day + 20 * HOUR }, tokyo, []);
    expect(days.map(({ start }) => start)).toEqual([day - 9 * HOUR, day + 15 * HOUR]);
    expect(days[1]?.counts[1]).toBe(1);
  });

  it('say which hours are not loaded or outside of the range', () => {
    const unread = [{ from: day + 2 * HOUR, to: day + 4.5 * HOUR }];
    const [first] = daysOf([], { from: day + 2 * HOUR, to: day + 8 * HOUR }, utc, unread);
    const { reads = [] } = first ?? {};
    expect(reads.slice(0, 9)).toEqual(['outside', 'outside', 'none', 'none', 'some', 'all', 'all', 'all', 'outside']);
  });

  it('say that an hour of a weekday is partly loaded if that holds for one such day', () => {
    const range = { from: day - 14 * DAY, to: day + DAY };
    const days = daysOf([], range, utc, [{ from: range.from, to: day - 7 * DAY }]);
    expect(days[1]?.reads[8]).toBe('some'); // One of three Tuesdays is not loaded.
    expect(new Set(daysOf([], range, utc, [range]).flatMap(({ reads }) => reads))).toEqual(new Set(['none']));
  });

  it('leave out records without a time', () => {
    expect(daysOf([{ ...exec, time: undefined }, at('never')], { from: day, to: day }, utc, [])[0]?.counts).toEqual(
      new Array(24).fill(0),
    );
  });
});

const SUMMARY: SummaryAnswer = {
  from: '2026-03-10T00:00:00Z',
  to: '2026-03-11T00:00:00Z',
  bucket: 'hour',
  by: 'status',
  total: 30,
  statuses: { system: 20, attributed: 8, unattributed: 2 },
  values: [
    { value: 'system', count: 20 },
    { value: 'attributed', count: 8 },
    { value: 'unattributed', count: 2 },
  ],
  buckets: [
    { from: '2026-03-10T00:00:00Z', total: 20, counts: [20, 0, 0], none: 0, others: 0 },
    { from: '2026-03-10T01:00:00Z', total: 10, counts: [0, 8, 2], none: 0, others: 0 },
  ],
  none: 0,
  others: 0,
  lag: { histogram: [] },
  now: '2026-03-12T00:00:00Z',
  counting: { behind: [] },
};

describe('the attributed share', () => {
  it('does not include system records', () => {
    expect(countOf(SUMMARY.statuses)).toBe(10);
    expect(shareOf(SUMMARY.statuses)).toBe(0.8);
  });

  it('is undefined without records', () => {
    expect(shareOf({ system: 20 })).toBeUndefined();
  });

  it('is known for each hour', () => {
    expect(shareIn(countedBins(SUMMARY, ['system']), 1)).toBe(0.8);
  });
});

describe('the estimated cost', () => {
  const busy = { ...SUMMARY, total: 100_000 };
  /** Returns the cost of a day as `eks-whois cost` computes it. */
  const ofDay = (events: number) => {
    const usage = {
      sessions: 0,
      grants: 0,
      omittedShare: 0,
      lateShare: 0,
      hoursOfSession: 1,
      pods: 0,
      questions: 0,
      auditGb: undefined,
      spokes: 0,
      forwardingStacks: 0,
      sessionDays: 97,
    };
    return ownDollars(estimatedCosts({ ...usage, events, clusters: 1, recordDays: 90, logDays: 30 }));
  };

  it('has a fixed part and a part for each record, at the prices of eks-whois cost', () => {
    expect(monthlyCost({ ...SUMMARY, total: 0 })).toBeCloseTo(ofDay(0), 6);
    expect(monthlyCost(busy)).toBeCloseTo(ofDay(100_000), 6);
  });

  it('is based on the counted time only, not on the future or the time before counting', () => {
    expect(monthlyCost({ ...busy, now: '2026-03-10T12:00:00Z' })).toBeCloseTo(ofDay(200_000), 6);
    const since = (time: string) => monthlyCost({ ...busy, counting: { since: time, behind: [] } });
    expect(since('2026-03-10T12:00:00Z')).toBeCloseTo(ofDay(200_000), 6);
    expect(since('2026-03-11T12:00:00Z')).toBeCloseTo(ofDay(0), 6);
  });
});
