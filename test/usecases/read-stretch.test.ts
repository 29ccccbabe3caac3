import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ReadRange, unread, withRead } from '../../lib/claims/read-range.ts';
import { epochMillis } from '../../lib/time.ts';

const stretch = (from: number, to: number, scope = 'eu-west-1'): ReadRange => ({
  scope,
  lookup: 'ResourceName name',
  from: epochMillis(from),
  to: epochMillis(to),
});

const stretches = fc
  .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 10 }))
  .map(([from, length]) => stretch(from, from + length));

const holds = (all: readonly ReadRange[], at: number) => all.some(({ from, to }) => from <= at && at <= to);

describe('the unread parts of a stretch of time', () => {
  it('are all of it at first, then the parts around what was read, the newest first', () => {
    expect(unread(stretch(0, 9), [])).toEqual([stretch(0, 9)]);
    expect(unread(stretch(0, 9), [stretch(4, 6)])).toEqual([stretch(6, 9), stretch(0, 4)]);
    expect(unread(stretch(0, 9), [stretch(4, 12)])).toEqual([stretch(0, 4)]);
    expect(unread(stretch(4, 6), [stretch(0, 9)])).toEqual([]);
    expect(unread(stretch(5, 5), [stretch(7, 9), stretch(0, 9, 'us-east-1')])).toEqual([stretch(5, 5)]);
  });

  it('and the parts that were read make up the whole, whatever was read', () => {
    fc.assert(
      fc.property(stretches, fc.array(stretches, { maxLength: 8 }), (wanted, parts) => {
        const read = parts.reduce(withRead, [] as readonly ReadRange[]);
        const left = unread(wanted, read);
        for (let at = wanted.from; at <= wanted.to; at = epochMillis(at + 1))
          expect(holds([...left, ...read], at)).toBe(true);
        for (const { from, to } of left) for (let at = from + 1; at < to; at += 1) expect(holds(read, at)).toBe(false);
      }),
    );
  });
});

describe('stretches that were read', () => {
  it('become one if they touch, and at most a few are kept', () => {
    expect([stretch(0, 2), stretch(4, 6), stretch(2, 4)].reduce(withRead, [] as readonly ReadRange[])).toEqual([
      stretch(0, 6),
    ]);
    const many = Array.from({ length: 500 }, (_, at) => stretch(at * 10, at * 10 + 1));
    expect(many.reduce(withRead, [] as readonly ReadRange[])).toHaveLength(400);
  });
});
