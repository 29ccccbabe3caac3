import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTrustPolicies, trustedRole, trustPolicyFindings } from '../../lib/doctor/trust-policy.ts';

const ARN = 'arn:aws:iam::111122223333:role/dev';
const PEOPLE = { AWS: 'arn:aws:iam::111122223333:root' };
const ALLOW = { Effect: 'Allow', Principal: PEOPLE, Action: 'sts:AssumeRole' };

function idsOf(...statements: readonly object[]): readonly string[] {
  const role = trustedRole(ARN, { Statement: statements });
  return role === undefined ? ['unreadable'] : trustPolicyFindings([role]).map(({ id }) => id);
}

const FREE = ['trust-policy-leaves-name-free'];

describe('a trust policy leaves the session name free', () => {
  test.each<[string, object]>([
    ['without a condition', {}],
    ['to everybody', { Principal: '*' }],
    ['by a wildcard for the action', { Action: ['sts:Tag*', 'sts:*'] }],
    ['by every action but one', { Action: undefined, NotAction: 'sts:TagSession' }],
    ['with a condition on something else', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }],
    ['with a name that is anything', { Condition: { StringLike: { 'sts:RoleSessionName': '*' } } }],
    ['with a name that some may not take', { Condition: { StringNotEquals: { 'sts:RoleSessionName': 'x' } } }],
    ['with a source identity if there is one', { Condition: { StringLikeIfExists: { 'sts:SourceIdentity': 'a*' } } }],
  ])('%s', (_, over) => {
    expect(idsOf({ ...ALLOW, ...over })).toEqual(FREE);
  });

  test('where one statement of two has no condition', () => {
    const named = { ...ALLOW, Condition: { StringEquals: { 'sts:RoleSessionName': 'alice' } } };
    expect(idsOf(named, ALLOW)).toEqual(FREE);
  });
});

describe('a trust policy leaves nothing free', () => {
  test.each<[string, object]>([
    [
      'by the name of the IAM user',
      { Condition: { StringLike: { 'sts:RoleSessionName': ['$', '{aws:username}'].join('') } } },
    ],
    ['in any case of the key', { Condition: { stringequals: { 'STS:rolesessionname': 'alice' } } }],
    ['by a source identity that must be', { Condition: { Null: { 'sts:SourceIdentity': 'false' } } }],
    ['for a service', { Principal: { Service: 'ec2.amazonaws.com' } }],
    [
      'for a SAML provider',
      { Principal: { Federated: 'arn:aws:iam::1:saml-provider/x' }, Action: 'sts:AssumeRoleWithSAML' },
    ],
    ['for other actions', { Action: 'sts:TagSession' }],
    ['for what it denies', { Effect: 'Deny' }],
  ])('%s', (_, over) => {
    expect(idsOf({ ...ALLOW, ...over })).toEqual([]);
  });

  test('where another statement denies all other names', () => {
    const deny = {
      ...ALLOW,
      Effect: 'Deny',
      Principal: '*',
      Condition: { StringNotLike: { 'sts:RoleSessionName': 'a*' } },
    };
    expect(idsOf(ALLOW, deny)).toEqual([]);
  });
});

describe('files of trust policies', () => {
  const role = { Arn: ARN, AssumeRolePolicyDocument: { Statement: ALLOW } };
  test.each<[string, string, number]>([
    ['get-role', JSON.stringify({ Role: role }), 1],
    ['get-role, several, indented', [1, 2].map(() => JSON.stringify({ Role: role }, undefined, 4)).join('\n'), 2],
    ['get-role, one a line', [1, 2].map(() => JSON.stringify({ Role: role })).join('\n'), 2],
    ['list-roles', JSON.stringify({ Roles: [role, role] }), 2],
    ['get-account-authorization-details', JSON.stringify({ RoleDetailList: [role] }), 1],
    ['a list', JSON.stringify([role]), 1],
    [
      "IAM's own encoding",
      JSON.stringify({ ...role, AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify({ Statement: [ALLOW] })) }),
      1,
    ],
  ])('%s', (_, text, count) => {
    const read = readTrustPolicies(text);
    expect(read.ok && trustPolicyFindings(read.value)).toHaveLength(count);
  });

  test.each([
    ['', 'it is no JSON'],
    ['[1]', 'it holds JSON that is no object'],
    ['{"Role":{}}', 'it holds something that is no role with an Arn and an AssumeRolePolicyDocument'],
  ])('%s is refused', (text, message) => {
    expect(readTrustPolicies(text)).toEqual({ ok: false, message });
  });

  test('no policy makes the rule throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (Principal, Condition) => {
        idsOf({ ...ALLOW, Principal, Condition });
      }),
    );
  });
});
