import { describe, expect, it } from 'vitest';
import { readTime } from '../../cli/options/times.ts';
import { epochMillis } from '../../lib/time.ts';

const NOW = epochMillis(Date.parse('2026-03-11T10:30:00Z'));

describe('A time as people write it, in UTC', () => {
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
  ] as const)('%s as the %s is %s, which is said back', (text, side, time) => {
    expect(readTime(text, side, NOW)).toEqual({ time, said: `${text} is ${time}` });
  });

  it.each([
    ['2026-03-10T14:03:00.123456Z', '2026-03-10T14:03:00.123456Z'],
    ['2026-03-10 14:03', '2026-03-10T14:03'],
    ['2026-03-10 14:03+01:00', '2026-03-10T14:03+01:00'],
  ])('%s stays as it is written, to the microsecond, and needs no word', (text, time) => {
    expect(readTime(text, 'start', NOW)).toEqual({ time });
  });

  it.each(['', 'tomorrow', '2026-02-30', '2026-13-01', '25:00', '08:61', '0m', '-1h', '2 hours', '99999999w', '1y'])(
    '%o is none',
    (text) => expect(readTime(text, 'start', NOW)).toBeUndefined(),
  );
});
