import type { AuditRecord } from '../../../lib/attribution/record.ts';
import { latestStageFirst } from '../../../lib/attribution/stages.ts';
import { parseInstant } from '../../../lib/time.ts';
import { requestIdentity } from '../../../lib/usecases/activity/requests.ts';

/** A row of the timeline: one request with all of its stages. */
export interface Row {
  readonly key: string;
  /** The record of the latest stage. */
  readonly record: AuditRecord;
  /** All stages that were loaded, the latest first. */
  readonly stages: readonly AuditRecord[];
  /** Milliseconds since the epoch; undefined if the record has no readable time. */
  readonly at: number | undefined;
  /** Whether the attribution changed after it was loaded. */
  readonly isCorrected: boolean;
}

/** The changes after records were added. */
interface RowChanges {
  readonly rows: readonly Row[];
  /** Rows that changed, with their earlier version. */
  readonly changed: readonly (readonly [was: Row, is: Row])[];
}

/** The rows of records that arrive page by page, the newest first. Records may arrive again with a new attribution. */
export class Rows {
  #rows: Row[] = [];
  readonly #byKey = new Map<string, Row>();
  readonly #alike = new Map<string, object>();

  get all(): readonly Row[] {
    return this.#rows;
  }

  get(key: string): Row | undefined {
    return this.#byKey.get(key);
  }

  /** Adds the records of the next page `below` all others, or newer records `by-time`. Returns what changed. */
  add(records: readonly AuditRecord[], where: 'below' | 'by-time'): RowChanges {
    const added = new Map<string, Row>();
    const changed = new Map<string, readonly [Row, Row]>();
    for (const each of records) {
      const record = { ...each, caller: this.#shared(each.caller), attribution: this.#shared(each.attribution) };
      const key = requestIdentity(record);
      const was = this.#byKey.get(key);
      const is = was === undefined ? rowOf(key, record) : mergeStage(was, record);
      if (is === was) continue;
      this.#byKey.set(key, is);
      if (was === undefined || added.has(key)) added.set(key, is);
      else changed.set(key, [changed.get(key)?.[0] ?? was, is]);
    }
    this.#insert([...added.values()], where);
    for (const [key, [was, is]] of changed) this.#rows[this.#rows.findIndex((row) => row.key === key)] = is ?? was;
    return { rows: [...added.values()], changed: [...changed.values()] };
  }

  /**
   * Returns one shared object for equal values, such as those of a session. That halves the memory and the pauses for
   * garbage collection.
   */
  #shared<T extends object>(value: T): T {
    const key = JSON.stringify(value);
    const known = this.#alike.get(key);
    if (known === undefined) this.#alike.set(key, value);
    return (known as T | undefined) ?? value;
  }

  #insert(rows: readonly Row[], where: 'below' | 'by-time'): void {
    if (where === 'below') {
      for (const row of rows) this.#rows.push(row);
      return;
    }
    for (const row of rows.toReversed()) {
      const place = this.#rows.findIndex((other) => (other.at ?? 0) <= (row.at ?? 0));
      this.#rows.splice(place < 0 ? this.#rows.length : place, 0, row);
    }
  }
}

function rowOf(key: string, record: AuditRecord): Row {
  const at = record.time === undefined ? undefined : parseInstant(record.time);
  return { key, record, stages: [record], at, isCorrected: false };
}

/** Returns the row with one more stage or a new attribution, or the same row if nothing changed. */
function mergeStage(row: Row, record: AuditRecord): Row {
  const same = row.stages.find(({ stage }) => stage === record.stage);
  if (same !== undefined && JSON.stringify(same.attribution) === JSON.stringify(record.attribution)) return row;
  const stages = [...row.stages.filter((each) => each !== same), record].sort(latestStageFirst);
  return { ...row, record: stages[0] ?? record, stages, isCorrected: row.isCorrected || same !== undefined };
}
