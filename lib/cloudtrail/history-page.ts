import { isJsonObject, parseJson, textAt } from '../json.ts';
import { type EpochMillis, parseInstant } from '../time.ts';
import { looksLikeTrailRecord, parseTrailRecord, type TrailFacts } from './record.ts';

/** The facts in a page of the event history. */
export interface HistoryFacts {
  readonly facts: readonly TrailFacts[];
  /** The time of the page's oldest event, up to which the history was read. Undefined if no event has a time. */
  readonly oldest: EpochMillis | undefined;
}

/** Parses the records of a LookupEvents page, each given as text. Invalid records have no facts. */
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
