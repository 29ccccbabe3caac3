import { latestStageFirst } from '../../attribution/stages.ts';
import { isDryRun } from '../../audit/created-object.ts';
import type { KeptRecord } from '../../claims/kept-record.ts';
import { type EpochMillis, parseInstant } from '../../time.ts';

/**
 * The requests of these records, each with its stages, the latest stage first. One audit id may be borne by several: what
 * tells them apart is all of the record's identity but the stage (CONTRACT, "The record"), and the cluster.
 */
export function requestsOf(records: readonly KeptRecord[]): readonly (readonly [KeptRecord, ...KeptRecord[]])[] {
  return [...Map.groupBy(records, requestIdentity).values()].flatMap((stages) => {
    const [latest, ...others] = stages.toSorted(latestStageFirst);
    return latest === undefined ? [] : [[latest, ...others] as const];
  });
}

export function requestIdentity({ auditId, time, request, caller, cluster, origin }: KeptRecord): string {
  const { verb, uri } = request ?? {};
  return JSON.stringify([auditId, time, verb, uri, caller.uid, caller.username, cluster, origin?.handedOverBy]);
}

/** The latest stage of each request. */
export function latestStages(records: readonly KeptRecord[]): KeptRecord[] {
  return requestsOf(records).map(([latest]) => latest);
}

export function timeOf({ time }: Pick<KeptRecord, 'time'>): EpochMillis | undefined {
  return time === undefined ? undefined : parseInstant(time);
}

/** Whether a person can be behind it: not the cluster's or a node's own work. */
export function canBePersons({ attribution }: KeptRecord): boolean {
  return attribution.status !== 'system';
}

/** Whether it was not refused; a stage before the answer has no code. */
export function wasDone({ response, request }: KeptRecord): boolean {
  return !isDryRun(request?.uri) && (response === undefined || response.code < 400);
}
