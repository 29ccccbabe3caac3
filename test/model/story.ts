import type { JsonObject } from '../../lib/json.ts';
import { bareRoleUser, eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, OTHER_ACCOUNT, ROLE_ID, utc } from '../builders/company.ts';
import { accountOnly, awsService, iamUser, roleSession } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';

/** One evening in an account: every status, each way in which a grant can matter. */

const JUMP = { roleId: 'AROAJUMPROLE000000001', roleName: 'jump', session: 'carol-jump-2026' };
const JUMP_KEY = 'ASIAJUMPSESSION00001';
const CHAINED_KEY = 'ASIACHAINEDSESSION01';
const CONSOLE_KEY = 'ASIACONSOLESESSION01';
const NODE_KEY = 'ASIANODESESSION00001';
const CROSS_KEY = 'ASIACROSSACCOUNT0001';

/** Deliveries as CloudTrail groups them, in any order and at any time. */
export const GRANT_DELIVERIES: readonly (readonly JsonObject[])[] = [
  [grant({ id: 'alice', key: KEY })],
  [grant({ ...JUMP, id: 'jump', key: JUMP_KEY, by: iamUser('carol') })],
  [
    grant({
      id: 'chained',
      session: 'chained',
      key: CHAINED_KEY,
      at: utc('12:05:00'),
      by: roleSession({ ...JUMP, key: JUMP_KEY, began: utc('12:00:00') }),
    }),
  ],
  [grant({ id: 'shared-1', session: 'shared-name-01', key: 'ASIASHAREDSESSION001', by: iamUser('dave') })],
  [grant({ id: 'shared-2', session: 'shared-name-01', key: 'ASIASHAREDSESSION002', by: iamUser('erin') })],
  [grant({ id: 'console', session: 'frank', key: 'ASIANOBODYUSESTHIS01', by: iamUser('frank') })],
  [
    callBy(
      roleSession({
        roleId: ROLE_ID,
        roleName: 'project-admin',
        session: 'frank',
        key: CONSOLE_KEY,
        began: utc('12:00:00'),
      }),
      {
        eventID: 'use',
      },
    ),
  ],
  [
    grant({
      id: 'owner-copy',
      session: 'visitor',
      key: CROSS_KEY,
      by: accountOnly(OTHER_ACCOUNT, 'AIDAVISITOR0000000000'),
      fields: { sharedEventID: 'cross' },
    }),
  ],
  [
    grant({
      id: 'caller-copy',
      session: 'visitor',
      key: CROSS_KEY,
      by: iamUser('grace'),
      fields: { sharedEventID: 'cross' },
    }),
  ],
  [
    grant({
      id: 'node',
      roleId: 'AROANODEROLE000000001',
      roleName: 'node',
      session: 'i-0abc',
      key: NODE_KEY,
      by: awsService('ec2.amazonaws.com'),
    }),
  ],
];

function event(auditID: string, user: JsonObject, time = utc('12:10:00.000001'), fields: JsonObject = {}): JsonObject {
  return eventBy(user, { auditID, requestReceivedTimestamp: time, ...fields });
}

const TOKEN = 'JTI=4c1f5b1e-0000-4000-8000-000000000001';

const deployer = {
  username: 'system:serviceaccount:shop:deployer',
  extra: { 'authentication.kubernetes.io/credential-id': [TOKEN] },
};

/** Alice requests a token of the service account. */
const issuing = {
  verb: 'create',
  objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: 'deployer' },
  annotations: { 'authentication.kubernetes.io/issued-credential-id': TOKEN },
};

const node = {
  uid: `aws-iam-authenticator:${ACCOUNT}:AROANODEROLE000000001`,
  username: 'system:node:ip-10-0-0-1',
  extra: { sessionName: ['i-0abc'], accessKeyId: [NODE_KEY] },
};

export const EVENT_DELIVERIES: readonly (readonly JsonObject[])[] = [
  [event('alice-1', roleUser()), event('alice-2', roleUser(), utc('12:20:00'))],
  [event('alice-3', roleUser(), utc('12:30:00')), event('late', roleUser(), utc('14:30:00'))],
  [event('nobody-2', roleUser({ session: 'nobody', key: ANOTHER_KEY }), utc('12:40:00'))],
  [event('nobody-3', roleUser({ session: 'nobody', key: ANOTHER_KEY }), utc('12:05:00'))],
  [event('alice-4', roleUser(), utc('12:05:00'))],
  [event('alice-5', roleUser(), utc('12:40:00'))],
  [event('carol', roleUser({ session: 'chained', key: CHAINED_KEY }))],
  [event('shared', bareRoleUser('shared-name-01'))],
  [event('frank', roleUser({ session: 'frank', key: CONSOLE_KEY }))],
  [event('visitor', roleUser({ session: 'visitor', key: CROSS_KEY }))],
  [event('nobody', roleUser({ session: 'nobody', key: ANOTHER_KEY })), event('untimed', roleUser(), 'yesterday')],
  [
    event('unknown-1', roleUser({ session: 'unknown-1', key: 'ASIAUNKNOWNSESSION01' })),
    event('unknown-2', roleUser({ session: 'unknown-2', key: 'ASIAUNKNOWNSESSION02' })),
    event('unknown-3', roleUser({ session: 'unknown-3', key: 'ASIAUNKNOWNSESSION03' })),
  ],
  [event('node', node), event('service', { username: 'system:serviceaccount:shop:web' })],
  [event('token-used', deployer)],
  [event('token-issued', roleUser(), utc('12:06:00'), issuing)],
];

/** The deliveries of one session: before and after it expired, of a token that was issued in it, and of its grant. */
export const ALICE = { events: [0, 1, 13, 14], grants: [0] };
