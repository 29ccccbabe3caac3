import { describe, expect, it } from 'vitest';
import { subscriptionsOf } from '../../infra/subscriptions.ts';
import { actionOf, attribute } from '../../lib/attribution/attribute.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { causesOf } from '../../lib/claims/alert.ts';
import { ALERT_CAUSES, type AlertCause, DEFAULT_ALERT_CAUSES } from '../../lib/claims/alert-cause.ts';
import type { JsonObject } from '../../lib/json.ts';
import { knownFrom, parsedEvent, recordOf } from '../builders/answer.ts';
import { auditEvent, eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { awsService, iamUser, roleSession, samlUser } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';
import { deployed } from '../functions/deployed.ts';
import { CORPORA, recordsIn } from './corpus.ts';
import { parseLogFilterPattern } from './log-filter-pattern.ts';

/** Whether the filter that a deployment puts on a cluster's audit log, by default the template's own, lets an event through. */
function passes(event: JsonObject, serviceAccounts = 'none'): boolean {
  const [subscription] = subscriptionsOf(deployed({ clusters: 'prod', serviceAccounts }));
  return parseLogFilterPattern(subscription?.filterPattern ?? '').matches(JSON.stringify(event), false);
}

const NODE = { roleName: 'node', roleId: 'AROANODE0000000000001', session: 'i-0123456789abcdef0' };
const NAMED = { key: null, session: 'alice-session' };
const bob = grant({ by: iamUser('bob'), session: 'bob-session', key: ANOTHER_KEY });

const PROVIDER = `arn:aws:iam::${ACCOUNT}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE`;
const TOKEN = 'JTI=0b1e3c1c-31c1-4f62-8f2e-1f0f9c0b9e11';
const byAgent = { accessKeyId: KEY, invokedBy: 'aws-mcp.amazonaws.com' };
const ofHers = (fields: JsonObject, key = KEY) =>
  callBy(
    roleSession({
      roleId: ROLE_ID,
      roleName: ROLE_NAME,
      session: 'alice-session',
      key,
      began: utc('12:00:00'),
      fields,
    }),
  );

/** What her `kubectl create token` left in the audit log. */
const ISSUING = auditEvent({
  verb: 'create',
  objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: 'deployer' },
  annotations: { 'authentication.kubernetes.io/issued-credential-id': TOKEN },
});

/** One event for each cause, with what CloudTrail says, and the events that issued tokens. */
const STORIES: Readonly<
  Record<AlertCause, readonly [JsonObject, readonly JsonObject[], issuing?: readonly JsonObject[]]>
> = {
  unattributed: [auditEvent(), []],
  ambiguous: [eventBy(roleUser(NAMED)), [grant(), grant({ by: iamUser('bob'), key: ANOTHER_KEY })]],
  partial: [
    eventBy({ username: 'system:serviceaccount:ops:impersonator' }, { impersonatedUser: { username: 'carol' } }),
    [],
  ],
  'access-key-mismatch': [
    eventBy(roleUser({ session: 'alice@example.com', key: ANOTHER_KEY })),
    [
      grant({
        by: { type: 'SAMLUser', principalId: 'x:alice@example.com', userName: 'alice@example.com' },
        eventName: 'AssumeRoleWithSAML',
        session: 'alice@example.com',
        path: '/aws-reserved/sso.amazonaws.com/',
      }),
    ],
  ],
  'key-not-listed': [eventBy(roleUser({ key: ANOTHER_KEY })), [grant(), ofHers({}, ANOTHER_KEY)]],
  'token-of-service-account': [
    eventBy({
      username: 'system:serviceaccount:shop:deployer',
      extra: { 'authentication.kubernetes.io/credential-id': [TOKEN] },
    }),
    [grant()],
    [ISSUING],
  ],
  'through-agent': [auditEvent(), [grant(), ofHers(byAgent)]],
  'identity-provider-changed': [
    eventBy(roleUser({ session: 'alice@example.com' })),
    [
      grant({
        by: samlUser('alice@example.com'),
        eventName: 'AssumeRoleWithSAML',
        session: 'alice@example.com',
        path: '/aws-reserved/sso.amazonaws.com/',
        request: { principalArn: PROVIDER },
      }),
      callBy(iamUser('mallory'), {
        eventSource: 'iam.amazonaws.com',
        eventName: 'UpdateSAMLProvider',
        eventTime: utc('11:00:00'),
        requestParameters: { sAMLProviderArn: PROVIDER },
      }),
    ],
  ],
  'foreign-identity-store': [
    auditEvent(),
    [
      ofHers({
        onBehalfOf: { userId: 'u-1', identityStoreArn: `arn:aws:identitystore::${ACCOUNT}:identitystore/d-1029384756` },
      }),
    ],
  ],
  'name-chosen-by-caller': [eventBy(roleUser(NAMED)), [grant()]],
  'node-role-used-by-person': [
    eventBy(roleUser({ ...NODE, username: 'system:node:ip-10-0-0-1.ec2.internal' })),
    [grant({ ...NODE, by: iamUser('alice') })],
  ],
  'eks-name-used-by-person': [
    eventBy(roleUser({ ...NODE, username: 'eks:node-manager' })),
    [grant({ ...NODE, by: iamUser('alice') })],
  ],
  'anonymous-access': [
    eventBy(
      { username: 'system:anonymous', groups: ['system:unauthenticated'] },
      {
        verb: 'list',
        requestURI: '/api/v1/secrets',
        objectRef: { resource: 'secrets', apiVersion: 'v1' },
        responseStatus: { metadata: {}, code: 200 },
      },
    ),
    [],
  ],
  'session-name-claims-other-actor': [eventBy(roleUser({ session: 'bob' })), [grant({ session: 'bob' }), bob]],
  'source-identity-claims-other-actor': [auditEvent(), [grant({ response: { sourceIdentity: 'bob' } }), bob]],
};

describe('through the subscription as deployed by default', () => {
  it.each(ALERT_CAUSES)(
    'an event can come that gives cause to alert about %s (tokens: by serviceAccounts)',
    (cause) => {
      const [event, records, issuing = []] = STORIES[cause];
      expect(causesOf(recordOf({ event, records, issuing, stores: ['d-1234567890'] }).attribution, [cause])).toEqual([
        cause,
      ]);
      const isByToken = cause === 'token-of-service-account';
      expect(passes(event)).toBe(!isByToken);
      expect(passes(event, 'tokens')).toBe(true);
      expect(issuing.every((each) => passes(each))).toBe(true);
    },
  );

  it('a node’s own kubelet cannot', () => {
    const user = roleUser({ ...NODE, username: 'system:node:ip-10-0-0-1.ec2.internal' });
    const event = eventBy(user, { userAgent: 'kubelet/v1.33.1 (linux/amd64)' });
    expect(
      recordOf({ event, records: [grant({ ...NODE, by: awsService('ec2.amazonaws.com') })] }).attribution.status,
    ).toBe('system');
    expect(passes(event)).toBe(false);
  });

  for (const { name, audit, trail, skip } of CORPORA) {
    it.skipIf(skip)(`every event comes of which ${name} give cause to alert by default`, async () => {
      const index = knownFrom((await recordsIn(trail)).trail);
      const alarming = (await recordsIn(audit)).audit.filter((event) => {
        if (event.user === undefined) return false;
        const known = { index, settings: DEFAULT_SETTINGS, settled: true };
        return (
          causesOf(attribute(actionOf(parsedEvent(event), undefined), known).attribution, DEFAULT_ALERT_CAUSES).length >
          0
        );
      });
      expect(alarming.length).toBeGreaterThan(0);
      for (const event of alarming) expect(passes(event), JSON.stringify(event).slice(0, 2_000)).toBe(true);
    });
  }
});
