import { describe, expect, it } from 'vitest';
import { drawnOf } from '../../console/page/core/drawn.ts';

describe('the rows that are drawn', () => {
  it('are those in view and some around them', () => {
    for (let index = 0; index <= 980; index += 1) {
      const { first, count } = drawnOf(index, 20, 1_000);
      expect(first).toBeLessThanOrEqual(Math.max(0, index - 4));
      expect(first + count).toBeGreaterThanOrEqual(index + 24);
    }
  });

  it('change in steps, while one scrolls by pixels', () => {
    const firsts = new Set(Array.from({ length: 600 }, (_, index) => drawnOf(index, 20, 100_000).first));
    expect(firsts.size).toBeLessThanOrEqual(101);
  });

  it('are the last ones at once where most are gone, as after zooming in', () => {
    const { first, count } = drawnOf(103_000, 20, 51_000);
    expect(first).toBeLessThanOrEqual(51_000 - 20);
    expect(first + count).toBeGreaterThanOrEqual(51_000);
    expect(drawnOf(103_000, 20, 7).first).toBe(0);
  });
});
