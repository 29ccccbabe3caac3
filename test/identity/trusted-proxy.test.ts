import { describe, expect, it } from 'vitest';
import { parseTrustedProxy, TrustedProxyError } from '../../lib/identity/trusted-proxy.ts';

describe('a trusted proxy', () => {
  it('is a service account, compared exactly', () => {
    const { username } = parseTrustedProxy('system:serviceaccount:pinniped.concierge:impersonation-proxy');
    expect(username?.test('system:serviceaccount:pinniped.concierge:impersonation-proxy')).toBe(true);
    expect(username?.test('system:serviceaccount:pinnipedXconcierge:impersonation-proxy')).toBe(false);
    expect(username?.test('system:serviceaccount:pinniped.concierge:impersonation-proxy2')).toBe(false);
  });

  it('can be a pattern for service accounts of a namespace', () => {
    const { username } = parseTrustedProxy('system:serviceaccount:cattle-impersonation-system:cattle-impersonation-*');
    expect(username?.test('system:serviceaccount:cattle-impersonation-system:cattle-impersonation-u-abc')).toBe(true);
    expect(username?.test('system:serviceaccount:cattle-system:cattle-impersonation-u-abc')).toBe(false);
    expect(username?.test('system:serviceaccount:cattle-impersonation-system:other')).toBe(false);
  });

  it('can be a role, with any path', () => {
    expect(parseTrustedProxy('arn:aws:iam::111122223333:role/teams/teleport').role).toEqual({
      partition: 'aws',
      accountId: '111122223333',
      roleName: 'teleport',
    });
  });

  it.each([
    ['', 'is empty'],
    ['system:*', 'outside of a service account'],
    ['system:serviceaccount:*:proxy', 'outside of a service account'],
    ['system:serviceaccount:teleport', 'is not a complete service account'],
    ['arn:aws:iam::111122223333:user/teleport', 'not the ARN of a role'],
  ])('is not %j, which matches too much or nothing', (source, why) => {
    expect(() => parseTrustedProxy(source)).toThrow(TrustedProxyError);
    expect(() => parseTrustedProxy(source)).toThrow(why);
  });
});
