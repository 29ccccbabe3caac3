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

const NAME = 'sts:RoleSessionName';
const SOURCE = 'sts:SourceIdentity';
const variable = (name: string) => ['$', `{${name}}`].join('');
const USERNAME = variable('aws:username');
const OTHER = 'arn:aws:iam::444455556666:root';

describe('a trust policy leaves the session name free', () => {
  test.each<[string, object]>([
    ['without a condition', {}],
    ['to everybody', { Principal: '*' }],
    ['to all but some', { Principal: undefined, NotPrincipal: PEOPLE }],
    ['by a wildcard for the action', { Action: ['sts:Tag*', 'sts:*'] }],
    ['by a wildcard for one letter', { Action: 'sts:AssumeRol?' }],
    ['by a wildcard in the middle, in any case', { Action: 'STS:*sume*E' }],
    ['by every action but one', { Action: undefined, NotAction: 'sts:TagSession' }],
    ['by every action but those of a pattern', { Action: undefined, NotAction: ['sts:Tag*', 'sts:*Identity'] }],
    ['with a condition on something else', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }],
    ['with an external id', { Condition: { StringEquals: { 'sts:ExternalId': 'x' } } }],
  ])('%s', (_, over) => {
    expect(idsOf({ ...ALLOW, ...over })).toEqual(FREE);
  });

  test.each<[string, object, string]>([
    ['a star', { StringLike: { [NAME]: '*' } }, 'StringLike sts:RoleSessionName *: any value meets it'],
    ['stars and question marks', { StringLike: { [NAME]: ['alice', '?*'] } }, ': any value meets it'],
    ['a star for the source identity', { StringLike: { [SOURCE]: '*' } }, ': any value meets it'],
    [
      'a star for StringEquals, which knows none',
      { StringEquals: { [NAME]: '*' } },
      'StringEquals sts:RoleSessionName *: no value meets it: StringEquals has no wildcards',
    ],
    [
      'a name that some may not take',
      { StringNotEquals: { [NAME]: 'x' } },
      'it excludes some values and allows all others',
    ],
    ['a pattern that some may not take', { StringNotLike: { [SOURCE]: 'x*' } }, 'it excludes some'],
    [
      'a source identity if there is one',
      { StringLikeIfExists: { [SOURCE]: 'a*' } },
      'it is also met without a source identity',
    ],
    [
      'all of no source identities',
      { 'ForAllValues:StringLike': { [SOURCE]: 'a*' } },
      'it is also met without a source identity',
    ],
    ['no source identity', { Null: { [SOURCE]: 'true' } }, 'it does not require a source identity'],
    ['that there is a name', { Null: { [NAME]: 'false' } }, 'every session has a session name'],
    ['another operator', { ArnLike: { [NAME]: 'alice' } }, 'it does not compare strings'],
    ['no values', { StringEquals: { [NAME]: [] } }, 'it has no value'],
    ['the name that everybody has', { StringEquals: { [NAME]: 'EKSGetTokenAuth' } }, 'has this name'],
    ['that name in another case', { StringEqualsIgnoreCase: { [NAME]: 'eksgettokenauth' } }, 'has this name'],
    [
      'that name by a pattern',
      { StringLike: { [NAME]: 'EKSGet*' } },
      'callers choose the part that the wildcard matches',
    ],
    ['a domain', { StringLike: { [NAME]: '*@example.com' } }, 'callers choose the part that the wildcard matches'],
    ['beginnings', { StringLike: { [NAME]: ['a*', 'b*', '*a'] } }, 'callers choose the part that the wildcard matches'],
    [
      'a beginning beside a name',
      { StringLike: { [NAME]: ['alice', 'bob?'] } },
      'callers choose the part that the wildcard',
    ],
    ['the time', { StringEquals: { [NAME]: variable('aws:CurrentTime') } }, 'no variable that identifies a person'],
    [
      'the account',
      { StringLike: { [NAME]: `${variable('aws:PrincipalAccount')}-*` } },
      'no variable that identifies a person',
    ],
    [
      'a variable whose default many share',
      { StringEquals: { [NAME]: variable("aws:username, 'somebody'") } },
      'no variable that identifies a person',
    ],
  ])('by a condition that is none: %s; the evidence says why', (_, Condition, why) => {
    const role = trustedRole(ARN, { Statement: [{ ...ALLOW, Condition }] });
    const [found] = role === undefined ? [] : trustPolicyFindings([role]);
    expect(found?.evidence).toContain(why);
  });

  test('if one statement of two has no condition', () => {
    const named = { ...ALLOW, Condition: { StringEquals: { [NAME]: 'alice' } } };
    expect(idsOf(named, ALLOW)).toEqual(FREE);
  });

  test.each<[string, object]>([
    ['to somebody else', { Principal: { AWS: OTHER } }],
    ['to all but some', { Principal: undefined, NotPrincipal: PEOPLE }],
    ['of nothing, since all names are like a star', { Condition: { StringNotLike: { [NAME]: '*' } } }],
    ['of one name', { Condition: { StringEquals: { [NAME]: 'root' } } }],
    [
      'without a second factor only',
      { Condition: { StringNotLike: { [NAME]: 'alice' }, Bool: { 'aws:MultiFactorAuthPresent': 'false' } } },
    ],
    ['of all but the one that everybody has', { Condition: { StringNotEquals: { [NAME]: 'EKSGetTokenAuth' } } }],
    ['of all but those of a pattern', { Condition: { StringNotLike: { [NAME]: '*-*' } } }],
    ['of another action', { Action: 'sts:TagSession' }],
    ['of other actions by a pattern', { Action: ['sts:*Identity'], Condition: undefined }],
    ['of every action but this', { Action: undefined, NotAction: 'sts:AssumeRole', Condition: undefined }],
    ['under a condition that cannot be read', { Condition: 'x' }],
    ['under no condition on names', { Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } }],
  ])('if names are denied %s', (_, over) => {
    const deny = { ...ALLOW, Effect: 'Deny', Condition: { StringNotLike: { [NAME]: 'alice' } }, ...over };
    expect(idsOf(ALLOW, deny)).toEqual(FREE);
  });

  test('by a Deny that leaves the name free; the evidence says why', () => {
    const Condition = { StringNotEquals: { [NAME]: 'EKSGetTokenAuth' } };
    const role = trustedRole(ARN, { Statement: [ALLOW, { ...ALLOW, Effect: 'Deny', Principal: '*', Condition }] });
    const [found] = role === undefined ? [] : trustPolicyFindings([role]);
    expect(found?.evidence).toContain(
      '(Deny StringNotEquals sts:RoleSessionName EKSGetTokenAuth: everyone who signs in',
    );
  });

  test('for one of two principals, if only the other is denied', () => {
    const both = { ...ALLOW, Principal: { AWS: [PEOPLE.AWS, OTHER] } };
    const role = trustedRole(ARN, { Statement: [both, { ...ALLOW, Effect: 'Deny' }] });
    const [found] = role === undefined ? [] : trustPolicyFindings([role]);
    expect(found?.evidence).toContain(`allowed to ${OTHER}, with`);
  });
});

describe('a trust policy leaves nothing free', () => {
  test.each<[string, object]>([
    ['by the name of the IAM user', { StringEquals: { [NAME]: USERNAME } }],
    ['by a pattern with the name of the IAM user', { StringLike: { [NAME]: `${USERNAME}@*` } }],
    ['by names', { StringEquals: { [NAME]: ['alice', 'bob'] } }],
    ['by names for a pattern', { StringLike: { [NAME]: ['alice', 'bob'] } }],
    ['by a tag of the caller', { StringEquals: { [NAME]: variable('aws:PrincipalTag/email') } }],
    ["by the caller's id", { StringLike: { [NAME]: variable('aws:userid') } }],
    ['without regard to case', { StringEqualsIgnoreCase: { [NAME]: 'Alice' } }],
    ['in any case of operator and key', { stringequals: { 'STS:rolesessionname': 'alice' } }],
    ['by a name, which is always there', { StringEqualsIfExists: { [NAME]: 'alice' } }],
    ['by a set of names', { 'ForAllValues:StringEquals': { [NAME]: ['alice', 'bob'] } }],
    ['by a source identity', { StringEquals: { [SOURCE]: USERNAME } }],
    ['by one of some source identities', { 'ForAnyValue:StringLike': { [SOURCE]: ['alice', 'bob'] } }],
    ['by a source identity that the session brings', { StringLike: { 'aws:SourceIdentity': 'a*' } }],
    ['by a source identity that must be', { Null: { [SOURCE]: 'false' } }],
    ['by a source identity that must be, as a truth value', { Null: { [SOURCE]: false } }],
    ['by one condition of two', { StringLike: { [NAME]: '*', [SOURCE]: 'a*' } }],
  ])('%s', (_, Condition) => {
    expect(idsOf({ ...ALLOW, Condition })).toEqual([]);
  });

  test.each<[string, object]>([
    ['for a service', { Principal: { Service: 'ec2.amazonaws.com' } }],
    [
      'for a SAML provider',
      { Principal: { Federated: 'arn:aws:iam::1:saml-provider/x' }, Action: 'sts:AssumeRoleWithSAML' },
    ],
    ['for other actions', { Action: 'sts:TagSession' }],
    ['for actions of a pattern that has not this one', { Principal: '*', Action: ['sts:*Identity'] }],
    ['for every action but this', { Action: undefined, NotAction: ['sts:AssumeRole'] }],
    ['for every action but this, by a pattern', { Action: undefined, NotAction: ['sts:assume*'] }],
    ['for what it denies', { Effect: 'Deny' }],
  ])('%s', (_, over) => {
    expect(idsOf({ ...ALLOW, ...over })).toEqual([]);
  });

  test.each<[string, object | undefined]>([
    ['everything', undefined],
    ['everything, under no condition', {}],
    ['every name', { StringLike: { [NAME]: '*' } }],
    ['every name but a star, which none is', { StringNotEquals: { [NAME]: '*' } }],
    ['all other names', { StringNotLike: { [NAME]: ['alice', 'bob'] } }],
    ['all names but that of the IAM user', { StringNotEquals: { [NAME]: USERNAME } }],
    ['all other source identities', { StringNotEquals: { [SOURCE]: ['alice', 'bob'] } }],
    ['no source identity', { Null: { [SOURCE]: 'true' } }],
  ])('if another statement denies %s', (_, Condition) => {
    for (const Principal of ['*', { AWS: '*' }, PEOPLE])
      expect(idsOf(ALLOW, { ...ALLOW, Effect: 'Deny', Principal, Condition })).toEqual([]);
  });

  test('if the account is denied in its other form', () => {
    expect(idsOf(ALLOW, { ...ALLOW, Effect: 'Deny', Principal: { AWS: '111122223333' } })).toEqual([]);
  });

  test('if each of two is denied by itself', () => {
    const deny = (AWS: string) => ({ ...ALLOW, Effect: 'Deny', Principal: { AWS } });
    const both = { ...ALLOW, Principal: { AWS: [PEOPLE.AWS, OTHER] } };
    expect(idsOf(both, deny(PEOPLE.AWS), deny(OTHER))).toEqual([]);
  });

  test('in an Identity Center role, whose session names AWS chooses', () => {
    const arn = 'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_dev_0123456789abcdef';
    const role = trustedRole(arn, { Statement: [ALLOW] });
    expect(role && trustPolicyFindings([role])).toEqual([]);
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
    ['', 'it is not JSON'],
    ['[1]', 'it contains JSON that is not an object'],
    ['{"Role":{}}', 'it contains an object that is not a role with an Arn and an AssumeRolePolicyDocument'],
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
