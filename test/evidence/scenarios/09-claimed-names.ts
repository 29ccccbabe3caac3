import type { JsonObject } from '../../../lib/json.ts';
import { bareRoleUser, eventBy, roleUser } from '../../builders/audit-event.ts';
import { ACCOUNT, utc } from '../../builders/company.ts';
import { awsService, iamUser } from '../../builders/trail-callers.ts';
import { callBy, type GrantOptions, grant } from '../../builders/trail-records.ts';
import { alices, MALLORY, MALLORYS_KEY, mallorys, SSO_KEY, SSO_PROVIDER, signIn, ssoEvent } from '../cast.ts';
import type { ExpectedAnswer, Scenario } from '../scenario.ts';

const PERSON = 'alice@example.com';
const SIGNED_IN: ExpectedAnswer = {
  status: 'attributed',
  method: 'access-key',
  actor: { kind: 'identity-center-user', name: PERSON, provider: SSO_PROVIDER },
};
const CHANGED: ExpectedAnswer = { ...SIGNED_IN, flags: ['identity-provider-changed'] };

function providerChange(by: JsonObject, fields: JsonObject = {}): JsonObject {
  return callBy(by, {
    eventID: 'provider-change',
    eventSource: 'iam.amazonaws.com',
    eventName: 'UpdateSAMLProvider',
    eventTime: utc('11:00:00'),
    requestParameters: { sAMLProviderArn: SSO_PROVIDER, sAMLMetadataDocument: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
    responseElements: { sAMLProviderArn: SSO_PROVIDER },
    ...fields,
  });
}

const created = {
  eventName: 'CreateSAMLProvider',
  requestParameters: { name: 'AWSSSO_0123456789abcdef_DO_NOT_DELETE' },
};
const deleted = { eventName: 'DeleteSAMLProvider', responseElements: null };

function providerStory(title: string, change: JsonObject, expected: ExpectedAnswer): Scenario {
  return { title, records: [signIn(PERSON), change], events: [ssoEvent(PERSON, SSO_KEY, expected)] };
}

const AGENT_KEY = 'ASIAROLESANYWHERE001';

/** Roles Anywhere's grant to whoever holds a certificate, under a session name that the holder chose. */
function anywhere(options: GrantOptions = {}): Scenario['records'] {
  const by = awsService('rolesanywhere.amazonaws.com');
  return [grant({ id: 'grant-anywhere', by, session: 'payments-prod', key: AGENT_KEY, ...options })];
}

function anywhereStory(title: string, options: GrantOptions, workload: string | undefined): Scenario {
  const actor = { kind: 'aws-service', name: 'rolesanywhere.amazonaws.com', workload };
  const event = eventBy(roleUser({ session: 'payments-prod', key: AGENT_KEY }));
  return {
    title,
    records: anywhere(options),
    events: [{ event, expected: { status: 'attributed', method: 'access-key', actor } }],
  };
}

function claimStory(
  title: string,
  options: GrantOptions,
  known: JsonObject,
  expected: Partial<ExpectedAnswer>,
): Scenario {
  const event = eventBy(roleUser({ session: options.session ?? 'mallory-2026', key: MALLORYS_KEY }));
  const answer = { status: 'attributed', method: 'access-key', actor: MALLORY, ...expected };
  return {
    title,
    records: [mallorys({ session: 'mallory-2026', ...options }), known],
    events: [{ event, expected: answer }],
  };
}

/** 9: names that somebody else could choose. */
export const CLAIMED_NAMES: readonly Scenario[] = [
  providerStory(
    'a sign-in by a provider that somebody changed before is flagged',
    providerChange(iamUser('mallory')),
    CHANGED,
  ),
  providerStory(
    'a sign-in by a provider that somebody created is flagged',
    providerChange(iamUser('mallory'), created),
    CHANGED,
  ),
  providerStory(
    'a sign-in by a provider that somebody deleted before is flagged',
    providerChange(iamUser('mallory'), deleted),
    CHANGED,
  ),
  providerStory(
    'a provider that Identity Center itself changed is not flagged',
    providerChange(awsService('sso.amazonaws.com')),
    SIGNED_IN,
  ),
  providerStory(
    'a change after the sign-in does not affect it',
    providerChange(iamUser('mallory'), { eventTime: utc('12:30:00') }),
    SIGNED_IN,
  ),
  providerStory(
    'a denied change does not affect a sign-in',
    providerChange(iamUser('mallory'), { errorCode: 'AccessDenied', responseElements: null }),
    SIGNED_IN,
  ),
  providerStory(
    'a change of another provider does not affect the sign-in',
    providerChange(iamUser('mallory'), {
      requestParameters: { sAMLProviderArn: `arn:aws:iam::${ACCOUNT}:saml-provider/okta` },
      responseElements: { sAMLProviderArn: `arn:aws:iam::${ACCOUNT}:saml-provider/okta` },
    }),
    SIGNED_IN,
  ),
  anywhereStory(
    'Roles Anywhere’s workload is the certificate’s subject by the source identity, not the chosen session name',
    { request: { sourceIdentity: 'CN=build-7.example.com' }, response: { sourceIdentity: 'CN=build-7.example.com' } },
    'build-7.example.com',
  ),
  anywhereStory(
    'Roles Anywhere’s workload is the certificate’s subject by the session tags, not the chosen session name',
    { request: { tags: [{ key: 'x509Subject/CN', value: 'build-7.example.com' }] } },
    'build-7.example.com',
  ),
  anywhereStory('Roles Anywhere’s session without a subject has no workload', {}, undefined),
  {
    title: 'a name within the username is as possible as one at its end',
    records: [mallorys({ session: 'mallory-0001' }), alices({ session: 'eu-west-1-2026' })],
    events: [
      {
        event: eventBy(bareRoleUser('ops:mallory-0001:eu-west-1-2026')),
        expected: { status: 'ambiguous', candidates: ['alice', 'mallory'] },
      },
    ],
  },
  {
    title: 'a name within the username decides like one at its end',
    records: [mallorys({ session: 'mallory-0001' })],
    events: [
      {
        event: eventBy(bareRoleUser('ops:mallory-0001:eu-west-1')),
        expected: { status: 'attributed', method: 'username', flags: ['name-chosen-by-caller'], actor: MALLORY },
      },
    ],
  },
  claimStory('a user’s name in capitals is claimed none the less', { session: 'ALICE' }, callBy(iamUser('alice')), {
    flags: ['session-name-claims-other-actor'],
  }),
  claimStory(
    'a user’s name with - for @ is claimed, too',
    { session: 'bob-corp.com' },
    signIn('bob@corp.com', { id: 'sign-in-bob' }),
    { flags: ['session-name-claims-other-actor'] },
  ),
  claimStory(
    'a source identity in other letters claims a user’s name',
    { response: { sourceIdentity: 'Bob-Corp.com' } },
    signIn('bob@corp.com', { id: 'sign-in-bob' }),
    { flags: ['source-identity-claims-other-actor'] },
  ),
  claimStory('one’s own name in other letters claims nobody', { session: 'MALLORY' }, callBy(iamUser('mallory')), {}),
];
