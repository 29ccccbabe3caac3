import type { AwsSettings } from '../../lib/adapters/aws/aws-settings.ts';
import { callerIdentity } from '../../lib/adapters/aws/caller-identity.ts';
import {
  eventRules,
  eventSelectors,
  isLogging,
  type ListedTrail,
  listTrails,
  roleTrust,
} from '../../lib/adapters/doctor/access.ts';
import { recentAssumptions } from '../../lib/adapters/doctor/assumptions.ts';
import { testRules } from '../../lib/adapters/doctor/pattern-tests.ts';
import type { AccountCost } from '../../lib/cost/account.ts';
import { assumptionFindings } from '../../lib/doctor/assumption.ts';
import { type EventRule, missingRules, ruleFindings, unjudgedRules } from '../../lib/doctor/event-rule.ts';
import type { Finding, UncheckedItem } from '../../lib/doctor/finding.ts';
import {
  type ClusterAuthentication,
  inForce,
  type Mapping,
  principalKey,
  principalOf,
  staleMappings,
} from '../../lib/doctor/mapping.ts';
import { type Trail, trailFindings } from '../../lib/doctor/trail.ts';
import type { TrustedRole } from '../../lib/doctor/trust-policy.ts';
import type { Impersonation } from '../../lib/doctor/trusted-proxies.ts';
import { present } from '../../lib/json.ts';
import { DAY } from '../../lib/time.ts';
import { authenticationOf, checkCluster, findClusters } from './clusters.ts';
import { estimateCost } from './cost.ts';
import { type AccountQuestion, FindingCollector } from './finding-collector.ts';
import type { DoctorProgress } from './progress.ts';

interface AccountAnswer {
  readonly findings: readonly Finding[];
  readonly unchecked: readonly UncheckedItem[];
  readonly clusters: readonly ClusterAuthentication[];
  /** All known mappings. Past events can have usernames from mappings that no cluster uses any more. */
  readonly mappings: readonly Mapping[];
  /** The mappings that let callers in now. Mappings of deleted roles are excluded. */
  readonly mappingsInForce: readonly Mapping[];
  readonly roles: readonly TrustedRole[];
  /** The callers that acted in the name of people. */
  readonly impersonations: readonly Impersonation[];
  /** The estimated cost of the service for the clusters. */
  readonly cost: AccountCost | undefined;
}

/** The Region in which the global endpoint of STS logs (FACTS). */
export const GLOBAL_STS = 'us-east-1';

/**
 * Examines the account: clusters, trails, rules, roles and cost.
 * @throws AwsError if there are no valid credentials.
 */
export async function examineAccount(question: AccountQuestion, progress: DoctorProgress): Promise<AccountAnswer> {
  const { accountId, arn } = await callerIdentity(question.settings);
  const to = new FindingCollector(progress);
  const clusters = await findClusters(question, to);
  const mappings = [...question.mappings];
  for (const cluster of clusters) mappings.push(...(await checkCluster(cluster, question, to)));
  const regions = new Set([...clusters.map(({ region }) => region), ...(question.regions ?? [])]);
  if (arn.startsWith('arn:aws:')) regions.add(GLOBAL_STS);
  await checkTrails(question.settings, [...regions], to);
  const authentications = clusters.map(authenticationOf);
  const known = await readRoles(question, accountId, inForce(mappings, authentications), to);
  const [prefix] = to.prefixes.size === 1 ? to.prefixes : [question.prefix];
  await checkAssumptions({ ...question, prefix }, { accountId, regions: [...regions], ...known }, to);
  const cost = await estimateCost(question, to);
  const { findings, unchecked } = to;
  const { mappings: mappingsInForce, roles } = known;
  return {
    findings,
    unchecked,
    clusters: authentications,
    mappings,
    mappingsInForce,
    roles,
    impersonations: to.impersonations.all(),
    cost,
  };
}

/** Returns one mapping for each role by which people enter the clusters. */
function mappedRoles(mappings: readonly Mapping[]): readonly Mapping[] {
  const people = mappings.filter(({ forNodes, principal }) => !forNodes && principal.kind === 'role');
  return [...new Map(people.map((mapping) => [principalKey(mapping.principal), mapping])).values()];
}

/** The roles that the clusters let in, as read from IAM. */
interface ReadRoles {
  readonly roles: readonly TrustedRole[];
  /** The mappings without those of deleted roles. */
  readonly mappings: readonly Mapping[];
}

/**
 * Reads the trust policies of the roles that the clusters let in. Adds a finding for each mapping of a deleted role.
 */
async function readRoles(
  question: AccountQuestion,
  accountId: string,
  mappings: readonly Mapping[],
  to: FindingCollector,
): Promise<ReadRoles> {
  const roles: TrustedRole[] = [];
  const deleted = new Set<string>();
  for (const { principal } of mappedRoles(mappings)) {
    const check = `trust policy of ${principal.arn}`;
    if (principal.accountId !== accountId) {
      const reason = `it is of another account: run doctor with a profile of ${principal.accountId}`;
      to.unchecked.push({ check, reason, failed: false });
      continue;
    }
    const role = await to.try(check, 'iam:GetRole', () => roleTrust(question.settings, principal.name));
    if (role === 'no-role') deleted.add(principalKey(principal));
    else if (role !== undefined) roles.push(role);
  }
  const isDeleted = (mapping: Mapping) => deleted.has(principalKey(mapping.principal));
  to.findings.push(...staleMappings(mappings.filter(isDeleted)));
  return { roles, mappings: mappings.filter((mapping) => !isDeleted(mapping)) };
}

/** The facts about an account that the check of its roles needs. */
interface KnownAccount {
  readonly accountId: string;
  readonly regions: readonly string[];
  readonly mappings: readonly Mapping[];
  readonly roles: readonly TrustedRole[];
}

/** Checks how these roles were assumed in the last days. */
async function checkAssumptions(question: AccountQuestion, known: KnownAccount, to: FindingCollector): Promise<void> {
  const { settings, days, now, connectedAccounts, prefix } = question;
  const { accountId, mappings, roles } = known;
  const own = mappedRoles(mappings).filter(({ principal }) => principal.accountId === accountId);
  // aws-auth has role ARNs without their path. CloudTrail finds a role only with it.
  const arns = own.map(({ principal }) => roles.find(({ arn }) => isSame(arn, principal.arn))?.arn ?? principal.arn);
  if (arns.length === 0) return;
  const since = new Date(now - days * DAY);
  const answers = await Promise.all(
    known.regions.map((region) =>
      to.try(`roles assumed in ${region}`, 'cloudtrail:LookupEvents', (report) =>
        recentAssumptions({ ...settings, region }, arns, since, (role) => report(`${role} of ${arns.length}`)),
      ),
    ),
  );
  const clustersOf = (roleArn: string) => clustersLetting(roleArn, mappings);
  const scope = { accountId, connected: connectedAccounts, days, clustersOf, prefix };
  to.findings.push(
    ...assumptionFindings(
      answers.flatMap((answer) => answer ?? []),
      scope,
    ),
  );
}

function isSame(one: string, other: string): boolean {
  const [first, second] = [principalOf(one), principalOf(other)];
  return first !== undefined && second !== undefined && principalKey(first) === principalKey(second);
}

/** Returns `<cluster> --region <region>` for each access entry of the role. */
function clustersLetting(roleArn: string, mappings: readonly Mapping[]): readonly string[] {
  return mappings.flatMap(({ principal, source }) =>
    source.kind === 'access-entry' && source.cluster !== undefined && isSame(principal.arn, roleArn)
      ? [`${source.cluster} --region ${source.region ?? '<region>'}`]
      : [],
  );
}

/** Checks the trails and rules that deliver grants from these Regions. */
async function checkTrails(settings: AwsSettings, regions: readonly string[], to: FindingCollector): Promise<void> {
  const listed = new Map<string, ListedTrail>();
  let allListed = true;
  for (const region of regions) {
    const found = await to.try(`trails of ${region}`, 'cloudtrail:DescribeTrails', () =>
      listTrails({ ...settings, region }),
    );
    allListed &&= found !== undefined;
    for (const trail of found ?? []) listed.set(trail.arn, trail);
  }
  const trails: Trail[] = [];
  for (const trail of listed.values()) trails.push(await readTrail(settings, trail, to));
  if (allListed) to.findings.push(...trailFindings(trails, regions));
  await checkRules(settings, regions, allListed && !trails.some(({ toLogGroup }) => toLogGroup), to);
}

/** Returns a trail with its state, as far as that can be read. */
export async function readTrail(settings: AwsSettings, trail: ListedTrail, to: FindingCollector): Promise<Trail> {
  const logging = await to.try(`whether trail ${trail.name} logs`, 'cloudtrail:GetTrailStatus', () =>
    isLogging(settings, trail),
  );
  const selectors = await to.try(`events of trail ${trail.name}`, 'cloudtrail:GetEventSelectors', () =>
    eventSelectors(settings, trail),
  );
  return present<Trail>({ ...trail, logging, selectors });
}

async function checkRules(settings: AwsSettings, regions: readonly string[], needed: boolean, to: FindingCollector) {
  const answers = [];
  for (const region of regions) {
    const rules = await to.try(`rules of ${region}`, 'events:ListRules', () => eventRules(settings, region));
    if (rules !== undefined) answers.push({ region, rules: await tryRules(settings, region, rules, to) });
  }
  const rules = answers.flatMap((answer) => answer.rules);
  to.findings.push(...ruleFindings(rules, { needed }));
  if (!needed) return;
  const answered = answers.map(({ region }) => region);
  to.findings.push(...missingRules(rules, answered));
  to.unchecked.push(...unjudgedRules(rules, answered));
}

/** Adds to the rules what EventBridge says about their patterns, if it answers. */
async function tryRules(settings: AwsSettings, region: string, rules: readonly EventRule[], to: FindingCollector) {
  if (rules.every(({ pattern = '' }) => pattern === '')) return rules;
  const tested = await to.try(
    `what EventBridge says that the rules of ${region} take`,
    'events:TestEventPattern',
    (report) => testRules(settings, region, rules, (tried) => report(`${tried} of ${rules.length}`)),
    'Their patterns are judged as doctor itself reads them.',
  );
  return tested ?? rules;
}
