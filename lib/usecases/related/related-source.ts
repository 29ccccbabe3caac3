import type { Moment } from '../../attribution/moment.ts';
import type { CreatedObject } from '../../audit/created-object.ts';
import type { IssuedToken } from '../../audit/issued-token.ts';
import type { KeptRecord } from '../../claims/kept-record.ts';
import type { ClusterChange } from '../../cloudtrail/cluster-change.ts';
import type { AuditId } from '../../identity/audit-id.ts';
import { type ClusterKey, clusterKeyOf } from '../../identity/cluster.ts';
import type { TimeInterval } from '../../ports/histories.ts';
import type { TimeRange } from '../../ports/paging.ts';
import type { RecordReading } from '../../ports/records.ts';
import type { EpochMillis } from '../../time.ts';
import { type FoundRequests, type RequestSource, sourceOfPages } from '../activity/request-source.ts';
import { fewerOfAccounts, MOST_OF_ONE_ID, timeOf } from '../activity/requests.ts';
import {
  attributedChanges,
  type ChangeLookup,
  type KnownChanges,
  ONLY_DELIVERED,
  TOO_MANY_CHANGES,
} from '../changes/changes.ts';
import { storedChanges } from '../changes/changes-query.ts';
import { queryRecords } from '../query/records-query.ts';
import type { QueryService } from '../query/records-request.ts';
import { recordsOfAuditId, tooManyOfOneId } from '../query/whois.ts';

/** What identifies an audit event: its audit ID, and fields that only the API server sets. */
interface KnownEvent {
  readonly auditId: AuditId;
  readonly at: EpochMillis;
  readonly clusterKey: ClusterKey;
  readonly namespace: string;
}

/** Returns whether the record belongs to this event, at any stage. */
export function isOfEvent(record: KeptRecord, { auditId, at, clusterKey, namespace }: KnownEvent): boolean {
  return (
    record.auditId === auditId &&
    timeOf(record) === at &&
    clusterKeyOf(record) === clusterKey &&
    record.request?.namespace === namespace
  );
}

/** What `related` reads: the service's tables, or files. */
export interface RelatedSource extends RequestSource {
  /**
   * Returns the newest records with the audit ID in that time range, of all stages. The accounts that sent them take
   * turns. The client chooses the audit ID, and can use it any number of times.
   * @throws QuestionError if there are too many records to sort or to search.
   */
  ofAuditId(auditId: AuditId, range: TimeRange): Promise<FoundRequests>;
  /** Returns the records of one event that another fact points to, however often its audit ID was used. */
  stagesOf(event: KnownEvent): Promise<readonly KeptRecord[]>;
  /** Returns events that claim to have created the object with this uid. Some may be events of other clusters. */
  created(uid: string, clusterKey: ClusterKey): Promise<readonly CreatedObject[]>;
  /** Returns events that claim to have issued this token. Some may be events of other clusters. */
  issued(credentialId: string, clusterKey: ClusterKey): Promise<readonly IssuedToken[]>;
  /**
   * Returns the changes of clusters through the EKS API that `isWanted` accepts.
   * @param accountId the account of the clusters, if it is known.
   */
  changes(
    range: TimeInterval,
    isWanted: (change: ClusterChange) => boolean,
    accountId?: string | undefined,
  ): Promise<KnownChanges>;
}

const CHANGES_NOT_SHOWN = 'You may see only some clusters. Changes through the EKS API are not shown.';

const ANY: Moment = 'any';
const PAGE = 500;
/** Limits the records of one audit ID that are read to find those of the wanted time. */
const MOST_OF_TIME = 20_000;

/**
 * Returns records of the wanted time if the audit ID has too many records to sort. The accounts that sent them take
 * turns. It reads up to the limit, because another account can send any number of copies. No order of the store puts
 * the request itself first.
 * @throws QuestionError if the limit was reached before any record of that time.
 */
async function unsortedOfTime(reading: RecordReading, isUsedUp: () => boolean): Promise<FoundRequests> {
  let kept: readonly KeptRecord[] = [];
  let [read, found] = [0, 0];
  for (;;) {
    const page = await reading.next(PAGE);
    kept = fewerOfAccounts([...kept, ...page.records.map(({ record }) => record)], MOST_OF_ONE_ID);
    read += page.examined ?? page.records.length;
    found += page.records.length;
    if (page.position === undefined) return { records: kept, isComplete: found === kept.length };
    if (read >= MOST_OF_TIME || isUsedUp()) break;
  }
  if (found === 0) throw tooManyOfOneId('Search /records by its session and a time range.');
  return { records: kept, isComplete: false };
}

/**
 * Returns a source over the service's tables. It reads records by the same questions as `/records`, and created objects
 * and tokens from the sessions table.
 * @param whois looks up who changed a cluster.
 */
export function storedSource(service: QueryService, whois: ChangeLookup): RelatedSource {
  const { sessions, records, budget } = service;
  const isUsedUp = () => budget?.isUsedUp === true;
  return {
    ...sourceOfPages((request) => queryRecords(request, service), { limit: PAGE, isUsedUp }),
    async ofAuditId(auditId, range) {
      const all = await recordsOfAuditId(auditId, range, records);
      if (all !== undefined)
        return { records: fewerOfAccounts(all, MOST_OF_ONE_ID), isComplete: all.length <= MOST_OF_ONE_ID };
      if (range.from === undefined) throw tooManyOfOneId('Give the time of the request with at.');
      return unsortedOfTime(records.read({ by: 'audit-id', auditId }, range, undefined), isUsedUp);
    },
    async stagesOf(event) {
      const { clusterKey, namespace, at } = event;
      const page = await records.query(
        { by: 'namespace', clusterKey, namespace },
        { from: at, to: at },
        { limit: PAGE },
      );
      return page.records.map(({ record }) => record).filter((record) => isOfEvent(record, event));
    },
    async created(uid, clusterKey) {
      const facts = await sessions.answer([{ kind: 'object-created', uid, clusterKey }], ANY);
      return facts.flatMap(({ created }) => created ?? []);
    },
    async issued(credentialId, clusterKey) {
      const facts = await sessions.answer([{ kind: 'tokens-issued', credentialId, clusterKey }], ANY);
      return facts.flatMap(({ token }) => token ?? []);
    },
    async changes(range, isWanted, accountId) {
      if (service.directory.hasPeople === false) return { changes: [], note: CHANGES_NOT_SHOWN };
      const stored = await storedChanges(range, sessions, accountId);
      const changes = stored.changes.filter(isWanted);
      const note = stored.isCut ? TOO_MANY_CHANGES : changes.length === 0 ? ONLY_DELIVERED : undefined;
      return { changes: await attributedChanges(changes, whois), ...(note !== undefined && { note }) };
    },
  };
}
