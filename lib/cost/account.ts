import type { HourlyCount } from '../doctor/audit-log.ts';
import { DAY, type EpochMillis, HOUR } from '../time.ts';
import { type CostLine, estimatedCosts, type Usage } from './estimate.ts';
import { EVENTS_OF_SESSION, GRANTS_OF_SESSION, USUAL } from './usage.ts';

/**
 * The log group of a cluster, as CloudWatch counted it by hour (metrics of `AWS/Logs`). It has all of the cluster's
 * logs, not only the audit log.
 */
export interface CountedLogGroup {
  readonly cluster: string;
  readonly region: string;
  /** The uncompressed bytes by hour (`IncomingBytes`), as CloudWatch Logs charges them. */
  readonly bytes: readonly HourlyCount[];
  /** The log events by hour (`IncomingLogEvents`). */
  readonly events: readonly HourlyCount[];
  /** The forwarded events of each of the service's subscriptions by hour (`ForwardedLogEvents`). */
  readonly forwarded: readonly (readonly HourlyCount[])[];
  /** The number of events of one day that would pass the filter. Undefined unless Logs Insights counted them. */
  readonly counted: number | undefined;
}

/** The daily volume of a log group, and the source of the share that passes the filter. */
export interface LogVolume {
  readonly cluster: string;
  readonly region: string;
  readonly gbPerDay: number;
  readonly logEventsPerDay: number;
  readonly passingPerDay: number;
  /**
   * How the share is known. `forwarded`: a subscription counted. `counted`: Logs Insights did. `assumed`: a share of
   * all log events.
   */
  readonly passingBy: 'forwarded' | 'counted' | 'assumed';
}

/**
 * The share of events that pass the filter, if nobody counted it. Kubernetes' own traffic is often more than 90 % of
 * events (docs/deploy.md).
 */
export const ASSUMED_SHARE = 0.1;

/**
 * The Logs Insights query for events of people, which approximates the default filter. Only the audit log's streams
 * have such events (FACTS).
 */
export const PASSING_EVENTS =
  'filter @logStream like /^kube-apiserver-audit/ and ispresent(user.username) and (user.username not like /^(system|eks):/ or user.uid like /^aws-iam-authenticator/) | stats count(*) as events';

/**
 * Returns the daily volume from the whole hours before `until`. Undefined if CloudWatch counted nothing. A log group or
 * subscription that is younger than the time range counts from its first hour.
 */
export function logVolume(group: CountedLogGroup, until: EpochMillis): LogVolume | undefined {
  const { cluster, region, counted } = group;
  if (group.bytes.length === 0) return undefined;
  const logEventsPerDay = perDay(group.events, until);
  const forwarded = Math.max(0, ...group.forwarded.map((counts) => perDay(counts, until)));
  const of = { cluster, region, gbPerDay: perDay(group.bytes, until) / 1e9, logEventsPerDay };
  if (forwarded > 0) return { ...of, passingPerDay: forwarded, passingBy: 'forwarded' };
  if (counted !== undefined) return { ...of, passingPerDay: counted, passingBy: 'counted' };
  return { ...of, passingPerDay: logEventsPerDay * ASSUMED_SHARE, passingBy: 'assumed' };
}

function perDay(counts: readonly HourlyCount[], until: EpochMillis): number {
  if (counts.length === 0) return 0;
  const first = Math.min(...counts.map(({ hour }) => hour));
  const sum = counts.reduce((total, { count }) => total + count, 0);
  return (sum / Math.max(HOUR, until - first)) * DAY;
}

/** The cost of an account's clusters with a hub of their own. `command` has the figures. */
export interface AccountCost {
  /** The number of days that were measured. */
  readonly days: number;
  readonly clusters: readonly LogVolume[];
  readonly lines: readonly CostLine[];
  /** The command `eks-whois cost …` that gives the same estimate. */
  readonly command: string;
}

/** Returns the estimate. Undefined if there is no cluster. */
export function accountCost(clusters: readonly LogVolume[], days: number): AccountCost | undefined {
  if (clusters.length === 0) return undefined;
  const sumOf = (key: 'passingPerDay' | 'gbPerDay') => clusters.reduce((sum, each) => sum + each[key], 0);
  const events = Math.ceil(sumOf('passingPerDay'));
  const auditGb = Number(sumOf('gbPerDay').toPrecision(3));
  const usage: Usage = {
    ...USUAL,
    events,
    sessions: events / EVENTS_OF_SESSION,
    grants: (events / EVENTS_OF_SESSION) * GRANTS_OF_SESSION,
    auditGb,
    clusters: clusters.length,
    spokes: 0,
  };
  const command = `eks-whois cost --events-per-day ${events} --audit-gb-per-day ${auditGb} --clusters ${clusters.length}`;
  return { days, clusters, lines: estimatedCosts(usage), command };
}
