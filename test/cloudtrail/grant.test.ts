import { describe, expect, it } from 'vitest';
import { GRANT_EVENTS } from '../../lib/cloudtrail/evidence-events.ts';
import { parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import type { JsonObject } from '../../lib/json.ts';
import { formatInstant } from '../../lib/time.ts';
import { ACCOUNT, KEY, OTHER_ACCOUNT, ROLE_ARN, ROLE_ID, utc } from '../builders/company.ts';
import { awsService } from '../builders/trail-callers.ts';
import { callBy, federationGrant, grant, rootGrant, webIdentityToken } from '../builders/trail-records.ts';
import { GRANTS } from '../oracle/records.ts';

function factsOf(record: JsonObject) {
  const facts = parseTrailRecord(record);
  if (typeof facts === 'string') throw new Error(facts);
  return facts;
}

const grantOf = (record: JsonObject) => factsOf(record).grant;

const ISSUED = [
  ['AssumeRole', 'role'],
  ['AssumeRoleWithSAML', 'role'],
  ['AssumeRoleWithWebIdentity', 'role'],
  ['AssumeRoot', 'root'],
  ['GetFederationToken', 'federated-user'],
  ['GetSessionToken', 'own-user'],
  ['GetDelegatedAccessToken', 'delegated'],
  ['GetWebIdentityToken', 'web-identity-token'],
] as const;

describe('a grant', () => {
  it('is a successful AssumeRole, with its key, its session and its times', () => {
    expect(grantOf(grant({ id: 'e1' }))).toMatchObject({
      eventName: 'AssumeRole',
      granted: 'role',
      eventIds: ['e1'],
      region: 'eu-west-1',
      issuedAt: Date.parse(utc('12:00:00')),
      expiresAt: Date.parse(utc('13:00:00')),
      accessKeyId: KEY,
      roleArn: ROLE_ARN,
      roleId: ROLE_ID,
      sessionName: 'alice-session',
    });
  });

  it.each(ISSUED)('is %s, which issues credentials of a %s', (eventName, granted) => {
    expect(grantOf(grant({ eventName }))).toMatchObject({ eventName, granted });
  });

  it('is GetWebIdentityToken with the id and the end of its token, which AssumeRoleWithWebIdentity exchanges', () => {
    expect(grantOf(webIdentityToken('token-1'))).toMatchObject({
      issuedTokenId: 'token-1',
      expiresAt: Date.parse(utc('12:05:00')),
    });
    const fields = { additionalEventData: { crossPartitionData: { sourcePrincipalArn: ROLE_ARN } } };
    const request = { webIdentityTokenId: 'token-1' };
    const exchange = { exchangedTokenId: 'token-1', sourcePrincipal: ROLE_ARN };
    expect(grantOf(grant({ eventName: 'AssumeRoleWithWebIdentity', request, fields }))).toMatchObject(exchange);
    expect(grantOf(grant({ request, fields }))).not.toMatchObject(exchange);
  });

  it('is each event that the table has, and the oracle reads all of them', () => {
    expect(new Set(ISSUED.map(([eventName]) => eventName))).toEqual(new Set(GRANT_EVENTS));
    expect(new Set(GRANTS)).toEqual(new Set(GRANT_EVENTS));
  });

  it.each<[string, JsonObject]>([
    ['was denied', grant({ fields: { errorCode: 'AccessDenied', responseElements: null } })],
    ['was denied, whatever its response says', grant({ fields: { errorCode: 'AccessDenied' } })],
    ['is of another service', grant({ fields: { eventSource: 'signin.amazonaws.com' } })],
    ['has another name', grant({ eventName: 'GetCallerIdentity' })],
    ['has no response', grant({ fields: { responseElements: null } })],
    ['has an empty response', grant({ fields: { responseElements: {} } })],
    ['has a response that is a text', grant({ fields: { responseElements: 'ok' } })],
    [
      'is AssumeRoleForPodIdentity, which tells no key',
      callBy(awsService('x'), { eventName: 'AssumeRoleForPodIdentity' }),
    ],
  ])('is not a record that %s', (_, record) => {
    expect(grantOf(record)).toBeUndefined();
  });

  it.each([undefined, null, '', 'yesterday', 7])('without a readable time (%j) is reported as flawed', (eventTime) => {
    const facts = factsOf(grant({ fields: { eventTime } }));
    expect([facts.grant, facts.flaw]).toEqual([undefined, 'grant-without-readable-eventTime']);
  });

  it.each<[string, JsonObject, string]>([
    ['the expiration as written', {}, '13:00:00'],
    ['durationSeconds where it cannot be read', { durationSeconds: 900 }, '12:15:00'],
    ['durationSeconds as a text', { durationSeconds: '1800' }, '12:30:00'],
    ['an hour where neither can be read', { durationSeconds: 'long' }, '13:00:00'],
    ['an hour where no call succeeds with such a duration', { durationSeconds: 8_640_000_000_000 }, '13:00:00'],
    ['an hour where the duration is no length of time', { durationSeconds: -5 }, '13:00:00'],
  ])('lasts until %s', (name, request, expected) => {
    const until = name.startsWith('the expiration') ? utc('13:00:00') : 'unreadable';
    expect(formatInstant(grantOf(grant({ request, until }))?.expiresAt ?? (0 as never))).toBe(utc(expected));
  });

  it('to a service often has no assumedRoleUser, and then the request is used', () => {
    const found = grantOf(grant({ by: awsService('ec2.amazonaws.com'), namesRoleUser: false, session: 'i-0123' }));
    expect(found).toMatchObject({ roleArn: ROLE_ARN, sessionName: 'i-0123' });
    expect(found?.roleId).toBeUndefined();
  });

  it('has no key if the record has a placeholder for one', () => {
    expect(grantOf(grant({ key: 'AAAAAAAAAAAAAAAA' }))?.accessKeyId).toBeUndefined();
  });

  it('has a source identity, from the response before that from the request', () => {
    expect(grantOf(grant({ request: { sourceIdentity: 'alice' } }))?.sourceIdentity).toBe('alice');
    const both = grant({ request: { sourceIdentity: 'x' }, response: { sourceIdentity: 'alice' } });
    expect(grantOf(both)?.sourceIdentity).toBe('alice');
  });

  it("names a pod by both of Pod Identity's session tags", () => {
    const tags = [
      { key: 'kubernetes-namespace', value: 'shop' },
      { key: 'kubernetes-pod-name', value: 'web-0' },
    ];
    expect(grantOf(grant({ request: { tags } }))?.pod).toBe('shop/web-0');
    expect(grantOf(grant({ request: { tags: tags.slice(1) } }))?.pod).toBeUndefined();
    expect(grantOf(grant({ request: { tags: 'shop' } }))?.pod).toBeUndefined();
  });
});

describe('the session of a grant', () => {
  it('has the account and the name of a federated user', () => {
    expect(grantOf(federationGrant('bob'))).toMatchObject({ accountId: ACCOUNT, sessionName: 'bob' });
  });

  it.each([OTHER_ACCOUNT, `arn:aws:iam::${OTHER_ACCOUNT}:root`])(
    'belongs to the account of %s for the root user',
    (target) => {
      expect(grantOf(rootGrant(target))).toMatchObject({ granted: 'root', accountId: OTHER_ACCOUNT });
    },
  );
});

describe("Identity Center's grant", () => {
  const path = '/aws-reserved/sso.amazonaws.com/eu-west-1/';
  const provider = (name: string) => ({ principalArn: `arn:aws:iam::${ACCOUNT}:saml-provider/${name}` });

  it.each<[string, JsonObject, boolean]>([
    [
      'is by SAML, under the reserved path and by its provider',
      grant({ eventName: 'AssumeRoleWithSAML', path, request: provider('AWSSSO_0123_DO_NOT_DELETE') }),
      true,
    ],
    ['may leave out the provider', grant({ eventName: 'AssumeRoleWithSAML', path }), true],
    ['is not by AssumeRole', grant({ path }), false],
    [
      'is not by another provider',
      grant({ eventName: 'AssumeRoleWithSAML', path, request: provider('company') }),
      false,
    ],
    [
      'is not of a role that is merely named so',
      grant({ eventName: 'AssumeRoleWithSAML', roleName: 'AWSReservedSSO_Admin_0123456789abcdef' }),
      false,
    ],
  ])('%s', (_, record, expected) => {
    expect(grantOf(record)?.byIdentityCenter).toBe(expected);
  });
});

describe('a CloudTrail record', () => {
  it('is set aside without the name of its call', () => {
    expect(parseTrailRecord(callBy({}, { eventName: undefined }))).toBe('cloudtrail-record-without-eventName');
  });

  it('with a wrong shape gives no facts, and is not reported', () => {
    expect(factsOf({ eventName: 'AssumeRole', eventSource: 7, userIdentity: [], responseElements: [] })).toEqual({});
  });
});
