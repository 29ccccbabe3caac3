import { describe, expect, it } from 'vitest';
import { countedBins, countedTotal, countsOf, countsQuestion } from '../../console/page/core/bins.ts';
import type { SummaryAnswer } from '../../lib/usecases/query/summary.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-03-10T00:00:00Z');
const range = (hours: number) => ({ from: START, to: START + hours * HOUR });

const ANSWER: SummaryAnswer = {
  from: '2026-03-10T00:00:00Z',
  to: '2026-03-10T02:00:00Z',
  bucket: 'hour',
  by: 'status',
  total: 14,
  statuses: { attributed: 5, system: 9 },
  values: [
    { value: 'system', count: 9 },
    { value: 'attributed', count: 5 },
  ],
  none: 0,
  others: 0,
  buckets: [
    { from: '2026-03-10T00:00:00Z', total: 9, counts: [4, 5], none: 0, others: 0 },
    { from: '2026-03-10T01:00:00Z', total: 5, counts: [5, 0], none: 0, others: 0 },
  ],
  lag: { histogram: [] },
  now: '2026-03-10T02:00:00Z',
  counting: { behind: [] },
};

describe('the counts of the service in the timeline', () => {
  it('are drawn hour by hour, without what the cluster itself did where that is hidden', () => {
    expect(countedBins(ANSWER, ['system'])).toEqual({
      start: START,
      size: HOUR,
      count: 2,
      series: [{ name: 'attributed', counts: [5, 0], total: 5 }],
    });
    expect(countedBins(ANSWER, []).series.map(({ name, total }) => [name, total])).toEqual([
      ['system', 9],
      ['attributed', 5],
    ]);
  });

  it('say which hours are not counted to the end, and whether they are of the very time that is looked at', () => {
    const behind = ['2026-03-10T00:00:00Z', '2026-03-10T01:00:00Z', '2026-03-10T05:00:00Z'];
    const counted = countsOf({ ...ANSWER, counting: { behind } }, ['system']);
    expect(counted.unread).toEqual([
      { from: START, to: START + 2 * HOUR },
      { from: START + 5 * HOUR, to: START + 6 * HOUR },
    ]);
    expect(countedTotal(counted, range(2))).toEqual({ total: 5, isExact: false });
    expect(countedTotal(countsOf(ANSWER, []), range(2))).toEqual({ total: 14, isExact: true });
    expect(countedTotal(countsOf(ANSWER, []), { ...range(2), from: START + 1 }).isExact).toBe(false);
  });

  it('are asked for of a whole cluster, and of nothing that they do not know', () => {
    const asked = (query: string, hours = 24, by = 'status', hides = true) =>
      countsQuestion(by, new URLSearchParams(query), range(hours), hides);
    expect(asked('cluster=prod')).toEqual([
      ['from', '2026-03-10T00:00:00.000Z'],
      ['to', '2026-03-11T00:00:00.000Z'],
      ['by', 'status'],
      ['bucket', 'hour'],
      ['cluster', 'prod'],
    ]);
    expect(asked('', 24 * 10)).toContainEqual(['bucket', 'day']);
    expect(asked('verb=get')).toBeUndefined();
    expect(asked('notCluster=prod')).toBeUndefined();
    expect(asked('', 2)).toBeUndefined();
    expect(asked('', 24 * 40)).toBeUndefined();
    expect(asked('', 24, 'verb')).toBeUndefined();
    expect(asked('', 24, 'verb', false)).toBeDefined();
  });
});
