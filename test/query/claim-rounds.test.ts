import { describe, expect, it } from 'vitest';
import { cursorOfRound, nextRound, roundOf, wasRead, withRead } from '../../lib/usecases/query/claim-rounds.ts';
import { writeCursor } from '../../lib/usecases/query/cursor.ts';

const claims = (count: number, name = 'claim') =>
  Array.from({ length: count }, (_, at) => {
    const number = String(9_000 - at);
    return { id: `${number}${name}-of-thirty-two-chars`, place: `${number}.place` };
  });

describe('rounds over lists of claims', () => {
  it('remember in a cursor which claims were read', () => {
    const round = roundOf(cursorOfRound(withRead(roundOf({}), claims(3))));
    expect(claims(4).map((claim) => wasRead(round, claim))).toEqual([true, true, true, false]);
  });

  it('end with one that found nothing', () => {
    const first = withRead(roundOf({}), claims(3));
    const second = nextRound(first);
    expect(second).toMatchObject({ again: 'nothing' });
    expect(nextRound(second ?? first)).toBeUndefined();
    const found = withRead(roundOf(cursorOfRound(second ?? first)), claims(1, 'moved'));
    expect(nextRound(found)).toMatchObject({ again: 'nothing' });
  });

  it('go down to where the cursor, which an address has room for, has no room for more', () => {
    const first = withRead(withRead(roundOf({}), claims(300)), claims(300, 'more'));
    expect(first.until).toBe(claims(76).at(-1)?.place);
    const second = withRead(nextRound(first) ?? first, claims(400, 'moved'));
    expect(writeCursor({ ...cursorOfRound(second), claims: 'x'.repeat(60), of: '1' }).length).toBeLessThan(6_000);
    expect(nextRound(second)).toBeUndefined();
  });
});
