import type { AuditRecord, RecordedCaller, RecordHead } from '../../attribution/record.ts';
import { latestStageFirst } from '../../attribution/stages.ts';
import { isDryRun } from '../../audit/created-object.ts';
import { type EpochMillis, parseInstant } from '../../time.ts';

/** A request as people count them: a watch or an exec has a record for each of its stages. */
export interface Request<R extends AuditRecord = AuditRecord> {
  /** Of the latest stage. */
  readonly record: R;
  /** All that were read, the latest stage first. */
  readonly stages: readonly R[];
}

/**
 * The requests of these records. One audit id may be borne by several: what tells them apart is all of the record's identity
 * but the stage (CONTRACT, "The record"), and the cluster.
 */
export function requestsOf<R extends AuditRecord>(records: readonly R[]): readonly Request<R>[] {
  return [...Map.groupBy(records, requestIdentity).values()].flatMap((each) => {
    const stages = each.toSorted(latestStageFirst);
    const [record] = stages;
    return record === undefined ? [] : [{ record, stages }];
  });
}

/** Stages of one request have one time; so many records of one time are held until the next time comes. */
const MOST_HELD = 1_000;

/** The requests of records in which those of one time stand together, in their order. */
export async function* requestsIn<R extends AuditRecord>(records: AsyncIterable<R>): AsyncGenerator<Request<R>> {
  let held: R[] = [];
  for await (const record of records) {
    const isOfSameTime = held.length === 0 || held[0]?.time === record.time;
    if (!isOfSameTime || held.length >= MOST_HELD) {
      yield* requestsOf(held);
      held = [];
    }
    held.push(record);
  }
  yield* requestsOf(held);
}

/** The same for all stages of a request. What another account hands over is that account's word. */
export function requestIdentity({ auditId, time, request, caller, cluster, origin }: RecordHead): string {
  const { verb, uri } = request ?? {};
  return JSON.stringify([auditId, time, verb, uri, caller.uid, caller.username, cluster, origin?.handedOverBy]);
}

/** The latest stage of each request. */
export function latestStages<R extends AuditRecord>(records: readonly R[]): R[] {
  return requestsOf(records).map(({ record }) => record);
}

export function timeOf({ time }: Pick<AuditRecord, 'time'>): EpochMillis | undefined {
  return millisOf(time);
}

/** Undefined where there is none, or it cannot be read. */
export function millisOf(time: string | undefined): EpochMillis | undefined {
  return time === undefined ? undefined : parseInstant(time);
}

/** Of times as written: the earliest first, those that cannot be read last. */
export function byTime(a: { readonly time?: string | undefined }, b: { readonly time?: string | undefined }): number {
  return (millisOf(a.time) ?? Number.MAX_VALUE) - (millisOf(b.time) ?? Number.MAX_VALUE);
}

/** The earliest and the latest of event times, as written; those that cannot be read are left out. */
export class Span {
  first: string | undefined;
  last: string | undefined;

  add(time: string | undefined): void {
    const at = millisOf(time);
    if (at === undefined) return;
    if (this.first === undefined || at < (millisOf(this.first) ?? at)) this.first = time;
    if (this.last === undefined || at > (millisOf(this.last) ?? at)) this.last = time;
  }
}

/** `AROA…:<session name>`, or `<account>:<name>` of a federated user; undefined where the caller states none. */
export function sessionText({
  roleId,
  accountId,
  sessionName,
}: Pick<RecordedCaller, 'roleId' | 'accountId' | 'sessionName'>): string | undefined {
  const owner = roleId ?? accountId;
  return owner === undefined || sessionName === undefined ? undefined : `${owner}:${sessionName}`;
}

/** Whether a person can be behind it: not the cluster's or a node's own work. */
export function canBePersons({ attribution }: AuditRecord): boolean {
  return attribution.status !== 'system';
}

/** Whether it was not refused; a stage before the answer has no code. */
export function wasDone({ response, request }: AuditRecord): boolean {
  return !isDryRun(request?.uri) && (response === undefined || response.code < 400);
}
