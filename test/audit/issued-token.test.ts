import { describe, expect, it } from 'vitest';
import { earliestFirst, earliestOf, type IssuedToken, withoutLeaner } from '../../lib/audit/issued-token.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import { epochMillis } from '../../lib/time.ts';
import { keyId } from '../builders/ids.ts';

type CallerFields = Pick<Partial<IssuedToken>, 'caller' | 'impersonated'>;

function token(differing: CallerFields): IssuedToken {
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
  it.each<[string, CallerFields, CallerFields]>([
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

describe('events that state that they issued the same token', () => {
  const byRole = (fields: Partial<IssuedToken['caller']>, auditId = 'issuing') => ({
    ...token({ caller: { kind: 'role-session', ...fields } }),
    auditId: auditIdOf(auditId),
  });
  const lean = byRole({});
  const named = byRole({ sessionName: 'alice' });
  const keyed = byRole({ accessKeyId: keyId('ASIAALICESHAREDKEY01') });
  const other = byRole({ sessionName: 'bob' });

  it('count at the earliest time only, each once, in one order', () => {
    const later = { ...named, issuedAt: epochMillis(1) };
    const again = structuredClone(named);
    for (const order of [
      [later, lean, other, named, again],
      [again, named, other, lean, later],
    ])
      expect(earliestOf(order, 9)).toEqual([named, other, lean]);
    expect(earliestOf([other, named, lean], 2)).toEqual([named, other]);
  });

  it('give way to one that states everything that they state', () => {
    expect(withoutLeaner([named, other, lean])).toEqual([named, other]);
    expect(withoutLeaner([lean, byRole({}, 'later')])).toEqual([lean]);
  });

  it('all count if each states something that the others lack', () => {
    expect(withoutLeaner([named, keyed])).toEqual([named, keyed]);
  });
});
