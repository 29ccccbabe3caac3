import { describe, expect, it } from 'vitest';
import { objectNameOf, shorterBeginnings } from '../../console/page/core/question-text.ts';

describe('the name of an object', () => {
  it.each([
    ['payments-api-5f77', 'payments-api-5f77'],
    ['pod/payments-api-5f77', 'payments-api-5f77'],
    ['payments/payments-api-5f77', 'payments-api-5f77'],
    ['deployments.apps/payments-api', 'payments-api'],
    ['pod "payments-api-5f77" deleted', 'payments-api-5f77'],
    ['pod/payments-api-5f77 deleted', 'payments-api-5f77'],
    ['payments-api-5f77   1/1   Running   0   3d', 'payments-api-5f77'],
    ['pods payments-api-5f77', 'payments-api-5f77'],
    ['payments-api-*', 'payments-api-'],
    ['payments-api-5f77…', 'payments-api-5f77'],
    ['payments-api-5f77...', 'payments-api-5f77'],
    ['system:node', 'system:node'],
  ])('stands in "%s"', (text, name) => {
    expect(objectNameOf(text)).toBe(name);
  });

  it.each([
    '',
    '203.0.113.7',
    'arn:aws:iam::111122223333:role/ops',
    '{"kind":"Event"}',
    'somebody deleted our pod yesterday, who was it',
    'a@example.com',
    'https://example.com/a',
    'repo:example-corp/shop:ref:refs/heads/main',
  ])('is not in "%s"', (text) => {
    expect(objectNameOf(text)).toBeUndefined();
  });

  it('has beginnings that a Deployment gave it, the longest first', () => {
    expect(shorterBeginnings('payments-api-5f77c9d4b8-x2x7q')).toEqual(['payments-api-5f77c9d4b8-', 'payments-api-']);
    expect(shorterBeginnings('etl-7c9d')).toEqual(['etl-']);
    expect(shorterBeginnings('web')).toEqual([]);
  });
});
