import { clusterArn } from '../identity/cluster.ts';
import { filledTextAt, type JsonObject, objectAt, present } from '../json.ts';
import type { EpochMillis } from '../time.ts';
import { parseTrailCaller } from './caller.ts';
import type { ChangeCaller } from './cluster-change.ts';
import { evidenceOf } from './evidence-events.ts';
import { trailSourceOf } from './trail-source.ts';

/**
 * A call that put or deleted a subscription filter of a cluster's log group. Without the service's own filter, no audit
 * event of the cluster arrives.
 * Trust: AWS writes all of it. The caller chose the name of the filter. Source: CloudWatch Logs API Reference,
 * PutSubscriptionFilter and DeleteSubscriptionFilter.
 */
export interface FilterChange {
  readonly eventName: string;
  readonly eventId?: string | undefined;
  readonly at: EpochMillis;
  readonly cluster: string;
  readonly accountId: string;
  readonly region: string;
  readonly filterName?: string | undefined;
  readonly caller: ChangeCaller;
  readonly ip?: string | undefined;
}

/** Limits the length of a filter's name (API Reference: 512). */
const LONGEST = 512;

/** Returns the change. Undefined for other records, failed calls, and log groups of no cluster. */
export function filterChangeOf(record: JsonObject): FilterChange | undefined {
  const eventName = filledTextAt(record, 'eventName');
  const evidence = evidenceOf(filledTextAt(record, 'eventSource'), eventName);
  if (evidence?.is !== 'filter-change' || eventName === undefined || filledTextAt(record, 'errorCode'))
    return undefined;
  const source = trailSourceOf(record);
  const request = objectAt(record, 'requestParameters');
  const [, cluster] = /^\/aws\/eks\/([^/]+)\/cluster$/.exec(filledTextAt(request, 'logGroupName') ?? '') ?? [];
  if (source === undefined || cluster === undefined || clusterArn({ ...source, name: cluster }) === undefined)
    return undefined;
  const { arn, principalId, accountId, accessKeyId, service } = parseTrailCaller(
    objectAt(record, 'userIdentity') ?? {},
  );
  return present<FilterChange>({
    eventName,
    eventId: filledTextAt(record, 'eventID'),
    ...source,
    cluster,
    filterName: filledTextAt(request, 'filterName')?.slice(0, LONGEST),
    caller: present<ChangeCaller>({ arn, principalId, accountId, accessKeyId, service }),
    ip: filledTextAt(record, 'sourceIPAddress'),
  });
}

/** Returns whether a change is later than the other. If both have the same time, every process chooses the same one. */
export function isLaterChange(a: FilterChange, b: FilterChange): boolean {
  if (a.at !== b.at) return a.at > b.at;
  return (a.eventId ?? '') > (b.eventId ?? '');
}
