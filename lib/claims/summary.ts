import { actorLabel, labelsApart } from '../attribution/actor-names.ts';
import { actorsOf } from '../attribution/attribution.ts';
import type { AuditRecord } from '../attribution/record.ts';
import { clusterText, senderOf } from '../identity/cluster.ts';
import { present } from '../json.ts';
import { type EpochMillis, parseInstant } from '../time.ts';
import { type AlertCause, causesOf } from './alert-cause.ts';
import type { ClaimSummary } from './claim.ts';

/** Limits the entries of every list. People read alerts, and an item has a size limit. */
const LONGEST_LIST = 20;

export const EMPTY_SUMMARY: ClaimSummary = {
  count: 0,
  statuses: [],
  liveStatuses: [],
  reasons: [],
  causes: [],
  actors: [],
  clusters: [],
  verbs: [],
  namespaces: [],
  senders: [],
  open: 0,
};

/** A record to count. `final` is the time at which its answer becomes final, if it can still change. */
export interface SummaryEntry {
  readonly record: AuditRecord;
  readonly final: EpochMillis;
  /** Whether the record was counted when the claim closed before. */
  readonly isCounted: boolean;
  /** The accounts and Regions that had not answered when the answer became final. */
  readonly unanswered: readonly string[];
  /** Whether the record came through backfill or replay. Such a record raises no alert. */
  readonly isReplayed: boolean;
  /** The other copies of the event, if one of them contradicts it. */
  readonly conflict?: CopyConflict | undefined;
}

/** The other copies of an event that contradict this record. Only the later copy raises the alert about both. */
interface CopyConflict {
  /** The actors that the earlier copies name, and where each copy comes from. */
  readonly others: readonly string[];
  /** The part of the record's ID that all copies share. */
  readonly place: string;
}

/** Returns the summary with one more record. The order of records only decides which entries a long list lacks. */
export function countRecord(summary: ClaimSummary, entry: SummaryEntry, enabled: readonly AlertCause[]): ClaimSummary {
  const { record, final, isCounted, isReplayed, unanswered } = entry;
  const { attribution, time, request } = record;
  const cluster = clusterText(record);
  const { status, reason, provisional } = attribution;
  const actors = actorsOf(attribution);
  const causes = raisedBy(entry, enabled);
  return present<ClaimSummary>({
    count: summary.count + (isCounted ? 0 : 1),
    first: outermost(summary.first, time, (a, b) => a < b),
    last: outermost(summary.last, time, (a, b) => a > b),
    statuses: listed(summary.statuses, [status]),
    liveStatuses: listed(summary.liveStatuses, isReplayed ? [] : [status]),
    reasons: listed(summary.reasons, reason === undefined ? [] : [reason]),
    causes: listed(summary.causes, causes),
    ...conflictsOf(summary, entry, causes),
    actors: listed(summary.actors, labelsApart(actors, actorLabel)),
    clusters: listed(summary.clusters, cluster === '' ? [] : [cluster]),
    verbs: listed(summary.verbs, request?.verb === undefined ? [] : [request.verb]),
    namespaces: listed(summary.namespaces, request?.namespace === undefined ? [] : [request.namespace]),
    senders: listed(summary.senders, [senderOf(record) ?? '']),
    unanswered: unanswered.length === 0 ? summary.unanswered : listed(summary.unanswered ?? [], unanswered),
    open: summary.open + (provisional ? 1 : 0),
    nextFinal: provisional ? extreme(summary.nextFinal, final, (a, b) => a < b) : summary.nextFinal,
  });
}

/**
 * Returns the causes for which the record raises an alert. If copies contradict each other, the first one raises none,
 * because the later ones do.
 */
function raisedBy(
  { record, isReplayed, conflict }: SummaryEntry,
  enabled: readonly AlertCause[],
): readonly AlertCause[] {
  if (isReplayed) return [];
  const isLater = conflict !== undefined && conflict.others.length > 0;
  return causesOf(record.attribution, enabled).filter((cause) => cause !== 'conflicting-copies' || isLater);
}

function conflictsOf(
  { conflicts, conflictPlaces }: ClaimSummary,
  { conflict }: SummaryEntry,
  causes: readonly AlertCause[],
): Pick<ClaimSummary, 'conflicts' | 'conflictPlaces'> {
  if (conflict !== undefined && causes.includes('conflicting-copies')) {
    return {
      conflicts: listed(conflicts ?? [], conflict.others),
      conflictPlaces: listed(conflictPlaces ?? [], [conflict.place]),
    };
  }
  return { ...(conflicts && { conflicts }), ...(conflictPlaces && { conflictPlaces }) };
}

function listed<T extends string>(known: readonly T[], more: readonly T[]): readonly T[] {
  const added = more.filter((entry) => !known.includes(entry));
  return added.length === 0 ? known : [...new Set([...known, ...added])].sort().slice(0, LONGEST_LIST);
}

/** Returns one of two event times: the one that is outside by `isBefore`. Ignores a time that cannot be read. */
function outermost(
  a: string | undefined,
  b: string | undefined,
  isBefore: <T extends string | number>(a: T, b: T) => boolean,
): string | undefined {
  const [atA, atB] = [a, b].map((text) => (text === undefined ? undefined : parseInstant(text)));
  if (atA === undefined || atB === undefined) return atA !== undefined ? a : atB !== undefined ? b : undefined;
  if (atA === atB) return extreme(a, b, isBefore);
  return isBefore(atB, atA) ? b : a;
}

function extreme<T>(a: T | undefined, b: T | undefined, isBefore: (a: T, b: T) => boolean): T | undefined {
  if (a === undefined) return b;
  return b === undefined || !isBefore(b, a) ? a : b;
}
