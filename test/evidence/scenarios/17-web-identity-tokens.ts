import type { JsonObject } from '../../../lib/json.ts';
import { auditEvent, eventBy } from '../../builders/audit-event.ts';
import { ACCOUNT, OTHER_ACCOUNT, utc } from '../../builders/company.ts';
import { iamUser, roleSession } from '../../builders/trail-callers.ts';
import { type GrantOptions, grant, webIdentityToken } from '../../builders/trail-records.ts';
import { ALICE, MALLORY } from '../cast.ts';
import type { ExpectedAnswer, Scenario } from '../scenario.ts';

/** The role in the other partition that everybody shares: only the record of its session names a person. */
const SOURCE = { roleId: 'AROASHIPPINGSOURCE001', roleName: 'shipping', accountId: OTHER_ACCOUNT } as const;
const SESSION = { ...SOURCE, session: 'batch', key: 'ASIASHIPPINGSOURCE01' } as const;
const SOURCE_ARN = `arn:aws-us-gov:iam::${OTHER_ACCOUNT}:role/shipping`;
const ISSUER = '2a1b2c3d-0000-4000-8000-000000000001.tokens.sts.global.api.aws';
const TOKEN = 'f0a1b2c3-0000-4000-8000-000000000001';

/** Returns the record as the other partition has it. */
function ofSource(record: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(record).replaceAll('arn:aws:', 'arn:aws-us-gov:')) as JsonObject;
}

const aliceInSource = ofSource(
  grant({ ...SESSION, id: 'source-grant', at: utc('11:55:00'), until: utc('12:55:00'), by: iamUser('alice') }),
);

function tokenOf(by: JsonObject, options: GrantOptions = {}): JsonObject {
  return ofSource(
    webIdentityToken(TOKEN, { id: 'token', at: utc('11:59:00'), until: utc('12:04:00'), by, ...options }),
  );
}

const token = tokenOf(roleSession({ ...SESSION, began: utc('11:55:00') }));

/** Returns the grant of the cluster's session, which exchanged a token. `says` has the fields in which AWS describes the token. */
function exchange(says: JsonObject = { sourcePrincipalArn: SOURCE_ARN }, provider = ISSUER, subject = SOURCE_ARN) {
  const identityProvider = `arn:aws:iam::${ACCOUNT}:oidc-provider/${provider}`;
  return grant({
    id: 'exchange',
    eventName: 'AssumeRoleWithWebIdentity',
    by: {
      type: 'WebIdentityUser',
      principalId: `${identityProvider}:sts.amazonaws.com:${subject}`,
      userName: subject,
      identityProvider,
    },
    request: { webIdentityTokenId: TOKEN },
    response: { provider: identityProvider, subjectFromWebIdentityToken: subject },
    ...(Object.keys(says).length > 0 && { fields: { additionalEventData: { crossPartitionData: says } } }),
  });
}

const BY_ALICE: ExpectedAnswer = {
  status: 'attributed',
  method: 'access-key',
  actor: ALICE,
  joinedBy: ['access-key', 'web-identity-token', 'access-key'],
  provisionalAtFirst: false,
};
const ONLY_THE_EXCHANGE = { method: 'access-key', joinedBy: ['access-key'] } as const;
const UP_TO_THE_ROLE: ExpectedAnswer = {
  ...ONLY_THE_EXCHANGE,
  status: 'partial',
  reason: 'upstream-grant-not-found',
  actor: { kind: 'role-session', arn: SOURCE_ARN, accountId: OTHER_ACCOUNT },
};
const UP_TO_THE_SUBJECT: ExpectedAnswer = {
  ...UP_TO_THE_ROLE,
  actor: { kind: 'web-identity-user', name: SOURCE_ARN },
};

function of(title: string, records: Scenario['records'], expected: ExpectedAnswer): Scenario {
  return { title, records, events: [{ event: auditEvent(), expected }] };
}

const SHOWN: ExpectedAnswer = {
  status: 'attributed',
  method: 'web-identity-token',
  flags: ['issuer-by-username'],
  actor: ALICE,
  joinedBy: ['access-key', 'web-identity-token'],
  caller: { credentialId: `JTI=${TOKEN}` },
  provisionalAtFirst: false,
};

/** Returns a story with one event of a cluster that accepts tokens directly. The caller has this username. */
function shown(title: string, records: Scenario['records'], username: string, expected: ExpectedAnswer): Scenario {
  const extra = { 'authentication.kubernetes.io/credential-id': [`JTI=${TOKEN}`] };
  const user = { username, groups: ['system:authenticated'], extra };
  return {
    title,
    records,
    events: [{ event: eventBy(user, { requestReceivedTimestamp: utc('12:02:00') }), expected }],
  };
}

/** Returns the answer that the actor is the caller, as another authenticator states it. */
const itself = (name: string, more: Partial<ExpectedAnswer> = {}): ExpectedAnswer => ({
  status: 'attributed',
  method: 'direct',
  actor: { kind: 'kubernetes-user', name },
  caller: { credentialId: `JTI=${TOKEN}` },
  provisionalAtFirst: false,
  ...more,
});
const NOT_KNOWN = { status: 'partial', reason: 'upstream-grant-not-found', provisionalAtFirst: true } as const;
const OF_ROLE = `https://${ISSUER}#${SOURCE_ARN}`;
const OF_ALICE = `https://${ISSUER}#arn:aws-us-gov:iam::${ACCOUNT}:user/alice`;
const tokenOfUser = (name: string) => tokenOf(iamUser(name));

/** Callers of the cluster that show a token of AWS's own, or one with the ID of such a token. */
const SHOWN_TOKENS: readonly Scenario[] = [
  shown('a token that a caller shows leads to the person', [aliceInSource, token], OF_ROLE, SHOWN),
  shown('a token that a caller shows was issued to a user', [tokenOfUser('alice')], OF_ALICE, {
    ...SHOWN,
    joinedBy: ['web-identity-token'],
  }),
  shown(
    'a shown token whose subject is no ARN rests on its id',
    [aliceInSource, token],
    `https://${ISSUER}#alice`,
    SHOWN,
  ),
  shown(
    'a token of another issuer has the ID of a known token',
    [aliceInSource, token],
    `https://idp.example.com#${SOURCE_ARN}`,
    {
      ...itself(`https://idp.example.com#${SOURCE_ARN}`),
    },
  ),
  shown(
    'another issuer’s path looks like AWS’s issuer',
    [aliceInSource, token],
    `https://idp.example.com/${ISSUER}#${SOURCE_ARN}`,
    itself(`https://idp.example.com/${ISSUER}#${SOURCE_ARN}`),
  ),
  shown('a username with another prefix names no issuer', [aliceInSource, token], `oidc:${SOURCE_ARN}`, {
    ...itself(`oidc:${SOURCE_ARN}`),
  }),
  shown(
    'a shown token that another principal had issued',
    [tokenOfUser('mallory')],
    OF_ALICE,
    itself(OF_ALICE, NOT_KNOWN),
  ),
  shown(
    'a shown token that had ended',
    [aliceInSource, tokenOf(roleSession({ ...SESSION, began: utc('11:55:00') }), { until: utc('11:51:59') })],
    OF_ROLE,
    itself(OF_ROLE, NOT_KNOWN),
  ),
  shown('nothing is known of a shown token of a role', [], OF_ROLE, itself(OF_ROLE, NOT_KNOWN)),
  shown('nothing is known of a shown token of a user', [], OF_ALICE, itself(OF_ALICE, { provisionalAtFirst: true })),
  shown(
    'two records say that they issued the shown token',
    [tokenOf(iamUser('alice'), { id: 'one' }), tokenOf(iamUser('mallory'), { id: 'other' })],
    `https://${ISSUER}#someone`,
    {
      status: 'ambiguous',
      flags: ['issuer-by-username'],
      candidates: [ALICE.name, MALLORY.name],
      provisionalAtFirst: true,
    },
  ),
];

/** New: sessions from another partition that exchanged a token of AWS's own, and callers that show such a token. */
export const WEB_IDENTITY_TOKENS: readonly Scenario[] = [
  of('a token leads to the person whose session had it issued', [aliceInSource, token, exchange()], BY_ALICE),
  of(
    'an IAM user had the token issued',
    [
      tokenOf(iamUser('alice', { accountId: OTHER_ACCOUNT })),
      exchange({}, ISSUER, 'arn:aws-us-gov:iam::111122223333:user/alice'),
    ],
    { ...BY_ALICE, joinedBy: ['web-identity-token', 'access-key'] },
  ),
  of('the source’s session is known, but not who began it', [token, exchange()], {
    status: 'partial',
    method: 'access-key',
    reason: 'upstream-grant-not-found',
    actor: { kind: 'role-session', sessionName: 'batch' },
    joinedBy: ['web-identity-token', 'access-key'],
  }),
  of('without the source’s record AWS’s word leads to the role, and to nobody', [exchange()], UP_TO_THE_ROLE),
  of(
    'without the source’s record AWS’s own statement names an IAM user',
    [exchange({ sourcePrincipalArn: `arn:aws-us-gov:iam::${OTHER_ACCOUNT}:user/ops/alice` })],
    { ...ONLY_THE_EXCHANGE, status: 'attributed', actor: ALICE },
  ),
  of('a subject that is an AWS role is no person', [exchange({})], UP_TO_THE_SUBJECT),
  of('a token that somebody else had issued leads nowhere', [tokenOf(iamUser('alice')), exchange()], UP_TO_THE_ROLE),
  of(
    'the role of the same name in another account does not match',
    [tokenOf(roleSession({ ...SESSION, accountId: ACCOUNT })), exchange()],
    UP_TO_THE_ROLE,
  ),
  of(
    'a token that had ended leads nowhere',
    [
      aliceInSource,
      tokenOf(roleSession({ ...SESSION, began: utc('11:55:00') }), { at: utc('11:40:00'), until: utc('11:45:00') }),
      exchange(),
    ],
    UP_TO_THE_ROLE,
  ),
  of(
    'a provider that anybody runs can write any token ID and any subject',
    [aliceInSource, token, exchange({}, 'idp.example.com')],
    UP_TO_THE_SUBJECT,
  ),
  of(
    'the same holds if the path of its address ends like AWS’s own issuer',
    [aliceInSource, token, exchange({}, `idp.example.com/${ISSUER}`)],
    UP_TO_THE_SUBJECT,
  ),
  ...SHOWN_TOKENS,
];
