import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aroundMoment, issuedBetween } from '../../lib/attribution/in-time.ts';
import { canHaveActed, MomentSpan } from '../../lib/attribution/moment.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import type { Grant } from '../../lib/cloudtrail/grant.ts';
import { parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import { epochMillis, MINUTE } from '../../lib/time.ts';
import { grant } from '../builders/trail-records.ts';

/** Sessions of a shared name, oldest first: when each was granted and how long it lasts, in minutes. */
const drawnGrants = fc
  .array(fc.record({ at: fc.integer({ min: 0, max: 400 }), lasts: fc.integer({ min: 0, max: 90 }) }), {
    minLength: 20,
    maxLength: 120,
  })
  .map((drawn) => drawn.toSorted((a, b) => a.at - b.at).map(grantOf));
const drawnMoment = fc.integer({ min: -20 * 60, max: 520 * 60 }).map((second) => epochMillis(second * 1_000));

function grantOf({ at, lasts }: { readonly at: number; readonly lasts: number }, number: number): Grant {
  const time = (minutes: number) => new Date(Date.UTC(1970) + minutes * MINUTE).toISOString();
  const facts = parseTrailRecord(grant({ id: `event-${number}`, at: time(at), until: time(at + lasts) }));
  if (typeof facts === 'string' || facts.grant === undefined) throw new Error('The record is no grant.');
  return facts.grant;
}

describe('the grants of a name around a moment', () => {
  const actedAt = (grants: readonly Grant[], moment: ReturnType<typeof epochMillis>, span?: MomentSpan) =>
    aroundMoment(grants, { moment, settings: DEFAULT_SETTINGS, span }).filter((grant) =>
      canHaveActed(grant, moment, DEFAULT_SETTINGS, span),
    );

  it('include each grant that can have acted then', () => {
    fc.assert(
      fc.property(drawnGrants, drawnMoment, (grants, moment) => {
        expect(actedAt(grants, moment)).toEqual(
          grants.filter((grant) => canHaveActed(grant, moment, DEFAULT_SETTINGS)),
        );
      }),
    );
  });

  it('are the same at any moment of the stated span', () => {
    fc.assert(
      fc.property(drawnGrants, drawnMoment, fc.array(drawnMoment, { minLength: 20 }), (grants, moment, others) => {
        const span = new MomentSpan();
        const then = actedAt(grants, moment, span);
        for (const other of others.filter((each) => span.covers(each))) expect(actedAt(grants, other)).toEqual(then);
      }),
    );
  });

  it('are selected again after a longer grant was added', () => {
    const grants = Array.from({ length: 50 }, (_, at) => grantOf({ at, lasts: 1 }, at));
    const late = epochMillis(300 * MINUTE);
    expect(actedAt(grants, late)).toEqual([]);
    const lasting = grantOf({ at: 50, lasts: 300 }, 50);
    grants.push(lasting);
    expect(actedAt(grants, late)).toEqual([lasting]);
  });

  it('are all grants if the time is unknown', () => {
    const grants = Array.from({ length: 50 }, (_, at) => grantOf({ at, lasts: 1 }, at));
    expect(aroundMoment(grants, { moment: 'any', settings: DEFAULT_SETTINGS })).toHaveLength(50);
  });
});

describe('the grants of a name that were issued between two moments', () => {
  it('include those of either moment', () => {
    fc.assert(
      fc.property(drawnGrants, drawnMoment, drawnMoment, (grants, from, to) => {
        const inIt = ({ issuedAt }: Grant) => issuedAt >= from && issuedAt <= to;
        expect(issuedBetween(grants, from, to).filter(inIt)).toEqual(grants.filter(inIt));
      }),
    );
  });
});
