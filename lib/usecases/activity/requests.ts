import { copyPlace, recordIdentity } from '../../attribution/copies.ts';
import type { AuditRecord, RecordedCaller, RecordHead } from '../../attribution/record.ts';
import { latestStageFirst } from '../../attribution/stages.ts';
import { isDryRunOf } from '../../audit/created-object.ts';
import { senderOf } from '../../identity/cluster.ts';
import { type EpochMillis, parseInstant } from '../../time.ts';
import { fewerInTurns } from '../../turns.ts';

/** A request as people count them. A watch or an exec has one record for each of its stages. */
export interface Request<R extends AuditRecord = AuditRecord> {
  /** The record of the latest stage. */
  readonly record: R;
  /** The records that were read, the latest stage first. */
  readonly stages: readonly R[];
}

/**
 * Groups the records by request. The stages of one request have the same audit ID, but so can several requests. So
 * records also need the same identity, apart from stage and response code (CONTRACT, "The record").
 */
export function requestsOf<R extends AuditRecord>(records: readonly R[]): readonly Request<R>[] {
  return [...Map.groupBy(records, requestIdentity).values()].flatMap((each) => {
    const stages = each.toSorted(latestStageFirst);
    const [record] = stages;
    return record === undefined ? [] : [{ record, stages }];
  });
}

/**
 * Limits how many records of one time are held until a later time comes. All stages of a request have the same time.
 */
const MOST_HELD = 1_000;

/** Yields the requests of the records, in the same order. Records of the same time must follow each other. */
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

/**
 * Returns a key that is equal for all stages of one request. Two kinds of records have a key of their own. The first
 * are records that another account handed over: only that account vouches for them. The second are conflicting copies:
 * they can differ in the same fields as stages do.
 */
export function requestIdentity(
  record: RecordHead & { readonly attribution?: AuditRecord['attribution'] | undefined },
): string {
  const ofStage = isConflicting(record) ? {} : { authorization: undefined, response: undefined };
  return recordIdentity({ ...record, stage: undefined, ...ofStage });
}

/**
 * Returns the latest stage of each request. Conflicting copies of one event follow each other in a fixed order. So
 * files and the service both begin with the same copy.
 */
export function latestStages<R extends AuditRecord>(records: readonly R[]): R[] {
  const latest = requestsOf(records).map(({ record }) => record);
  const byPlace = Map.groupBy(latest, (record) =>
    isConflicting(record) ? copyPlace(record) : requestIdentity(record),
  );
  return [...byPlace.values()].flatMap((copies) => copies.toSorted(byIdentity));
}

function byIdentity(a: AuditRecord, b: AuditRecord): number {
  return requestIdentity(a) < requestIdentity(b) ? -1 : 1;
}

function isConflicting({ attribution }: { readonly attribution?: AuditRecord['attribution'] | undefined }): boolean {
  return attribution?.flags.includes('conflicting-copies') === true;
}

/**
 * Returns whether the records are copies of one event that contradict each other. Otherwise they are different requests
 * with one audit ID.
 */
export function areConflictingCopies(records: readonly AuditRecord[]): boolean {
  return records.length > 1 && records.every(isConflicting) && new Set(records.map(copyPlace)).size === 1;
}

/**
 * Limits how many records of one audit ID an answer has, and on how many requests it rests. A client can choose the
 * audit ID and use it again. `/records` lists the rest.
 */
export const MOST_OF_ONE_ID = 100;

/**
 * Returns at most `most` of the records, in the same order. The accounts that sent them take turns. Otherwise an
 * account that forges records of an audit ID could push out those of another account.
 */
export function fewerOfAccounts<R extends Parameters<typeof senderOf>[0]>(
  records: readonly R[],
  most: number,
): readonly R[] {
  return fewerInTurns(records, (record) => [senderOf(record)], most);
}

/**
 * Returns whether different accounts sent the records. If they did, one of them may have copied the audit ID and forged
 * the rest.
 */
export function areOfSeveralAccounts(records: readonly AuditRecord[]): boolean {
  return new Set(records.map(senderOf)).size > 1;
}

export function timeOf({ time }: Pick<AuditRecord, 'time'>): EpochMillis | undefined {
  return millisOf(time);
}

/** Returns the time in milliseconds. Undefined if there is none, or if it cannot be read. */
export function millisOf(time: string | undefined): EpochMillis | undefined {
  return time === undefined ? undefined : parseInstant(time);
}

/** Compares times as written: the earliest first, unreadable ones last. */
export function byTime(a: { readonly time?: string | undefined }, b: { readonly time?: string | undefined }): number {
  return (millisOf(a.time) ?? Number.MAX_VALUE) - (millisOf(b.time) ?? Number.MAX_VALUE);
}

/** The earliest and the latest of the times that were added, as written. Unreadable times are ignored. */
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

/**
 * Returns `AROA…:<session name>` of a role session, or `<account>:<name>` of a federated user. Undefined if the caller
 * states neither.
 */
export function sessionText({
  roleId,
  accountId,
  sessionName,
}: Pick<RecordedCaller, 'roleId' | 'accountId' | 'sessionName'>): string | undefined {
  const owner = roleId ?? accountId;
  return owner === undefined || sessionName === undefined ? undefined : `${owner}:${sessionName}`;
}

/** Returns whether a person can be behind the record. Nobody is if the cluster or AWS made the request by itself. */
export function canBePersons({ attribution }: AuditRecord): boolean {
  return attribution.status !== 'system';
}

/**
 * Returns whether the request had an effect. Refused requests and dry runs had none. A stage before the response has no
 * response code, so it counts as an effect.
 */
export function wasDone({ response, request }: RecordHead): boolean {
  return !isDryRunOf(request ?? {}) && (response === undefined || response.code < 400);
}
