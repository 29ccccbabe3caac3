import { auditFilterPattern, DEFAULT_CHOICE } from '../identity/audit-filter.ts';
import { quoted } from '../shell.ts';
import type { EpochMillis } from '../time.ts';
import { type AuditSample, OUTSIDE_CALLERS } from './audit-samples.ts';
import { backfillOf, command } from './commands.ts';
import { type CutEntries, cutEntryFindings } from './cut-entries.ts';
import { type Delivery, deliveryFindings } from './delivery.ts';
import { type Finding, finding, type Unchecked } from './finding.ts';
import {
  describeLoss,
  describeSubscription,
  FILTERS_PER_LOG_GROUP,
  lostSamples,
  prefixOf,
  type Subscription,
  serviceSubscriptions,
} from './subscription.ts';

/** A cluster's audit log, as far as it could be looked at. */
export interface AuditLog {
  readonly cluster: string;
  readonly region: string;
  readonly on: boolean;
  /** The subscription filters of its log group; undefined where they could not be read. */
  readonly subscriptions?: readonly Subscription[];
  /** How the service's subscriptions delivered; undefined where it could not be read. */
  readonly deliveries?: readonly Delivery[];
  /** Entries that were cut; undefined where they could not be counted. */
  readonly cut?: readonly CutEntries[];
}

/** What was looked at, and for which service. */
export interface Scope {
  readonly days: number;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  /** `<service>-<stage>`, where it is known which one the log belongs to. */
  readonly prefix: string | undefined;
}

export interface Judgement {
  readonly findings: readonly Finding[];
  readonly unchecked: readonly Unchecked[];
}

/** The log group that EKS writes a cluster's logs to (EKS User Guide, "control plane logs"). */
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

/** The command that switches a cluster's audit log on. */
export function howToSwitchOn(cluster: string, region: string): string {
  const logging = `'{"clusterLogging":[{"types":["audit"],"enabled":true}]}'`;
  return command(`aws eks update-cluster-config --region ${region} --name ${cluster} --logging ${logging}`);
}

function auditLogOff(log: AuditLog): Finding {
  return finding('audit-log-off', {
    subject: subjectOf(log),
    evidence: 'eks:DescribeCluster lists no enabled log of the type audit.',
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
    mend: `${makeRoom(log, others)}${deployWith(log, scope.prefix)}. Then load what came before: ${backfill}`,
  });
}

/** A log group takes two subscriptions: whose both are others', one must give way. */
function makeRoom({ cluster, region }: AuditLog, others: readonly Subscription[]): string {
  if (others.length < FILTERS_PER_LOG_GROUP) return '';
  const where = `--region ${region} --log-group-name ${logGroupOf(cluster)}`;
  const steps = others.map(({ name }) =>
    command(`aws logs delete-subscription-filter ${where} --filter-name ${quoted(name)}`),
  );
  return `A log group takes ${FILTERS_PER_LOG_GROUP} subscriptions, and both are taken: give one up, ${steps.join(' or ')}, and let the other's target hand the events on if need be. Then `;
}

function deployWith({ cluster, region }: AuditLog, prefix: string | undefined): string {
  const stage = /^eks-whois-(.+)$/.exec(prefix ?? '')?.[1] ?? '<stage>';
  const line = `npm run deploy -- --stage ${stage} --region ${region} --param clusters=<those of now>,${cluster}`;
  return `${command(line)}, with the other parameters as they are, or let it be found (findClusters; docs/deploy.md)`;
}

/** Whether the service's subscriptions, taken together, let typical events of people and from outside AWS through. */
function judgePatterns(log: AuditLog, own: readonly Subscription[]): Judgement {
  if (own.length === 0) return { findings: [], unchecked: [] };
  const lost = lostSamples(own);
  if (lost === undefined) return { findings: [], unchecked: [notJudged(log, own)] };
  return { findings: lost.length === 0 ? [] : [tooNarrow(log, own, lost)], unchecked: [] };
}

function tooNarrow(log: AuditLog, own: readonly Subscription[], lost: readonly AuditSample[]): Finding {
  const loss = describeLoss(lost);
  const earlier = lost.every(({ who }) => OUTSIDE_CALLERS.some((outside) => outside === who))
    ? ' An earlier version deployed such filters: no request from outside AWS arrives.'
    : '';
  const shown = own.map(({ name, pattern }) => `${name}: ${pattern || '(empty)'}`).join('; ');
  return finding('subscription-too-narrow', {
    subject: subjectOf(log),
    evidence: `The filter pattern (${shown}) loses, of typical requests, ${loss}.${earlier}`,
    mend: own.map((each) => putBack(log, each)).join(' Or: '),
  });
}

/** The same subscription with this service's own pattern. A put in place misses nothing, a deletion would (FACTS). */
function putBack({ cluster, region }: AuditLog, { name, destination }: Subscription): string {
  const where = `--region ${region} --log-group-name ${logGroupOf(cluster)} --filter-name ${quoted(name)}`;
  const what = `--destination-arn ${quoted(destination)} --filter-pattern ${quoted(SERVICE_PATTERN)}`;
  return command(`aws logs put-subscription-filter ${where} ${what}`);
}

/** The pattern that the service deploys by default. */
export const SERVICE_PATTERN = auditFilterPattern(DEFAULT_CHOICE);

function notJudged(log: AuditLog, own: readonly Subscription[]): Unchecked {
  const what = own.map(({ name, pattern, condition }) => `${name}: ${condition ?? pattern}`).join('; ');
  return {
    check: `what the subscription of ${subjectOf(log)} lets through`,
    reason: `doctor cannot try it (${what}); compare it with what the service deploys: ${SERVICE_PATTERN}`,
    failed: false,
  };
}
