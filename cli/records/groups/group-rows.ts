import type { Actor } from '../../../lib/attribution/actor.ts';
import type { Flag } from '../../../lib/attribution/flags.ts';
import type { AuditRecord, RecordedCaller } from '../../../lib/attribution/record.ts';
import { present } from '../../../lib/json.ts';
import { withoutFraction } from '../../../lib/time.ts';
import { actorColumn } from '../../../lib/words/columns.ts';
import { csvCell } from '../../../lib/words/escape.ts';
import { flagWord, isAnonymous } from '../../../lib/words/notable.ts';
import { csvLine } from '../../../lib/words/record-csv.ts';
import { wrongUsage } from '../../failures/command-error.ts';
import type { FormatName } from '../../format/formats.ts';
import { briefTime, shownTime } from '../../format/shown-time.ts';
import { isStructured, STRUCTURED_FORMATS, structuredText } from '../../format/structured.ts';
import { systemSum } from '../../format/table.ts';
import { flagsTone, statusTone } from '../../format/tones.ts';
import type { View } from '../../format/view.ts';
import { fittedTable, losing, type Column as TableColumn } from '../../terminal/fitted-table.ts';
import { counted } from '../../terminal/text-table.ts';
import type { Counts, RecordGroup } from './record-groups.ts';

export const GROUP_FORMATS = ['table', 'wide', ...STRUCTURED_FORMATS, 'csv'] as const satisfies readonly FormatName[];
export type GroupFormat = (typeof GROUP_FORMATS)[number];

/** @throws CommandError for a format that has no way to write a summary. */
export function groupFormat(name: FormatName): GroupFormat {
  const known = GROUP_FORMATS.find((each) => each === name);
  if (known !== undefined) return known;
  const others = GROUP_FORMATS.slice(0, -1).join(', ');
  throw wrongUsage(`A summary is no event of OCSF or ECS: give --output ${others} or ${GROUP_FORMATS.at(-1)}.`);
}

/** How a cell is to be written: so many texts of a list, and times as written or as a person wants them. */
interface Shown {
  readonly most: number;
  time(time: string | undefined): string;
  flags(flags: ReadonlySet<Flag>): string;
}

interface Column extends Pick<TableColumn<RecordGroup>, 'title' | 'least' | 'isId' | 'tone'> {
  readonly field: string;
  of(group: RecordGroup, shown: Shown): string;
}

/** So many texts of a list are shown at a terminal. */
const MOST_SHOWN = 4;

const WHO: Column = {
  title: 'WHO',
  field: 'who',
  least: 16,
  isId: true,
  of: ({ like }) => (like === undefined ? '(all others)' : whoOf(like)),
  tone: ({ like }) => like && (statusTone(like) ?? (like.attribution.actor && { of: whoOf(like) })),
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
const STATUS: Column = {
  title: 'STATUS',
  field: 'status',
  of: ({ status }) => status,
  tone: ({ like }) => like && statusTone(like),
};
const FLAGS: Column = {
  title: 'FLAGS',
  field: 'flags',
  least: 7,
  of: ({ flags }, shown) => shown.flags(flags),
  tone: ({ flags }) => flagsTone(flags),
};
const SESSION: Column = {
  title: 'SESSION',
  field: 'session',
  least: 20,
  isId: true,
  of: ({ like }) => (like && sessionOf(like.caller)) ?? '',
};
const USERNAME: Column = {
  title: 'USERNAME',
  field: 'username',
  least: 20,
  of: ({ like }) => like?.caller.username ?? '',
};
const COUNTED: readonly Column[] = [
  { title: 'COUNT', field: 'count', of: ({ count }) => String(count) },
  { title: 'FIRST', field: 'first', of: ({ first }, { time }) => time(first) },
  { title: 'LAST', field: 'last', of: ({ last }, { time }) => time(last) },
  { title: 'CLUSTERS', field: 'clusters', least: 12, of: ({ clusters }, { most }) => listed(clusters, most) },
  { title: 'NAMESPACES', field: 'namespaces', least: 12, of: ({ namespaces }, { most }) => listed(namespaces, most) },
  { title: 'VERBS', field: 'verbs', least: 12, of: ({ verbs }, { most }) => listed(verbs, most) },
];

/** By who acted. */
export const BY_ACTOR: readonly Column[] = [WHO, KIND, ACCOUNT, STATUS, ...COUNTED, FLAGS];
/** By session of somebody. */
export const BY_OWN_SESSION: readonly Column[] = [SESSION, USERNAME, WHO, KIND, ACCOUNT, STATUS, ...COUNTED, FLAGS];
/** By flagged session. */
export const BY_SESSION: readonly Column[] = [FLAGS, SESSION, USERNAME, WHO, KIND, ACCOUNT, STATUS, ...COUNTED];

/** In this order columns give way where the screen is narrow; who, when last, and how often never do. */
const LOST = ['FIRST', 'KIND', 'VERBS', 'CLUSTERS', 'ACCOUNT', 'USERNAME', 'NAMESPACES', 'SESSION'] as const;

export function groupsText(
  groups: readonly RecordGroup[],
  columns: readonly Column[],
  format: GroupFormat,
  view: GroupView,
): string {
  if (isStructured(format))
    return structuredText(
      format,
      groups.map((group) => jsonOf(group, columns.includes(SESSION))),
    );
  if (format === 'csv') {
    const shown: Shown = { most: Number.POSITIVE_INFINITY, time: withoutFraction, flags: wholeFlags };
    const rows = groups.map((group) => columns.map((column) => csvCell(column.of(group, shown))));
    return [columns.map(({ field }) => field), ...rows].map(csvLine).join('');
  }
  const [own, others] = [groups.filter(isOwnWork), groups.filter((group) => !isOwnWork(group))];
  if (!view.sumsSystem || others.length === 0) return tableOf(groups, columns, format, view);
  const [anonymous, people] = [others.filter(isOfNobody), others.filter((group) => !isOfNobody(group))];
  return tableOf([...people, ...anonymous], columns, format, view) + systemText(own);
}

/** What nobody authenticated is a row behind those of people. */
function isOwnWork(group: RecordGroup): boolean {
  return group.status === 'system' && !isOfNobody(group);
}

function isOfNobody({ like }: RecordGroup): boolean {
  return like !== undefined && isAnonymous(like);
}

/** How groups are shown: whether what the cluster itself and AWS did is summed, where anybody else did anything. */
export interface GroupView extends View {
  readonly sumsSystem?: boolean;
}

function tableOf(
  groups: readonly RecordGroup[],
  columns: readonly Column[],
  format: 'table' | 'wide',
  view: View,
): string {
  const most = format === 'wide' ? Number.POSITIVE_INFINITY : MOST_SHOWN;
  const whole: Shown = { most, time: (time) => shownTime(time, view.clock), flags: wholeFlags };
  const brief: Shown = { most, time: (time) => briefTime(time, view.clock), flags: briefFlags };
  const ofTable = columns.map(
    ({ of, field: _field, ...column }): TableColumn<RecordGroup> => ({
      ...column,
      of: (group) => of(group, whole),
      brief: (group) => of(group, brief),
    }),
  );
  const lost = columns.includes(SESSION) ? LOST.filter((title) => title !== 'SESSION') : LOST;
  return fittedTable(losing(ofTable, ...lost), groups, view);
}

const wholeFlags: Shown['flags'] = (flags) => [...flags].join(' ');

/** Whether there is a forged name among them, or any. */
const briefFlags: Shown['flags'] = (flags) => flagWord(flags) ?? '';

function systemText(groups: readonly RecordGroup[]): string {
  if (groups.length === 0) return '';
  const number = groups.reduce((sum, { count }) => sum + count, 0);
  return systemSum(counted(number, 'request'), `, in ${counted(groups.length, 'row')}`);
}

/** What a program reads: the actor and the caller as in a record, and the counts whole. */
function jsonOf(group: RecordGroup, isOfSessions: boolean): object {
  const { like, status, count, first, last, clusters, namespaces, verbs, flags } = group;
  const { actor, candidates } = like?.attribution ?? {};
  return present({
    status,
    actor,
    candidates: candidates?.map((candidate): Actor => candidate.actor),
    caller: isOfSessions || actor === undefined || flags.size > 0 ? like && callerOf(like.caller) : undefined,
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
  if (actor !== undefined || status === 'system') return actorColumn(record);
  const { username = '(none)', sessionName, accessKeyId } = record.caller;
  const claims = sessionName === undefined ? `username ${username}` : `session ${sessionOf(record.caller)}`;
  const key = accessKeyId === undefined ? '' : `, key ${accessKeyId}`;
  const who = actorColumn(record);
  return `${who === '?' ? '' : `${who}: `}${claims}${key}`;
}

function sessionOf({ sessionName, roleId, accessKeyId }: RecordedCaller): string | undefined {
  if (sessionName === undefined) return accessKeyId;
  return roleId === undefined ? sessionName : `${roleId}:${sessionName}`;
}
