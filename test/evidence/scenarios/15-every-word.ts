import { auditEvent, eventBy, roleUser } from '../../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, ROLE_ID, ROLE_NAME } from '../../builders/company.ts';
import { accountOnly, awsService, iamUser, roleSession } from '../../builders/trail-callers.ts';
import { grant } from '../../builders/trail-records.ts';
import { JUMP, MALLORY, signIn, ssoEvent, ssoUse } from '../cast.ts';
import type { ExpectedAnswer, Scenario } from '../scenario.ts';

const PERSON = 'alice@example.com';
const CLUSTER = { roleId: ROLE_ID, roleName: ROLE_NAME, session: 'alice-session' };
const ELEVEN = Array.from({ length: 11 }, (_, at) => ({
  roleId: `AROACHAIN${String(at).padStart(12, '0')}`,
  roleName: `chain-${at}`,
  session: `chain-${at}`,
  key: `ASIACHAIN${String(at).padStart(11, '0')}`,
}));

const NODE = roleUser({
  session: 'i-0123456789abcdef0',
  username: 'system:node:ip-10-0-0-1.eu-west-1.compute.internal',
});

function of(title: string, records: Scenario['records'], expected: ExpectedAnswer, event = auditEvent()): Scenario {
  return { title, records, events: [{ event, expected }] };
}

/** Flags and reasons that are in no other story. */
export const EVERY_WORD: readonly Scenario[] = [
  {
    title: 'Identity Center’s session is found by the name that AWS set, though no grant lists the key',
    records: [signIn(PERSON)],
    events: [
      ssoEvent(PERSON, ANOTHER_KEY, {
        status: 'attributed',
        method: 'session-name',
        flags: ['access-key-mismatch'],
        actor: { kind: 'identity-center-user', name: PERSON },
      }),
    ],
  },
  {
    title: 'a person of a directory that is not one’s own is flagged',
    stores: ['d-1234567890'],
    records: [
      ssoUse(PERSON, ANOTHER_KEY, {
        onBehalfOf: { userId: 'u-1', identityStoreArn: `arn:aws:identitystore::${ACCOUNT}:identitystore/d-1029384756` },
      }),
    ],
    events: [
      ssoEvent(PERSON, ANOTHER_KEY, {
        status: 'attributed',
        method: 'use',
        flags: ['foreign-identity-store'],
        actor: { kind: 'identity-center-user', name: 'u-1' },
      }),
    ],
  },
  {
    title:
      'a node’s credentials, which EC2 issued, are used by curl and by kubelet: nobody is named, and only curl is flagged',
    records: [grant({ session: 'i-0123456789abcdef0', by: awsService('ec2.amazonaws.com') })],
    events: (['curl/8.5.0', 'kubelet/v1.33.1 (linux/amd64) kubernetes/1a1b2c3', 'kubelets/v1'] as const).map(
      (userAgent, at) => ({
        event: auditEvent({ auditID: `node-${at}`, user: NODE, userAgent }),
        expected:
          at === 1
            ? { status: 'system' }
            : { status: 'unattributed', reason: 'node-credentials-used', flags: ['unusual-node-client'] },
      }),
    ),
  },
  of(
    'a username of EKS that a person uses',
    [grant({ session: 'eks', by: iamUser('mallory') })],
    { status: 'attributed', method: 'access-key', flags: ['eks-name-used-by-person'], actor: MALLORY },
    eventBy(roleUser({ session: 'eks', username: 'eks:node-manager' })),
  ),
  of(
    'a uid that the AWS authenticator does not write',
    [],
    { status: 'unattributed', reason: 'malformed-identity' },
    eventBy({ uid: 'aws-iam-authenticator:', username: 'admin' }),
  ),
  of(
    'an event whose time cannot be read',
    [grant()],
    { status: 'unattributed', reason: 'no-event-time' },
    auditEvent({ requestReceivedTimestamp: 'x' }),
  ),
  of('a key that was issued to another session', [grant({ roleId: JUMP.roleId, session: JUMP.session })], {
    status: 'unattributed',
    reason: 'access-key-contradicts-session',
  }),
  of('a caller in an account whose trail is not known', [grant({ by: accountOnly('444455556666', 'AROAX:alice') })], {
    status: 'partial',
    reason: 'caller-account-not-logged',
    method: 'access-key',
    actor: { kind: 'aws-account-principal' },
  }),
  of(
    'a federated user whose GetFederationToken is not known',
    [],
    { status: 'partial', reason: 'grant-not-found', method: 'direct', actor: { kind: 'federated-user' } },
    eventBy({ uid: `aws-iam-authenticator:${ACCOUNT}:${ACCOUNT}:alice`, username: 'alice' }),
  ),
  of(
    'a chain of eleven grants',
    ELEVEN.map((own, at) => grant({ ...own, by: roleSession({ ...(ELEVEN[at + 1] ?? JUMP), began: null }) })),
    { status: 'partial', reason: 'chain-too-long', method: 'access-key', actor: { kind: 'role-session' } },
    eventBy(roleUser(ELEVEN[0])),
  ),
  of(
    'a chain that comes back to itself',
    [
      grant({ by: roleSession({ ...JUMP, roleName: 'jump', key: ANOTHER_KEY, began: null }) }),
      grant({ ...JUMP, key: ANOTHER_KEY, by: roleSession({ ...CLUSTER, key: KEY, began: null }) }),
    ],
    { status: 'partial', reason: 'chain-loop', method: 'access-key', actor: { kind: 'role-session' } },
  ),
];
