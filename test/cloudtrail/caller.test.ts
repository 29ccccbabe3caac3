import { describe, expect, it } from 'vitest';
import { parseTrailCaller } from '../../lib/cloudtrail/caller.ts';
import { parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import type { JsonObject } from '../../lib/json.ts';
import { ACCOUNT, ANOTHER_KEY, utc } from '../builders/company.ts';
import { iamUser, roleSession, userId } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';

describe('who signed a call', () => {
  it.each([
    ['IAMUser', 'iam-user'],
    ['Root', 'root'],
    ['AssumedRole', 'assumed-role'],
    ['SAMLUser', 'saml-user'],
    ['WebIdentityUser', 'web-identity-user'],
    ['IdentityCenterUser', 'identity-center-user'],
    ['FederatedUser', 'federated-user'],
    ['AWSService', 'aws-service'],
    ['AWSAccount', 'aws-account'],
    ['Directory', 'unknown'],
  ])('of type %s is %s', (type, kind) => {
    expect(parseTrailCaller({ type }).kind).toBe(kind);
  });

  it.each<[string, JsonObject, string]>([
    ['with invokedBy alone is a service', { invokedBy: 'eks.amazonaws.com' }, 'aws-service'],
    ['with a role session for principal is one', { principalId: 'AROAX0001:alice' }, 'assumed-role'],
    [
      'with an IAM user for principal, and its ARN, is that user',
      { principalId: 'AIDAX0001', arn: 'arn:aws:iam::111122223333:user/alice' },
      'iam-user',
    ],
    [
      'with an IAM user for principal, and its name, is that user',
      { principalId: 'AIDAX0001', userName: 'alice' },
      'iam-user',
    ],
    ['with an IAM user for principal alone is unknown, as of another account', { principalId: 'AIDAX0001' }, 'unknown'],
    ['with nothing at all is unknown', {}, 'unknown'],
  ])('without a type, %s', (_, identity, kind) => {
    expect(parseTrailCaller(identity).kind).toBe(kind);
  });

  it('through a service on behalf of a role session is the role session', () => {
    expect(parseTrailCaller({ type: 'AssumedRole', invokedBy: 'cloudformation.amazonaws.com' }).kind).toBe(
      'assumed-role',
    );
  });

  it.each(['', undefined, 'AAAAAAAA', 7])('has no access key where it is %j', (accessKeyId) => {
    expect(parseTrailCaller({ type: 'AssumedRole', accessKeyId }).accessKeyId).toBeUndefined();
  });

  it('is named by the ARN where an IAM user has no userName', () => {
    expect(parseTrailCaller(iamUser('alice', { userName: undefined })).userName).toBe('alice');
  });
});

function factsOf(record: JsonObject) {
  const facts = parseTrailRecord(record);
  return typeof facts === 'string' ? {} : facts;
}

describe('a use', () => {
  const session = { roleId: 'AROAJUMP0001', session: 'alice', key: ANOTHER_KEY, began: utc('11:00:00') };

  it('says whose session the key is, and when it began', () => {
    expect(factsOf(callBy(roleSession(session))).use).toMatchObject({
      accessKeyId: ANOTHER_KEY,
      principalId: 'AROAJUMP0001:alice',
      began: Date.parse(utc('11:00:00')),
      role: { accountId: ACCOUNT, roleName: 'jump' },
    });
  });

  it('is also a call that was denied', () => {
    expect(factsOf(callBy(roleSession(session), { errorCode: 'AccessDenied' })).use).toBeDefined();
  });

  it('is none without a key, as in the console', () => {
    expect(factsOf(callBy(roleSession({ ...session, key: null }))).use).toBeUndefined();
  });

  it('of a long-term key tells whose it is, and no beginning', () => {
    expect(factsOf(callBy(iamUser('alice'))).use?.began).toBeUndefined();
  });
});

describe('a known user', () => {
  it('is an IAM user with its AIDA id', () => {
    expect(factsOf(callBy(iamUser('alice'))).user).toMatchObject({ name: 'alice', principalId: userId('alice') });
  });

  it('is an Identity Center user', () => {
    expect(factsOf(callBy({ type: 'IdentityCenterUser', userName: 'alice' })).user).toMatchObject({ name: 'alice' });
  });

  it('is whom Identity Center grants a role', () => {
    const by = { type: 'SAMLUser', userName: 'alice' };
    const path = '/aws-reserved/sso.amazonaws.com/';
    expect(factsOf(grant({ eventName: 'AssumeRoleWithSAML', by, path })).user).toMatchObject({ name: 'alice' });
    expect(factsOf(grant({ eventName: 'AssumeRoleWithSAML', by })).user).toBeUndefined();
  });

  it.each(['FederatedUser', 'WebIdentityUser', 'AssumedRole'])('is no %s, whose name others choose', (type) => {
    expect(factsOf(callBy({ type, userName: 'alice' })).user).toBeUndefined();
  });
});
