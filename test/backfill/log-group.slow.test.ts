import { expect, test } from 'vitest';
import { MINUTE } from '../../lib/time.ts';
import { auditEvent } from '../builders/audit-event.ts';
import type { LogEntry } from '../stand-ins/aws/logs.ts';
import { account, eventOf, grantOf, minute, THEN } from './running.ts';

const GROUP = '/aws/eks/prod/cluster';
const STREAM = 'kube-apiserver-audit-0123456789abcdef';
const RANGE = ['--log-group', GROUP, '--from', minute(-240), '--to', minute(120)];

function entry(message: string, minutes = 10, stream = STREAM): LogEntry {
  return { stream, timestamp: THEN + minutes * MINUTE, message };
}

const SOME = [
  ...Array.from({ length: 25 }, (_, n) => entry(JSON.stringify(eventOf(n)))),
  entry(JSON.stringify(auditEvent({ user: { username: 'system:serviceaccount:kube-system:coredns' } }))),
  entry('{"kind":"Event","auditID":"cut'),
  entry('time="x" level=info', 10, 'authenticator-0123'),
  entry(JSON.stringify(eventOf(99)), 600),
];

test('the audit streams are read page by page within the time range, without Kubernetes’ own traffic', async () => {
  const { backfill, logs, records, aws, folder } = await account({ groups: { [GROUP]: SOME }, pageSize: 10 });
  const trail = folder.file(
    'trail.json',
    JSON.stringify({ Records: Array.from({ length: 25 }, (_, n) => grantOf(n)) }),
  );
  const { stdout, status } = await backfill([...RANGE, '--cloudtrail', trail]);
  expect(stdout).toContain('Audit events: 25 recorded, 0 there already (25 attributed)\n');
  expect(stdout).toContain('Could not be read: 1 invalid-json (it is damaged JSON)\n');
  expect(status).toBe(0);
  expect(await records(['--actor', 'alice'])).toMatchObject(Array.from({ length: 25 }, () => ({ cluster: 'prod' })));
  expect(logs.requests.every(({ logStreamNamePrefix }) => logStreamNamePrefix === 'kube-apiserver-audit-')).toBe(true);
  expect(aws.published).toEqual([]);
  expect((await backfill(RANGE)).stdout).toContain('Audit events: 0 recorded, 25 there already\n');
});

test('the traffic of kubelets is counted, and loaded on request; other users of a node’s name are always loaded', async () => {
  const node = 'system:node:ip-10-0-0-1.eu-west-1.compute.internal';
  const user = { username: node, uid: 'aws-iam-authenticator:444455556666:AROANODE000000000001' };
  const kubelet = { user, userAgent: 'kubelet/v1.33.1 (linux/amd64)' };
  const events = [
    kubelet,
    kubelet,
    { user, userAgent: 'kubectl/v1.33.2' },
    { user: { username: 'system:kube-scheduler' }, sourceIPs: ['10.0.60.42'], userAgent: 'kube-scheduler/v1.33.1' },
    { user: { username: 'system:kube-scheduler' }, sourceIPs: ['203.0.113.9'], userAgent: 'kube-scheduler/v1.33.1' },
    { user: { username: 'system:anonymous' } },
    { user: { username: node }, userAgent: 'kubectl/v1.33.2' },
    { user: { username: 'oidc:mia' } },
    { user: { username: 'eks:support-engineer' } },
    { user: { username: 'system:serviceaccount:ops:x' }, impersonatedUser: { username: 'carol' } },
    { user: { username: 'system:serviceaccount:ops:x' }, impersonatedUser: { username: 'system:admin' } },
  ];
  const entries = events.map((fields, n) => entry(JSON.stringify(auditEvent({ ...fields, auditID: `event ${n}` }))));
  const { backfill } = await account({ groups: { [GROUP]: entries } });
  const without = await backfill(RANGE);
  expect(without.stdout).toContain('Audit events: 7 recorded, 0 there already');
  expect(without.stderr).toMatch(/^eks-whois: Left out: 2 events of nodes\. [^\n]*--node-traffic[^\n]*\.\n$/);
  const withThem = await backfill([...RANGE, '--node-traffic']);
  expect(withThem.stdout).toContain('Audit events: 2 recorded, 7 there already (2 system)\n');
  expect(withThem.stderr).toBe('');
});

test('a named log group with any name is read, and none of the control plane’s other streams', async () => {
  const events = [0, 1, 2].map((n) => JSON.stringify(eventOf(n)));
  const [first = '', second = '', third = ''] = events;
  const groups = {
    '/company/audit': [entry(first, 10, 'fluent-bit-1')],
    [GROUP]: [entry(second, 10, 'authenticator-0123'), entry(third, 10, STREAM)],
  };
  const { backfill } = await account({ groups });
  const range = ['--from', minute(-240), '--to', minute(120), '--log-stream', 'fluent-bit'];
  const own = await backfill(['--log-group', '/company/audit', ...range]);
  expect(own.stdout).toContain('Audit events: 1 recorded, 0 there already');
  expect(own.stdout).not.toContain('Left out');
  const all = await backfill([...RANGE, '--log-stream', 'a']);
  expect(all.stdout).toContain('Left out: 1 text from a log group that is not trusted\n');
  expect(all.stderr).toContain('--log-group NAME=audit');
});

test.each([
  ['other streams', ['--log-stream', 'kube-apiserver-audit-b']],
  ['another cluster', ['--cluster-name', 'staging']],
])('the hours that were already read of %s are read anyway', async (_, other) => {
  const unnamed = 'control-planes';
  const range = ['--log-group', unnamed, '--from', minute(-72 * 60), '--to', minute(120), '--settle-minutes', '0'];
  const first = [...range, '--log-stream', 'kube-apiserver-audit-a', '--cluster-name', 'prod'];
  const { backfill, interrupted, logs } = await account({ groups: { [unnamed]: [] } });
  expect(await interrupted(first, () => logs.requests.length >= 4)).toMatchObject({ status: 130 });
  const requestsBefore = logs.requests.length;
  expect(await backfill([...first, ...other])).toMatchObject({ status: 0 });
  expect(logs.requests[requestsBefore]).toMatchObject({ startTime: THEN - 72 * 60 * MINUTE });
});

test('keys of another account do not resume where those of the first stopped, new keys of the same account do', async () => {
  const range = ['--log-group', GROUP, '--from', minute(-72 * 60), '--to', minute(120), '--settle-minutes', '0'];
  const { backfill, interrupted, logs, aws } = await account({ groups: { [GROUP]: [] } });
  aws.accounts.set('AKIABOB0000000000001', '444455556666');
  expect(await interrupted(range, () => logs.requests.length >= 4)).toMatchObject({ status: 130 });
  const before = logs.requests.length;
  await backfill(range, { AWS_ACCESS_KEY_ID: 'AKIABOB0000000000001' });
  expect(logs.requests[before]).toMatchObject({ startTime: THEN - 72 * 60 * MINUTE });
  const askedByBob = logs.requests.length;
  await backfill(range, { AWS_ACCESS_KEY_ID: 'AKIAALICE00000000002' });
  expect(Number(logs.requests[askedByBob]?.startTime)).toBeGreaterThan(THEN - 72 * 60 * MINUTE);
});

test('the log group of another account or Region is read with its own sign-in, as a spoke there hands events over', async () => {
  const groups = { [GROUP]: [entry(JSON.stringify(eventOf(1)))] };
  const { backfill, records, aws, folder } = await account({ groups });
  aws.accounts.set('AKIASHOP000000000001', '777788889999');
  const profile = '[shop]\naws_access_key_id = AKIASHOP000000000001\naws_secret_access_key = secret\n';
  const signIn = { AWS_SHARED_CREDENTIALS_FILE: folder.file('credentials', profile) };
  expect(await backfill(RANGE, signIn)).toMatchObject({ status: 0 });
  const elsewhere = [...RANGE, '--read-profile', 'shop', '--read-region', 'us-east-1'];
  expect((await backfill(elsewhere, signIn)).stdout).toContain('Audit events: 1 recorded, 0 there already');
  expect((await backfill(elsewhere, signIn)).stdout).toContain('Audit events: 0 recorded, 1 there already');
  const [own, ...others] = (await records(['--cluster', 'prod', '--from', minute(-60)])).toSorted((a, b) =>
    String(a.region) < String(b.region) ? -1 : 1,
  );
  expect(own).not.toHaveProperty('origin.handedOverBy');
  expect(others).toMatchObject([
    {
      clusterArn: 'arn:aws:eks:us-east-1:777788889999:cluster/prod',
      origin: { owner: '777788889999', handedOverBy: '777788889999' },
    },
  ]);
});
