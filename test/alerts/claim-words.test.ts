import { describe, expect, it } from 'vitest';
import { REASON_ROWS } from '../../lib/attribution/reasons.ts';
import { claimWords } from '../../lib/claims/alert-cause.ts';
import { LISTED_STATUSES } from '../../lib/claims/claim.ts';

describe('the texts of a listed claim', () => {
  it('say why and what to do, for each status', () => {
    for (const status of LISTED_STATUSES) {
      const { why, nextStep } = claimWords(status, { reasons: ['no-matching-grant', 'access-key-not-seen'] });
      expect(why).toEqual([REASON_ROWS['no-matching-grant'].why, REASON_ROWS['access-key-not-seen'].why]);
      expect(nextStep).toMatch(/^[A-Z].+\.$/);
    }
  });

  it('ask for no action while settle retries by itself', () => {
    expect(claimWords('pending', { reasons: [] }).nextStep).toContain('settle retries automatically');
  });
});
