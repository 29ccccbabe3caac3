import { describe, expect, it } from 'vitest';
import { REASON_WORDS } from '../../lib/claims/advice.ts';
import { LISTED_STATUSES } from '../../lib/claims/claim.ts';
import { claimWords } from '../../lib/claims/next-step.ts';

describe('the words of a claim that is listed', () => {
  it('say why and what to do, whatever its status is', () => {
    for (const status of LISTED_STATUSES) {
      const { why, nextStep } = claimWords(status, { reasons: ['no-matching-grant', 'access-key-not-seen'] });
      expect(why).toEqual([REASON_WORDS['no-matching-grant'].why, REASON_WORDS['access-key-not-seen'].why]);
      expect(nextStep).toMatch(/^[A-Z].+\.$/);
    }
  });

  it('send nobody anywhere as long as settle asks by itself', () => {
    expect(claimWords('pending', { reasons: [] }).nextStep).toContain('settle asks again by itself');
  });
});
