import type { Actor } from '../../../lib/attribution/actor.ts';
import { personOf } from '../../../lib/attribution/actor-id.ts';
import type { Flag } from '../../../lib/attribution/flags.ts';
import type { Status } from '../../../lib/attribution/reasons.ts';
import type { AuditRecord, RecordedCaller } from '../../../lib/attribution/record.ts';
import { clusterLabels, clusterText } from '../../../lib/identity/cluster.ts';
import { present } from '../../../lib/json.ts';
import { parseInstant, withoutFraction } from '../../../lib/time.ts';
import { actorColumn, NamesInList } from '../../../lib/words/columns.ts';
import { kindWords } from '../../../lib/words/kind-words.ts';
import { flagWord, isAnonymous, isByWorkload } from '../../../lib/words/notable.ts';
import { wrongUsage } from '../../failures/command-error.ts';
import { type Field, fieldsNamed, fieldsText } from '../../format/fields.ts';
import type { FormatName } from '../../format/formats.ts';
import { briefTime, shownTime } from '../../format/shown-time.ts';
import { isStructured, STRUCTURED_FORMATS, structuredText } from '../../format/structured.ts';
import { systemSum, workloadSum } from '../../format/table.ts';
import { flagsTone, statusTone } from '../../format/tones.ts';
import type { View } from '../../format/view.ts';
import { fittedTable, losing, type Column as TableColumn } from '../../terminal/fitted-table.ts';
import { counted } from '../../terminal/text-table.ts';

/** Records that are counted together. Callers chose its texts, so they must be escaped. */
interface RecordGroup {
  /**
   * One of the records, for the fields that all of them share. Undefined in the group for all records beyond the limit.
   */
  like: AuditRecord | undefined;
  readonly status: Status;
  count: number;
  /** The times of the earliest and the latest event, as written. Undefined if none is readable. */
  first: string | undefined;
  last: string | undefined;
  readonly clusters: Counts;
  readonly namespaces: Counts;
  readonly verbs: Counts;
  readonly flags: Set<Flag>;
}

/** Counts how often each text occurs, for a limited number of texts. `''` counts records without one. */
class Counts {
  readonly #counts = new Map<string, number>();
  /** The number of records with other texts. It is limited because callers can invent namespaces. */
  others = 0;

  add(text: string | undefined): void {
    const key = text ?? '';
    const before = this.#counts.get(key);
    if (before === undefined && this.#counts.size >= MOST_TEXTS) this.others += 1;
    else this.#counts.set(key, (before ?? 0) + 1);
  }

  /** Returns the texts and counts, the most frequent first. */
  sorted(): readonly (readonly [string, number])[] {
    return [...this.#counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  }
}

const MOST_TEXTS = 200;
/** The maximum number of groups of each status. Each takes about a kilobyte. */
const MOST_GROUPS = 10_000;

/** Counts records by a key. If there are too many keys, the rest of a status is one group. */
export class RecordGroups {
  readonly #groups = new Map<string, RecordGroup>();
  readonly #keyOf: (record: AuditRecord) => string;
  readonly #perStatus = new Map<Status, number>();

  constructor(keyOf: (record: AuditRecord) => string) {
    this.#keyOf = keyOf;
  }

  add(record: AuditRecord): void {
    const group = this.#groupOf(record);
    group.count += 1;
    if (group.like !== undefined && isNamedBetter(record, group.like)) group.like = record;
    const { time } = record;
    if (time !== undefined && parseInstant(time) !== undefined) {
      if (group.first === undefined || isBefore(time, group.first)) group.first = time;
      if (group.last === undefined || isBefore(group.last, time)) group.last = time;
    }
    group.clusters.add(clusterText(record) || undefined);
    group.namespaces.add(record.request?.namespace);
    group.verbs.add(record.request?.verb);
    for (const flag of record.attribution.flags) group.flags.add(flag);
  }

  /** Returns the groups, the largest first. */
  sorted(): readonly RecordGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.count - a.count || ((a.first ?? '') < (b.first ?? '') ? -1 : 1));
  }

  #groupOf(record: AuditRecord): RecordGroup {
    const { status } = record.attribution;
    const key = this.#keyOf(record);
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const number = (this.#perStatus.get(status) ?? 0) + 1;
    const isTooMuch = number > MOST_GROUPS;
    const rest = isTooMuch ? this.#groups.get(`others ${status}`) : undefined;
    if (rest !== undefined) return rest;
    this.#perStatus.set(status, number);
    const group = newGroup(isTooMuch ? undefined : record, status);
    this.#groups.set(isTooMuch ? `others ${status}` : key, group);
    return group;
  }
}

function newGroup(like: AuditRecord | undefined, status: Status): RecordGroup {
  const [clusters, namespaces, verbs] = [new Counts(), new Counts(), new Counts()];
  return { like, status, count: 0, first: undefined, last: undefined, clusters, namespaces, verbs, flags: new Set() };
}

/**
 * Returns whether the record names the person better: by the person's first ID, or else by the later name. The summary
 * of `attribute` chooses in the same way.
 */
function isNamedBetter(record: AuditRecord, like: AuditRecord): boolean {
  const isFirst = isOfFirstId(record);
  return isFirst === isOfFirstId(like) ? (record.time ?? '') > (like.time ?? '') : isFirst;
}

/** Returns whether the record's actor has the ID under which the person is shown. */
function isOfFirstId({ attribution: { actor } }: AuditRecord): boolean {
  return actor !== undefined && personOf(actor) === actor.id;
}

/** Returns whether the first time is earlier. Both must be readable. */
function isBefore(time: string, other: string): boolean {
  return Number(parseInstant(time)) < Number(parseInstant(other));
}

/**
 * Returns the key of the actor. If the actor is unknown, returns the key of the caller. For the cluster's own work,
 * returns a key of the username.
 */
export function keyOfActor({ attribution, caller }: AuditRecord): string {
  const { status, actor, candidates } = attribution;
  if (actor !== undefined) return JSON.stringify([status, keyOf(actor)]);
  if (status === 'system') return JSON.stringify([status, caller.username]);
  return JSON.stringify([status, keyOfCaller(caller), candidates?.map((each) => keyOf(each.actor))]);
}

/** Returns a key that is equal for records with the same status, flags, actor and caller. */
export function keyOfFlaggedSession({ attribution, caller }: AuditRecord): string {
  const { status, actor, flags } = attribution;
  return JSON.stringify([status, flags, actor && keyOf(actor), keyOfCaller(caller)]);
}

/**
 * Returns the key of an actor, as the contract compares actors (rule 4). Somebody from another account who acts with
 * the same identity is another actor.
 */
function keyOf(actor: Actor): unknown {
  return [personOf(actor), actor.workload, actor.delegate?.accountId];
}

/** Returns the key of the session and the actor, whatever the flags. */
export function keyOfSession({ attribution: { status, actor, candidates }, caller }: AuditRecord): string {
  const who = actor === undefined ? candidates?.map((each) => keyOf(each.actor)) : keyOf(actor);
  return JSON.stringify([status, who, keyOfCaller(caller)]);
}

/**
 * Returns a key of the caller, of the parts of a claim (CONTRACT, "claim") without the token ID. So all tokens of a
 * service account count together.
 */
export function keyOfCaller({ uid, username, sessionName, accessKeyId }: RecordedCaller): string {
  return JSON.stringify([uid, username, sessionName, accessKeyId]);
}

export const GROUP_FORMATS = ['table', 'wide', ...STRUCTURED_FORMATS, 'csv'] as const satisfies readonly FormatName[];
export type GroupFormat = (typeof GROUP_FORMATS)[number];

/**
 * Returns the format of a summary.
 * @throws CommandError if the format cannot hold one.
 */
export function groupFormat(name: FormatName): GroupFormat {
  const known = GROUP_FORMATS.find((each) => each === name);
  if (known !== undefined) return known;
  const others = GROUP_FORMATS.slice(0, -1).join(', ');
  throw wrongUsage(`A summary cannot be written as OCSF or ECS. Use --output ${others} or ${GROUP_FORMATS.at(-1)}.`);
}

/** How to write a cell: the maximum number of texts of a list, and the styles of times and flags. */
interface CellStyle {
  readonly most: number;
  /** The names in the table. */
  readonly names: NamesInList;
  time(time: string | undefined): string;
  flags(flags: ReadonlySet<Flag>): string;
  cluster(text: string): string;
  /** Writes the kind of an actor or caller. */
  kind(kind: string): string;
}

interface Column extends Pick<TableColumn<RecordGroup>, 'title' | 'least' | 'isId' | 'tone'> {
  readonly field: string;
  of(group: RecordGroup, shown: CellStyle): string;
}

/** The maximum number of texts of a list in a terminal. */
const MOST_SHOWN = 4;

const WHO: Column = {
  title: 'WHO',
  field: 'who',
  least: 16,
  isId: true,
  of: ({ like }, { names }) => (like === undefined ? '(all others)' : whoOf(like, names)),
  tone: ({ like }) => like && (statusTone(like) ?? (like.attribution.actor && { of: whoOf(like) })),
};
const KIND: Column = {
  title: 'KIND',
  field: 'kind',
  of: ({ like }, shown) => shown.kind(like?.attribution.actor?.kind ?? like?.caller.kind ?? ''),
};
/** The account of the actor. If the actor is unknown, that of the session's role. */
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
  {
    title: 'CLUSTERS',
    field: 'clusters',
    least: 12,
    of: ({ clusters }, { most, cluster }) => listed(clusters, most, cluster),
  },
  { title: 'NAMESPACES', field: 'namespaces', least: 12, of: ({ namespaces }, { most }) => listed(namespaces, most) },
  { title: 'VERBS', field: 'verbs', least: 12, of: ({ verbs }, { most }) => listed(verbs, most) },
];

/** The columns of a table by actor. */
export const BY_ACTOR: readonly Column[] = [WHO, KIND, ACCOUNT, STATUS, ...COUNTED, FLAGS];
/** The columns of a table of an actor's or a role's sessions. */
export const BY_OWN_SESSION: readonly Column[] = [SESSION, USERNAME, WHO, KIND, ACCOUNT, STATUS, ...COUNTED, FLAGS];
/** The columns of a table of flagged sessions. */
export const BY_SESSION: readonly Column[] = [FLAGS, SESSION, USERNAME, WHO, KIND, ACCOUNT, STATUS, ...COUNTED];

/** The order in which columns are dropped on a narrow screen. WHO, LAST and COUNT always stay. */
const LOST = ['FIRST', 'KIND', 'VERBS', 'CLUSTERS', 'ACCOUNT', 'USERNAME', 'NAMESPACES', 'SESSION'] as const;

export function groupsText(
  groups: readonly RecordGroup[],
  columns: readonly Column[],
  format: GroupFormat,
  view: GroupView,
): string {
  const known = fieldsOfGroups(columns);
  if (view.fields !== undefined) return fieldsText(groups, fieldsNamed(view.fields, known), format, view);
  if (isStructured(format))
    return structuredText(
      format,
      groups.map((group) => jsonOf(group, columns.includes(SESSION))),
    );
  if (format === 'csv') return fieldsText(groups, known, format, view);
  const [own, others] = [groups.filter(isOwnWork), groups.filter((group) => !isOwnWork(group))];
  if (!view.sumsSystem || others.length === 0) return tableOf(groups, columns, format, view);
  const [anonymous, people] = [others.filter(isOfNobody), others.filter((group) => !isOfNobody(group))];
  return tableOf([...people, ...anonymous], columns, format, view) + systemText(own);
}

/**
 * Returns whether the group is the cluster's own work. Anonymous requests are not: they get rows below those of people.
 */
function isOwnWork(group: RecordGroup): boolean {
  return group.status === 'system' && !isOfNobody(group);
}

function isOfNobody({ like }: RecordGroup): boolean {
  return like !== undefined && isAnonymous(like);
}

/** The view of groups, and whether requests of the cluster itself and AWS are summed if there are others. */
export interface GroupView extends View {
  readonly sumsSystem?: boolean;
  /** The fields to show. All are shown if none is given. */
  readonly fields?: readonly string[] | undefined;
}

function tableOf(
  groups: readonly RecordGroup[],
  columns: readonly Column[],
  format: 'table' | 'wide',
  view: View,
): string {
  const most = format === 'wide' ? Number.POSITIVE_INFINITY : MOST_SHOWN;
  const names = new NamesInList();
  for (const { like } of groups) names.add(like?.attribution.actor);
  const labels = clusterLabels(groups.flatMap(({ clusters }) => clusters.sorted().map(([text]) => text)));
  const cluster = (text: string) => labels.get(text) ?? text;
  const shared = { most, names, cluster, kind: kindWords };
  const whole: CellStyle = { ...shared, time: (time) => shownTime(time, view.clock), flags: wholeFlags };
  const brief: CellStyle = { ...shared, time: (time) => briefTime(time, view.clock), flags: briefFlags };
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

const wholeFlags: CellStyle['flags'] = (flags) => [...flags].join(' ');

/** Returns how cells are written for programs. The account is a column of its own. */
function inFull(): CellStyle {
  const names = new NamesInList();
  const asIs = (text: string) => text;
  return { most: Number.POSITIVE_INFINITY, names, time: withoutFraction, flags: wholeFlags, cluster: asIs, kind: asIs };
}

/** Values that are texts in CSV, and numbers or lists in JSON. */
const VALUES: Readonly<Record<string, (group: RecordGroup) => unknown>> = {
  count: ({ count }) => count,
  clusters: ({ clusters }) => countsOf(clusters),
  namespaces: ({ namespaces }) => countsOf(namespaces),
  verbs: ({ verbs }) => countsOf(verbs),
  flags: ({ flags }) => [...flags],
};

/** Returns the fields of these columns. */
export function fieldsOfGroups(columns: readonly Column[]): readonly Field<RecordGroup>[] {
  const shown = inFull();
  return columns.map(({ field, of }) => {
    const value = VALUES[field];
    return { name: field, text: (group) => of(group, shown), ...(value !== undefined && { value }) };
  });
}

/** The fields of a summary by actor. */
export const ACTOR_FIELDS = fieldsOfGroups(BY_ACTOR);

/** Returns a word for the most serious flag. */
const briefFlags: CellStyle['flags'] = (flags) => flagWord(flags) ?? '';

function systemText(groups: readonly RecordGroup[]): string {
  const [ofWorkloads, own] = [groups.filter(isOfWorkload), groups.filter((group) => !isOfWorkload(group))];
  return sumOf(own, systemSum) + sumOf(ofWorkloads, workloadSum);
}

function sumOf(groups: readonly RecordGroup[], line: typeof systemSum): string {
  const number = groups.reduce((sum, { count }) => sum + count, 0);
  return number === 0 ? '' : line(counted(number, 'request'), '');
}

function isOfWorkload({ like }: RecordGroup): boolean {
  return like !== undefined && isByWorkload(like);
}

/** Returns the group for programs: actor and caller as in a record, and all counts. */
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

/** Returns the counts as a list. They are not an object, because callers chose the texts, which would be its keys. */
function countsOf(counts: Counts): readonly object[] {
  const named = counts.sorted().map(([name, count]) => (name === '' ? { count } : { name, count }));
  return counts.others === 0 ? named : [...named, { others: true, count: counts.others }];
}

function listed(counts: Counts, most: number, label = (name: string) => name): string {
  const all = counts.sorted();
  const shown = all.slice(0, most).map(([name, count]) => `${name === '' ? '(none)' : label(name)} ${count}`);
  const more = all.slice(most).length;
  const rest = more > 0 || counts.others > 0 ? [`and ${more > 0 ? `${more} more` : `others ${counts.others}`}`] : [];
  return [...shown, ...rest].join(', ');
}

/**
 * Returns the actor's name. If the actor is unknown, returns what the caller states: its session or username, and its
 * key.
 */
export function whoOf(record: AuditRecord, names?: NamesInList): string {
  const { actor, status } = record.attribution;
  if (actor !== undefined || status === 'system') return actorColumn(record, names) + otherIds(actor);
  const { username = '(none)', sessionName, accessKeyId } = record.caller;
  const claims = sessionName === undefined ? `username ${username}` : `session ${sessionOf(record.caller)}`;
  const key = accessKeyId === undefined ? '' : `, key ${accessKeyId}`;
  const who = actorColumn(record);
  return `${who === '?' ? '' : `${who}: `}${claims}${key}`;
}

/** Returns the other IDs that the operator says are the same person. */
function otherIds(actor: Actor | undefined): string {
  const others = actor?.samePerson?.filter((id) => id !== actor.id) ?? [];
  return others.map((id) => ` = ${id}`).join('');
}

function sessionOf({ sessionName, roleId, accessKeyId }: RecordedCaller): string | undefined {
  if (sessionName === undefined) return accessKeyId;
  return roleId === undefined ? sessionName : `${roleId}:${sessionName}`;
}
