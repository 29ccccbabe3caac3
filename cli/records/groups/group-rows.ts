import type { Actor } from '../../../lib/attribution/actor.ts';
import type { AuditRecord, RecordedCaller } from '../../../lib/attribution/record.ts';
import { present } from '../../../lib/json.ts';
import { whoColumn } from '../../format/columns.ts';
import { csvLine } from '../../format/csv.ts';
import { csvCell } from '../../terminal/escape.ts';
import { textTable } from '../../terminal/text-table.ts';
import type { Counts, RecordGroup } from './record-groups.ts';

export const GROUP_FORMATS = ['table', 'jsonl', 'csv'] as const;
export type GroupFormat = (typeof GROUP_FORMATS)[number];

interface Column {
  readonly title: string;
  readonly field: string;
  of(group: RecordGroup, most: number): string;
}

/** So many texts of a list are shown at a terminal. */
const MOST_SHOWN = 4;

const WHO: Column = {
  title: 'WHO',
  field: 'who',
  of: ({ like }) => (like === undefined ? '(all others)' : whoOf(like)),
};
const KIND: Column = {
  title: 'KIND',
  field: 'kind',
  of: ({ like }) => like?.attribution.actor?.kind ?? like?.caller.kind ?? '',
};
/** The actor's own, or the one whose role the session is of. */
const ACCOUNT: Column = {
  title: 'ACCOUNT',
  field: 'account',
  of: ({ like }) => (like?.attribution.actor ?? like?.caller)?.accountId ?? '',
};
const STATUS: Column = { title: 'STATUS', field: 'status', of: ({ status }) => status };
const FLAGS: Column = { title: 'FLAGS', field: 'flags', of: ({ flags }) => [...flags].join(' ') };
const SESSION: Column = {
  title: 'SESSION',
  field: 'session',
  of: ({ like }) => (like && sessionOf(like.caller)) ?? '',
};
const USERNAME: Column = { title: 'USERNAME', field: 'username', of: ({ like }) => like?.caller.username ?? '' };
const COUNTED: readonly Column[] = [
  { title: 'COUNT', field: 'count', of: ({ count }) => String(count) },
  { title: 'FIRST', field: 'first', of: ({ first }) => withoutFraction(first) },
  { title: 'LAST', field: 'last', of: ({ last }) => withoutFraction(last) },
  { title: 'CLUSTERS', field: 'clusters', of: ({ clusters }, most) => listed(clusters, most) },
  { title: 'NAMESPACES', field: 'namespaces', of: ({ namespaces }, most) => listed(namespaces, most) },
  { title: 'VERBS', field: 'verbs', of: ({ verbs }, most) => listed(verbs, most) },
];

/** By who acted. */
export const BY_ACTOR: readonly Column[] = [WHO, KIND, ACCOUNT, STATUS, ...COUNTED, FLAGS];
/** By flagged session. */
export const BY_SESSION: readonly Column[] = [FLAGS, SESSION, USERNAME, WHO, KIND, ACCOUNT, STATUS, ...COUNTED];

export function groupsText(groups: readonly RecordGroup[], columns: readonly Column[], format: GroupFormat): string {
  if (format === 'jsonl') return groups.map((group) => `${JSON.stringify(jsonOf(group))}\n`).join('');
  if (format === 'csv') {
    const rows = groups.map((group) => columns.map((column) => csvCell(column.of(group, Number.POSITIVE_INFINITY))));
    return [columns.map(({ field }) => field), ...rows].map(csvLine).join('');
  }
  if (groups.length === 0) return '';
  return textTable(
    columns.map(({ title }) => title),
    groups.map((group) => columns.map((column) => column.of(group, MOST_SHOWN))),
  );
}

/** What a program reads: the actor and the caller as in a record, and the counts whole. */
function jsonOf({ like, status, count, first, last, clusters, namespaces, verbs, flags }: RecordGroup): object {
  const { actor, candidates } = like?.attribution ?? {};
  return present({
    status,
    actor,
    candidates: candidates?.map((candidate): Actor => candidate.actor),
    caller: actor === undefined || flags.size > 0 ? like && callerOf(like.caller) : undefined,
    count,
    first,
    last,
    clusters: countsOf(clusters),
    namespaces: countsOf(namespaces),
    verbs: countsOf(verbs),
    flags: [...flags],
  });
}

function callerOf({ kind, uid, username, sessionName, accessKeyId }: RecordedCaller): object {
  return { kind, uid, username, sessionName, accessKeyId };
}

/** A list, since whoever calls chooses the texts. */
function countsOf(counts: Counts): readonly object[] {
  const named = counts.sorted().map(([name, count]) => (name === '' ? { count } : { name, count }));
  return counts.others === 0 ? named : [...named, { others: true, count: counts.others }];
}

function listed(counts: Counts, most: number): string {
  const all = counts.sorted();
  const shown = all.slice(0, most).map(([name, count]) => `${name === '' ? '(none)' : name} ${count}`);
  const more = all.slice(most).length;
  const rest = more > 0 || counts.others > 0 ? [`and ${more > 0 ? `${more} more` : `others ${counts.others}`}`] : [];
  return [...shown, ...rest].join(', ');
}

/** Who acted; where nobody is known, which session it is that claims. */
function whoOf(record: AuditRecord): string {
  const { actor, status } = record.attribution;
  if (actor !== undefined || status === 'system') return whoColumn(record);
  const { username = '(none)', sessionName, accessKeyId } = record.caller;
  const claims = sessionName === undefined ? `username ${username}` : `session ${sessionOf(record.caller)}`;
  const key = accessKeyId === undefined ? '' : `, key ${accessKeyId}`;
  const who = whoColumn(record);
  return `${who === '?' ? '' : `${who}: `}${claims}${key}`;
}

function sessionOf({ sessionName, roleId, accessKeyId }: RecordedCaller): string | undefined {
  if (sessionName === undefined) return accessKeyId;
  return roleId === undefined ? sessionName : `${roleId}:${sessionName}`;
}

function withoutFraction(time: string | undefined): string {
  return time?.replace(/\.\d+(?=Z?$)/, '') ?? '';
}
