import { describe, expect, it } from 'vitest';
import type { Arrival, Claim, ClaimSummary, FinalPart, Pass } from '../../lib/claims/claim.ts';
import { addToPass, beginPass, finalPartAfter, recordArrival } from '../../lib/claims/final-part.ts';
import { openClaim, reopenClaim } from '../../lib/claims/opening.ts';
import { EMPTY_SUMMARY } from '../../lib/claims/summary.ts';
import { HOUR, MINUTE } from '../../lib/time.ts';
import { intent } from '../contract/intents.ts';
import { later, NOW } from '../contract/now.ts';

const minute = (count: number) => later(count * MINUTE);
const counting = (count: number): ClaimSummary => ({ ...EMPTY_SUMMARY, count });

const of = (first: number) => intent('claim', { first: minute(first), last: minute(first) });
/** A claim of a hundred records that has been quiet for an hour. */
const known: Claim = { ...openClaim(undefined, of(-60), later(-HOUR)), summary: counting(100) };

const came = (at: number, from: number): Arrival => ({ at: minute(at), from: minute(from) });
const cameLast = (...each: Arrival[]): Claim => ({
  ...known,
  came: each,
  touchedAt: each.at(-1)?.at ?? known.touchedAt,
});

/** The end of what a pass leaves out later, that has found records of these minutes, all final but those that are named. */
function partOf(pass: Pass, minutes: readonly number[], open: readonly number[] = []): FinalPart | undefined {
  const over = minutes.reduce((so, at, index) => {
    const summary = counting(so.summary.count + 1);
    return addToPass(so, { at: minute(at), isFinal: !open.includes(index), summary });
  }, pass);
  return over.finalPart;
}

describe('the final part of a claim', () => {
  it('ends before the first record that is not final, and before all records of the same time', () => {
    expect(partOf(beginPass(known, NOW), [1, 2, 2, 3, 4], [2])).toEqual({ before: minute(2), summary: counting(1) });
    expect(partOf(beginPass(known, NOW), [1, 2, 2, 3, 4], [3])).toEqual({ before: minute(3), summary: counting(3) });
  });

  it('ends before everything that came less than two minutes before the pass began', () => {
    const claim = openClaim(openClaim(known, of(80), minute(100)), of(90), minute(101));
    expect(partOf(beginPass(claim, minute(102.5)), [70, 80, 90, 95])?.before).toBe(minute(80));
    expect(partOf(beginPass(claim, minute(103.5)), [70, 80, 90, 95])?.before).toBe(minute(95));
  });

  it('is empty just after a fact or a record without a readable time came', () => {
    const untimed = openClaim(known, intent('claim'), minute(100));
    const reported = reopenClaim(openClaim(known, of(90), minute(99)), minute(100));
    for (const claim of [untimed, reported]) {
      expect(partOf(beginPass(claim, minute(101)), [70, 80, 90])).toEqual({ before: minute(70), summary: counting(0) });
      expect(partOf(beginPass(claim, minute(103)), [70, 80, 90])?.before).toBe(minute(90));
    }
  });
});

describe('recent arrivals', () => {
  it('are noted only for claims with as many records as one request reads', () => {
    expect(recordArrival({ ...known, summary: counting(49) }, minute(0), NOW)).toBeUndefined();
    expect(recordArrival({ ...known, summary: counting(50) }, minute(0), NOW)).toEqual([{ at: NOW, from: NOW }]);
  });

  it('are noted in stretches of five minutes, each with its earliest event', () => {
    const first = cameLast(came(100, 90));
    expect(recordArrival(first, minute(80), minute(101))).toEqual([came(101, 80)]);
    expect(recordArrival(first, minute(95), minute(101))).toEqual([came(101, 90)]);
    expect(recordArrival(first, minute(95), minute(105))).toEqual([came(100, 90), came(105, 95)]);
  });

  it('are kept for as long as a pass can take, and as an index can be late before it', () => {
    const claim = cameLast(came(99, 89), came(104, 94));
    expect(recordArrival(claim, minute(110), minute(120))).toEqual([came(104, 94), came(120, 110)]);
    const under = { ...claim, pass: beginPass(known, minute(101)) };
    expect(recordArrival(under, minute(110), minute(120))).toEqual([came(99, 89), came(104, 94), came(120, 110)]);
  });
});

describe('arrivals during months in which a pass cannot continue', () => {
  it('are noted in few stretches, and the first has the earliest event of those before', () => {
    let claim: Claim = { ...known, pass: beginPass(known, minute(0)) };
    for (let at = 0; at < 1_000; at += 5) {
      claim = {
        ...claim,
        came: recordArrival(claim, minute(at === 100 ? -30 : at - 1), minute(at)) ?? [],
        touchedAt: minute(at),
      };
    }
    expect(claim.came?.length).toBeLessThanOrEqual(50);
    expect(claim.came?.at(-1)).toEqual(came(995, 994));
    const found: FinalPart = { before: minute(-20), summary: counting(100) };
    expect(finalPartAfter(claim, { ...beginPass(known, minute(0)), finalPart: found }, minute(996))).toBeUndefined();
  });
});

describe('a pass that has ended', () => {
  const before: FinalPart = { before: minute(10), summary: counting(20) };
  const found: FinalPart = { before: minute(90), summary: counting(100) };
  const through: Pass = { ...beginPass(known, minute(100)), finalPart: found };
  const claim = { ...known, finalPart: before };

  it('lets the next one leave out the records that it found final, if these are fifty more', () => {
    expect(finalPartAfter(claim, through, minute(101))).toEqual(found);
    const hardly = { ...through, finalPart: { ...found, summary: counting(69) } };
    expect(finalPartAfter(claim, hardly, minute(101))).toEqual(before);
  });

  it('leaves out nothing more if a record came that is as old, even before the pass began', () => {
    for (const at of [99, 100.5]) {
      expect(finalPartAfter({ ...cameLast(came(at, 89)), finalPart: before }, through, minute(101))).toEqual(before);
      expect(finalPartAfter({ ...cameLast(came(at, 90)), finalPart: before }, through, minute(101))).toEqual(found);
    }
  });

  it('leaves out nothing more if it took longer than arrivals are kept', () => {
    expect(finalPartAfter(claim, through, minute(116))).toEqual(before);
    expect(finalPartAfter({ ...claim, pass: through }, through, minute(116))).toEqual(found);
  });
});
