import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMillis, formatInstant, parseInstant } from '../../lib/time.ts';

describe('a time in a log', () => {
  it.each([
    ['2026-03-10T12:10:00Z', '2026-03-10T12:10:00Z'],
    ['2026-03-10T12:10:00.123456Z', '2026-03-10T12:10:00.123Z'],
    ['2026-03-10T12:10:00.123456789Z', '2026-03-10T12:10:00.123Z'],
    ['2022-11-29 00:09:04.38', '2022-11-29T00:09:04.380Z'],
    ['2026-03-10 12:10:00', '2026-03-10T12:10:00Z'],
    ['2026-03-10T12:10:00', '2026-03-10T12:10:00Z'],
    ['2026-03-10T12:10Z', '2026-03-10T12:10:00Z'],
    ['2026-03-10t12:10:00z', '2026-03-10T12:10:00Z'],
    ['2026-03-10 12:10:00 UTC', '2026-03-10T12:10:00Z'],
    ['2026-03-10T12:10:00,5Z', '2026-03-10T12:10:00.500Z'],
    ['2026-03-10T14:10:00+02:00', '2026-03-10T12:10:00Z'],
    ['2026-03-10T08:40:00-03:30', '2026-03-10T12:10:00Z'],
    ['2026-03-10T23:10:00+1100', '2026-03-10T12:10:00Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00Z'],
  ])('%s is %s', (text, expected) => {
    const at = parseInstant(text);
    expect(at === undefined ? undefined : formatInstant(epochMillis(Math.floor(at)))).toBe(expected);
  });

  it.each([
    '',
    'now',
    '1772000000',
    '2026-03-10',
    '2026-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-03-00T00:00:00Z',
    '2026-03-10T24:00:00Z',
    '2026-03-10T12:60:00Z',
    '2026-03-10T12:10:61Z',
    '2026-03-10T12:10:00+24:00',
    '2026-03-10T12:10:00+01:75',
    '0000-01-01T00:00:00Z',
    '2026-03-10T12:10:00Z and more',
    '2026-03-10T12:10:00Z\n',
    '٢٠٢٦-03-10T12:10:00Z',
  ])('%j is not a time', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  it('keeps the microseconds of the audit log in their order', () => {
    const [earlier, later] = ['12:10:00.000001', '12:10:00.000002'].map((time) => parseInstant(`2026-03-10T${time}Z`));
    expect(Number(later)).toBeGreaterThan(Number(earlier));
  });

  it('is written as toISOString does, without a fraction of zero', () => {
    const instants = fc.double({ min: Date.UTC(1000), max: Date.UTC(9999), noNaN: true });
    const seconds = fc.integer({ min: -3e10, max: 2.5e11 }).map((second) => second * 1_000);
    fc.assert(
      fc.property(fc.oneof(instants, seconds), (at) => {
        expect(formatInstant(epochMillis(at))).toBe(new Date(at).toISOString().replace('.000Z', 'Z'));
      }),
    );
  });
});
