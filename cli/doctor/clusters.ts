import type { AwsSettings } from '../../lib/adapters/aws/aws-settings.ts';
import { everyAccountsRegions } from '../../lib/adapters/cloudtrail/sdk.ts';
import { clusterAccessEntries } from '../../lib/adapters/doctor/access.ts';
import { cutEntries, impersonationsOf, subscriptionsOf } from '../../lib/adapters/doctor/log-groups.ts';
import { deliveryOf } from '../../lib/adapters/doctor/metric-data.ts';
import { findMatchingSamples } from '../../lib/adapters/doctor/pattern-tests.ts';
import { listClusters } from '../../lib/adapters/eks/cluster-list.ts';
import type { EksCluster } from '../../lib/adapters/eks/clusters.ts';
import { enabledRegions } from '../../lib/adapters/eks/network.ts';
import { type AuditLog, type Delivery, judgeAuditLog } from '../../lib/doctor/audit-log.ts';
import { type ClusterAuthentication, hasAccessEntries, type Mapping } from '../../lib/doctor/mapping.ts';
import { prefixOf, type Subscription, serviceSubscriptions } from '../../lib/doctor/subscription.ts';
import { present } from '../../lib/json.ts';
import { DAY, epochMillis } from '../../lib/time.ts';
import type { AccountQuestion, FindingCollector } from './finding-collector.ts';

/** Returns the requested clusters. Notes those that do not exist, or that could not be read. */
export async function findClusters(question: AccountQuestion, to: FindingCollector): Promise<readonly EksCluster[]> {
  const { regions, where } = await regionsToAsk(question, to);
  to.look(`the clusters of ${where}`);
  const found: EksCluster[] = [];
  let answered = true;
  for (const answer of await listClusters(question.settings, regions)) {
    if ('failure' in answer) {
      answered = false;
      to.failed(`the clusters of ${answer.region}`, 'eks:ListClusters', answer.failure);
      continue;
    }
    for (const cluster of answer.clusters) {
      if (question.clusters?.includes(cluster.name) === false) continue;
      if (!('failure' in cluster)) found.push(cluster);
      else to.failed(`cluster ${cluster.name} (${cluster.region})`, 'eks:DescribeCluster', cluster.failure);
    }
  }
  noteMissing(question, found, { where, answered }, to);
  return found;
}

/**
 * Returns the given Regions, or those that are enabled. If AWS does not list them, returns those that every account
 * has.
 */
async function regionsToAsk({ regions, settings }: AccountQuestion, to: FindingCollector) {
  if (regions !== undefined) return { regions, where: regions.join(', ') };
  const known = await everyAccountsRegions(settings);
  const check = `which Regions are enabled, and clusters in others than the ${known.length} that every account has`;
  const enabled = await to.try(check, 'ec2:DescribeRegions', () => enabledRegions(settings));
  return enabled === undefined
    ? { regions: known, where: 'the Regions that every account has' }
    : { regions: enabled, where: 'any Region that is enabled' };
}

/**
 * Notes clusters that were not found. Otherwise a wrong Region or a mistyped name would look like a result without
 * findings.
 */
function noteMissing(
  { clusters: names, regions: given }: AccountQuestion,
  found: readonly EksCluster[],
  { where, answered }: { readonly where: string; readonly answered: boolean },
  to: FindingCollector,
): void {
  const noted = to.unchecked.map(({ check }) => check);
  for (const name of names ?? []) {
    const isThere = found.some((cluster) => cluster.name === name);
    if (isThere || noted.some((check) => check.startsWith(`cluster ${name} (`))) continue;
    const reason = `there is none of that name in ${where}: check --cluster, --region and --profile`;
    to.unchecked.push({ check: `cluster ${name}`, reason, failed: true });
  }
  if (names !== undefined || found.length > 0 || !answered || noted.length > 0) return;
  const reason = `there is none in ${where}: check ${given === undefined ? '' : '--region and '}--profile`;
  to.unchecked.push({ check: 'clusters', reason, failed: given !== undefined });
}

/** Checks a cluster's audit log. Returns the mappings of its access entries. */
export async function checkCluster(
  cluster: EksCluster,
  question: AccountQuestion,
  to: FindingCollector,
): Promise<readonly Mapping[]> {
  const { name, region, auditLog } = cluster;
  const there = { ...question.settings, region };
  const about = `cluster ${name} (${region})`;
  const permissions = 'eks:ListAccessEntries, eks:DescribeAccessEntry';
  const entries = hasAccessEntries(authenticationOf(cluster))
    ? await to.try(`access entries of ${about}`, permissions, (report) =>
        clusterAccessEntries(there, name, (read) => report(`${read} read`)),
      )
    : [];
  const log = auditLog ? await readLog(cluster, question, to) : { cluster: name, region, on: false };
  const { findings, unchecked } = judgeAuditLog(log, scopeOf(question));
  to.findings.push(...findings);
  to.unchecked.push(...unchecked);
  return entries ?? [];
}

export function authenticationOf({ name, region, authenticationMode }: EksCluster): ClusterAuthentication {
  return present<ClusterAuthentication>({ cluster: name, region, mode: authenticationMode });
}

function scopeOf({ days, now, prefix }: AccountQuestion) {
  return { days, from: epochMillis(now - days * DAY), to: now, prefix };
}

async function readLog(
  { name, region }: EksCluster,
  question: AccountQuestion,
  to: FindingCollector,
): Promise<AuditLog> {
  const there = { ...question.settings, region };
  const about = `cluster ${name} (${region})`;
  const [from, until] = [scopeOf(question).from, question.now].map((at) => new Date(at)) as [Date, Date];
  const subscriptions = await to.try(`subscription of ${about}`, 'logs:DescribeSubscriptionFilters', () =>
    subscriptionsOf(there, name),
  );
  const deliveries: Delivery[] = [];
  const tested: Subscription[] = [];
  const ours = serviceSubscriptions(subscriptions ?? [], question.prefix);
  to.logGroups.push({ cluster: name, region, filters: ours.map((own) => own.name) });
  for (const own of ours) {
    const { name: filter } = own;
    tested.push(await tryPattern(own, there, about, to));
    to.prefixes.add(prefixOf(own) ?? '');
    const check = `delivery errors of the subscription ${filter} of ${about}`;
    const delivery = await to.try(check, 'cloudwatch:GetMetricData', () =>
      deliveryOf(there, name, filter, from, until),
    );
    if (delivery !== undefined) deliveries.push(delivery);
  }
  const who = await to.try(`who acts in the name of people in ${about}`, 'logs:StartQuery, logs:GetQueryResults', () =>
    impersonationsOf(there, name, from, until),
  );
  for (const one of who ?? []) to.impersonations.add(one);
  const cut = await to.try(`cut audit entries of ${about}`, 'logs:StartQuery, logs:GetQueryResults', () =>
    cutEntries(there, name, from, until),
  );
  const judged = subscriptions?.map((each) => tested.find((own) => own.name === each.name) ?? each);
  return present<AuditLog>({ cluster: name, region, on: true, subscriptions: judged, deliveries, cut });
}

/**
 * Returns the subscription with what CloudWatch Logs says about its pattern, if it answers. CloudWatch Logs can test
 * only the pattern, so a subscription with a further condition stays unchanged.
 */
async function tryPattern(
  own: Subscription,
  there: AwsSettings,
  about: string,
  to: FindingCollector,
): Promise<Subscription> {
  if (own.condition !== undefined) return own;
  const taken = await to.try(
    `what CloudWatch Logs says that the subscription ${own.name} of ${about} lets through`,
    'logs:TestMetricFilter',
    () => findMatchingSamples(there, own.pattern),
    'Its pattern is judged as doctor itself reads it.',
  );
  return present<Subscription>({ ...own, taken });
}
