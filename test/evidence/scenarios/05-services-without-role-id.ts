import type { JsonObject } from '../../../lib/json.ts';
import { auditEvent, eventBy, roleUser } from '../../builders/audit-event.ts';
import { ACCOUNT, ROLE_ID, ROLE_NAME } from '../../builders/company.ts';
import { awsService, iamUser } from '../../builders/trail-callers.ts';
import { type GrantOptions, grant } from '../../builders/trail-records.ts';
import { ALICE, mallorys, useOf } from '../cast.ts';
import type { ExpectedAnswer, Scenario } from '../scenario.ts';

const INSTANCE = 'i-0abc123def4567890';

/** Returns EC2's grant, which often lacks the role session's ID (FACTS). */
const instances = (options: GrantOptions = {}): JsonObject =>
  grant({
    id: 'grant-instance',
    by: awsService('ec2.amazonaws.com'),
    session: INSTANCE,
    key: 'ASIAINSTANCE00000001',
    namesRoleUser: false,
    ...options,
  });

/** The event of a cluster that states the session's name, and no ARN. */
const event = eventBy({
  uid: `aws-iam-authenticator:${ACCOUNT}:${ROLE_ID}`,
  username: 'project-admin',
  extra: { sessionName: [INSTANCE] },
});
const nodeEvent = auditEvent({
  userAgent: 'kubectl/v1.33.0',
  user: {
    uid: `aws-iam-authenticator:${ACCOUNT}:${ROLE_ID}`,
    username: 'system:node:ip-10-0-0-1.eu-west-1.compute.internal',
    extra: { sessionName: [INSTANCE] },
  },
});
const BY_NAME = { method: 'session-name', flags: ['name-chosen-by-caller'] };
const INSTANCE_ITSELF: ExpectedAnswer = {
  status: 'attributed',
  ...BY_NAME,
  actor: { kind: 'aws-service', name: 'ec2.amazonaws.com', workload: INSTANCE },
};

/** 5: grants to services that have no role id. */
export const SERVICES: readonly Scenario[] = [
  {
    title: 'a person who takes an instance’s session name is a candidate beside the instance, by the role of a grant',
    records: [instances(), mallorys({ session: INSTANCE })],
    events: [{ event, expected: { status: 'ambiguous', candidates: ['ec2.amazonaws.com', 'mallory'] } }],
  },
  {
    title: 'a service’s grant of that session name is possible as long as no record states the role of the ID',
    records: [instances()],
    events: [{ event, expected: INSTANCE_ITSELF }],
  },
  {
    title: 'a service’s grant of another role is impossible once any record states the role of the ID',
    records: [
      instances({ roleName: 'batch' }),
      grant({ id: 'grant-alice', by: iamUser('alice'), session: INSTANCE, key: 'ASIAALICESESSION0009' }),
    ],
    events: [{ event, expected: { status: 'attributed', ...BY_NAME, actor: ALICE } }],
  },
  {
    title: 'a use can state the role of the ID, too',
    records: [instances({ roleName: 'batch' }), useOf({ key: 'ASIASOMEBODY00000001', session: 'somebody' })],
    events: [{ event, expected: { status: 'unattributed', reason: 'no-matching-grant' } }],
  },
  {
    title: 'a use that states the same role keeps the service’s grant possible',
    records: [instances(), useOf({ key: 'ASIASOMEBODY00000001', session: 'somebody' })],
    events: [{ event, expected: INSTANCE_ITSELF }],
  },
  {
    title: 'the event’s own ARN has precedence over what records state',
    records: [instances(), mallorys({ session: INSTANCE, roleName: 'batch', roleId: 'AROABATCH000000000001' })],
    events: [
      {
        event: eventBy(roleUser({ session: INSTANCE, key: null, roleName: ROLE_NAME })),
        expected: INSTANCE_ITSELF,
      },
    ],
  },
  {
    title: 'a person who takes a node’s session name is reported beside the node',
    records: [instances(), mallorys({ session: INSTANCE })],
    events: [
      {
        event: nodeEvent,
        expected: {
          status: 'ambiguous',
          flags: ['node-role-used-by-person'],
          candidates: ['ec2.amazonaws.com', 'mallory'],
        },
      },
    ],
  },
];
