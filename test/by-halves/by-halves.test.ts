import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstWhere } from '../../lib/by-halves.ts';

const drawnList = fc
  .array(fc.integer({ min: 0, max: 30 }), { maxLength: 100 })
  .map((list) => list.sort((a, b) => a - b));

it('a search by halves finds the same place as a look at each entry, and the end if there is none', () => {
  fc.assert(
    fc.property(drawnList, fc.integer({ min: -1, max: 31 }), (list, least) => {
      const place = list.findIndex((each) => each >= least);
      expect(firstWhere(list, (each) => each >= least)).toBe(place < 0 ? list.length : place);
    }),
  );
});

it('a search by halves looks at one entry more if the list is twice as long', () => {
  const looks = (length: number) => {
    let count = 0;
    firstWhere(Array.from({ length }), () => {
      count += 1;
      return false;
    });
    return count;
  };
  expect(looks(1_000)).toBeGreaterThan(5);
  expect(looks(2_000) - looks(1_000)).toBe(1);
});
