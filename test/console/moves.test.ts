import { describe, expect, it } from 'vitest';
import { endOfTime, stepSpan, zoomSpan } from '../../console/page/core/spans.ts';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 2, 10, 12);

describe('the time that is looked at', () => {
  it('becomes shorter and longer around what one points at', () => {
    const day = { from: NOON - 12 * HOUR, to: NOON + 12 * HOUR };
    expect(zoomSpan(day, 0.5)).toEqual({ from: NOON - 6 * HOUR, to: NOON + 6 * HOUR });
    expect(zoomSpan(day, 0.5, day.from)).toEqual({ from: day.from, to: NOON });
    expect(zoomSpan(zoomSpan(day, 0.5), 2)).toEqual(day);
  });

  it('is never shorter than a second, and never begins before 1970', () => {
    expect(zoomSpan({ from: NOON, to: NOON + 1_500 }, 0.1)).toEqual({ from: NOON + 250, to: NOON + 1_250 });
    expect(zoomSpan({ from: HOUR, to: 3 * HOUR }, 4).from).toBe(0);
    expect(stepSpan({ from: HOUR, to: 5 * HOUR }, -1)).toEqual({ from: 0, to: 4 * HOUR });
  });

  it('goes on by half of itself, so that what was at its end is still seen', () => {
    expect(stepSpan({ from: NOON, to: NOON + 2 * HOUR }, 1)).toEqual({ from: NOON + HOUR, to: NOON + 3 * HOUR });
  });
});

describe('where relative times end', () => {
  it('is now, where the service has records of today or none', () => {
    expect(endOfTime(NOON, NOON - HOUR)).toBe(NOON);
    expect(endOfTime(NOON, undefined)).toBe(NOON);
  });

  it('is the minute after the newest record, where the logs are of another time', () => {
    expect(endOfTime(Date.UTC(2027, 0, 1), NOON + 1)).toBe(NOON + 60_000);
  });
});
