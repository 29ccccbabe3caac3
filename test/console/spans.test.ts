import { describe, expect, it } from 'vitest';
import {
  endOfTime,
  isAskedByTime,
  loadedWords,
  readOf,
  stepSpan,
  unreadSpans,
  zoomSpan,
} from '../../console/page/core/spans.ts';

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

const RANGE = { from: 1_000, to: 2_000 };
const READ = { isKnown: true, hasMore: false, isByTime: true, oldest: 1_400, gap: undefined };

describe('what was not read of a time range', () => {
  it('is nothing where everything was, and all of it before an answer came', () => {
    expect(unreadSpans(READ, RANGE)).toEqual([]);
    expect(unreadSpans({ ...READ, oldest: undefined }, RANGE)).toEqual([]);
    expect(unreadSpans({ ...READ, isKnown: false }, RANGE)).toEqual([RANGE]);
  });

  it('is what is older than the oldest record, where they come newest first; else it can lie anywhere', () => {
    expect(unreadSpans({ ...READ, hasMore: true }, RANGE)).toEqual([{ from: 1_000, to: 1_400 }]);
    expect(unreadSpans({ ...READ, hasMore: true, isByTime: false }, RANGE)).toEqual([RANGE]);
    expect(unreadSpans({ ...READ, hasMore: true, oldest: undefined }, RANGE)).toEqual([RANGE]);
  });

  it('is also what came at once and was too much', () => {
    const gap = { from: 1_800, to: 1_900 };
    expect(unreadSpans({ ...READ, gap }, RANGE)).toEqual([gap]);
  });

  it('is some of a piece of time, all of it, or none', () => {
    const unread = [{ from: 1_000, to: 1_400 }];
    expect(readOf({ from: 1_500, to: 1_600 }, unread)).toEqual({ read: 'all', unread: [] });
    expect(readOf({ from: 1_300, to: 1_600 }, unread)).toEqual({ read: 'some', unread: [{ from: 1_300, to: 1_400 }] });
    expect(readOf({ from: 1_100, to: 1_200 }, unread).read).toBe('none');
  });
});

describe('records', () => {
  const isByTime = (query: string) => isAskedByTime([...new URLSearchParams(query)]);

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
  it('stands with what it is of', () => {
    const loaded = { requests: 500, records: 612, isWhole: false, counted: undefined };
    expect(loadedWords({ ...loaded, isWhole: true })).toBe('500 requests');
    expect(loadedWords({ ...loaded, requests: 1, isWhole: true })).toBe('1 request');
    expect(loadedWords(loaded)).toBe('500 requests loaded');
    expect(loadedWords({ ...loaded, counted: { total: 3_445, isExact: true } })).toBe(
      '500 requests loaded (612 of 3,445 records)',
    );
    expect(loadedWords({ ...loaded, counted: { total: 3_445, isExact: false } })).toContain('of about 3,445');
    // Counts come later than records.
    expect(loadedWords({ ...loaded, counted: { total: 600, isExact: true } })).toBe('500 requests loaded');
  });
});
