import { accountOfKey, type ClusterKey } from '../identity/cluster.ts';
import { type EpochMillis, epochMillis } from '../time.ts';
import { hourOf } from './hours.ts';
import { LEFT_OUT, type Trait, type Traits } from './traits.ts';

/**
 * The traits that one revision of a record adds to the counts. If a record has several entries, the one of its latest
 * revision counts.
 */
export interface CountEntry {
  /** The record's ID. */
  readonly id: string;
  readonly revision: number;
  readonly traits: Traits;
  /**
   * The bucket in the histogram of delays. Absent while the answer can change, and for records of backfill and replay.
   */
  readonly lag?: number | undefined;
}

/** An entry, with the time and the cluster under which it counts. */
export interface CountedRecord extends CountEntry {
  /** The event's time. */
  readonly at: EpochMillis;
  readonly clusterKey: ClusterKey;
  /** When the record expires, in epoch seconds. Absent for a new record. */
  readonly expires?: number | undefined;
}

/** The entries of one hour and cluster that are stored together. */
export interface Contribution {
  readonly hour: EpochMillis;
  readonly clusterKey: ClusterKey;
  readonly entries: readonly CountEntry[];
  /** Time of the latest event. */
  readonly last: EpochMillis;
  /** When the last of these records expires, in epoch seconds. Absent if one of them is new. */
  readonly expires?: number | undefined;
}

/** An hour of the clusters of one account. */
export interface HourOfAccount {
  /** The account in the cluster's key. Empty if the key has none. */
  readonly accountId: string;
  readonly hour: EpochMillis;
}

/** Returns the hours and accounts of the contributions, each once. */
export function hoursOfAccounts(contributions: readonly Contribution[]): readonly HourOfAccount[] {
  const all = contributions.map(({ hour, clusterKey }) => ({ accountId: accountOfKey(clusterKey), hour }));
  return [...new Map(all.map((each) => [`${each.accountId} ${each.hour}`, each])).values()];
}

/** Limits the entries that are stored together. */
const MOST_ENTRIES = 2_000;
/** The longest name in bytes. Longer names are left out. */
const LONGEST_NAME = 256;
/**
 * The verbs of Kubernetes and the methods of HTTP. All other verbs are methods that clients invented. Source:
 * kubernetes/kubernetes, apiserver/pkg/endpoints/request/requestinfo.go.
 */
const VERBS: ReadonlySet<string> = new Set(
  'get list watch create update patch delete deletecollection proxy head options post put connect trace'.split(' '),
);
/**
 * Limits the bytes for the names of actors, namespaces and resources in a contribution. There is a fixed amount, and
 * one for each entry. All other texts come from a small fixed set.
 */
const ROOM = { own: 500, entry: 24 };

/**
 * Returns the entries in the form in which they are stored: by hour and cluster, in parts. The size of a part is
 * limited, whatever names clients choose. Records before 1970 have no hour, as in questions.
 */
export function contributionsOf(records: readonly CountedRecord[]): Contribution[] {
  return grouped(records).flatMap((group) => parts(group).flatMap(contribution));
}

/** Groups the records by hour and cluster. The next record usually belongs to the last group. */
function grouped(records: readonly CountedRecord[]): CountedRecord[][] {
  const groups = new Map<string, CountedRecord[]>();
  let last: { readonly hour: number; readonly clusterKey: ClusterKey; readonly group: CountedRecord[] } | undefined;
  for (const record of records) {
    const { at, clusterKey } = record;
    if (at < 0) continue;
    const hour = hourOf(at);
    if (last === undefined || last.hour !== hour || last.clusterKey !== clusterKey) {
      const place = `${hour} ${clusterKey}`;
      const group = groups.get(place) ?? [];
      groups.set(place, group);
      last = { hour, clusterKey, group };
    }
    last.group.push(record);
  }
  return [...groups.values()];
}

function parts(records: readonly CountedRecord[]): CountedRecord[][] {
  const count = Math.ceil(records.length / MOST_ENTRIES);
  return Array.from({ length: count }, (_, at) => records.slice(at * MOST_ENTRIES, (at + 1) * MOST_ENTRIES));
}

function contribution(records: readonly CountedRecord[]): Contribution[] {
  const [first] = records;
  if (first === undefined) return [];
  const kept = namesWithRoom(records);
  let [last, expires, isOld]: [number, number, boolean] = [first.at, first.expires ?? 0, true];
  const entries = records.map(({ id, revision, at, lag, expires: end, traits }): CountEntry => {
    last = Math.max(last, at);
    if (end === undefined) isOld = false;
    else expires = Math.max(expires, end);
    const bounded = boundedTraits(traits, kept);
    return lag === undefined ? { id, revision, traits: bounded } : { id, revision, traits: bounded, lag };
  });
  const { clusterKey } = first;
  return [{ hour: hourOf(first.at), clusterKey, entries, last: epochMillis(last), ...(isOld && { expires }) }];
}

function boundedTraits(traits: Traits, kept: ReadonlySet<string> | 'all'): Traits {
  const { status, verb, actor, namespace, resource, code, flag } = traits;
  const isVerb = typeof verb !== 'string' || VERBS.has(verb);
  if (isVerb && kept === 'all') return traits;
  return {
    status,
    verb: isVerb ? verb : LEFT_OUT,
    actor: keptName(actor, kept),
    namespace: keptName(namespace, kept),
    resource: keptName(resource, kept),
    code,
    flag,
  };
}

function keptName(name: Traits[Trait], kept: ReadonlySet<string> | 'all'): Traits[Trait] {
  return typeof name !== 'string' || kept === 'all' || kept.has(name) ? name : LEFT_OUT;
}

/**
 * Returns the most frequent names, as many as fit. Of equally frequent names, the alphabetically first ones are kept.
 */
function namesWithRoom(records: readonly CountedRecord[]): ReadonlySet<string> | 'all' {
  const counts = new Map<string, number>();
  const count = (name: Traits[Trait]) => {
    if (typeof name === 'string') counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  for (const { traits } of records) {
    count(traits.actor);
    count(traits.namespace);
    count(traits.resource);
  }
  let room = ROOM.own + ROOM.entry * records.length;
  const ordered = [...counts].sort(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1));
  const fitting = ordered.filter(([name]) => {
    const bytes = bytesOf(name);
    if (bytes > LONGEST_NAME || bytes > room) return false;
    room -= bytes;
    return true;
  });
  return fitting.length === ordered.length ? 'all' : new Set(fitting.map(([name]) => name));
}

/** Returns the length in UTF-8 bytes. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
