import { type IndexedEvent, indexRecord, type Unindexed } from './event.ts';

/** An event with its place among those of the same time: later arrivals have higher numbers, and keep them. */
export interface HistoryEvent extends IndexedEvent {
  readonly sequence: number;
}

/** A record that the history does not keep, and why. */
export interface NotKept {
  /** The place of the record among those added, from 0. */
  readonly index: number;
  readonly reason: Unindexed;
}

/** The event history of all accounts and Regions of the stand-in. */
export interface EventHistory {
  /** Files records; one that is there already is left out silently, as CloudTrail shows an event once. */
  add(records: readonly unknown[]): readonly NotKept[];
  newestFirst(): readonly HistoryEvent[];
}

export function createEventHistory(seed: string): EventHistory {
  const byIdentity = new Map<string, HistoryEvent>();
  let ordered: readonly HistoryEvent[] | undefined;
  const keep = (event: IndexedEvent): void => {
    if (byIdentity.has(event.identity)) return;
    byIdentity.set(event.identity, { ...event, sequence: byIdentity.size });
    ordered = undefined;
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
    newestFirst() {
      ordered ??= [...byIdentity.values()].sort((a, b) => b.time - a.time || b.sequence - a.sequence);
      return ordered;
    },
  };
}
