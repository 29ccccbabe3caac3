import type { AuditRecord } from '../../../lib/attribution/record.ts';
import { latestStageFirst } from '../../../lib/attribution/stages.ts';
import { parseInstant } from '../../../lib/time.ts';
import { requestIdentity } from '../../../lib/usecases/activity/requests.ts';

/** A request, as people count them: one row, whatever the number of its stages. */
export interface Row {
  readonly key: string;
  /** Of the latest stage. */
  readonly record: AuditRecord;
  /** All that were read, the latest stage first. */
  readonly stages: readonly AuditRecord[];
  /** In milliseconds since the epoch; undefined where nobody can read it. */
  readonly at: number | undefined;
  /** Its answer changed while it was looked at. */
  readonly isCorrected: boolean;
}

/** What came of records that were added. */
interface RowChanges {
  readonly rows: readonly Row[];
  /** Rows that are another now, each with what it was. */
  readonly changed: readonly (readonly [was: Row, is: Row])[];
}

/** The rows of records that come page by page, the newest first, and again where they are asked for again. */
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

  /** Records of the next page, which are older than all that were read; or newer ones, each where its time puts it. */
  add(records: readonly AuditRecord[], where: 'below' | 'by-time'): RowChanges {
    const added = new Map<string, Row>();
    const changed = new Map<string, readonly [Row, Row]>();
    for (const each of records) {
      const record = { ...each, caller: this.#shared(each.caller), attribution: this.#shared(each.attribution) };
      const key = requestIdentity(record);
      const was = this.#byKey.get(key);
      const is = was === undefined ? rowOf(key, record) : merged(was, record);
      if (is === was) continue;
      this.#byKey.set(key, is);
      if (was === undefined || added.has(key)) added.set(key, is);
      else changed.set(key, [changed.get(key)?.[0] ?? was, is]);
    }
    this.#insert([...added.values()], where);
    for (const [key, [was, is]] of changed) this.#rows[this.#rows.findIndex((row) => row.key === key)] = is ?? was;
    return { rows: [...added.values()], changed: [...changed.values()] };
  }

  /** One for all that are alike, as a session's are: half the memory, of which each collection is a pause. */
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

/** The row with one more stage, or another answer; the same where it had that already. */
function merged(row: Row, record: AuditRecord): Row {
  const same = row.stages.find(({ stage }) => stage === record.stage);
  if (same !== undefined && JSON.stringify(same.attribution) === JSON.stringify(record.attribution)) return row;
  const stages = [...row.stages.filter((each) => each !== same), record].sort(latestStageFirst);
  return { ...row, record: stages[0] ?? record, stages, isCorrected: row.isCorrected || same !== undefined };
}
