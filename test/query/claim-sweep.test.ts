import { describe, expect, it } from 'vitest';
import { openClaim } from '../../lib/claims/opening.ts';
import { HOUR, MINUTE } from '../../lib/time.ts';
import {
  addRead,
  cursorOfSweep,
  isRead,
  type Sweep,
  saltSweep,
  startSweep,
  sweepOf,
} from '../../lib/usecases/query/claim-sweep.ts';
import { CursorError, readCursor, writeCursor } from '../../lib/usecases/query/cursor.ts';
import { intent } from '../contract/intents.ts';
import { later, NOW } from '../contract/now.ts';

const claims = (count: number, name = 'claim') =>
  Array.from({ length: count }, (_, at) =>
    openClaim(undefined, intent(`${9_000 - at}${name}-of-thirty-two-chars`), NOW),
  );

const PAGE = { at: later(HOUR + MINUTE), salt: 'a5b-_XYZ' };
const START = saltSweep(sweepOf({}), PAGE);

const again = (sweep: Sweep) => sweepOf(cursorOfSweep(sweep));

describe('sweeps over lists of claims', () => {
  it('keep in a cursor which claims were read', () => {
    const sweep = again(addRead(START, claims(3)));
    expect(claims(4).map((claim) => isRead(sweep, claim))).toEqual([true, true, true, false]);
    const up = { ...sweep, isUp: true };
    expect(claims(4).map((claim) => isRead(up, claim))).toEqual([true, true, true, false]);
  });

  it('separate claims whose IDs somebody made begin or end alike', () => {
    const alike = ['A', 'B'].flatMap((other) => {
      const ids = [`hidden-behind-${other.repeat(18)}`, `${other.repeat(18)}-hidden-behind`];
      return ids.map((id) => openClaim(undefined, intent(id), NOW));
    });
    for (const claim of alike) {
      const sweep = again(addRead(START, [claim]));
      expect(alike.filter((each) => isRead(sweep, each))).toEqual([claim]);
    }
  });

  it('note each answer with its own salt, which its first page draws', () => {
    const [one, other] = ['a5b-_XYZ', 'q5b-_XYZ'].map((salt) =>
      addRead(startSweep(sweepOf({}), { ...PAGE, salt }), claims(1)),
    );
    expect(one?.noted).not.toEqual(other?.noted);
  });

  it('ignore notes without a salt', () => {
    const { salt: _salt, ...unsalted } = cursorOfSweep(addRead(START, claims(1)));
    expect(sweepOf(unsalted)).toMatchObject({ noted: new Set(), isFull: true });
  });

  it('note as many of them as a URL has space for', () => {
    const down = addRead({ ...START, since: later(HOUR) }, claims(900));
    const up = again(addRead({ ...down, isUp: true }, claims(400, 'moved')));
    const rest = { claims: 'x'.repeat(50), claim: 'x'.repeat(32), records: 'x'.repeat(80), of: 'x'.repeat(7) };
    const cursor = writeCursor({ ...cursorOfSweep(up), ...rest });
    expect(cursor.length).toBeLessThan(6_000);
    expect(sweepOf(readCursor(cursor, { needs: [], may: ALL, of: rest.of }))).toEqual(up);
  });

  it('on the way up, count those of the others as read that have not moved since the beginning', () => {
    const [one, two, three] = claims(900).slice(-3);
    if (one === undefined || two === undefined || three === undefined) throw new Error('none');
    const down = addRead({ ...START, since: later(HOUR) }, claims(900));
    const acted = openClaim(two, intent(two.id, { last: later(1) }), later(2 * HOUR));
    const actedJustBefore = openClaim(three, intent(three.id, { last: later(1) }), later(HOUR - MINUTE));
    const all = [one, acted, actedJustBefore];
    expect(all.map((claim) => isRead(again(down), claim))).toEqual([false, false, false]);
    expect(all.map((claim) => isRead(again({ ...down, isUp: true }), claim))).toEqual([true, false, false]);
  });

  it('drop on the way up what they noted last on the way down', () => {
    const down = addRead(START, claims(675));
    const up = addRead({ ...down, isUp: true }, claims(1, 'moved'));
    expect(up).toMatchObject({ isFull: true, noted: { size: 675 } });
    expect(claims(1, 'moved').every((claim) => isRead(up, claim))).toBe(true);
    expect(claims(675).filter((claim) => !isRead(up, claim))).toEqual(claims(675).slice(-1));
  });

  it('begin at the time of the first page, or up to a quarter of an hour before', () => {
    const sweep = startSweep(sweepOf({}), PAGE);
    expect(sweep.since).toBe(later(HOUR));
    expect(startSweep(again(sweep), { at: later(2 * HOUR), salt: 'another1' })).toEqual(sweep);
  });

  it('with another field are refused with what to do', () => {
    const cursor = Buffer.from(JSON.stringify({ claims: 'x', again: 'nothing', of: '1' })).toString('base64url');
    expect(() => readCursor(cursor, { needs: [], may: ALL, of: '1' })).toThrow(CursorError);
    expect(() => readCursor(cursor, { needs: [], may: ALL, of: '1' })).toThrow('Start again without a cursor');
  });
});

const ALL = ['claims', 'claim', 'records', 'read', 'up', 'full', 'since', 'salt', 'of'] as const;
