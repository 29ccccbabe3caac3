import { expect, it } from 'vitest';
import { epochMillis } from '../../lib/time.ts';
import { type KnownRow, newInRange } from '../../lib/usecases/query/known-row.ts';

const time = (day: number) => `2026-03-${String(day).padStart(2, '0')}T12:00:00Z`;
const at = (day: number) => epochMillis(Date.parse(time(day)));
/** An actor whom one account saw on the 10th. Another one forges a request on the 1st, and a third one on the 30th. */
const row: KnownRow = {
  kind: 'actor',
  name: 'alice',
  first: time(1),
  last: time(30),
  seenBy: [
    { account: '222222222222', first: time(1), last: time(1) },
    { account: '111111111111', first: time(10), last: time(12) },
    { account: '333333333333', first: time(30), last: time(30) },
  ],
};

it('a name is new with the times of the account that saw it first in the range, whatever other accounts forge', () => {
  expect(newInRange([row], { from: at(9), to: at(11) })).toEqual([{ ...row, first: time(10), last: time(12) }]);
  expect(newInRange([row], { from: at(9) })).toMatchObject([{ first: time(30) }]);
  expect(newInRange([row], { to: at(11) })).toMatchObject([{ first: time(10) }]);
  expect(newInRange([row], { from: at(11), to: at(20) })).toEqual([]);
});

it('a name that one account saw has no list of accounts, and is new by its own times', () => {
  const { seenBy: _, ...alone } = row;
  expect(newInRange([alone], { from: at(1) })).toEqual([alone]);
  expect(newInRange([alone], { from: at(2) })).toEqual([]);
});
