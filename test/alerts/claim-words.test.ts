import { describe, expect, it } from 'vitest';
import { REASON_ROWS } from '../../lib/attribution/reasons.ts';
import { claimWords } from '../../lib/claims/alert-cause.ts';
import { LISTED_STATUSES } from '../../lib/claims/claim.ts';

describe('the words of a claim that is listed', () => {
  it('say why and what to do, whatever its status is', () => {
    for (const status of LISTED_STATUSES) {
      const { why, nextStep } = claimWords(status, { reasons: ['no-matching-grant', 'access-key-not-seen'] });
      expect(why).toEqual([REASON_ROWS['no-matching-grant'].why, REASON_ROWS['access-key-not-seen'].why]);
      expect(nextStep).toMatch(/^[A-Z].+\.$/);
    }
  });

  it('ask nobody to act as long as settle retries by itself', () => {
    expect(claimWords('pending', { reasons: [] }).nextStep).toContain('settle retries automatically');
  });
});
