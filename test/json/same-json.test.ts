import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameJson } from '../../lib/json.ts';
import { cases } from '../builders/chance.ts';

/** Returns the value with the keys of its objects sorted. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, entry]) => [key, sorted(entry)]));
}

const small = fc.jsonValue({ maxDepth: 3 });

describe('two values are the same JSON', () => {
  it('exactly if their texts are equal once the keys are sorted', () => {
    fc.assert(
      fc.property(small, small, (one, other) => {
        const text = (value: unknown) => JSON.stringify(sorted(value));
        expect(isSameJson(one, other)).toBe(text(one) === text(other));
        expect(isSameJson(one, JSON.parse(text(one)))).toBe(true);
      }),
      { numRuns: cases(300) },
    );
  });

  it('even if one of them has values that JSON leaves out', () => {
    expect(isSameJson({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(isSameJson({ a: 1 }, { a: 1, b: null })).toBe(false);
    expect(isSameJson({ a: undefined, c: 1 }, { b: undefined, d: 1 })).toBe(false);
    expect(isSameJson([1, 2], { 0: 1, 1: 2 })).toBe(false);
  });
});
