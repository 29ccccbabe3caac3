import { describe, expect, it } from 'vitest';
import { countIntoBins, heightOf, marksOf, OTHERS, pieceOf } from '../../console/page/core/bins.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const EIGHT = Date.UTC(2026, 2, 10, 8);

describe('the histogram', () => {
  it('counts in pieces that people count in', () => {
    expect(pieceOf({ from: EIGHT, to: EIGHT + 24 * HOUR }, 100)).toBe(15 * MINUTE);
    expect(pieceOf({ from: EIGHT, to: EIGHT + 50_000 }, 60)).toBe(1_000);
    expect(pieceOf({ from: 0, to: 40 * 365 * 24 * HOUR }, 100)).toBe(146 * 24 * HOUR);
  });

  it('puts each thing into its piece of time and its series, and nothing that lies outside of the span', () => {
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

  it('marks round times of the zone that is looked at', () => {
    const span = { from: EIGHT + MINUTE, to: EIGHT + 12 * HOUR };
    expect(marksOf(span, 6).map((at) => new Date(at).getUTCHours())).toEqual([10, 12, 14, 16, 18, 20]);
    expect(marksOf(span, 6, HOUR).map((at) => new Date(at).getUTCHours())).toEqual([9, 11, 13, 15, 17, 19]);
  });
});
