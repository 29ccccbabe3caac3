import { hash } from 'node:crypto';
import type { AuditRecord, RecordHead } from '../../lib/attribution/record.ts';
import { latestStageFirst } from '../../lib/attribution/stages.ts';

/** A request as people count them: a watch or an exec has a record for each of its stages. */
export interface Request {
  /** Of the latest stage. */
  readonly record: AuditRecord;
  /** All that were read, the latest stage first. */
  readonly stages: readonly AuditRecord[];
}

/** Stages of one request have one time; so many records of one time are held until the next time comes. */
const MOST_HELD = 1_000;

/** The same for all stages of a request: the event's identity (CONTRACT, "The record"), but for the stage. */
export function requestIdentity({ auditId, time, request, caller }: RecordHead): string {
  return JSON.stringify([auditId, time, request?.verb, request?.uri, caller.uid, caller.username]);
}

/** What tells requests apart that are read from places of several accounts: an event is the word of whoever hands it over. */
function toldIdentity(record: AuditRecord): string {
  return JSON.stringify([requestIdentity(record), record.cluster, record.origin?.handedOverBy]);
}

/** The requests of records in which those of one time stand together, in their order. */
export async function* requestsOf(
  records: AsyncIterable<AuditRecord> | Iterable<AuditRecord>,
): AsyncGenerator<Request> {
  let held: AuditRecord[] = [];
  for await (const record of records) {
    const isOfSameTime = held.length === 0 || held[0]?.time === record.time;
    if (!isOfSameTime || held.length >= MOST_HELD) {
      yield* folded(held);
      held = [];
    }
    held.push(record);
  }
  yield* folded(held);
}

/** Each record by itself, where its stages are to be seen. */
export async function* eachAlone(records: AsyncIterable<AuditRecord>): AsyncGenerator<Request> {
  for await (const record of records) yield { record, stages: [record] };
}

function* folded(records: readonly AuditRecord[]): Generator<Request> {
  for (const stages of Map.groupBy(records, toldIdentity).values()) {
    const ordered = stages.toSorted(latestStageFirst);
    const [record] = ordered;
    if (record !== undefined) yield { record, stages: ordered };
  }
}

/** Which requests were shown already, where records come one by one; of many the latest are remembered. */
export class ShownRequests {
  readonly #shown = new Set<string>();
  readonly #most: number;

  /** A hundred thousand take about 10 MB. */
  constructor(most = 100_000) {
    this.#most = most;
  }

  /** Whether a request is shown for the first time with this said of it; from now on it is not. */
  isNew(record: AuditRecord, said = ''): boolean {
    const key = hash('sha256', `${toldIdentity(record)}${said}`, 'base64url').slice(0, 22);
    if (this.#shown.has(key)) return false;
    this.#shown.add(key);
    const [oldest] = this.#shown;
    if (this.#shown.size > this.#most && oldest !== undefined) this.#shown.delete(oldest);
    return true;
  }
}
