import { auditFilterPattern, DEFAULT_CHOICE } from '../identity/audit-filter.ts';
import { quoted } from '../shell.ts';
import { type EpochMillis, epochMillis, formatInstant, HOUR, parseInstant } from '../time.ts';
import type { AuditSample } from './audit-samples.ts';
import { backfillOf, command, type Finding, finding, type UncheckedItem } from './finding.ts';
import {
  describeLoss,
  describeSubscription,
  FILTERS_PER_LOG_GROUP,
  functionOf,
  lostSamples,
  prefixOf,
  type Subscription,
  serviceSubscriptions,
} from './subscription.ts';

/** A cluster's audit log, as far as doctor could read its state. */
export interface AuditLog {
  readonly cluster: string;
  readonly region: string;
  readonly on: boolean;
  /** The subscription filters of its log group. Undefined if they could not be read. */
  readonly subscriptions?: readonly Subscription[];
  /** The delivery failures of the service's subscription filters. Undefined if they could not be read. */
  readonly deliveries?: readonly Delivery[];
  /** The entries that were cut. Undefined if they could not be counted. */
  readonly cut?: readonly CutEntries[];
}

/** The time range of the checks, and the service for which they are made. */
interface Scope {
  readonly days: number;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  /** `<service>-<stage>`, if it is known to which service the log belongs. */
  readonly prefix: string | undefined;
}

export interface Judgement {
  readonly findings: readonly Finding[];
  readonly unchecked: readonly UncheckedItem[];
}

/** Returns the log group to which EKS writes the logs of a cluster (EKS User Guide, "control plane logs"). */
export function logGroupOf(cluster: string): string {
  return `/aws/eks/${cluster}/cluster`;
}

export function judgeAuditLog(log: AuditLog, scope: Scope): Judgement {
  if (!log.on) return { findings: [auditLogOff(log)], unchecked: [] };
  const own = serviceSubscriptions(log.subscriptions ?? [], scope.prefix);
  const place = { subject: subjectOf(log), region: log.region, logGroup: logGroupOf(log.cluster), ...scope };
  const prefix = scope.prefix ?? own.flatMap((each) => prefixOf(each) ?? [])[0];
  const delivered = (log.deliveries ?? []).flatMap((delivery) =>
    own.filter(({ name }) => name === delivery.filter).flatMap((each) => deliveryFindings(each, delivery, place)),
  );
  const passing = judgePatterns(log, own);
  return {
    findings: [
      ...(log.subscriptions !== undefined && own.length === 0 ? [notSubscribed(log, log.subscriptions, scope)] : []),
      ...passing.findings,
      ...delivered,
      ...cutEntryFindings(log.cut ?? [], { ...place, cluster: log.cluster, prefix }),
    ],
    unchecked: passing.unchecked,
  };
}

function subjectOf({ cluster, region }: AuditLog): string {
  return `cluster ${cluster} (${region})`;
}

/** Returns the command that enables a cluster's audit log. */
export function howToSwitchOn(cluster: string, region: string): string {
  const logging = `'{"clusterLogging":[{"types":["audit"],"enabled":true}]}'`;
  return command(`aws eks update-cluster-config --region ${region} --name ${cluster} --logging ${logging}`);
}

function auditLogOff(log: AuditLog): Finding {
  return finding('audit-log-off', {
    subject: subjectOf(log),
    evidence: 'eks:DescribeCluster lists no enabled log of type audit.',
    mend: howToSwitchOn(log.cluster, log.region),
  });
}

function notSubscribed(log: AuditLog, others: readonly Subscription[], scope: Scope): Finding {
  const { cluster, region } = log;
  const logGroup = logGroupOf(cluster);
  const own =
    scope.prefix === undefined ? "this service's function <service>-<stage>-ingest" : `${scope.prefix}-ingest`;
  const backfill = backfillOf({ region, logGroup, from: scope.from, to: scope.to }, scope.prefix);
  return finding('audit-log-not-subscribed', {
    subject: subjectOf(log),
    evidence:
      others.length === 0
        ? `The log group ${logGroup} has no subscription filter.`
        : `None of the subscription filters of ${logGroup} goes to ${own}: ${others.map(describeSubscription).join('; ')}.`,
    mend: `${makeRoom(log, others)}${deployWith(log, scope.prefix)}. Then load the events from before: ${backfill}`,
  });
}

/**
 * Returns the step that deletes a subscription filter of somebody else. Empty unless such filters use up all that the
 * log group can have.
 */
function makeRoom({ cluster, region }: AuditLog, others: readonly Subscription[]): string {
  if (others.length < FILTERS_PER_LOG_GROUP) return '';
  const where = `--region ${region} --log-group-name ${logGroupOf(cluster)}`;
  const steps = others.map(({ name }) =>
    command(`aws logs delete-subscription-filter ${where} --filter-name ${quoted(name)}`),
  );
  return `A log group can have ${FILTERS_PER_LOG_GROUP} subscription filters, and both are in use. Delete one: ${steps.join(' or ')}. If its destination still needs the events, forward them from the destination of the other filter. Then `;
}

function deployWith({ cluster, region }: AuditLog, prefix: string | undefined): string {
  const stage = /^eks-whois-(.+)$/.exec(prefix ?? '')?.[1] ?? '<stage>';
  const line = `npm run deploy -- --stage ${stage} --region ${region} --param clusters=<current clusters>,${cluster}`;
  return `${command(line)}, with the other parameters unchanged, or let the service find the cluster (findClusters; docs/deploy.md)`;
}

/** Checks whether typical events of people and of callers outside of AWS pass the service's subscription filters. */
function judgePatterns(log: AuditLog, own: readonly Subscription[]): Judgement {
  if (own.length === 0) return { findings: [], unchecked: [] };
  const lost = lostSamples(own);
  if (lost === undefined) return { findings: [], unchecked: [notJudged(log, own)] };
  return { findings: lost.length === 0 ? [] : [tooNarrow(log, own, lost)], unchecked: [] };
}

function tooNarrow(log: AuditLog, own: readonly Subscription[], lost: readonly AuditSample[]): Finding {
  const loss = describeLoss(lost);
  const shown = own.map(({ name, pattern }) => `${name}: ${pattern || '(empty)'}`).join('; ');
  return finding('subscription-too-narrow', {
    subject: subjectOf(log),
    evidence: `The filter pattern (${shown}) drops these typical requests: ${loss}.`,
    mend: own.map((each) => putBack(log, each)).join(' or '),
  });
}

/**
 * Returns the command that puts this service's pattern into the subscription filter. A replaced filter misses no event,
 * but a deleted one would (FACTS).
 */
function putBack({ cluster, region }: AuditLog, { name, destination }: Subscription): string {
  const where = `--region ${region} --log-group-name ${logGroupOf(cluster)} --filter-name ${quoted(name)}`;
  const what = `--destination-arn ${quoted(destination)} --filter-pattern ${quoted(SERVICE_PATTERN)}`;
  return command(`aws logs put-subscription-filter ${where} ${what}`);
}

/** The filter pattern that the service deploys by default. */
export const SERVICE_PATTERN = auditFilterPattern(DEFAULT_CHOICE);

function notJudged(log: AuditLog, own: readonly Subscription[]): UncheckedItem {
  const what = own.map(({ name, pattern, condition }) => `${name}: ${condition ?? pattern}`).join('; ');
  return {
    check: `which requests pass the subscription filter of ${subjectOf(log)}`,
    reason: `doctor cannot test it (${what}); compare it with the pattern that the service deploys: ${SERVICE_PATTERN}`,
    failed: false,
  };
}

/**
 * What CloudWatch counted for a log group in one hour: log events, bytes, or log events that a subscription filter
 * could not deliver. The counts of such failures are the metrics `DeliveryErrors` and `DeliveryThrottling` of the
 * namespace `AWS/Logs`. Their dimensions are LogGroupName, DestinationType and FilterName. CloudWatch Logs retries
 * temporary errors for up to 24 hours. It never retries others, such as AccessDeniedException. Source: CloudWatch Logs User Guide, "Monitoring with
 * CloudWatch metrics".
 */
export interface HourlyCount {
  /** The beginning of the hour. */
  readonly hour: EpochMillis;
  readonly count: number;
}

/** The delivery failures of a subscription filter, as CloudWatch counted them. Hours without failures are left out. */
export interface Delivery {
  readonly filter: string;
  readonly errors: readonly HourlyCount[];
  readonly throttled: readonly HourlyCount[];
}

/** The log group of a subscription filter. */
interface Place {
  readonly subject: string;
  readonly region: string;
  readonly logGroup: string;
  readonly days: number;
}

/** Returns findings about log events that were delivered late, or not at all. */
function deliveryFindings(subscription: Subscription, delivery: Delivery, place: Place): readonly Finding[] {
  const target = functionOf(subscription.destination) ?? '<function>';
  const missed = [...delivery.errors, ...delivery.throttled];
  if (missed.length === 0) return [];
  const backfill = `Then load the missing events: ${backfillOf({ ...place, ...span(missed) }, prefixOf(subscription))}`;
  const look = command(`aws lambda get-policy --region ${place.region} --function-name ${quoted(target)}`);
  const reserved = command(
    `aws lambda get-function-concurrency --region ${place.region} --function-name ${quoted(target)}`,
  );
  const errors = finding('delivery-errors', {
    subject: place.subject,
    evidence: evidence('DeliveryErrors', delivery.filter, delivery.errors, place.days),
    mend: `${look} shows whether the function exists and CloudWatch Logs may invoke it. If not, deploy the service again. ${backfill}`,
  });
  const throttled = finding('delivery-throttled', {
    subject: place.subject,
    evidence: evidence('DeliveryThrottling', delivery.filter, delivery.throttled, place.days),
    mend: `${reserved} shows its reserved concurrency. Raise ingestConcurrency, or the account's quota of concurrent executions. ${backfill}`,
  });
  return [...(delivery.errors.length > 0 ? [errors] : []), ...(delivery.throttled.length > 0 ? [throttled] : [])];
}

function evidence(metric: string, filter: string, counts: readonly HourlyCount[], days: number): string {
  const { from, to } = span(counts);
  const sum = counts.reduce((total, { count }) => total + count, 0);
  return `AWS/Logs ${metric} of the subscription filter ${filter}: ${sum === 1 ? '1 log event' : `${sum} log events`} within ${days} days, between ${formatInstant(from)} and ${formatInstant(to)}.`;
}

/** Returns the time range from the beginning of the first hour to the end of the last one. */
function span(counts: readonly HourlyCount[]): { from: EpochMillis; to: EpochMillis } {
  const hours = counts.map(({ hour }) => hour);
  return { from: epochMillis(Math.min(...hours)), to: epochMillis(Math.max(...hours) + HOUR) };
}

/** The cut audit entries of one stream and hour. They are no whole JSON objects. */
export interface CutEntries {
  readonly stream: string;
  /** The beginning of the hour. Undefined if Logs Insights gave no readable time. */
  readonly hour: EpochMillis | undefined;
  readonly count: number;
}

/** Limits the groups in the result of a Logs Insights query (CloudWatch Logs quotas, "Logs Insights results"). */
const MOST_GROUPS = 10_000;

/**
 * A Logs Insights query that counts cut audit entries by stream and hour. Such entries are no JSON, so their fields
 * cannot be queried. A whole entry ends with a brace.
 */
export const CUT_ENTRIES = `filter @logStream like /^kube-apiserver-audit/ and @message not like /\\}\\s*$/ | stats count(*) as cut by @logStream, bin(1h) as hour | limit ${MOST_GROUPS}`;

/** Parses one row of the query's result, which has its values by field. */
export function readCutEntries(row: ReadonlyMap<string, string>): CutEntries {
  return {
    stream: row.get('@logStream') ?? '',
    hour: hourOf(row.get('hour') ?? ''),
    count: Number(row.get('cut') ?? 0),
  };
}

/** Parses `2026-03-10 08:00:00.000` in UTC, or epoch milliseconds. Undefined for anything else. */
function hourOf(text: string): EpochMillis | undefined {
  return /^\d{12,14}$/.test(text) ? epochMillis(Number(text)) : parseInstant(text);
}

/** The log group and time range of a search for cut entries, and the prefix of the service's tables. */
interface Search {
  readonly subject: string;
  readonly cluster: string;
  readonly region: string;
  readonly logGroup: string;
  readonly days: number;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  readonly prefix: string | undefined;
}

function cutEntryFindings(cut: readonly CutEntries[], search: Search): readonly Finding[] {
  const count = cut.reduce((total, each) => total + each.count, 0);
  if (count === 0) return [];
  const streams = [...new Set(cut.map(({ stream }) => stream))];
  const rejects = `cut-${search.cluster}.jsonl`;
  const [only] = streams.length === 1 ? streams : [];
  const gap = { ...search, ...timesOf(cut, search), ...(only ? { logStream: only } : {}), rejects };
  return [
    finding('audit-entries-cut', {
      subject: search.subject,
      evidence: `${count} audit entries of the last ${search.days} days in ${search.logGroup} do not end like a JSON object, in ${streams.length === 1 ? `the stream ${streams[0]}` : `${streams.length} streams`}.`,
      mend: `${backfillOf(gap, search.prefix)} writes the start of each entry, which shows the caller and the request, to ${rejects}. They cannot become records. Keep objects of this size out of the cluster.`,
    }),
  ];
}

/**
 * Returns the range of the hours with cut entries. If one of the hours is not known, returns the whole searched range.
 */
function timesOf(cut: readonly CutEntries[], { from, to }: Search): { from: EpochMillis; to: EpochMillis } {
  const hours = cut.flatMap(({ hour }) => hour ?? []);
  if (hours.length < cut.length) return { from, to };
  return { from: epochMillis(Math.min(...hours)), to: epochMillis(Math.max(...hours) + HOUR) };
}
