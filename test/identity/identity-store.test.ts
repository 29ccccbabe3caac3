import { describe, expect, it } from 'vitest';
import { IdentityStoreError, isOneOf, parseIdentityStore } from '../../lib/identity/identity-store.ts';

const ARN = 'arn:aws:identitystore::111122223333:identitystore/d-1234567890';

describe('an identity store of your own', () => {
  it.each<[string, string, boolean]>([
    ['d-1234567890', ARN, true],
    ['d-1234567890', ARN.replace('111122223333', ''), true],
    ['d-1234567890', `${ARN}1`, false],
    ['d-1234567890', ARN.replace('d-', 'x-d-'), false],
    [ARN, ARN, true],
    [ARN, ARN.replace('111122223333', '444455556666'), false],
    [ARN, ARN.replace('111122223333', ''), false],
    ['926f2d1c-0000-4000-8000-0123456789ab', ARN.replace('d-1234567890', '926f2d1c-0000-4000-8000-0123456789ab'), true],
  ])('%s: whether it is %s', (given, arn, isOwn) => {
    expect(isOneOf([parseIdentityStore('d-0000000000'), parseIdentityStore(given)], arn)).toBe(isOwn);
  });

  it.each([
    '',
    'd-123',
    'd-12345678901',
    ' d-1234567890',
    'D-1234567890',
    '*',
    `${ARN}\n`,
    'arn:aws:iam::111122223333:role/x',
  ])('is not one: %j', (given) => {
    expect(() => parseIdentityStore(given)).toThrow(IdentityStoreError);
    expect(() => parseIdentityStore(given)).toThrow(/Give the ID \(d-1234567890\) or the ARN/);
  });
});
