import { describe, expect, it } from 'vitest';
import {
  endOfTime,
  isInTimeOrder,
  loadedWords,
  readOf,
  stepSpan,
  unreadSpans,
  zoomSpan,
} from '../../console/page/core/spans.ts';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 2, 10, 12);

describe('the time range', () => {
  it('zooms around a point', () => {
    const day = { from: NOON - 12 * HOUR, to: NOON + 12 * HOUR };
    expect(zoomSpan(day, 0.5)).toEqual({ from: NOON - 6 * HOUR, to: NOON + 6 * HOUR });
    expect(zoomSpan(day, 0.5, day.from)).toEqual({ from: day.from, to: NOON });
    expect(zoomSpan(zoomSpan(day, 0.5), 2)).toEqual(day);
  });

  it('is never shorter than a second, and never starts before 1970', () => {
    expect(zoomSpan({ from: NOON, to: NOON + 1_500 }, 0.1)).toEqual({ from: NOON + 250, to: NOON + 1_250 });
    expect(zoomSpan({ from: HOUR, to: 3 * HOUR }, 4).from).toBe(0);
    expect(stepSpan({ from: HOUR, to: 5 * HOUR }, -1)).toEqual({ from: 0, to: 4 * HOUR });
  });

  it('moves by half of its length, so that its end stays in view', () => {
    expect(stepSpan({ from: NOON, to: NOON + 2 * HOUR }, 1)).toEqual({ from: NOON + HOUR, to: NOON + 3 * HOUR });
  });
});

describe('the end of relative ranges', () => {
  it('is now if the newest record is from the last day, or there is none', () => {
    expect(endOfTime(NOON, NOON - HOUR)).toBe(NOON);
    expect(endOfTime(NOON, undefined)).toBe(NOON);
  });

  it('is the minute after the newest record if that is older', () => {
    expect(endOfTime(Date.UTC(2027, 0, 1), NOON + 1)).toBe(NOON + 60_000);
  });
});

const RANGE = { from: 1_000, to: 2_000 };
const READ = { isKnown: true, hasMore: false, isByTime: true, oldest: 1_400, gap: undefined };

describe('the part of a range that is not loaded', () => {
  it('is empty if everything is loaded, and the whole range before an answer', () => {
    expect(unreadSpans(READ, RANGE)).toEqual([]);
    expect(unreadSpans({ ...READ, oldest: undefined }, RANGE)).toEqual([]);
    expect(unreadSpans({ ...READ, isKnown: false }, RANGE)).toEqual([RANGE]);
  });

  it('is before the oldest record if records arrive newest first, and otherwise anywhere', () => {
    expect(unreadSpans({ ...READ, hasMore: true }, RANGE)).toEqual([{ from: 1_000, to: 1_400 }]);
    expect(unreadSpans({ ...READ, hasMore: true, isByTime: false }, RANGE)).toEqual([RANGE]);
    expect(unreadSpans({ ...READ, hasMore: true, oldest: undefined }, RANGE)).toEqual([RANGE]);
  });

  it('includes the gap before new records', () => {
    const gap = { from: 1_800, to: 1_900 };
    expect(unreadSpans({ ...READ, gap }, RANGE)).toEqual([gap]);
  });

  it('is some, all or none of a range', () => {
    const unread = [{ from: 1_000, to: 1_400 }];
    expect(readOf({ from: 1_500, to: 1_600 }, unread)).toEqual({ read: 'all', unread: [] });
    expect(readOf({ from: 1_300, to: 1_600 }, unread)).toEqual({ read: 'some', unread: [{ from: 1_300, to: 1_400 }] });
    expect(readOf({ from: 1_100, to: 1_200 }, unread).read).toBe('none');
  });
});

describe('records', () => {
  const isByTime = (query: string) => isInTimeOrder([...new URLSearchParams(query)]);

  it.each(['', 'verb=get', 'status=attributed', 'status=attributed&status=pending', 'status=ambiguous&actor=ana'])(
    'come newest first: %s',
    (query) => expect(isByTime(query)).toBe(true),
  );

  it.each(['status=unattributed', 'status=pending&status=ambiguous&verb=get', 'candidate=ana'])(
    'come session by session: %s',
    (query) => expect(isByTime(query)).toBe(false),
  );
});

describe('a number of requests', () => {
  it('has its scope', () => {
    const loaded = { requests: 500, records: 612, isComplete: false, counted: undefined };
    expect(loadedWords({ ...loaded, isComplete: true })).toBe('500 requests');
    expect(loadedWords({ ...loaded, requests: 1, isComplete: true })).toBe('1 request');
    expect(loadedWords(loaded)).toBe('500 requests loaded');
    expect(loadedWords({ ...loaded, counted: { total: 3_445, isExact: true } })).toBe(
      '500 requests loaded (612 of 3,445 records)',
    );
    expect(loadedWords({ ...loaded, counted: { total: 3_445, isExact: false } })).toContain('of about 3,445');
    // Counts are updated later than records.
    expect(loadedWords({ ...loaded, counted: { total: 600, isExact: true } })).toBe('500 requests loaded');
  });
});
