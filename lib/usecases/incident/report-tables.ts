import { actionText } from '../../audit/action.ts';
import { objectText } from '../../audit/object-text.ts';
import { changeText } from '../../cloudtrail/cluster-change.ts';
import { clusterInFull } from '../../identity/cluster.ts';
import { withoutFraction } from '../../time.ts';
import { byMethod } from '../../words/certainty.ts';
import { type Block, table } from '../../words/document.ts';
import { labelInWords } from '../../words/kind-words.ts';
import type { CallerRow, GraveKind, PlaceCount, RequestLine, SessionUse } from '../activity/activity.ts';
import { type FirstUse, USED_WORDS } from '../activity/first-uses.ts';
import type { SourceUse } from '../activity/sources.ts';
import { changedBy } from '../changes/changes.ts';
import { nameOf } from './cluster-changes.ts';
import type { PodUse, ReportedChange } from './report.ts';

/** The form of a table in a report: its column titles, and what makes a row of an item. */
export interface ReportTable<T> {
  readonly titles: readonly string[];
  rowOf(thing: T): readonly string[];
}

export function tableOf<T>({ titles, rowOf }: ReportTable<T>, things: readonly T[]): readonly Block[] {
  return table(titles, things.map(rowOf));
}

export const SESSIONS: ReportTable<Omit<SessionUse, 'clusters'>> = {
  titles: ['SESSION', 'KEY', 'ROLE', 'ISSUED', 'EXPIRES', 'REQUESTS', 'FIRST', 'LAST', 'STATUS'],
  rowOf: sessionRow,
};

export const REQUESTS: ReportTable<RequestLine> = {
  titles: ['TIME', 'CLUSTER', 'VERB', 'WHAT', 'CODE', 'SOURCE IP', 'AS USER', 'AUDIT ID'],
  rowOf: requestRow,
};

export const PLACES: ReportTable<PlaceCount> = {
  titles: ['CLUSTER', 'NAMESPACE', 'VERB', 'REQUESTS'],
  rowOf: ({ cluster = '', namespace, verb, count }) => [clusterInFull(cluster), namespace, verb, String(count)],
};

export const CALLERS: ReportTable<CallerRow> = {
  titles: ['WHO', 'STATUS', 'WHY', 'SESSION', 'KEY', 'REQUESTS', 'FIRST', 'LAST', 'AUDIT ID'],
  rowOf: callerRow,
};

export const SOURCE_IPS: ReportTable<SourceUse> = {
  titles: ['SOURCE IP', 'USER AGENT', 'REQUESTS', 'FIRST', 'LAST'],
  rowOf: ({ ip, programs, requests, first, last }) => [
    ip,
    programs.join(', '),
    String(requests),
    ...[first, last].map(withoutFraction),
  ],
};

export const PODS: ReportTable<PodUse> = {
  titles: ['POD', 'NODE', 'REQUESTS', 'AUDIT ID'],
  rowOf: ({ name, uid = '', node = '', requests, auditId = '' }) => [name ?? uid, node, String(requests), auditId],
};

export const CHANGES: ReportTable<ReportedChange> = {
  titles: ['TIME', 'CLUSTER', 'CALL', 'WHAT', 'BY', 'SOURCE IP', 'EVENT'],
  rowOf(change) {
    const { time, eventName, by, ip = '', eventId = '' } = change;
    return [withoutFraction(time), nameOf(change), eventName, changeText(change), by ?? changedBy(change), ip, eventId];
  },
};

export const FIRST_USES: ReportTable<FirstUse> = {
  titles: ['NEW', 'VALUE', 'FIRST', 'AUDIT ID'],
  rowOf: ({ kind, value, time, auditId }) => [USED_WORDS[kind], value, withoutFraction(time), auditId],
};

export const GRAVE_WORDS: Readonly<Record<GraveKind, string>> = {
  'secrets-read': 'Secrets read',
  exec: 'Access to containers and nodes (exec, attach, port-forward, proxy)',
  delete: 'Deleted',
  denied: 'Denied (401, 403)',
  'token-request': 'Service account tokens requested',
  'token-use': 'Requests with a token that somebody requested',
  'rbac-change': 'RBAC and aws-auth changed',
  'workload-created': 'Pods and workloads created',
  'workload-changed': 'Pods and workloads changed',
  impersonation: 'Impersonated another user',
  'anonymous-read': 'Read without credentials',
  'anonymous-change': 'Changed without credentials',
  'dry-run': 'Dry runs, which changed nothing',
};

function sessionRow({
  session,
  username,
  accessKeyId,
  role,
  issuedAt,
  expiresAt,
  ...use
}: Omit<SessionUse, 'clusters'>): string[] {
  const times = [use.first, use.last].map(withoutFraction);
  const who = [session ?? username, accessKeyId, role].map((each) => each ?? '');
  return [...who, withoutFraction(issuedAt), withoutFraction(expiresAt), String(use.requests), ...times, howText(use)];
}

/**
 * Returns the status, the method and the flags. The method shows the certainty: an access key proves a match, a session
 * name does not.
 */
function howText({ status, method, flags = [] }: Omit<SessionUse, 'clusters'>): string {
  const by = method === undefined ? [] : [byMethod(method)];
  return [status, ...by, ...flags].join(', ');
}

function requestRow({
  time,
  cluster,
  verb,
  namespace,
  resource,
  name,
  uri,
  action,
  code,
  ip,
  impersonated,
  auditId,
}: RequestLine) {
  const object = objectText({ verb, resource, namespace, name, uri });
  const what = [object, actionText(action)].filter(Boolean).join(': ');
  return [
    withoutFraction(time),
    clusterInFull(cluster ?? ''),
    verb ?? '',
    what,
    String(code ?? ''),
    ip ?? '',
    impersonated ?? '',
    auditId,
  ];
}

function callerRow({ actors, mayBeReportedActor, status, reason, ...row }: CallerRow): readonly string[] {
  const who = actors.map(labelInWords).join(' or ') || '?';
  const session = row.session ?? row.username ?? '';
  const times = [row.first, row.last].map(withoutFraction);
  const why = mayBeReportedActor ? 'may be an actor above' : (reason ?? '');
  return [who, status, why, session, row.accessKeyId ?? '', String(row.requests), ...times, row.auditId];
}
