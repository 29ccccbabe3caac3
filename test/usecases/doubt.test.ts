import { describe, expect, it } from 'vitest';
import { identified } from '../../lib/attribution/actor.ts';
import { type Attribution, type Basis, namedAttribution } from '../../lib/attribution/attribution.ts';
import type { LookupGap } from '../../lib/claims/lookup-gap.ts';
import { HOUR } from '../../lib/time.ts';
import { isShortLookback, markIncomplete, UNSEARCHED, unsearchedIn } from '../../lib/usecases/query/doubt.ts';
import { utc } from '../builders/company.ts';
import { instant } from './service.ts';

const NOON = instant(utc('12:00:00'));
const actor = identified({ kind: 'iam-user', name: 'alice' });
const FINAL = { provisional: false, flags: [] };
const attributed = (basis: Basis): Attribution => namedAttribution({ actor }, basis, FINAL);
const isIncomplete = (attribution: Attribution) => markIncomplete({ attribution }).isComplete === false;

describe('if a part of CloudTrail was not read', () => {
  it.each<Basis>([{ method: 'access-key', chain: [] }, { method: 'session-start', chain: [] }, { method: 'direct' }])(
    'an answer by $method is complete',
    (basis) => {
      expect(isIncomplete(attributed(basis))).toBe(false);
    },
  );

  it.each<[string, Attribution]>([
    ['by a name', attributed({ method: 'session-name', chain: [] })],
    ['by a username', attributed({ method: 'username', chain: [] })],
    [
      'that ends before the person',
      namedAttribution({ actor, partial: 'upstream-grant-not-found' }, { method: 'access-key', chain: [] }, FINAL),
    ],
    ['that leaves several open', { ...FINAL, status: 'ambiguous', candidates: [] }],
    ['that nobody can be named', { ...FINAL, status: 'unattributed', reason: 'no-matching-grant' }],
  ])('an answer %s is incomplete, but not provisional', (_, attribution) => {
    expect(isIncomplete(attribution)).toBe(true);
    expect(markIncomplete({ attribution }).attribution.provisional).toBe(false);
  });
});

it('what was not searched names the accounts and Regions that did not answer, the first twenty of many', () => {
  const gap = (scope: string): LookupGap => ({ scope, code: 'no-role', why: 'no role' });
  expect(unsearchedIn([])).toBe(UNSEARCHED);
  expect(unsearchedIn([gap('444455556666'), gap('us-east-1'), gap('us-east-1')])).toBe(
    `${UNSEARCHED} CloudTrail did not answer in: 444455556666 (no-role), us-east-1 (no-role).`,
  );
  const many = unsearchedIn(Array.from({ length: 25 }, (_, at) => gap(`region-${at}`)));
  expect(many).toContain('region-19 (no-role), and 5 others.');
});

describe('a look-back', () => {
  it('is short if a session that acted at the time can have begun before it', () => {
    expect(isShortLookback(11 * HOUR, NOON)).toBe(true);
    expect(isShortLookback(12 * HOUR, NOON)).toBe(false);
    expect(isShortLookback(undefined, NOON)).toBe(false);
    expect(isShortLookback(1 * HOUR, 'any')).toBe(false);
  });
});
