import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import type { IncidentReport } from '../../lib/usecases/incident/report.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { REPOSITORY } from '../builders/command.ts';
import { utc } from '../builders/company.ts';

/** Returns a log of anonymous callers: three requests to `prod` from one source IP, one from another source IP, and one to another cluster. */
export function anonymousLog(): string {
  const list = (namespace: string, minute: number, code = 200): JsonObject =>
    anonymousEvent({
      auditID: `${LET_IN}${minute}`,
      verb: 'list',
      requestURI: `/api/v1/namespaces/${namespace}/secrets`,
      objectRef: { resource: 'secrets', namespace, apiVersion: 'v1' },
      responseStatus: { metadata: {}, code },
      requestReceivedTimestamp: utc(`10:0${minute}:00`),
      annotations: code === 403 ? FORBIDDEN : ALLOWED,
    });
  const change = {
    ...list('shop', 2),
    verb: 'create',
    requestURI: '/api/v1/namespaces/shop/pods',
    objectRef: { resource: 'pods', namespace: 'shop', name: 'miner', apiVersion: 'v1' },
  };
  const events = [list('shop', 0), list('vault', 1, 403), change, { ...list('bank', 3), sourceIPs: ['203.0.113.77'] }];
  return [delivery('prod', events), delivery('staging', [list('test', 4)])]
    .map((each) => `${JSON.stringify(each)}\n`)
    .join('');
}

/** The audit id of the first request of `anonymousLog`. */
export const LET_IN_ID = 'a0a0a0a0-0000-4000-8000-000000000000';
const LET_IN = LET_IN_ID.slice(0, -1);

const ALLOWED = {
  'authorization.k8s.io/decision': 'allow',
  'authorization.k8s.io/reason':
    'RBAC: allowed by ClusterRoleBinding "dashboard-open" of ClusterRole "cluster-admin" to Group "system:unauthenticated"',
};
const FORBIDDEN = { 'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': '' };

function anonymousEvent(fields: JsonObject): JsonObject {
  const user = { username: 'system:anonymous', groups: ['system:unauthenticated'] };
  return auditEvent({ user, sourceIPs: ['10.9.9.9', '203.0.113.9'], ...fields });
}

/** Returns audit events of a cluster as CloudWatch Logs delivers them. */
export function delivery(cluster: string, events: readonly JsonObject[]): JsonObject {
  return {
    messageType: 'DATA_MESSAGE',
    logGroup: `/aws/eks/${cluster}/cluster`,
    logStream: 'kube-apiserver-audit-1',
    logEvents: events.map((event, at) => ({ id: String(at), message: JSON.stringify(event) })),
  };
}

/** Expects what the report about `LET_IN_ID` must say, from files and from a service. */
export function expectAnonymousReport(report: IncidentReport): void {
  const [section, ...others] = report.sections;
  expect(others).toEqual([]);
  expect(section).toMatchObject({
    standing: 'system',
    anonymous: { cluster: 'prod', ip: '203.0.113.9' },
    sessions: [],
  });
  expect(section?.activity).toMatchObject({ requests: 3, isComplete: true });
  const listed = section?.activity?.grave.map((each) => [each.kind, each.listed.map(({ namespace }) => namespace)]);
  expect(listed).toEqual([
    ['secrets-read', ['shop']],
    ['denied', ['vault']],
    ['workload-created', ['shop']],
    ['anonymous-read', ['shop']],
    ['anonymous-change', ['shop']],
  ]);
  expect(report.next.map(({ title }) => title)).toEqual([
    'Find the bindings that let anonymous callers into the cluster prod',
    'Delete the binding in the cluster prod: clusterrolebinding dashboard-open',
    'Rotate the secrets that were read in the cluster prod: all of the namespace shop',
    'Close the public endpoint of the cluster prod',
    `Find what the pod shop/miner in the cluster prod did, which was created at ${utc('10:02:00')}`,
    `Remove the pod shop/miner in the cluster prod, which was created at ${utc('10:02:00')}`,
    'If other callers from 203.0.113.9 were the same person: Rotate the secrets that were read in the cluster staging: all of the namespace test',
  ]);
}

/** A report without the one time in it that is of the run: before which sessions are to be revoked. */
export function withoutNow(text: string): string {
  return text.replace(/(aws:TokenIssueTime\W+)20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '$1NOW');
}

/** Holds a text against the file of this name in test/golden/incident; `UPDATE=1 npx vitest run test/incident` writes it. */
export function expectGolden(text: string, name: string): void {
  const path = join(REPOSITORY, 'test/golden/incident', name);
  if (process.env.UPDATE === '1') writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

/** A report that was written as JSON. */
export function reportIn(output: string): WrittenReport {
  return JSON.parse(output) as WrittenReport;
}

interface WrittenReport extends IncidentReport {
  readonly schemaVersion: number;
  readonly sections: readonly (IncidentReport['sections'][number] & { readonly certain?: string })[];
}
