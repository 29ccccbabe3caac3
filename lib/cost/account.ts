import type { HourlyCount } from '../doctor/audit-log.ts';
import { DAY, type EpochMillis, HOUR } from '../time.ts';
import { type CostLine, estimatedCosts, type Usage } from './estimate.ts';
import { EVENTS_OF_SESSION, USUAL } from './usage.ts';

/** A cluster's log group as CloudWatch counted it by hour (metrics of `AWS/Logs`): all of its logs, audit and others. */
export interface CountedLogGroup {
  readonly cluster: string;
  readonly region: string;
  /** `IncomingBytes`: uncompressed, as CloudWatch Logs charges them. */
  readonly bytes: readonly HourlyCount[];
  /** `IncomingLogEvents`. */
  readonly events: readonly HourlyCount[];
  /** `ForwardedLogEvents` of each of the service's subscriptions. */
  readonly forwarded: readonly (readonly HourlyCount[])[];
  /** Events of one day that would pass the filter, where Logs Insights was asked for them. */
  readonly counted: number | undefined;
}

/** What a log group has on a day, and how it is known how much of it passes the filter. */
export interface LogVolume {
  readonly cluster: string;
  readonly region: string;
  readonly gbPerDay: number;
  readonly logEventsPerDay: number;
  readonly passingPerDay: number;
  /** `forwarded` by a subscription, `counted` by Logs Insights, or `assumed`: a share of all log events. */
  readonly passingBy: 'forwarded' | 'counted' | 'assumed';
}

/** What is taken to pass where nobody counted it: Kubernetes' own traffic is often more than nine in ten events (docs/deploy.md). */
export const ASSUMED_SHARE = 0.1;

/**
 * Audit events that pass the default filter, near enough, as Logs Insights counts them in a log group: those of people. Only
 * the audit log's streams have them (FACTS).
 */
export const PASSING_EVENTS =
  'filter @logStream like /^kube-apiserver-audit/ and ispresent(user.username) and (user.username not like /^(system|eks):/ or user.uid like /^aws-iam-authenticator/) | stats count(*) as events';

/**
 * What it has on a day, by the whole hours before `until`; undefined where CloudWatch counted nothing. A group, or a
 * subscription, that is younger than the time looked at is taken from its first hour on.
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

/** What an account's clusters would cost, the service being one hub of its own; by the numbers that `command` has. */
export interface AccountCost {
  /** How many were looked at. */
  readonly days: number;
  readonly clusters: readonly LogVolume[];
  readonly lines: readonly CostLine[];
  /** `eks-whois cost …`, which estimates the same. */
  readonly command: string;
}

/** Undefined where there is no cluster to estimate for. */
export function accountCost(clusters: readonly LogVolume[], days: number): AccountCost | undefined {
  if (clusters.length === 0) return undefined;
  const sumOf = (key: 'passingPerDay' | 'gbPerDay') => clusters.reduce((sum, each) => sum + each[key], 0);
  const events = Math.ceil(sumOf('passingPerDay'));
  const auditGb = Number(sumOf('gbPerDay').toPrecision(3));
  const usage: Usage = {
    ...USUAL,
    events,
    sessions: events / EVENTS_OF_SESSION,
    auditGb,
    clusters: clusters.length,
    spokes: 0,
  };
  const command = `eks-whois cost --events-per-day ${events} --audit-gb-per-day ${auditGb} --clusters ${clusters.length}`;
  return { days, clusters, lines: estimatedCosts(usage), command };
}
