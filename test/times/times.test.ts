import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTime } from '../../cli/options/times.ts';
import { epochMillis } from '../../lib/time.ts';

const NOW = epochMillis(Date.parse('2026-03-11T10:30:00Z'));

describe('a time as people write it, in UTC', () => {
  it.each([
    ['2026-03-10', 'start', '2026-03-10T00:00:00Z'],
    ['2026-03-10', 'end', '2026-03-10T23:59:59.999999Z'],
    ['yesterday', 'start', '2026-03-10T00:00:00Z'],
    ['yesterday', 'end', '2026-03-10T23:59:59.999999Z'],
    ['today', 'start', '2026-03-11T00:00:00Z'],
    ['now', 'end', '2026-03-11T10:30:00Z'],
    ['08:00', 'start', '2026-03-11T08:00:00Z'],
    ['8:00', 'end', '2026-03-11T08:00:00Z'],
    ['08:00:30', 'start', '2026-03-11T08:00:30Z'],
    ['22:15', 'start', '2026-03-10T22:15:00Z'],
    ['30m', 'start', '2026-03-11T10:00:00Z'],
    ['2h', 'end', '2026-03-11T08:30:00Z'],
    ['1d', 'start', '2026-03-10T10:30:00Z'],
    ['1w', 'start', '2026-03-04T10:30:00Z'],
    ['1mo', 'start', '2026-02-09T10:30:00Z'],
    ['2 days ago', 'start', '2026-03-09T10:30:00Z'],
    ['1 hour', 'end', '2026-03-11T09:30:00Z'],
    ['30min ago', 'start', '2026-03-11T10:00:00Z'],
    ['3 months ago', 'start', '2025-12-11T10:30:00Z'],
    ['2026-03-10 14:03', 'start', '2026-03-10T14:03:00Z'],
    ['2026-03-10T14:03:07,123456', 'end', '2026-03-10T14:03:07.123456Z'],
  ] as const)('%s as the %s is %s, which is noted', (text, side, time) => {
    expect(readTime(text, side, NOW)).toEqual({ time, meaning: `${text} is ${time}` });
  });

  it.each([
    ['2026-03-10T14:03:00.123456Z', '2026-03-10T14:03:00.123456Z'],
    ['2026-03-10 14:03+01:00', '2026-03-10T14:03+01:00'],
  ])('%s states its zone: it stays as it is written, to the microsecond, without a note', (text, time) => {
    expect(readTime(text, 'start', NOW)).toEqual({ time });
  });

  it.each([
    '',
    'tomorrow',
    '2026-02-30',
    '2026-13-01',
    '25:00',
    '08:61',
    '0m',
    '-1h',
    '2 fortnights',
    'days ago',
    '99999999w',
    '1y',
  ])('%o is not valid', (text) => expect(readTime(text, 'start', NOW)).toBeUndefined());
});

describe('a time without a zone, with the machine’s zone', () => {
  const zone = process.env.TZ;
  beforeAll(() => {
    process.env.TZ = 'Europe/Berlin';
  });
  afterAll(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  it.each([
    ['08:00', 'start', '2026-03-11T07:00:00Z', '2026-03-11T08:00:00+01:00'],
    ['11:45', 'start', '2026-03-10T10:45:00Z', '2026-03-10T11:45:00+01:00'],
    ['yesterday', 'start', '2026-03-09T23:00:00Z', '2026-03-10T00:00:00+01:00'],
    ['yesterday', 'end', '2026-03-10T22:59:59.999999Z', '2026-03-10T23:59:59.999999+01:00'],
    ['2026-03-10', 'start', '2026-03-09T23:00:00Z', '2026-03-10T00:00:00+01:00'],
    ['2026-07-10 14:03', 'start', '2026-07-10T12:03:00Z', '2026-07-10T14:03:00+02:00'],
    ['2h', 'start', '2026-03-11T08:30:00Z', '2026-03-11T09:30:00+01:00'],
  ] as const)('%s as the %s is %s', (text, side, time, clock) => {
    expect(readTime(text, side, NOW, 'local')).toEqual({ time, meaning: `${text} is ${clock}, ${time}` });
  });

  it('is on the day that it is there, also before midnight in UTC', () => {
    const lateInUtc = epochMillis(Date.parse('2026-03-10T23:30:00Z'));
    expect(readTime('today', 'start', lateInUtc, 'local')?.time).toBe('2026-03-10T23:00:00Z');
    expect(readTime('today', 'start', lateInUtc)?.time).toBe('2026-03-10T00:00:00Z');
  });

  it('follows the calendar if a day has 23 hours', () => {
    const afterTheChange = epochMillis(Date.parse('2026-03-30T10:00:00Z'));
    expect(readTime('yesterday', 'start', afterTheChange, 'local')?.time).toBe('2026-03-28T23:00:00Z');
    expect(readTime('yesterday', 'end', afterTheChange, 'local')?.time).toBe('2026-03-29T21:59:59.999999Z');
    expect(readTime('2026-03-29 02:30', 'start', afterTheChange, 'local')?.meaning).toBe(
      '2026-03-29 02:30 is 2026-03-29T03:30:00+02:00, 2026-03-29T01:30:00Z',
    );
  });

  it('has no effect if a zone is stated', () => {
    expect(readTime('2026-03-10T14:03:00Z', 'start', NOW, 'local')).toEqual({ time: '2026-03-10T14:03:00Z' });
  });
});
