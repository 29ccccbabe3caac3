import { isOwnWork } from '../../lib/attribution/attribution.ts';
import { FLAG_ROWS, FLAGS, type Flag } from '../../lib/attribution/flags.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { NamesInList } from '../../lib/words/columns.ts';
import { isAnonymous, isByWorkload, isDenied, meaningsOf, notableWords } from '../../lib/words/notable.ts';
import { ShownRequests } from '../access/requests.ts';
import { type Layout, laidOut, type TableLayout } from '../terminal/fitted-table.ts';
import { counted } from '../terminal/text-table.ts';
import { wrapped } from '../terminal/width.ts';
import { ClusterNames, recordLayouts, wideLayout } from './record-columns.ts';
import type { RecordWriter } from './record-writer.ts';
import type { View } from './view.ts';

/** The view of a table of records. */
export interface TableView extends View {
  readonly isWide: boolean;
  /** Whether requests of the cluster itself and AWS are summed below the table, if there are others. */
  readonly sumsSystem: boolean;
  /** The maximum number of rows if all requests are the cluster's own. */
  readonly most?: number;
}

/** The number of rows that decide the column widths. If the screen width is unknown, later rows can be wider. */
const MEASURED_ROWS = 500;
/** The maximum number of the cluster's own rows that are held, until it is known whether there are others. */
const MOST_HELD = 1_000;

/**
 * Returns a table for a terminal: one row for each request, from its first record in the input. Everything from the
 * logs is escaped.
 */
export function tableFormat(view: TableView): RecordWriter {
  const shown = new ShownRequests();
  const list = new NamesInList();
  const clusters = new ClusterNames();
  const layouts = view.isWide
    ? wideLayout(view.clock, clusters, list)
    : recordLayouts(view.width, view.clock, clusters, list);
  const rows = new Rows(layouts, view);
  const system = new SystemRequests(Math.min(view.most ?? MOST_HELD, MOST_HELD));
  return {
    record(record) {
      if (!shown.isNew(record)) return '';
      clusters.add(record);
      list.add(record.attribution.actor);
      if (!view.sumsSystem || !isOwnWork(record.attribution)) return rows.row(record);
      system.add(record);
      return '';
    },
    end() {
      if (rows.isEmpty)
        return (
          system
            .held()
            .map((record) => rows.row(record))
            .join('') +
          rows.end() +
          system.text(true) +
          rows.legend()
        );
      return rows.end() + system.text(false) + rows.legend();
    },
  };
}

/** Writes rows one by one. The first ones are held until the column widths are known. */
class Rows {
  readonly #layouts: readonly [Layout<AuditRecord>, ...Layout<AuditRecord>[]];
  readonly #view: View;
  readonly #first: AuditRecord[] = [];
  #laidOut: TableLayout<AuditRecord> | undefined;
  readonly #notes = new Set<string>();
  readonly #flags = new Set<Flag>();

  constructor(layouts: readonly [Layout<AuditRecord>, ...Layout<AuditRecord>[]], view: View) {
    this.#layouts = layouts;
    this.#view = view;
  }

  get isEmpty(): boolean {
    return this.#laidOut === undefined && this.#first.length === 0;
  }

  row(record: AuditRecord): string {
    const words = notableWords(record);
    for (const word of words.slice(0, 1)) this.#notes.add(word);
    if (words.length > 1) this.#notes.add('+');
    for (const flag of record.attribution.flags) this.#flags.add(flag);
    if (this.#laidOut !== undefined) return this.#laidOut.line(record);
    this.#first.push(record);
    return this.#first.length < MEASURED_ROWS ? '' : this.#layOut();
  }

  end(): string {
    return this.#first.length === 0 ? '' : this.#layOut();
  }

  /** Explains the notes or flags in the rows. */
  legend(): string {
    const titles = this.#laidOut?.titles ?? [];
    const notes = [...meaningsOf(this.#notes), ...(this.#notes.has('+') ? ['+ = and more, see -o wide'] : [])];
    const flags = FLAGS.filter((flag) => this.#flags.has(flag)).map((flag) => `${flag} = ${firstSentence(flag)}`);
    const parts = titles.includes('NOTE') ? notes : titles.includes('FLAGS') ? flags : [];
    return legendText(parts, this.#view);
  }

  #layOut(): string {
    const rows = this.#first.splice(0);
    this.#laidOut = laidOut(this.#layouts, rows, this.#view);
    const { head, line } = this.#laidOut;
    return head + rows.map(line).join('');
  }
}

/**
 * Returns the lines below a table that explain its words. Only a table on a screen has them: elsewhere a program may
 * read the rows.
 */
export function legendText(explanations: readonly string[], { width, isHeadless }: View): string {
  if (width === undefined || isHeadless === true) return '';
  return explanations.map((each) => wrapped(each, width, '  ', '    ')).join('');
}

function firstSentence(flag: Flag): string {
  const { says } = FLAG_ROWS[flag];
  return says.slice(0, says.indexOf('. ') < 0 ? undefined : says.indexOf('. ')).replace(/\.$/, '');
}

/**
 * Counts the requests of the cluster itself and AWS, those of workloads, and those without authentication. Holds the
 * first ones, which are shown if there are no others.
 */
class SystemRequests {
  readonly #held: AuditRecord[] = [];
  readonly #own = new Sum();
  readonly #workloads = new Sum();
  readonly #anonymous = new Sum();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  add(record: AuditRecord): void {
    const ofSystem = isByWorkload(record) ? this.#workloads : this.#own;
    const sum = isAnonymous(record) ? this.#anonymous : ofSystem;
    sum.add(record, this.#held.length < this.#most);
    if (this.#held.length < this.#most) this.#held.push(record);
  }

  held(): readonly AuditRecord[] {
    return this.#held;
  }

  /** Returns the lines that sum the requests. If the held ones were shown, sums only the others. */
  text(isShown: boolean): string {
    const ofSystem = this.#own.text(isShown, systemSum) + this.#workloads.text(isShown, workloadSum);
    return ofSystem + this.#anonymous.text(isShown, anonymousSum);
  }
}

/** Counts requests, denied ones and held ones. */
class Sum {
  #number = 0;
  #held = 0;
  #denied = 0;

  add(record: AuditRecord, isHeld: boolean): void {
    this.#number += 1;
    if (isHeld) this.#held += 1;
    if (isDenied(record)) this.#denied += 1;
  }

  text(isShown: boolean, line: typeof systemSum): string {
    const number = isShown ? this.#number - this.#held : this.#number;
    if (number === 0) return '';
    const denied = isShown || this.#denied === 0 ? '' : `, ${this.#denied.toLocaleString('en-US')} of them denied`;
    return line(counted(number, isShown ? 'more request' : 'request'), denied);
  }
}

/** Returns the line that sums the requests of the cluster itself and AWS, below all other rows. */
export function systemSum(requests: string, more: string): string {
  return `plus ${requests} by the cluster itself and AWS${more}: --status system lists these and anonymous requests\n`;
}

/**
 * Returns the line that sums the requests of workloads' service accounts. Programs in pods made them, or somebody in
 * such a pod.
 */
export function workloadSum(requests: string, more: string): string {
  return `plus ${requests} by service accounts of workloads${more}: --status system lists these and the requests of the cluster and AWS\n`;
}

/** Returns the line that sums requests without authentication: load balancer checks, or an attacker's first probes. */
function anonymousSum(requests: string, more: string): string {
  return `plus ${requests} without authentication (anonymous)${more}: --status system lists these and the requests of the cluster and AWS\n`;
}
