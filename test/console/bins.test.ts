import { describe, expect, it } from 'vitest';
import {
  binSize,
  countedBins,
  countedTotal,
  countIntoBins,
  countsOf,
  countsQuestion,
  heightOf,
  marksOf,
  OTHERS,
} from '../../console/page/core/bins.ts';
import type { SummaryAnswer } from '../../lib/usecases/query/summary.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const EIGHT = Date.UTC(2026, 2, 10, 8);

describe('the histogram', () => {
  it('has bins of round lengths', () => {
    expect(binSize({ from: EIGHT, to: EIGHT + 24 * HOUR }, 100)).toBe(15 * MINUTE);
    expect(binSize({ from: EIGHT, to: EIGHT + 50_000 }, 60)).toBe(1_000);
    expect(binSize({ from: 0, to: 40 * 365 * 24 * HOUR }, 100)).toBe(146 * 24 * HOUR);
  });

  it('counts each thing in its bin and series, and nothing outside of the span', () => {
    const things = [
      { when: EIGHT, verb: 'get' },
      { when: EIGHT + 30 * MINUTE, verb: 'delete' },
      { when: EIGHT + 59 * MINUTE, verb: 'watch' },
      { when: EIGHT + 5 * MINUTE, verb: 'others' },
      { when: EIGHT + 60 * MINUTE, verb: 'get' },
      { when: EIGHT - 1, verb: 'get' },
      { when: undefined, verb: 'get' },
    ];
    const bins = countIntoBins(
      things,
      { span: { from: EIGHT, to: EIGHT + HOUR }, most: 2, names: ['get', 'delete', 'list', 'others'] },
      { at: ({ when }) => when, name: ({ verb }) => verb },
    );
    expect(bins).toMatchObject({ start: EIGHT, size: 30 * MINUTE, count: 2 });
    expect(bins.series).toEqual([
      { name: 'get', counts: [1, 1], total: 2 },
      { name: 'delete', counts: [0, 1], total: 1 },
      { name: 'others', counts: [1, 0], total: 1 },
      { name: OTHERS, counts: [0, 1], total: 1 },
    ]);
    expect(heightOf(bins, 1)).toBe(3);
  });

  it('marks round times in the zone of the page', () => {
    const span = { from: EIGHT + MINUTE, to: EIGHT + 12 * HOUR };
    expect(marksOf(span, 6).map((at) => new Date(at).getUTCHours())).toEqual([10, 12, 14, 16, 18, 20]);
    expect(marksOf(span, 6, HOUR).map((at) => new Date(at).getUTCHours())).toEqual([9, 11, 13, 15, 17, 19]);
  });
});

const START = Date.parse('2026-03-10T00:00:00Z');
const rangeOf = (hours: number) => ({ from: START, to: START + hours * HOUR });

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
  it('are drawn hour by hour, without system requests if those are hidden', () => {
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

  it('say which hours are not fully counted, and whether they cover exactly the time range', () => {
    const behind = ['2026-03-10T00:00:00Z', '2026-03-10T01:00:00Z', '2026-03-10T05:00:00Z'];
    const counted = countsOf({ ...ANSWER, counting: { behind } }, ['system']);
    expect(counted.unread).toEqual([
      { from: START, to: START + 2 * HOUR },
      { from: START + 5 * HOUR, to: START + 6 * HOUR },
    ]);
    expect(countedTotal(counted, rangeOf(2))).toEqual({ total: 5, isExact: false });
    expect(countedTotal(countsOf(ANSWER, []), rangeOf(2))).toEqual({ total: 14, isExact: true });
    expect(countedTotal(countsOf(ANSWER, []), { ...rangeOf(2), from: START + 1 }).isExact).toBe(false);
  });

  it('are requested for whole clusters, but not with filters that the summary lacks', () => {
    const answerTo = (query: string, hours = 24, by = 'status', hides = true) =>
      countsQuestion(by, new URLSearchParams(query), rangeOf(hours), hides);
    expect(answerTo('cluster=prod')).toEqual([
      ['from', '2026-03-10T00:00:00.000Z'],
      ['to', '2026-03-11T00:00:00.000Z'],
      ['by', 'status'],
      ['bucket', 'hour'],
      ['cluster', 'prod'],
    ]);
    expect(answerTo('', 24 * 10)).toContainEqual(['bucket', 'day']);
    expect(answerTo('verb=get')).toBeUndefined();
    expect(answerTo('notCluster=prod')).toBeUndefined();
    expect(answerTo('', 2)).toBeUndefined();
    expect(answerTo('', 24 * 40)).toBeUndefined();
    expect(answerTo('', 24, 'verb')).toBeUndefined();
    expect(answerTo('', 24, 'verb', false)).toBeDefined();
  });
});
