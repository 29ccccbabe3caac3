import { isJsonObject, parseJson, textAt } from '../json.ts';
import { type EpochMillis, parseInstant } from '../time.ts';
import { looksLikeTrailRecord, parseTrailRecord, type TrailFacts } from './record.ts';

/** What a page of the event history holds. */
export interface HistoryFacts {
  readonly facts: readonly TrailFacts[];
  /** The time of the page's oldest event, by which it is known what was read; undefined where none has a time. */
  readonly oldest: EpochMillis | undefined;
}

/** Reads the records of one page of LookupEvents, each as text; what is no record, or no sound one, holds no facts. */
export function readHistoryPage(records: readonly string[]): HistoryFacts {
  const facts: TrailFacts[] = [];
  let oldest: EpochMillis | undefined;
  for (const text of records) {
    const parsed = parseJson(text);
    if (!parsed.ok || !isJsonObject(parsed.value)) continue;
    const time = parseInstant(textAt(parsed.value, 'eventTime') ?? '');
    if (time !== undefined && (oldest === undefined || time < oldest)) oldest = time;
    const read = looksLikeTrailRecord(parsed.value) ? parseTrailRecord(parsed.value) : undefined;
    if (read !== undefined && typeof read !== 'string') facts.push(read);
  }
  return { facts, oldest };
}
