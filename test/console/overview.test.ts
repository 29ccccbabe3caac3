import { describe, expect, it } from 'vitest';
import type { SummaryAnswer } from '../../console/page/core/answers.ts';
import { countedBins } from '../../console/page/core/bins.ts';
import { countOf, monthlyCost, shareIn, shareOf } from '../../console/page/core/sums.ts';
import { estimatedCosts, ownDollars } from '../../lib/cost/estimate.ts';

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

describe('how much is attributed', () => {
  it('is of what somebody is behind: the work of the cluster would hide all else', () => {
    expect(countOf(SUMMARY.statuses)).toBe(10);
    expect(shareOf(SUMMARY.statuses)).toBe(0.8);
  });

  it('is not known where there was nothing', () => {
    expect(shareOf({ system: 20 })).toBeUndefined();
  });

  it('is told of each hour', () => {
    expect(shareIn(countedBins(SUMMARY, ['system']), 1)).toBe(0.8);
  });
});

describe('what it costs', () => {
  const busy = { ...SUMMARY, total: 100_000 };
  /** As `eks-whois cost` works it out. */
  const ofDay = (events: number) => {
    const usage = {
      sessions: 0,
      omittedShare: 0,
      lateShare: 0,
      hoursOfSession: 1,
      pods: 0,
      questions: 0,
      auditGb: undefined,
      spokes: 0,
    };
    return ownDollars(estimatedCosts({ ...usage, events, clusters: 1, recordDays: 90, logDays: 30 }));
  };

  it('is what is due without a record, and more for each, by the prices of eks-whois cost', () => {
    expect(monthlyCost({ ...SUMMARY, total: 0 })).toBeCloseTo(ofDay(0), 6);
    expect(monthlyCost(busy)).toBeCloseTo(ofDay(100_000), 6);
  });

  it('is estimated of the time that was counted: not of what is to come, nor of what was before', () => {
    expect(monthlyCost({ ...busy, now: '2026-03-10T12:00:00Z' })).toBeCloseTo(ofDay(200_000), 6);
    const since = (time: string) => monthlyCost({ ...busy, counting: { since: time, behind: [] } });
    expect(since('2026-03-10T12:00:00Z')).toBeCloseTo(ofDay(200_000), 6);
    expect(since('2026-03-11T12:00:00Z')).toBeCloseTo(ofDay(0), 6);
  });
});
