import { describe, expect, it } from 'vitest';
import { earliestFirst, type IssuedToken } from '../../lib/audit/issued-token.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import { epochMillis } from '../../lib/time.ts';

type Differing = Pick<Partial<IssuedToken>, 'caller' | 'impersonated'>;

function token(differing: Differing): IssuedToken {
  return {
    credentialId: 'JTI=1',
    serviceAccount: 'shop:web',
    clusterKey: clusterKeyOf({ cluster: 'prod' }),
    auditId: auditIdOf('issuing'),
    issuedAt: epochMillis(0),
    caller: { kind: 'role-session' },
    ...differing,
  };
}

describe('copies of the event that issued a token', () => {
  const canonicalArn = 'arn:aws:iam::111122223333:role/admin';
  it.each<[string, Differing, Differing]>([
    ['a session name', { caller: { kind: 'role-session', sessionName: 'alice' } }, {}],
    ['the ARN of the role', { caller: { kind: 'role-session', canonicalArn } }, {}],
    [
      'the first of nested users',
      { impersonated: { username: 'a', first: { username: 'erin' } } },
      { impersonated: { username: 'a' } },
    ],
    [
      'another first of nested users',
      { impersonated: { first: { username: 'a', uid: '1' } } },
      { impersonated: { first: { username: 'a', uid: '2' } } },
    ],
  ])('have one order if one of them states %s', (_, first, second) => {
    expect(earliestFirst(token(first), token(second))).toBeLessThan(0);
    expect(earliestFirst(token(second), token(first))).toBeGreaterThan(0);
  });
});
