import { describe, expect, it } from 'vitest';
import { parseTrailCaller } from '../../lib/cloudtrail/caller.ts';
import { parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import type { JsonObject } from '../../lib/json.ts';
import { parseInstant } from '../../lib/time.ts';
import { ACCOUNT, ANOTHER_KEY, utc } from '../builders/company.ts';
import { iamUser, roleSession, userId } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';

describe('the caller of a call', () => {
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
  ])('with type %s is %s', (type, kind) => {
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

  it.each(['', undefined, 'AAAAAAAA', 7])('has no access key if it is %j', (accessKeyId) => {
    expect(parseTrailCaller({ type: 'AssumedRole', accessKeyId }).accessKeyId).toBeUndefined();
  });

  it('is named by the ARN if an IAM user has no userName', () => {
    expect(parseTrailCaller(iamUser('alice', { userName: undefined })).userName).toBe('alice');
  });
});

function factsOf(record: JsonObject) {
  const facts = parseTrailRecord(record);
  return typeof facts === 'string' ? {} : facts;
}

describe('a use', () => {
  const session = { roleId: 'AROAJUMP0001', session: 'alice', key: ANOTHER_KEY, began: utc('11:00:00') };

  it('states whose session the key is, and when it began', () => {
    expect(factsOf(callBy(roleSession(session))).use).toMatchObject({
      accessKeyId: ANOTHER_KEY,
      principalId: 'AROAJUMP0001:alice',
      began: Date.parse(utc('11:00:00')),
      role: { accountId: ACCOUNT, roleName: 'jump' },
    });
  });

  it('can be a call that was denied', () => {
    expect(factsOf(callBy(roleSession(session), { errorCode: 'AccessDenied' })).use).toBeDefined();
  });

  it('is absent without a key, as in the console', () => {
    expect(factsOf(callBy(roleSession({ ...session, key: null }))).use).toBeUndefined();
  });

  it('with a long-term key states whose it is, and no beginning', () => {
    expect(factsOf(callBy(iamUser('alice'))).use?.began).toBeUndefined();
  });
});

describe('a user’s name', () => {
  const { eventTime } = callBy(iamUser('alice'));
  const at = parseInstant(String(eventTime));

  it('is an IAM user’s, with its AIDA id, at the time of the record', () => {
    const facts = factsOf(callBy(iamUser('Alice'), { eventID: 'e' }));
    expect(facts.sightings).toEqual([{ userId: userId('alice'), name: 'Alice', at, eventId: 'e' }]);
    expect(facts.holders).toEqual([{ name: 'alice', userId: userId('alice'), accountId: ACCOUNT, from: at }]);
    expect(facts.nameEnds).toBeUndefined();
  });

  it('is earlier than all others if the time can’t be read', () => {
    expect(factsOf(callBy(iamUser('alice'), { eventTime: 'noon' })).sightings).toMatchObject([{ at: 0 }]);
  });

  it('is an Identity Center user’s, with an id if the record states one', () => {
    const named = { type: 'IdentityCenterUser', userName: 'alice' };
    expect(factsOf(callBy(named))).toMatchObject({ sightings: [], holders: [{ name: 'alice', userId: undefined }] });
    const onBehalfOf = { userId: 'u-1', identityStoreArn: 'd-1' };
    expect(factsOf(callBy({ ...named, onBehalfOf })).sightings).toMatchObject([{ userId: 'u-1 d-1', name: 'alice' }]);
  });

  it('is that of the user to whom Identity Center grants a role', () => {
    const by = { type: 'SAMLUser', userName: 'alice' };
    const path = '/aws-reserved/sso.amazonaws.com/';
    expect(factsOf(grant({ eventName: 'AssumeRoleWithSAML', by, path })).holders).toMatchObject([{ name: 'alice' }]);
    expect(factsOf(grant({ eventName: 'AssumeRoleWithSAML', by })).holders).toBeUndefined();
  });

  it('is that of the IAM user who federated somebody', () => {
    const sessionIssuer = { type: 'IAMUser', principalId: userId('alice'), accountId: ACCOUNT, userName: 'alice' };
    const federated = { type: 'FederatedUser', userName: 'root', sessionContext: { sessionIssuer } };
    expect(factsOf(callBy(federated)).sightings).toMatchObject([{ userId: userId('alice'), name: 'alice' }]);
  });

  it.each(['FederatedUser', 'WebIdentityUser', 'AssumedRole'])('is none of a %s, whose name others choose', (type) => {
    expect(factsOf(callBy({ type, userName: 'alice' })).holders).toBeUndefined();
  });

  describe('by IAM', () => {
    const admin = iamUser('admin');
    const byAdmin = { name: 'admin', userId: userId('admin') };
    const change = (eventName: string, fields: JsonObject) =>
      factsOf(callBy(admin, { eventSource: 'iam.amazonaws.com', eventName, ...fields }));

    it('begins with the user', () => {
      const user = { userName: 'Bob', userId: userId('bob') };
      const created = change('CreateUser', { requestParameters: { userName: 'Bob' }, responseElements: { user } });
      expect(created.sightings).toMatchObject([{ name: 'admin' }, { userId: userId('bob'), name: 'Bob', at }]);
      expect(created.holders).toMatchObject([byAdmin, { name: 'bob', userId: userId('bob'), accountId: ACCOUNT }]);
      expect(created.nameEnds).toEqual([{ name: 'bob', accountId: ACCOUNT, at }]);
    });

    it('ends where the user is renamed or deleted, and another begins', () => {
      const requestParameters = { userName: 'Bob', newUserName: 'robert' };
      const renamed = change('UpdateUser', { requestParameters });
      expect(renamed.nameEnds).toEqual(['bob', 'robert'].map((name) => ({ name, accountId: ACCOUNT, at })));
      expect(renamed.holders).toMatchObject([byAdmin, { name: 'robert', userId: undefined, accountId: ACCOUNT }]);
      const deleted = change('DeleteUser', { requestParameters: { userName: 'Bob' }, recipientAccountId: '9' });
      expect(deleted).toMatchObject({ nameEnds: [{ name: 'bob', accountId: '9' }], holders: [byAdmin] });
    });

    it.each([
      ['a call that was denied', 'DeleteUser', { errorCode: 'AccessDenied', requestParameters: { userName: 'bob' } }],
      ['a change of the path', 'UpdateUser', { requestParameters: { userName: 'bob', newPath: '/people/' } }],
      ['another service’s call', 'DeleteUser', { eventSource: 'chime.amazonaws.com' }],
      ['a request that says nothing', 'DeleteUser', { requestParameters: null }],
    ])('stays by %s', (_what, eventName, fields: JsonObject) => {
      expect(change(eventName, fields)).toMatchObject({ nameEnds: undefined, holders: [byAdmin] });
    });
  });
});
