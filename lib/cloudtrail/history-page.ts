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
  const values = records
    .map(parseJson)
    .flatMap((parsed) => (parsed.ok && isJsonObject(parsed.value) ? [parsed.value] : []));
  const times = values.flatMap((value) => parseInstant(textAt(value, 'eventTime') ?? '') ?? []);
  const read = values.filter(looksLikeTrailRecord).map((value) => parseTrailRecord(value));
  return {
    facts: read.filter((facts): facts is TrailFacts => typeof facts !== 'string'),
    oldest: times.toSorted((one, other) => one - other)[0],
  };
}
