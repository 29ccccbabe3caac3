import { describe, expect, it } from 'vitest';
import { type Drawn, drawnOf, placeOfRow } from '../../console/page/core/drawn.ts';

const TOP: Drawn = { first: 0, count: 34, base: 0 };

describe('the rows that are drawn', () => {
  it('are those in view and some around them', () => {
    for (let index = 0; index <= 980; index += 1) {
      const { first, count } = drawnOf(index, 20, 1_000, TOP);
      expect(first).toBeLessThanOrEqual(Math.max(0, index - 4));
      expect(first + count).toBeGreaterThanOrEqual(index + 24);
    }
  });

  it('change in steps, while one scrolls by pixels', () => {
    const firsts = new Set(Array.from({ length: 600 }, (_, index) => drawnOf(index, 20, 100_000, TOP).first));
    expect(firsts.size).toBeLessThanOrEqual(101);
  });

  it('are the last ones at once where most are gone, as after zooming in', () => {
    const { first, count } = drawnOf(103_000, 20, 51_000, TOP);
    expect(first).toBeLessThanOrEqual(51_000 - 20);
    expect(first + count).toBeGreaterThanOrEqual(51_000);
    expect(drawnOf(103_000, 20, 7, TOP).first).toBe(0);
  });

  it('stay each in its place while one scrolls, and keep the order of their places where all are others', () => {
    const placesOf = (drawn: Drawn) =>
      Array.from({ length: drawn.count }, (_, index) => placeOfRow(drawn.first + index, drawn));
    let was = drawnOf(0, 20, 100_000, TOP);
    for (const index of [0, 10, 22, 40, 34, 9_000, 8_990, 60_000, 60_007, 3]) {
      const is = drawnOf(index, 20, 100_000, was);
      expect(new Set(placesOf(is)).size).toBe(is.count);
      expect(Math.min(...placesOf(is))).toBe(0);
      const kept = placesOf(is).filter((_, at) => is.first + at >= was.first && is.first + at < was.first + was.count);
      if (kept.length === 0) expect(placesOf(is)).toEqual(placesOf(was));
      for (let row = Math.max(is.first, was.first); row < Math.min(is.first, was.first) + is.count; row += 1)
        expect(placeOfRow(row, is)).toBe(placeOfRow(row, was));
      was = is;
    }
  });
});
