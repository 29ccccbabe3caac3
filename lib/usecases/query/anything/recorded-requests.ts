import { copyContent, statesAll } from '../../../attribution/copies.ts';
import { type AuditRecord, recordHead } from '../../../attribution/record.ts';
import { type ClusterFields, type ClusterKey, clusterKeyOf, isSameCluster } from '../../../identity/cluster.ts';
import type { PastedEvent } from '../../../recognize/subject.ts';
import { type EpochMillis, epochMillis, formatInstant, parseInstant } from '../../../time.ts';
import { areOfSeveralAccounts } from '../../activity/requests.ts';
import { compareRequest, type DescribedRequest } from './described-request.ts';
import { type AttributedOutcome, oneOfSeveral, outcomeOfRecord } from './outcomes.ts';
import { sessionIdentity } from './sessions-of-records.ts';

/** The records of a log that match a described request, or nearly do. */
export interface RecordedRequests {
  /**
   * Records that can be the described request, and some similar ones. Each request has one or more of its stages here.
   */
  readonly records: readonly AuditRecord[];
  /** Whether all records that can be the described request were read. */
  readonly isComplete: boolean;
  /** A sentence that says how to read the rest. Absent if everything was read, or if no way to read more is known. */
  readonly toReadRest?: string | undefined;
  /**
   * Whether the log has records of the cluster on both sides of all stated times. If the text states no time, whether
   * it has any.
   */
  readonly isCovered: boolean;
  /** The time of the last record of the cluster before the stated times. Undefined if it is not known. */
  readonly lastBefore?: EpochMillis | undefined;
  /** The days and clusters that the log covers. Absent if they are not known. */
  readonly reach?: LogReach | undefined;
}

/** The time range of a log, and the clusters whose records it has. From a service, `first` and `last` are days. */
export interface LogReach {
  readonly first: string;
  readonly last: string;
  readonly clusters: readonly string[];
}

/**
 * Limits the records that are kept for each described request. If there are more, a caller can be missing only if none
 * of their records was kept.
 */
const MOST_KEPT = 1_000;
/**
 * The maximum number of similar records that are kept for each described request. They are only shown, and decide
 * nothing.
 */
const MOST_NEAR = 200;
/**
 * The maximum number of descriptions for which similar requests are collected, because each record is compared with all
 * of them.
 */
const MOST_WITH_NEAR = 20;

/**
 * Limits the verbs that are remembered. Kubernetes has a dozen. But the verb of a path that is no resource is whatever
 * HTTP method the client sent.
 */
const MOST_VERBS = 100;

/** Searches records, one by one, for all requests that a text describes. */
export class RecordedRequestsCollector {
  readonly #kept: readonly MatchingRecords[];
  readonly #byText: ReadonlyMap<string, MatchingRecords>;
  readonly #byId: ReadonlyMap<string | undefined, readonly MatchingRecords[]>;
  readonly #byVerb = new Map<string, readonly MatchingRecords[]>();
  readonly #reach = new Map<ClusterKey, Reach & ClusterFields>();
  #isComplete = true;

  constructor(described: readonly DescribedRequest[]) {
    const distinct = new Map(described.map((each) => [JSON.stringify(each), each]));
    this.#byText = new Map([...distinct].map(([text, each]) => [text, keptOf(each)]));
    this.#kept = [...this.#byText.values()];
    this.#byId = Map.groupBy(this.#kept, ({ described: { circumstances } }) => circumstances.auditId);
  }

  add(record: AuditRecord): void {
    const at = record.time === undefined ? undefined : parseInstant(record.time);
    if (at !== undefined) {
      this.#extendReach(record, at);
      this.#noteLastBefore(record, at);
    }
    const withId = this.#byId.get(record.auditId) ?? [];
    for (const kept of [...withId, ...this.#ofVerb(record.request?.verb?.toLowerCase() ?? '')]) {
      const { likeness } = compareRequest(record, kept.described);
      if (likeness === 'near') keepNear(record, kept);
      else if (likeness !== undefined) keep(record, kept);
    }
  }

  /** Notes that the log has entries which cannot be read. After that, no result is complete. */
  leaveUnread(): void {
    this.#isComplete = false;
  }

  /** Returns what was found for a description. Undefined if the collector was not made for this description. */
  result(described: DescribedRequest): RecordedRequests | undefined {
    const found = this.#byText.get(JSON.stringify(described));
    if (found === undefined) return undefined;
    const isComplete = this.#isComplete && found.isComplete;
    const isCovered = this.#covers(described);
    const { lastBefore } = found;
    return {
      records: [...found.records, ...found.near],
      isComplete,
      isCovered,
      lastBefore,
      reach: this.#reachOf(described),
    };
  }

  /**
   * Returns the descriptions without an audit ID. If there are many, returns only those that have this verb or state
   * none.
   */
  #ofVerb(verb: string): readonly MatchingRecords[] {
    const all = this.#byId.get(undefined) ?? [];
    if (all.length <= MOST_WITH_NEAR) return all;
    const known = this.#byVerb.get(verb);
    if (known !== undefined) return known;
    const kept = all.filter(({ described: { verbs } }) => verbs.length === 0 || verbs.includes(verb));
    if (this.#byVerb.size < MOST_VERBS) this.#byVerb.set(verb, kept);
    return kept;
  }

  #extendReach({ cluster, clusterArn, accountId, origin }: ClusterFields, at: number): void {
    const place = { cluster, clusterArn, accountId, origin };
    const key = clusterKeyOf(place);
    const { first, last } = this.#reach.get(key) ?? NOWHERE;
    this.#reach.set(key, { ...place, first: Math.min(first, at), last: Math.max(last, at) });
  }

  /** Notes the last record before the times of each description. Does nothing if there are too many descriptions. */
  #noteLastBefore(record: AuditRecord, at: EpochMillis): void {
    if (this.#kept.length > MOST_WITH_NEAR) return;
    for (const kept of this.#kept) {
      if (at > kept.begin || at <= (kept.lastBefore ?? Number.NEGATIVE_INFINITY)) continue;
      if (isSameCluster(kept.described.circumstances, record) !== false) kept.lastBefore = at;
    }
  }

  #reachOf({ circumstances }: DescribedRequest): LogReach | undefined {
    const places = [...this.#reach.values()].filter((place) => isSameCluster(circumstances, place) !== false);
    if (places.length === 0) return undefined;
    return {
      first: formatInstant(epochMillis(Math.min(...places.map(({ first }) => first)))),
      last: formatInstant(epochMillis(Math.max(...places.map(({ last }) => last)))),
      clusters: [...new Set(places.flatMap(({ cluster }) => cluster ?? []))].sort(),
    };
  }

  /**
   * Returns whether the log covers the times. Records without a cluster count too, because a log may not name its
   * cluster.
   */
  #covers({ circumstances, times, margin }: DescribedRequest): boolean {
    const reaches = [...this.#reach.values()].filter((place) => isSameCluster(circumstances, place) !== false);
    const [first, last] = [
      Math.min(...reaches.map((each) => each.first)),
      Math.max(...reaches.map((each) => each.last)),
    ];
    return reaches.length > 0 && times.every((at) => first - margin <= at && at <= last + margin);
  }
}

interface Reach {
  readonly first: number;
  readonly last: number;
}

const NOWHERE: Reach = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };

interface MatchingRecords {
  readonly described: DescribedRequest;
  readonly records: AuditRecord[];
  readonly near: AuditRecord[];
  readonly callers: Set<string>;
  /** The first of the stated times, or negative infinity if there is none. */
  readonly begin: number;
  lastBefore?: EpochMillis;
  isComplete: boolean;
}

function keptOf(described: DescribedRequest): MatchingRecords {
  const begin = described.times.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...described.times);
  return { described, records: [], near: [], callers: new Set(), begin, isComplete: true };
}

function keepNear(record: AuditRecord, { near }: MatchingRecords): void {
  if (near.length < MOST_NEAR) near.push(record);
}

function keep(record: AuditRecord, kept: MatchingRecords): void {
  const identity = sessionIdentity(record);
  if (kept.records.length < MOST_KEPT) {
    kept.records.push(record);
    kept.callers.add(identity);
  } else if (!kept.callers.has(identity)) kept.isComplete = false;
}

/**
 * Returns the records of this event, of each cluster that can be meant. The text can lack parts, because many tools
 * drop `user.uid` and `user.extra`. All else must be equal, because a client can send the audit ID of another request.
 * If the text was changed by hand, for example its access key, it is not the recorded event (`alteredCopies`).
 */
export function recordsOfEvent(pasted: PastedEvent, records: readonly AuditRecord[]): readonly AuditRecord[] {
  const head = recordHead(pasted.event, {});
  const content = copyContent(head);
  return alteredCopies(pasted, records).filter(
    (record) => (head.stage ?? record.stage) === record.stage && statesAll(copyContent(record), content),
  );
}

/**
 * Returns the records with the same audit ID, time and request as the event, whatever they state about the caller.
 * People often remove the access key before they paste an event.
 */
export function alteredCopies({ event, site }: PastedEvent, records: readonly AuditRecord[]): readonly AuditRecord[] {
  const { auditId, time, request } = recordHead(event, {});
  return records.filter(
    (record) =>
      isSameCluster(site, record) !== false &&
      record.auditId === auditId &&
      (time === undefined || isSameMillisecond(time, record.time)) &&
      (request?.verb ?? record.request?.verb) === record.request?.verb &&
      (request?.uri ?? record.request?.uri) === record.request?.uri,
  );
}

/** Returns whether both texts are one time. Many tools keep only the milliseconds of a time. */
function isSameMillisecond(time: string, other = ''): boolean {
  const [one, another] = [time, other].map(parseInstant);
  return one === undefined || another === undefined ? time === other : Math.trunc(one) === Math.trunc(another);
}

/** Returns whether all records have the same status, flags and actor. */
export function haveOneAnswer([first, ...others]: readonly AuditRecord[]): boolean {
  return others.every((other) => answerText(other) === answerText(first));
}

const SEVERAL_ACCOUNTS =
  'Requests that different accounts sent have this audit ID, and they lead to different answers. To list them, run eks-whois records --audit-id ID. Then state the ARN of the cluster too: auditID=… cluster=arn:….';

/**
 * Returns the answer for requests with one audit ID: that of the first one. If several accounts sent them and their
 * answers differ, the actors of all become candidates.
 */
export function outcomeOfAuditId(requests: readonly [AuditRecord, ...AuditRecord[]]): AttributedOutcome {
  const [first, ...others] = requests;
  if (!areOfSeveralAccounts(requests) || haveOneAnswer(requests)) return outcomeOfRecord(first);
  return { ...oneOfSeveral([outcomeOfRecord(first), ...others.map(outcomeOfRecord)]), note: SEVERAL_ACCOUNTS };
}

function answerText(record: AuditRecord | undefined): string {
  const { status, flags, actor } = record?.attribution ?? {};
  return JSON.stringify([status, flags, actor?.id]);
}
