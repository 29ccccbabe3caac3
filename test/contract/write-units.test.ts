import { describe, expect, it } from 'vitest';
import { recordItem } from '../../lib/adapters/dynamodb/record-item.ts';
import { RECORD_BYTES, WRITE_UNITS } from '../../lib/cost/unit-counts.ts';
import { roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, KEY } from '../builders/company.ts';
import { iamUser, roleSession } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { storedRecord } from './stored-record.ts';
import { itemSize, writeUnits } from './write-units.ts';

const EXPIRES = 1_780_000_000;
const JUMP_KEY = 'ASIAJUMPSESSION00001';
const JUMP = { roleId: 'AROAJUMPROLE000000001', roleName: 'company-jump-role', session: 'alice.smith@company.example' };

/** Two hops, with texts as long as real ones. */
const event = {
  auditID: 'b7140a45-50bf-4dc3-ad64-e64d211e4e6e',
  requestURI: '/api/v1/namespaces/project-a-qa/pods/web-7d4b9c6f5-x2x9z/log?container=web&follow=true&tailLines=50',
  objectRef: {
    resource: 'pods',
    namespace: 'project-a-qa',
    name: 'web-7d4b9c6f5-x2x9z',
    subresource: 'log',
    apiVersion: 'v1',
  },
  userAgent: 'kubectl/v1.33.0 (darwin/arm64) kubernetes/60a317e',
  user: roleUser({ username: `arn:aws:sts::${ACCOUNT}:assumed-role/project-admin/alice-session` }),
  annotations: {
    'authorization.k8s.io/decision': 'allow',
    'authorization.k8s.io/reason':
      'EKS Access Policy: allowed by ClusterRoleBinding "project-admins" of Group "admins"',
  },
};
const grants = [
  grant({
    ...JUMP,
    key: JUMP_KEY,
    at: '2026-03-10T11:30:00Z',
    id: 'a3f0c0de-0000-4000-8000-000000000001',
    by: iamUser('alice'),
  }),
  grant({
    key: KEY,
    id: 'a3f0c0de-0000-4000-8000-000000000002',
    by: roleSession({ ...JUMP, key: JUMP_KEY, began: '2026-03-10T11:30:00Z' }),
  }),
];

/** The cluster and the log, as far as the service knows them. */
const site = {
  clusterArn: `arn:aws:eks:eu-central-1:${ACCOUNT}:cluster/prod-1`,
  origin: {
    logGroup: '/aws/eks/prod-1/cluster',
    logStream: 'kube-apiserver-audit-8ded65f1d9f5145984799061333e3de8',
    owner: ACCOUNT,
  },
};

/** The same with a command. */
const exec = {
  ...event,
  requestURI: `${event.requestURI.replace('/log', '/exec')}&command=sh&command=-c&command=${'x'.repeat(200)}`,
  objectRef: { ...event.objectRef, subresource: 'exec' },
};
/** A binding with as many and as long texts as a record keeps, each of three bytes a character. */
const binding = {
  ...event,
  objectRef: { apiGroup: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings', name: 'b' },
  requestObject: {
    roleRef: { kind: 'ClusterRole', name: '€'.repeat(999) },
    subjects: Array.from({ length: 99 }, () => ({ kind: 'User', name: '€'.repeat(999) })),
  },
};

const attributed = storedRecord(event, grants, 'prod-1', site);
const pending = storedRecord(event, [], 'prod-1', site);

describe('a record of two hops', () => {
  it('is about 2.3 KB', () => {
    expect(attributed.record.attribution.chain).toHaveLength(2);
    expect(itemSize(recordItem(attributed, 1, EXPIRES))).toBeGreaterThan(1_500);
    expect(itemSize(recordItem(attributed, 1, EXPIRES))).toBeLessThanOrEqual(RECORD_BYTES);
  });

  it('costs 6 write units if it is attributed at once', () => {
    expect(writeUnits('records', undefined, recordItem(attributed, 1, EXPIRES))).toBeLessThanOrEqual(
      WRITE_UNITS.record,
    );
  });

  it('costs no more if it has a command', () => {
    const { record } = storedRecord(exec, grants, 'prod-1', site);
    expect(record.action?.command).toHaveLength(206);
    const item = recordItem(storedRecord(exec, grants, 'prod-1', site), 1, EXPIRES);
    expect(writeUnits('records', undefined, item)).toBeLessThanOrEqual(WRITE_UNITS.record);
  });

  it('grows by 14 KB at most, whatever a body has', () => {
    const large = recordItem(storedRecord(binding, grants, 'prod-1', site), 1, EXPIRES);
    expect(itemSize(large)).toBeLessThanOrEqual(RECORD_BYTES + 14_000);
  });

  it('costs 8 write units if it is corrected later', () => {
    expect(pending.record.attribution.status).toBe('pending');
    const inserted = recordItem(pending, 1, EXPIRES);
    const corrected = recordItem(attributed, 2, EXPIRES + 600);
    const units = writeUnits('records', undefined, inserted) + writeUnits('records', inserted, corrected);
    expect(units).toBeLessThanOrEqual(WRITE_UNITS.correctedRecord);
  });
});
