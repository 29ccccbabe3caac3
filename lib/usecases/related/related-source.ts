import type { AuditRecord } from '../../attribution/record.ts';
import type { CreatedObject } from '../../audit/created-object.ts';
import type { IssuedToken } from '../../audit/issued-token.ts';
import type { KeptRecord } from '../../claims/kept-record.ts';
import type { AuditId } from '../../identity/audit-id.ts';
import type { TimeRange } from '../../ports/paging.ts';
import type { EpochMillis } from '../../time.ts';
import type { FoundRequests, RequestSource } from '../activity/request-source.ts';
import { timeOf } from '../activity/requests.ts';

/** An audit event by what nobody but the API server says of it, and its audit id. */
export interface KnownEvent {
  readonly auditId: AuditId;
  readonly at: EpochMillis;
  readonly cluster: string | undefined;
  readonly namespace: string;
}

/** Whether a record is of that event, whatever its stage. */
export function isOfEvent(record: KeptRecord, { auditId, at, cluster, namespace }: KnownEvent): boolean {
  return (
    record.auditId === auditId &&
    timeOf(record) === at &&
    record.cluster === cluster &&
    record.request?.namespace === namespace
  );
}

/** What `related` is answered from: the service's tables, or files. */
export interface RelatedSource extends RequestSource {
  /**
   * The newest records of it in that time, each stage: the client chooses the audit id, and may reuse it any number of times.
   * @throws QuestionError where there are too many to tell.
   */
  ofAuditId(auditId: AuditId, range: TimeRange): Promise<FoundRequests>;
  /** The records of one event of which something else tells, however often its audit id was used. */
  stagesOf(event: KnownEvent): Promise<readonly KeptRecord[]>;
  /** The events that say to have created the object of this uid, in any cluster. */
  created(uid: string): Promise<readonly CreatedObject[]>;
  /** The events that say to have issued this token, in any cluster. */
  issued(credentialId: string): Promise<readonly IssuedToken[]>;
}

/** A record as an answer tells of it: of a claim that hundreds can have made, the first few of whom. */
export function told(record: AuditRecord | KeptRecord): KeptRecord {
  const { attribution, caller } = record;
  const { groups: _groups, ...rest } = caller;
  if (attribution.status !== 'ambiguous') return { ...record, caller: rest };
  const { candidates } = attribution;
  const before = 'candidatesLeftOut' in attribution ? (attribution.candidatesLeftOut ?? 0) : 0;
  const left = before + Math.max(0, candidates.length - MOST_CANDIDATES);
  const kept = { ...attribution, candidates: candidates.slice(0, MOST_CANDIDATES) };
  return { ...record, caller: rest, attribution: left === 0 ? kept : { ...kept, candidatesLeftOut: left } };
}

const MOST_CANDIDATES = 5;
