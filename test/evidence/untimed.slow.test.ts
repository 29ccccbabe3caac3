import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { bareRoleUser, eventBy, iamUserOfCluster, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY } from '../builders/company.ts';
import { iamUser, rootUser } from '../builders/trail-callers.ts';
import { callBy, federationGrant, grant, rootGrant } from '../builders/trail-records.ts';
import { comparableRecords, fed } from '../model/feeding.ts';
import { instant } from '../usecases/service.ts';
import { ordersOf } from './orders.ts';
import { overFiles } from './over-files.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { settingsOf } from './settings.ts';

const START = instant('2026-03-10T12:21:00Z');
const UNTIMED = { requestReceivedTimestamp: 'yesterday', stageTimestamp: 'yesterday' };

/** Returns the same story without any readable event time. */
function untimed(scenario: Scenario): Scenario {
  return { ...scenario, events: scenario.events.map((given) => ({ ...given, event: { ...given.event, ...UNTIMED } })) };
}

/** Takes every order of the deliveries, each with one of its three numbers of runs of settle: the evidence tests have all of them. */
const isSampled = (_: unknown, at: number) => at % 3 === Math.floor(at / 3) % 3;

async function expectSame(scenario: Scenario): Promise<ReturnType<typeof comparableRecords>> {
  const expected = comparableRecords(await overFiles(scenario));
  const settings = settingsOf(scenario);
  for (const { name, steps } of ordersOf(scenario).filter(isSampled)) {
    const { stores } = await fed(steps, { settings, start: START });
    const records = stores.records.all().map(({ record }) => record);
    expect(comparableRecords(records), name).toEqual(expected);
  }
  return expected;
}

const uid = (rest: string) => `aws-iam-authenticator:${ACCOUNT}:${rest}`;
const keyed = (key: string, arn: string) => ({ accessKeyId: [key], arn: [`arn:aws:${arn}`] });
const ROOT = { uid: uid(ACCOUNT), username: 'root', extra: keyed(KEY, `iam::${ACCOUNT}:root`) };
const FEDERATED = {
  uid: uid(`${ACCOUNT}:bob`),
  username: 'bob',
  extra: { ...keyed(KEY, `sts::${ACCOUNT}:federated-user/bob`), sessionName: ['bob'] },
};
const NODE = { roleName: 'node', roleId: 'AROANODE0000000000001', session: 'i-0123456789abcdef0' };
const asNode = (username: string, key: string | null = KEY) => roleUser({ ...NODE, username, key });
const NODES_NAME = 'system:node:ip-10-0-0-1.ec2.internal';

/** Every kind of caller, with grants that would decide the answer at some time. */
const CALLERS: readonly (readonly [string, JsonObject, readonly JsonObject[]])[] = [
  ['root, with a key that AssumeRoot issued', ROOT, [rootGrant(ACCOUNT)]],
  ['root, with a key that AssumeRoot issued of another account', ROOT, [rootGrant('999999999999')]],
  ['root, with a key by which somebody else acts', ROOT, [callBy(rootUser())]],
  ['a federated user whose key was issued', FEDERATED, [federationGrant('bob')]],
  ['a federated user by name', { ...FEDERATED, extra: { sessionName: ['bob'] } }, [federationGrant('bob')]],
  ['an IAM user', iamUserOfCluster('AKIAALICE00000000001'), [callBy(iamUser('alice'))]],
  [
    'an IAM user with a temporary key',
    iamUserOfCluster(KEY),
    [callBy(iamUser('alice', { accessKeyId: KEY })), grant()],
  ],
  ['a role session by key', roleUser(), [grant()]],
  ['a role session whose key is another', roleUser({ key: ANOTHER_KEY }), [grant()]],
  ['a role session by name', roleUser({ key: null }), [grant()]],
  ['a role session by its username', bareRoleUser('alice-session'), [grant()]],
  ['a node with a key of a person', asNode(NODES_NAME), [grant(NODE)]],
  ['a node without a key, whose name a person took', asNode(NODES_NAME, null), [grant(NODE)]],
  ['a service of EKS with a key of a person', asNode('eks:node-manager'), [grant(NODE)]],
  ['a service account', { uid: 'u', username: 'system:serviceaccount:argocd:controller' }, [grant()]],
  ["one of Kubernetes' own", { username: 'system:kube-scheduler' }, [grant()]],
  ['a user of another authenticator', { uid: 'oidc#1', username: 'alice@example.com' }, [grant()]],
  ['nobody that was authenticated', { username: 'system:anonymous', groups: ['system:unauthenticated'] }, [grant()]],
  ['a malformed identity', { uid: uid(''), username: 'x' }, [grant()]],
];

describe('an event without a readable time is answered alike over files and in the service', () => {
  it.each(CALLERS)('by %s', async (title, user, records) => {
    const impersonating = { ...UNTIMED, auditID: 'as', impersonatedUser: { username: 'carol', groups: ['ops'] } };
    const events = [eventBy(user, UNTIMED), eventBy(user, impersonating)].map((event) => ({ event }));
    const found = await expectSame({ title, events, records });
    expect(found).toHaveLength(2);
  });

  it("is unattributed if AssumeRoot issued root's key", async () => {
    const events = [{ event: eventBy(ROOT, UNTIMED) }];
    const [record] = await expectSame({ title: 'root', events, records: [rootGrant(ACCOUNT)] });
    expect(record).toMatchObject({ attribution: { status: 'unattributed', reason: 'no-event-time' } });
  });
});

describe.each(SCENARIOS)('without readable times, over files and the service: %s', (_about, scenarios) => {
  const deliverable = scenarios.filter(({ exported }) => exported === undefined).map(untimed);
  it.each(deliverable.map((scenario) => [scenario.title, scenario] as const))('%s', async (_title, scenario) => {
    await expectSame(scenario);
  });
});
