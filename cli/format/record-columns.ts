import type { AuditRecord } from '../../lib/attribution/record.ts';
import { clusterLabels, clusterText } from '../../lib/identity/cluster.ts';
import { howColumn, NamesInList, targetColumn, whoColumn } from '../../lib/words/columns.ts';
import { notableWords } from '../../lib/words/notable.ts';
import type { Column, Layout } from '../terminal/fitted-table.ts';
import { briefTime, type Clock, shownTime } from './shown-time.ts';
import { codeTone, flagsTone, notableTone, statusTone } from './tones.ts';

type RecordColumn = Column<AuditRecord>;

/** The minimum width of a screen, in columns, at which a table has the source IP. */
const WITH_SOURCE = 120;

/**
 * Returns the layouts from the widest to one that fits 60 columns, with the audit ID below each row. Other columns are
 * dropped before those that say who did what are shortened. A shortened text stands in full below its row.
 * @param width the width of the screen, if there is one.
 */
export function recordLayouts(
  width: number | undefined,
  clock: Clock,
  clusters = new ClusterNames(),
  list = new NamesInList(),
): readonly [Layout<AuditRecord>, ...Layout<AuditRecord>[]] {
  const who = whoColumns(list);
  const time: RecordColumn = { title: 'TIME', widest: 25, least: 20, of: (record) => shownTime(record.time, clock) };
  const brief: RecordColumn = { title: 'TIME', widest: 15, of: (record) => briefTime(record.time, clock, 'second') };
  const CLUSTER = clusterColumn(clusters);
  // In a pipe, all records have the same columns, and no line stands below a row.
  const pod = width === undefined ? {} : { below: BY_POD };
  const from = width === undefined || width >= WITH_SOURCE ? [SOURCE] : [];
  return [
    { columns: [time, CLUSTER, who.whole, STATUS, HOW, VERB, WHAT, CODE, ...from, FLAGS, ID], ...pod },
    { columns: [time, CLUSTER, who.whole, STATUS, VERB, WHAT, CODE, ...from, FLAGS, ID], ...pod },
    { columns: [time, who.whole, STATUS, VERB, WHAT, CODE, ...from, FLAGS, ID], ...pod },
    { columns: [brief, CLUSTER, who.brief, VERB, WHAT, CODE, ...from, NOTE, ID], ...pod },
    { columns: [brief, who.brief, VERB, WHAT, ...from, NOTE, ID], ...pod },
    { columns: [brief, CLUSTER, who.brief, VERB, WHAT, CODE, ...from, NOTE], below: ID_AND_POD },
    { columns: [brief, who.brief, VERB, WHAT, ...from, NOTE], below: ID_AND_POD },
    { columns: [brief, who.narrow, VERB, WHAT_NARROW, ...from, NOTE], below: ID_AND_POD },
  ];
}

/** Returns the layout of `-o wide`: all columns and some more. */
export function wideLayout(clock: Clock, clusters: ClusterNames, list: NamesInList): readonly [Layout<AuditRecord>] {
  const [{ columns }] = recordLayouts(undefined, clock, clusters, list);
  return [{ columns: [...columns.slice(0, -1), ...ONLY_WIDE, ID] }];
}

/** The names of the clusters in a table so far. A name that several clusters have stands with its account. */
export class ClusterNames {
  readonly #texts = new Set<string>();
  #labels: ReadonlyMap<string, string> = new Map();

  add(record: AuditRecord): void {
    const text = clusterText(record);
    if (this.#texts.has(text)) return;
    this.#texts.add(text);
    this.#labels = clusterLabels(this.#texts);
  }

  of(record: AuditRecord): string {
    return this.#labels.get(clusterText(record)) ?? record.cluster ?? '';
  }
}

function clusterColumn(clusters: ClusterNames): RecordColumn {
  return { title: 'CLUSTER', widest: 40, least: 8, of: (record) => clusters.of(record) };
}

/** Returns the columns for who it was. Each actor has its own color. The cluster's own work has none. */
function whoColumns(list: NamesInList) {
  const whole: RecordColumn = {
    title: 'WHO',
    widest: 44,
    least: 18,
    isKept: true,
    isId: true,
    of: (record) => whoColumn(record, list),
    tone: (record) => statusTone(record) ?? (record.attribution.actor && { of: whoColumn(record, list) }),
  };
  /** Replaces the candidates by their number on a narrow screen: the first one alone would look like the actor. */
  const brief: RecordColumn = {
    ...whole,
    of(record) {
      const { attribution } = record;
      return attribution.status === 'ambiguous' ? `one of ${attribution.candidates.length}` : whoColumn(record, list);
    },
  };
  return { whole, brief, narrow: { ...brief, least: 8 } };
}

const STATUS: RecordColumn = {
  title: 'STATUS',
  widest: 12,
  of: (record) => record.attribution.status,
  tone: statusTone,
};
const HOW: RecordColumn = { title: 'METHOD/REASON', widest: 30, of: howColumn };
const VERB: RecordColumn = { title: 'VERB', widest: 8, least: 6, of: (record) => record.request?.verb ?? '' };
const WHAT: RecordColumn = { title: 'WHAT', widest: 48, least: 20, isKept: true, isId: true, of: targetColumn };
const WHAT_NARROW: RecordColumn = { ...WHAT, least: 8 };
const CODE: RecordColumn = {
  title: 'CODE',
  widest: 4,
  of: (record) => String(record.response?.code ?? ''),
  tone: codeTone,
};
/** The last source IP, which no client can choose. */
const SOURCE: RecordColumn = { title: 'SOURCE IP', widest: 39, of: (record) => record.source?.ips?.at(-1) ?? '' };
const FLAGS: RecordColumn = {
  title: 'FLAGS',
  widest: 60,
  of: (record) => record.attribution.flags.join(' '),
  tone: (record) => flagsTone(record.attribution.flags),
};
/** Replaces status, code and flags: the most serious word, with `+` if there are more. */
const NOTE: RecordColumn = {
  title: 'NOTE',
  widest: 10,
  of(record) {
    const [first = '', ...others] = notableWords(record);
    return others.length === 0 ? first : `${first}+`;
  },
  tone: notableTone,
};
/** The audit ID, for `whois --audit-id` and `records --audit-id`. The client can choose it, and its length. */
const ID: RecordColumn = { title: 'AUDIT ID', widest: 36, of: (record) => record.auditId, tone: () => 'faint' };

/** Stands below the row of a request that a pod made. */
const BY_POD: RecordColumn = {
  title: '',
  of({ caller }) {
    const pod = podText(caller);
    return pod === '' ? '' : `by the pod ${pod}`;
  },
};
const ID_AND_POD: RecordColumn = {
  title: '',
  of: (record) =>
    [ID, BY_POD]
      .map((column) => column.of(record))
      .filter((text) => text !== '')
      .join('  '),
};

const ONLY_WIDE: readonly RecordColumn[] = [
  { title: 'ACCOUNT', of: ({ attribution, caller }) => (attribution.actor ?? caller).accountId ?? '' },
  { title: 'SESSION', of: ({ caller }) => sessionText(caller) },
  { title: 'KEY', of: (record) => record.caller.accessKeyId ?? '' },
  { title: 'POD', of: ({ caller }) => podText(caller) },
  { title: 'USER AGENT', widest: 60, of: (record) => record.source?.userAgent ?? '' },
];

/** Returns the name of the pod whose token the caller used, or its uid. Empty if the token belongs to no pod. */
export function podText({ pod }: AuditRecord['caller']): string {
  return pod?.name ?? pod?.uid ?? '';
}

/** Returns the session as `--session` accepts it. */
function sessionText({ roleId, sessionName }: AuditRecord['caller']): string {
  return [roleId, sessionName].filter((part) => part !== undefined).join(':');
}
