import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import { recordItem } from '../../lib/adapters/dynamodb/record-item.ts';
import { recordIdentity } from '../../lib/attribution/copies.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { isJsonObject } from '../../lib/json.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { recordOf } from '../builders/answer.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { attributeFiles, Folder, REPOSITORY } from '../builders/command.ts';
import { OTHER_ACCOUNT } from '../builders/company.ts';
import { iamUser, roleSession } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { readSchema } from './schema-flaws.ts';

const QUERY = readFileSync(join(REPOSITORY, 'docs/ocsf-export.sql'), 'utf8');

/** Returns the item of a record, as a line of a full export in DYNAMODB_JSON has it. */
function exported(record: AuditRecord): unknown {
  const id = sha256(recordIdentity(record));
  const stored: StoredRecord = { id, record };
  const item = recordItem(stored, 0, 0);
  return { Item: (typed(item) as { M: unknown }).M };
}

/** Returns DynamoDB's JSON of a value: each value under the letter of its type. */
function typed(value: unknown): unknown {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(typed) };
  return { M: Object.fromEntries(Object.entries(value ?? {}).map(([key, field]) => [key, typed(field)])) };
}

function reaches(value: unknown, path: string): boolean {
  let at = value;
  for (const key of path.split('.').slice(1)) at = isJsonObject(at) ? at[key] : undefined;
  return at !== undefined;
}

const CLUSTER_ARN = `arn:aws:eks:eu-west-1:${OTHER_ACCOUNT}:cluster/prod`;
const ORIGIN = { logGroup: 'g', logStream: 's', owner: OTHER_ACCOUNT, handedOverBy: OTHER_ACCOUNT };

/** Requests whose action has every field of the query. */
const ACTIONS = [
  {
    requestURI: '/api/v1/namespaces/shop/pods/web-0/exec?command=id&container=web',
    objectRef: { resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-0' },
  },
  {
    objectRef: { apiGroup: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings', name: 'b' },
    requestObject: { roleRef: { kind: 'ClusterRole', name: 'edit' }, subjects: [{ kind: 'User', name: 'eve' }] },
  },
  {
    verb: 'create',
    objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: 'web' },
    requestObject: { spec: { expirationSeconds: 3_600, boundObjectRef: { kind: 'Pod', name: 'web-0' } } },
  },
];

/** Returns records with fields that the example's day does not have: a pod's own token, a trusted proxy, a delegate. */
function ofVersion3(): readonly AuditRecord[] {
  const user = {
    username: 'system:serviceaccount:pinniped:proxy',
    extra: {
      'authentication.kubernetes.io/credential-id': ['JTI=1'],
      'authentication.kubernetes.io/pod-name': ['proxy-0'],
    },
  };
  const first = JSON.stringify({ username: 'alice', uid: 'u-1' });
  const extra = { 'original-user-info.impersonation-proxy.concierge.pinniped.dev': [first] };
  const impersonatedUser = { username: 'release-bot', uid: 'u-2', extra };
  const by = iamUser('alice', { invokedByDelegate: { accountId: OTHER_ACCOUNT } });
  const store = { userId: 'u-1', identityStoreArn: 'arn:aws:identitystore::1:identitystore/d-1' };
  const onBehalf = { ...roleSession({ roleId: 'AROAJUMP000000000001', session: 's' }), onBehalfOf: store };
  return [
    recordOf({ event: auditEvent({ user, impersonatedUser }), proxies: [user.username] }),
    { ...recordOf({ event: auditEvent(), records: [grant({ by })] }), clusterArn: CLUSTER_ARN, origin: ORIGIN },
    recordOf({ event: auditEvent(), records: [grant({ by: onBehalf })] }),
    ...ACTIONS.map((event) => recordOf({ event: auditEvent(event) })),
  ];
}

describe('the documented query over an export of the records table', () => {
  let items: unknown[];
  beforeAll(async () => {
    using folder = new Folder();
    const [audit, cloudtrail] = ['audit', 'cloudtrail'].map((name) => join(REPOSITORY, 'examples', name));
    const { records } = await attributeFiles(folder, { audit: [String(audit)], cloudtrail: [String(cloudtrail)] });
    const withSource = recordOf({
      event: auditEvent({ impersonatedUser: { username: 'bob', groups: ['ops'] } }),
      records: [grant({ by: roleSession({ roleId: 'AROAJUMP000000000001', session: 's', sourceIdentity: 'alice' }) })],
    });
    const ambiguous = records.find(({ attribution }) => attribution.status === 'ambiguous') ?? withSource;
    const crowded = { ...ambiguous, attribution: { ...ambiguous.attribution, candidatesLeftOut: 3 } };
    items = [...records, withSource, crowded, ...ofVersion3()].map(exported);
  });

  it('reads only fields that the items of the table have, with the letter of their type', () => {
    const paths = [...QUERY.matchAll(/\(line, '(\$\.Item\.[^']+)'\)/g)].map(([, path]) => String(path));
    expect(paths.length).toBeGreaterThan(40);
    expect(paths.filter((path) => !items.some((item) => reaches(item, path)))).toEqual([]);
  });

  it('names the grants of a chain like the items do', () => {
    const ofLink = [...QUERY.matchAll(/\(link, '\$\.M\.(\w+)\.S'\)/g)].map(([, field]) => String(field));
    expect(ofLink.sort()).toEqual(['expiresAt', 'issuedAt', 'roleArn']);
    const links = items.flatMap((item) => JSON.stringify(item).match(/"chain":\{"L":\[\{"M":.*/) ?? []);
    for (const field of ofLink) expect(links.some((text) => text.includes(`"${field}":{"S":`))).toBe(true);
  });

  it('gives every attribute of the class that the schema requires', () => {
    const columns = new Set([...QUERY.matchAll(/ AS (\w+),?$/gm)].map(([, column]) => column));
    const required = Object.entries(readSchema('1.3.0').class.attributes)
      .filter(([, { requirement, profile }]) => requirement === 'required' && (profile ?? 'cloud') === 'cloud')
      .map(([name]) => name);
    expect(required.filter((name) => !columns.has(name))).toEqual([]);
  });
});
