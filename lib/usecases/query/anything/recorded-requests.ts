import { type AuditRecord, type RecordHead, recordHead } from '../../../attribution/record.ts';
import type { AuditEvent } from '../../../audit/audit-event.ts';
import { parseInstant } from '../../../time.ts';
import { compareRequest, type DescribedRequest } from './described-request.ts';
import { sessionIdentity } from './sessions-of-records.ts';

/** What a log holds of a described request. */
export interface RecordedRequests {
  /** Those that can be it, one of its stages or more each. */
  readonly records: readonly AuditRecord[];
  /** Whether all that can be it was read. */
  readonly isWhole: boolean;
  /** Whether the log has the cluster, and reaches over the stated times; where the text states none, whether it has anything. */
  readonly isCovered: boolean;
}

/** So many are kept of each described request; of callers who are among them no more are needed. */
const MOST_KEPT = 1_000;

/** There are a dozen; methods of other paths are what clients write. */
const MOST_VERBS = 100;

/** Looks through records, one by one, for all that a text describes. */
export class RecordedRequestsGathering {
  readonly #kept: readonly MatchingRecords[];
  readonly #byVerb = new Map<string, readonly MatchingRecords[]>();
  readonly #reach = new Map<string | undefined, Reach>();
  #isWhole = true;

  constructor(described: readonly DescribedRequest[]) {
    const distinct = new Map(described.map((each) => [JSON.stringify(each), each]));
    this.#kept = [...distinct.values()].map(keptOf);
  }

  add(record: AuditRecord): void {
    const at = record.time === undefined ? undefined : parseInstant(record.time);
    if (at !== undefined) this.#reachTo(record.cluster, at);
    for (const kept of this.#ofVerb(record.request?.verb?.toLowerCase() ?? ''))
      if (compareRequest(record, kept.described).fits) keep(record, kept);
  }

  /** Notes that there are entries that nobody could read. */
  leaveUnread(): void {
    this.#isWhole = false;
  }

  /** Undefined of what was not looked for. */
  result(described: DescribedRequest): RecordedRequests | undefined {
    const text = JSON.stringify(described);
    const found = this.#kept.find((each) => JSON.stringify(each.described) === text);
    if (found === undefined) return undefined;
    const isWhole = this.#isWhole && found.isWhole;
    return { records: found.records, isWhole, isCovered: this.#covers(described) };
  }

  /** Those that state no verb can be any. */
  #ofVerb(verb: string): readonly MatchingRecords[] {
    const known = this.#byVerb.get(verb);
    if (known !== undefined) return known;
    const kept = this.#kept.filter(({ described: { verbs } }) => verbs.length === 0 || verbs.includes(verb));
    if (this.#byVerb.size < MOST_VERBS) this.#byVerb.set(verb, kept);
    return kept;
  }

  #reachTo(cluster: string | undefined, at: number): void {
    const { first, last } = this.#reach.get(cluster) ?? NOWHERE;
    this.#reach.set(cluster, { first: Math.min(first, at), last: Math.max(last, at) });
  }

  /** A log need not name its cluster. */
  #covers({ circumstances: { cluster }, times }: DescribedRequest): boolean {
    const places = cluster === undefined ? [...this.#reach.keys()] : [cluster, undefined];
    const reaches = places.flatMap((place) => this.#reach.get(place) ?? []);
    const [first, last] = [
      Math.min(...reaches.map((each) => each.first)),
      Math.max(...reaches.map((each) => each.last)),
    ];
    return reaches.length > 0 && times.every((at) => first <= at && at <= last);
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
  readonly callers: Set<string>;
  isWhole: boolean;
}

function keptOf(described: DescribedRequest): MatchingRecords {
  return { described, records: [], callers: new Set(), isWhole: true };
}

function keep(record: AuditRecord, kept: MatchingRecords): void {
  const identity = sessionIdentity(record);
  if (kept.records.length < MOST_KEPT) {
    kept.records.push(record);
    kept.callers.add(identity);
  } else if (!kept.callers.has(identity)) kept.isWhole = false;
}

/**
 * The record of this very event: the client may have sent the audit id of another request, which time and request tell, and
 * a text that was changed by hand, as in its access key, is to be answered for as it stands.
 */
export function recordOfEvent(event: AuditEvent, records: readonly AuditRecord[]): AuditRecord | undefined {
  const identity = identityOf(recordHead(event, undefined));
  return records.find((record) => identityOf(record) === identity);
}

function identityOf({ auditId, time, stage, request, caller }: RecordHead): string {
  return JSON.stringify([
    auditId,
    time,
    stage,
    request?.verb,
    request?.uri,
    caller.uid,
    caller.username,
    caller.accessKeyId,
  ]);
}
