import { describe, expect, it } from 'vitest';
import type { Attribution } from '../../lib/attribution/attribution.ts';
import { HOUR } from '../../lib/time.ts';
import { doubted, isShortLookback } from '../../lib/usecases/query/doubt.ts';
import { utc } from '../builders/company.ts';
import { instant } from './service.ts';

const NOON = instant(utc('12:00:00'));
const answer = (more: Partial<Attribution>): { attribution: Attribution } => ({
  attribution: { status: 'attributed', provisional: false, flags: [], ...more },
});

describe('where a part of CloudTrail was not read', () => {
  it.each(['access-key', 'session-start', 'direct'] as const)('an answer by %s stays certain', (method) => {
    expect(doubted(answer({ method })).attribution.provisional).toBe(false);
  });

  it.each<[string, Partial<Attribution>]>([
    ['by a name', { method: 'session-name' }],
    ['by a username', { method: 'username' }],
    ['that ends before the person', { method: 'access-key', status: 'partial' }],
    ['that leaves several open', { status: 'ambiguous' }],
    ['that nobody can be named', { status: 'unattributed' }],
  ])('an answer %s may change', (_, more) => {
    expect(doubted(answer(more)).attribution.provisional).toBe(true);
  });
});

describe('a look-back', () => {
  it('is short where a session that acted at the time can have begun before it', () => {
    expect(isShortLookback(11 * HOUR, NOON)).toBe(true);
    expect(isShortLookback(12 * HOUR, NOON)).toBe(false);
    expect(isShortLookback(undefined, NOON)).toBe(false);
    expect(isShortLookback(1 * HOUR, 'any')).toBe(false);
  });
});
