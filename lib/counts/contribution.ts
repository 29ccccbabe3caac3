import { type EpochMillis, epochMillis } from '../time.ts';
import { hourOf } from './hours.ts';
import { LEFT_OUT, TRAITS, type Trait, type Traits } from './traits.ts';

/** What one record counts for, as it was at one revision. Of several entries of a record the latest revision counts. */
export interface CountEntry {
  /** The record's. */
  readonly id: string;
  readonly revision: number;
  readonly traits: Traits;
  /** Where in the histogram of lags; absent while the answer may change, and of records that did not just happen. */
  readonly lag?: number | undefined;
}

/** An entry, and where it counts. */
export interface CountedRecord extends CountEntry {
  /** The event's time. */
  readonly at: EpochMillis;
  /** Empty where nothing says which. */
  readonly cluster: string;
  /** When the record is over, in seconds since the epoch; absent of a new one. */
  readonly expires?: number | undefined;
}

/** Entries of one hour and cluster: what is stored together. */
export interface Contribution {
  readonly hour: EpochMillis;
  readonly cluster: string;
  readonly entries: readonly CountEntry[];
  /** The latest event's time. */
  readonly last: EpochMillis;
  /** When the last of the records is over; absent where a new one is among them. */
  readonly expires?: number | undefined;
}

/** Entries that are stored together at most. */
const MOST_ENTRIES = 2_000;
/** In bytes: a longer name is left out. */
const LONGEST_NAME = 256;
/** Of words that are ours and the servers', which are few: names have the room beside them, not theirs. */
const WORDS: ReadonlySet<Trait> = new Set(['status', 'verb', 'code', 'flag']);
/**
 * All that a client's verb can be, but for methods of its own making: those of Kubernetes, and those of HTTP.
 * Source: kubernetes/kubernetes, apiserver/pkg/endpoints/request/requestinfo.go.
 */
const VERBS: ReadonlySet<string> = new Set(
  'get list watch create update patch delete deletecollection proxy head options post put connect trace'.split(' '),
);
/** The bytes that the names of a contribution take at most: so much, and so much more for each entry. */
const ROOM = { own: 500, entry: 24 };

/**
 * The records as they are stored: by hour and cluster, each in parts that have an end, whatever clients call things. Records
 * before 1970 are of no time, as in questions.
 */
export function contributionsOf(records: readonly CountedRecord[]): Contribution[] {
  const timed = records.filter(({ at }) => at >= 0);
  const groups = Map.groupBy(timed, ({ at, cluster }) => `${hourOf(at)} ${cluster}`);
  return [...groups.values()].flatMap((group) => parts(group).flatMap(contribution));
}

function parts(records: readonly CountedRecord[]): CountedRecord[][] {
  const count = Math.ceil(records.length / MOST_ENTRIES);
  return Array.from({ length: count }, (_, at) => records.slice(at * MOST_ENTRIES, (at + 1) * MOST_ENTRIES));
}

function contribution(records: readonly CountedRecord[]): Contribution[] {
  const [first] = records;
  if (first === undefined) return [];
  const kept = namesWithRoom(records);
  const entries = records.map(({ id, revision, lag, traits }): CountEntry => {
    const bounded = Object.fromEntries(TRAITS.map((trait) => [trait, keptValue(trait, traits, kept)]));
    return { id, revision, traits: { ...traits, ...bounded }, ...(lag !== undefined && { lag }) };
  });
  const last = epochMillis(latest(records.map(({ at }) => at)));
  const ends = records.flatMap(({ expires }) => expires ?? []);
  const isOld = ends.length === records.length;
  return [{ hour: hourOf(first.at), cluster: first.cluster, entries, last, ...(isOld && { expires: latest(ends) }) }];
}

function latest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b));
}

function keptValue(trait: Trait, traits: Traits, kept: ReadonlySet<string>): Traits[Trait] {
  const value = traits[trait];
  if (typeof value !== 'string') return value;
  const isKept = trait === 'verb' ? VERBS.has(value) : WORDS.has(trait) || kept.has(value);
  return isKept ? value : LEFT_OUT;
}

/** The names that most records have, as many as there is room for; of equal ones the first in order. */
function namesWithRoom(records: readonly CountedRecord[]): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const { traits } of records) {
    for (const trait of TRAITS) {
      const value = traits[trait];
      if (typeof value === 'string' && !WORDS.has(trait)) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  let room = ROOM.own + ROOM.entry * records.length;
  const ordered = [...counts].sort(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1));
  const fitting = ordered.filter(([name]) => {
    const bytes = bytesOf(name);
    if (bytes > LONGEST_NAME || bytes > room) return false;
    room -= bytes;
    return true;
  });
  return new Set(fitting.map(([name]) => name));
}

/** In UTF-8. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
