import type { JsonObject } from '../../../lib/json.ts';
import { auditEvent, roleUser } from '../../builders/audit-event.ts';
import { utc } from '../../builders/company.ts';
import { iamUser } from '../../builders/trail-callers.ts';
import { ALICE, ALICES_KEY, alices, MALLORY, MALLORYS_KEY, mallorys, SHARED } from '../cast.ts';
import { auditPayload } from '../over-files.ts';
import type { ExpectedAnswer, Scenario, ToldEvent } from '../scenario.ts';

const CREDENTIAL = 'authentication.kubernetes.io/credential-id';
const ISSUED = 'authentication.kubernetes.io/issued-credential-id';
const EARLY_ISSUED = 'authentication.k8s.io/issued-credential-id';
const TOKEN = 'JTI=4c1f5b1e-0000-4000-8000-000000000001';
const NEXT_TOKEN = 'JTI=4c1f5b1e-0000-4000-8000-000000000002';

/** Another person called alice, of another account. */
const OTHER_ALICE = {
  ...iamUser('alice'),
  accountId: '444455556666',
  arn: 'arn:aws:iam::444455556666:user/alice',
  principalId: 'AIDAALICE00000000044',
};
const OTHERS_KEY = 'ASIAOTHERALICE000001';

const alicesUser = roleUser({ session: SHARED, key: ALICES_KEY });
const BY_ALICE: ExpectedAnswer = { status: 'attributed', method: 'access-key', actor: ALICE, joinedBy: ['access-key'] };
const WITH_HER_TOKEN: ExpectedAnswer = {
  status: 'attributed',
  method: 'token',
  flags: ['token-of-service-account'],
  actor: ALICE,
  joinedBy: ['access-key', 'token'],
};
const NOBODYS: ExpectedAnswer = { status: 'system' };

/** Returns the service account `name` in the namespace `shop`, with the ID of its token. */
function serviceAccount(name: string, token: string | undefined, extra: JsonObject = {}): JsonObject {
  const ids = token === undefined ? {} : { [CREDENTIAL]: [token] };
  return { username: `system:serviceaccount:shop:${name}`, uid: `uid-${name}`, extra: { ...ids, ...extra } };
}

interface Issue {
  readonly user: JsonObject;
  readonly of: string;
  readonly token: string;
  readonly annotation?: string;
  readonly at?: string;
  readonly id?: string;
  readonly code?: number;
  readonly apiGroup?: string;
}

/** Returns the event of `kubectl create token`, or of a kubelet's request for a token. */
const node = { username: 'system:node:ip-10-0-0-1.eu-west-1.compute.internal' };

function issue({ user, of, token, annotation = ISSUED, at = utc('12:05:00'), ...rest }: Issue): JsonObject {
  const { id = `issue-${of}`, code = 201, apiGroup } = rest;
  const core = { resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: of, apiVersion: 'v1' };
  return auditEvent({
    auditID: id,
    user,
    ...(user === node && { userAgent: 'kubelet/v1.33.1' }),
    verb: 'create',
    requestURI: `/api/v1/namespaces/shop/serviceaccounts/${of}/token`,
    objectRef: { ...core, ...(apiGroup && { apiGroup }) },
    responseStatus: { metadata: {}, code },
    requestReceivedTimestamp: at,
    annotations: { [annotation]: token, 'authorization.k8s.io/decision': 'allow' },
  });
}

function act(user: JsonObject, expected: ExpectedAnswer, fields: JsonObject = {}): ToldEvent {
  return { event: auditEvent({ auditID: 'act', user, ...fields }), expected };
}

/** Returns the event as the cluster `prod` of that account delivers it. CloudWatch Logs states the account and the Region. */
function ofProd(account: string, { event, expected }: ToldEvent, region = 'eu-west-1'): ToldEvent {
  const stated = { extractedFields: { '@aws.account': account, '@aws.region': region } };
  return { event, delivered: auditPayload([event], 'prod', stated), ...(expected && { expected }) };
}

const [ONE, NINE] = ['111122223333', '999900001111'];

const OF_CURL: ExpectedAnswer = {
  status: 'unattributed',
  reason: 'node-credentials-used',
  flags: ['unusual-node-client'],
};
const WITH_CURLS_TOKEN: ExpectedAnswer = { ...OF_CURL, flags: ['token-of-service-account', 'unusual-node-client'] };

const hers: ToldEvent = { event: issue({ user: alicesUser, of: 'deployer', token: TOKEN }), expected: BY_ALICE };
const story = (title: string, events: readonly ToldEvent[]): Scenario => ({ title, records: [alices()], events });

/** New: a request with a service account's token belongs to whoever requested the token. */
export const TOKENS: readonly Scenario[] = [
  story('a token that a person requested is used by that person, with the person’s chain', [
    hers,
    act(serviceAccount('deployer', TOKEN), {
      ...WITH_HER_TOKEN,
      caller: { kind: 'kubernetes-service-account', credentialId: TOKEN },
    }),
  ]),
  story('early versions write the issued id under another name', [
    {
      event: issue({ user: alicesUser, of: 'deployer', token: TOKEN, annotation: EARLY_ISSUED }),
      expected: BY_ALICE,
    },
    act(serviceAccount('deployer', TOKEN), WITH_HER_TOKEN),
  ]),
  story('a token that a node requested is the cluster’s own', [
    { event: issue({ user: node, of: 'deployer', token: TOKEN }), expected: NOBODYS },
    act(serviceAccount('deployer', TOKEN), NOBODYS),
  ]),
  story('a token that somebody requested with a node’s credentials and curl is nobody’s that can be named', [
    { event: { ...issue({ user: node, of: 'deployer', token: TOKEN }), userAgent: 'curl/8.5.0' }, expected: OF_CURL },
    act(serviceAccount('deployer', TOKEN), WITH_CURLS_TOKEN),
  ]),
  story('a copy of the request for a token that states kubelet does not make it the node’s', [
    { event: { ...issue({ user: node, of: 'deployer', token: TOKEN }), userAgent: 'curl/8.5.0' }, expected: OF_CURL },
    { event: issue({ user: node, of: 'deployer', token: TOKEN, id: 'another' }), expected: NOBODYS },
    act(serviceAccount('deployer', TOKEN), WITH_CURLS_TOKEN),
  ]),
  story('a token’s id under another service account is not that token', [
    hers,
    act(serviceAccount('web', TOKEN), NOBODYS),
  ]),
  story('a request that was refused issued no token, whatever a webhook wrote beside it', [
    { event: issue({ user: alicesUser, of: 'deployer', token: TOKEN, code: 403 }), expected: BY_ALICE },
    act(serviceAccount('deployer', TOKEN), NOBODYS),
  ]),
  story('a service account’s token of another API is no token', [
    {
      event: issue({ user: alicesUser, of: 'deployer', token: TOKEN, apiGroup: 'shop.example.com' }),
      expected: BY_ALICE,
    },
    act(serviceAccount('deployer', TOKEN), NOBODYS),
  ]),
  story('a token that was issued later than it was used is not that token', [
    {
      event: issue({ user: alicesUser, of: 'deployer', token: TOKEN, at: utc('12:20:00') }),
      expected: BY_ALICE,
    },
    act(serviceAccount('deployer', TOKEN), NOBODYS),
  ]),
  story('a token that was issued a minute later than it was used, by another clock, is that token', [
    { event: issue({ user: alicesUser, of: 'deployer', token: TOKEN, at: utc('12:11:00') }), expected: BY_ALICE },
    act(serviceAccount('deployer', TOKEN), WITH_HER_TOKEN),
  ]),
  story('a token that was issued more than a minute later than it was used is not that token', [
    {
      event: issue({ user: alicesUser, of: 'deployer', token: TOKEN, at: utc('12:11:00.001') }),
      expected: BY_ALICE,
    },
    act(serviceAccount('deployer', TOKEN), NOBODYS),
  ]),
  story('a token of another cluster is not that token', [
    hers,
    { ...act(serviceAccount('deployer', TOKEN), NOBODYS), cluster: 'prod-2' },
  ]),
  story('a token of a cluster never vouches for a cluster of the same name in another account', [
    ofProd(NINE, hers),
    ofProd(ONE, act(serviceAccount('deployer', TOKEN), NOBODYS, { verb: 'delete' })),
  ]),
  story('a token of a cluster never vouches for a cluster of the same name in another Region', [
    ofProd(ONE, hers, 'us-east-1'),
    ofProd(ONE, act(serviceAccount('deployer', TOKEN), NOBODYS)),
  ]),
  story('a token of a cluster never vouches for another cluster, if only the same name is known of it', [
    ofProd(ONE, hers),
    { ...act(serviceAccount('deployer', TOKEN), NOBODYS), cluster: 'prod' },
  ]),
  story('a token is used in its own cluster, whatever a cluster of the same name claims to have issued', [
    ofProd(ONE, hers),
    ofProd(NINE, {
      event: issue({ user: node, of: 'deployer', token: TOKEN, at: utc('12:01:00'), id: 'forged' }),
      expected: NOBODYS,
    }),
    ofProd(ONE, act(serviceAccount('deployer', TOKEN), WITH_HER_TOKEN)),
  ]),
  story('a token that was requested with a person’s token leads to the person', [
    hers,
    {
      event: issue({ user: serviceAccount('deployer', TOKEN), of: 'web', token: NEXT_TOKEN, at: utc('12:07:00') }),
      expected: WITH_HER_TOKEN,
    },
    act(serviceAccount('web', NEXT_TOKEN), { ...WITH_HER_TOKEN, joinedBy: ['access-key', 'token', 'token'] }),
  ]),
  {
    title: 'a copy of the event that issued a token, by another person of that name, leaves both open',
    records: [alices(), alices({ id: 'grant-other', by: OTHER_ALICE, key: OTHERS_KEY })],
    events: [
      ...[ALICES_KEY, OTHERS_KEY].map((key) => ({
        event: {
          ...issue({ user: roleUser({ session: SHARED, key }), of: 'deployer', token: TOKEN }),
          impersonatedUser: { username: 'carol', groups: ['ops'] },
        },
        expected: { ...BY_ALICE, flags: ['conflicting-copies', 'impersonation'] },
      })),
      act(serviceAccount('deployer', TOKEN), {
        status: 'ambiguous',
        flags: ['token-of-service-account'],
        candidates: ['alice', 'alice'],
      }),
    ],
  },
  {
    title: 'an event of another person that states to have issued the token at that time leaves both open',
    records: [alices(), mallorys()],
    events: [
      hers,
      {
        event: issue({
          user: roleUser({ session: SHARED, key: MALLORYS_KEY }),
          of: 'deployer',
          token: TOKEN,
          id: 'at once',
        }),
        expected: { ...BY_ALICE, actor: MALLORY },
      },
      act(serviceAccount('deployer', TOKEN), {
        status: 'ambiguous',
        flags: ['token-of-service-account'],
        candidates: ['alice', 'mallory'],
      }),
    ],
  },
  story('an event that says a node had the token issued at that time leaves it open whether a person did', [
    hers,
    { event: issue({ user: node, of: 'deployer', token: TOKEN, id: 'at once' }), expected: NOBODYS },
    act(serviceAccount('deployer', TOKEN), {
      status: 'ambiguous',
      flags: ['token-of-service-account'],
      candidates: ['alice'],
    }),
  ]),
  story('an event of that time that lacks a field does not change the token’s issuer', [
    hers,
    {
      event: issue({ user: roleUser({ session: SHARED, key: null }), of: 'deployer', token: TOKEN, id: 'at once' }),
      expected: {
        status: 'attributed',
        method: 'session-name',
        flags: ['name-chosen-by-caller'],
        actor: ALICE,
        joinedBy: ['session-name'],
      },
    },
    act(serviceAccount('deployer', TOKEN), WITH_HER_TOKEN),
  ]),
  story('tokens that issued each other are the cluster’s own', [
    {
      event: issue({ user: serviceAccount('web', NEXT_TOKEN), of: 'deployer', token: TOKEN }),
      expected: NOBODYS,
    },
    { event: issue({ user: serviceAccount('deployer', TOKEN), of: 'web', token: NEXT_TOKEN }), expected: NOBODYS },
    act(serviceAccount('deployer', TOKEN), NOBODYS),
  ]),
  story('a token’s ID that a client writes beside an impersonated user does not count', [
    hers,
    act(
      serviceAccount('deployer', undefined),
      {
        status: 'partial',
        method: 'direct',
        reason: 'acts-for-impersonated-user',
        flags: ['impersonation'],
        actor: { kind: 'kubernetes-service-account', name: 'shop:deployer' },
      },
      { impersonatedUser: { username: 'alice', extra: { [CREDENTIAL]: [TOKEN] } } },
    ),
  ]),
  story('a bound token shows the pod and its node', [
    act(
      serviceAccount('web', NEXT_TOKEN, {
        'authentication.kubernetes.io/pod-name': ['web-0'],
        'authentication.kubernetes.io/pod-uid': ['0d1e'],
        'authentication.kubernetes.io/node-name': ['ip-10-0-0-1'],
        'authentication.kubernetes.io/node-uid': ['aa11'],
      }),
      { ...NOBODYS, caller: { pod: { name: 'web-0', uid: '0d1e', node: 'ip-10-0-0-1' }, credentialId: NEXT_TOKEN } },
    ),
  ]),
];
