import { describe, expect, it } from 'vitest';
import {
  assumedRoleRef,
  federatedUserName,
  isIdentityCenterProvider,
  isIdentityCenterRole,
  roleRef,
  userName,
} from '../../lib/identity/arn.ts';
import { mayDecideAsGuess, parseSessionPrincipal } from '../../lib/identity/session-name.ts';

describe("a role's ARN", () => {
  it.each([
    ['without a path', 'arn:aws:iam::111122223333:role/admin', 'aws'],
    ['with a path', 'arn:aws:iam::111122223333:role/team/a/admin', 'aws'],
    ['of China', 'arn:aws-cn:iam::111122223333:role/admin', 'aws-cn'],
    ['of GovCloud', 'arn:aws-us-gov:iam::111122223333:role/team/admin', 'aws-us-gov'],
  ])('%s names partition, account and role', (_, arn, partition) => {
    expect(roleRef(arn)).toEqual({ partition, accountId: '111122223333', roleName: 'admin' });
  });

  it.each([
    ['of a user', 'arn:aws:iam::111122223333:user/admin'],
    ['of a session', 'arn:aws:sts::111122223333:assumed-role/admin/alice'],
    ['without a name', 'arn:aws:iam::111122223333:role/'],
    ['that is no ARN', 'admin'],
    ['that is missing', undefined],
  ])('is not one %s', (_, arn) => {
    expect(roleRef(arn)).toBeUndefined();
  });
});

describe("an assumed role's ARN", () => {
  it('names partition, account, role and session', () => {
    expect(assumedRoleRef('arn:aws:sts::111122223333:assumed-role/admin/alice@example.com')).toEqual({
      partition: 'aws',
      accountId: '111122223333',
      roleName: 'admin',
      sessionName: 'alice@example.com',
    });
  });

  it('has its session after the last slash', () => {
    expect(assumedRoleRef('arn:aws:sts::111122223333:assumed-role/path/admin/alice')?.sessionName).toBe('alice');
  });

  it.each(['arn:aws:sts::111122223333:assumed-role/admin/', 'arn:aws:sts::111122223333:assumed-role/admin', 'alice'])(
    'is not %s',
    (arn) => expect(assumedRoleRef(arn)).toBeUndefined(),
  );
});

it('the name of a user is what follows the path', () => {
  expect(userName('arn:aws:iam::111122223333:user/people/ops/alice')).toBe('alice');
  expect(userName('arn:aws:iam::111122223333:role/alice')).toBeUndefined();
});

it('the name of a federated user is what the caller of GetFederationToken chose', () => {
  expect(federatedUserName('arn:aws:sts::111122223333:federated-user/bob')).toBe('bob');
  expect(federatedUserName('arn:aws:iam::111122223333:user/bob')).toBeUndefined();
});

describe('a role of Identity Center', () => {
  it.each([
    'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef',
    'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef',
    'arn:aws-us-gov:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef',
  ])('is below the path that only AWS may create: %s', (arn) => {
    expect(isIdentityCenterRole(arn)).toBe(true);
  });

  it.each([
    ['only its name looks like it', 'arn:aws:iam::111122223333:role/AWSReservedSSO_Admin_0123456789abcdef'],
    ['the path only contains it', 'arn:aws:iam::111122223333:role/x/aws-reserved/sso.amazonaws.com/Admin'],
    ['the path only begins like it', 'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com.evil/Admin'],
  ])('is not one if %s', (_, arn) => {
    expect(isIdentityCenterRole(arn)).toBe(false);
  });

  it('has a provider that is called AWSSSO_…', () => {
    expect(isIdentityCenterProvider('arn:aws:iam::111122223333:saml-provider/AWSSSO_0123_DO_NOT_DELETE')).toBe(true);
    expect(isIdentityCenterProvider('arn:aws:iam::111122223333:saml-provider/okta-AWSSSO_')).toBe(false);
  });
});

describe("a session's principal", () => {
  it('is an id, a colon and a name, which may have colons itself', () => {
    expect(parseSessionPrincipal('AROAX:alice')).toEqual({ id: 'AROAX', name: 'alice' });
    expect(parseSessionPrincipal('111122223333:bob:x')).toEqual({ id: '111122223333', name: 'bob:x' });
  });

  it.each(['AIDAALICE', ':alice', '', undefined])('is not %j', (principal) => {
    expect(parseSessionPrincipal(principal)).toBeUndefined();
  });
});

describe('a name that was only guessed', () => {
  it.each([
    ['alice-0001', true],
    ['1669660343296132000', true],
    ['alice-001', false],
    ['alice-session', false],
    ['', false],
  ])('%j may decide: %s', (name, may) => {
    expect(mayDecideAsGuess(name)).toBe(may);
  });
});
