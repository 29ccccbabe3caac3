import { type EventAnswer, type IndexedEvent, indexRecord, type UnindexedReason } from './event.ts';
import type { AttributeKey, LookupAttribute } from './lookup.ts';

/** An event with its place among those of the same time: later arrivals have higher numbers, and keep them. */
export interface HistoryEvent extends IndexedEvent {
  readonly sequence: number;
}

/** A record that the history does not keep, and why. */
export interface NotKept {
  /** The place of the record among those added, from 0. */
  readonly index: number;
  readonly reason: UnindexedReason;
}

/** The event history of all accounts and Regions of the stand-in. */
export interface EventHistory {
  /** Files records; one that is there already is left out silently, as CloudTrail shows an event once. */
  add(records: readonly unknown[]): readonly NotKept[];
  /** All, or those that have the attribute: values are compared whole and with case. */
  newestFirst(attribute?: LookupAttribute): readonly HistoryEvent[];
}

export function createEventHistory(seed: string): EventHistory {
  const byIdentity = new Map<string, HistoryEvent>();
  let ordered: readonly HistoryEvent[] | undefined;
  const byAttribute = new Map<AttributeKey, ReadonlyMap<string, readonly HistoryEvent[]>>();
  const newestFirst = () => {
    ordered ??= [...byIdentity.values()].sort((a, b) => b.time - a.time || b.sequence - a.sequence);
    return ordered;
  };
  const keep = (event: IndexedEvent): void => {
    if (byIdentity.has(event.identity)) return;
    byIdentity.set(event.identity, { ...event, sequence: byIdentity.size });
    ordered = undefined;
    byAttribute.clear();
  };
  return {
    add(records) {
      return records.flatMap((record, index) => {
        const event = indexRecord(record, seed);
        if (typeof event === 'string') return [{ index, reason: event }];
        keep(event);
        return [];
      });
    },
    newestFirst(attribute) {
      if (attribute === undefined) return newestFirst();
      const { key, value } = attribute;
      const events = byAttribute.get(key) ?? byValue(newestFirst(), key);
      byAttribute.set(key, events);
      return events.get(value) ?? [];
    },
  };
}

function byValue(events: readonly HistoryEvent[], key: AttributeKey): Map<string, HistoryEvent[]> {
  const found = new Map<string, HistoryEvent[]>();
  for (const event of events) {
    for (const value of new Set(valuesOf(event.answer, key))) {
      const those = found.get(value) ?? [];
      those.push(event);
      found.set(value, those);
    }
  }
  return found;
}

/** Of the attribute a look-up can ask for (CloudTrail User Guide, "Viewing recent management events"). */
function valuesOf(answer: EventAnswer, key: AttributeKey): readonly string[] {
  if (key === 'ResourceName' || key === 'ResourceType')
    return answer.Resources.flatMap((resource) => resource[key] ?? []);
  return [answer[key]].filter((value) => value !== undefined);
}
