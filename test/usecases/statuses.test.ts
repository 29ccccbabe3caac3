import { describe, expect, it } from 'vitest';
import type { Flag } from '../../lib/attribution/flags.ts';
import type { Status } from '../../lib/attribution/reasons.ts';
import { ALERT_CAUSES } from '../../lib/claims/alert-cause.ts';
import type { JsonObject } from '../../lib/json.ts';
import { bareRoleUser, eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, OTHER_ACCOUNT, utc } from '../builders/company.ts';
import { accountOnly, iamUser, samlUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from './service.ts';

interface Scene {
  readonly tells: string;
  readonly user: JsonObject;
  readonly grants?: readonly JsonObject[];
  readonly fields?: JsonObject;
  readonly status: Status;
  readonly flags?: readonly Flag[];
  /** The alerts if every cause is turned on. */
  readonly alerts?: readonly (readonly string[])[];
}

const NODE_ROLE = 'AROANODEROLE000000001';
const nodeUser = (username: string) => ({
  uid: `aws-iam-authenticator:${ACCOUNT}:${NODE_ROLE}`,
  username,
  extra: { sessionName: ['i-0abc'], accessKeyId: [KEY] },
});
const nodeGrant = grant({ id: 'node', roleId: NODE_ROLE, roleName: 'node', session: 'i-0abc' });
const shared = (by: string, key: string) => grant({ id: by, by: iamUser(by), session: 'shared-name-01', key });
const SSO = {
  eventName: 'AssumeRoleWithSAML',
  path: '/aws-reserved/sso.amazonaws.com/',
  roleName: 'AWSReservedSSO_Admin_0123456789abcdef',
  request: { principalArn: `arn:aws:iam::${ACCOUNT}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE` },
};

const SCENES: readonly Scene[] = [
  { tells: 'a grant issued the key', user: roleUser(), grants: [grant()], status: 'attributed' },
  {
    tells: "the caller's account is not logged",
    user: roleUser(),
    grants: [grant({ by: accountOnly(OTHER_ACCOUNT, 'AIDAVISITOR0000000000') })],
    status: 'partial',
    alerts: [['partial']],
  },
  {
    tells: 'two people share a name',
    user: bareRoleUser('shared-name-01'),
    grants: [shared('dave', KEY), shared('erin', ANOTHER_KEY)],
    status: 'ambiguous',
    alerts: [['ambiguous']],
  },
  { tells: 'no grant can be meant', user: roleUser(), status: 'unattributed', alerts: [['unattributed']] },
  { tells: "the cluster's own", user: { username: 'system:serviceaccount:shop:web' }, status: 'system' },
  {
    tells: "Identity Center's session signed with another key",
    user: roleUser({ session: 'heidi', key: ANOTHER_KEY }),
    grants: [grant({ ...SSO, session: 'heidi', by: samlUser('heidi') })],
    status: 'attributed',
    flags: ['access-key-mismatch'],
    alerts: [['access-key-mismatch']],
  },
  {
    tells: 'the caller chose the name',
    user: roleUser({ key: null }),
    grants: [grant()],
    status: 'attributed',
    flags: ['name-chosen-by-caller'],
    alerts: [['name-chosen-by-caller']],
  },
  {
    tells: "a person uses a node's role",
    user: nodeUser('system:node:ip-10-0-0-1'),
    grants: [nodeGrant],
    status: 'attributed',
    flags: ['node-role-used-by-person'],
    alerts: [['node-role-used-by-person']],
  },
  {
    tells: 'a person has the name of an EKS service',
    user: nodeUser('eks:addon-manager'),
    grants: [nodeGrant],
    status: 'attributed',
    flags: ['eks-name-used-by-person'],
    alerts: [['eks-name-used-by-person']],
  },
  {
    tells: 'a session has the name of somebody else',
    user: roleUser({ session: 'bob' }),
    grants: [grant({ session: 'bob' }), grant({ by: iamUser('bob'), session: 'own', key: ANOTHER_KEY })],
    status: 'attributed',
    flags: ['session-name-claims-other-actor'],
    alerts: [['session-name-claims-other-actor']],
  },
  {
    tells: 'a source identity is the name of somebody else',
    user: roleUser(),
    grants: [
      grant({ request: { sourceIdentity: 'bob' } }),
      grant({ by: iamUser('bob'), session: 'own', key: ANOTHER_KEY }),
    ],
    status: 'attributed',
    flags: ['source-identity-claims-other-actor'],
    alerts: [['source-identity-claims-other-actor']],
  },
  {
    tells: 'somebody acts as another user',
    user: roleUser(),
    grants: [grant()],
    fields: { impersonatedUser: { username: 'ops' } },
    status: 'attributed',
    flags: ['impersonation'],
  },
];

async function played({ user, fields, grants = [] }: Scene, grantsFirst: boolean) {
  const clock = new SetClock(utc('12:11:00'));
  const running = new Service(memoryStores(calmWorld(clock.now)), clock, { alertOn: ALERT_CAUSES });
  if (grantsFirst) await running.grants(grants);
  await running.ingest([eventBy(user, fields)]);
  await running.settleFor(4);
  if (!grantsFirst) await running.grants(grants);
  await running.settleFor(40);
  return { attribution: (await running.only()).attribution, alerts: running.outbox.alerts.map(({ causes }) => causes) };
}

describe('the status, the flags and the alerts if', () => {
  it.each(SCENES)('$tells: $status', async (scene) => {
    for (const grantsFirst of [true, false]) {
      const { attribution, alerts } = await played(scene, grantsFirst);
      expect(attribution).toMatchObject({ status: scene.status, provisional: false, flags: scene.flags ?? [] });
      expect(alerts).toEqual(scene.alerts ?? []);
    }
  });
});
