import type { AuditRecord } from '../../../lib/attribution/record.ts';
import { latestStageFirst } from '../../../lib/attribution/stages.ts';
import { isJsonObject } from '../../../lib/json.ts';
import { byTime, requestIdentity } from '../../../lib/usecases/activity/requests.ts';

/** Records for a report, and what somebody says of them. */
export interface Collected {
  readonly title: string;
  readonly comment: string;
  /** A request once, by its latest stage; the earliest first. */
  readonly records: readonly AuditRecord[];
}

export const NOTHING_COLLECTED: Collected = { title: '', comment: '', records: [] };

/** A browser keeps some megabytes, and nobody reads a longer report. */
export const MOST_COLLECTED = 1_000;

/** With these records too, each where its time puts it; a record that came again with another answer replaces the old one. */
export function withRecords(collected: Collected, added: readonly AuditRecord[]): Collected {
  const byRequest = new Map(collected.records.map((record) => [requestIdentity(record), record]));
  for (const record of added) {
    const key = requestIdentity(record);
    const known = byRequest.get(key);
    if (known === undefined && byRequest.size >= MOST_COLLECTED) continue;
    if (known === undefined || latestStageFirst(record, known) <= 0) byRequest.set(key, record);
  }
  return { ...collected, records: [...byRequest.values()].sort(byTime) };
}

/** Without the one at that place. */
export function withoutRow(collected: Collected, row: number): Collected {
  return { ...collected, records: collected.records.toSpliced(row, 1) };
}

/** Whether it has all of these requests. */
export function holds({ records }: Collected, asked: readonly AuditRecord[]): boolean {
  const held = new Set(records.map(requestIdentity));
  return asked.every((record) => held.has(requestIdentity(record)));
}

/** What was kept as JSON; nothing where it is not ours. */
export function collectedFrom(value: unknown): Collected {
  if (!isJsonObject(value)) return NOTHING_COLLECTED;
  const { title, comment, records } = value;
  if (typeof title !== 'string' || typeof comment !== 'string' || !Array.isArray(records)) return NOTHING_COLLECTED;
  return { title, comment, records: records.filter(isJsonObject) as unknown as readonly AuditRecord[] };
}
