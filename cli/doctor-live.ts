import { clusterAccessEntries, eventRules, roleTrust } from '../lib/adapters/doctor/access.ts';
import { recentAssumptions } from '../lib/adapters/doctor/assumptions.ts';
import { cutEntries, subscriptionFilters } from '../lib/adapters/doctor/log-groups.ts';
import { isLogging, type ListedTrail, listTrails, takesGrants } from '../lib/adapters/doctor/trails.ts';
import { AwsFault } from '../lib/adapters/eks/aws-fault.ts';
import type { AwsSettings } from '../lib/adapters/eks/aws-settings.ts';
import { callerIdentity } from '../lib/adapters/eks/caller-identity.ts';
import { listClusters } from '../lib/adapters/eks/cluster-list.ts';
import type { EksCluster } from '../lib/adapters/eks/clusters.ts';
import { assumptionFindings } from '../lib/doctor/assumption.ts';
import { type AuditLog, auditLogFindings } from '../lib/doctor/audit-log.ts';
import { missingRules, ruleFindings } from '../lib/doctor/event-rule.ts';
import type { Finding, Unchecked } from '../lib/doctor/finding.ts';
import { type Mapping, principalKey } from '../lib/doctor/mapping.ts';
import { type Trail, trailFindings } from '../lib/doctor/trail.ts';
import type { TrustedRole } from '../lib/doctor/trust-policy.ts';
import { present } from '../lib/json.ts';
import { DAY, type EpochMillis } from '../lib/time.ts';
import { regionsOf } from './clusters-list.ts';

/** What is asked of an account. */
export interface AccountQuestion {
  readonly settings: AwsSettings;
  /** Undefined: all that are enabled. */
  readonly regions: readonly string[] | undefined;
  /** Undefined: all. */
  readonly clusters: readonly string[] | undefined;
  /** Mappings that are known already, from files. */
  readonly mappings: readonly Mapping[];
  readonly connectedAccounts: readonly string[];
  readonly days: number;
  readonly now: EpochMillis;
}

export interface AccountAnswer {
  readonly findings: readonly Finding[];
  readonly unchecked: readonly Unchecked[];
  readonly mappings: readonly Mapping[];
  readonly roles: readonly TrustedRole[];
}

/** Where the global endpoint of STS logs (FACTS). */
const GLOBAL_STS = 'us-east-1';

/** @throws AwsFault where nobody is signed in. */
export async function examineAccount(question: AccountQuestion): Promise<AccountAnswer> {
  const { accountId, arn } = await callerIdentity(question.settings);
  const account = new AccountCheck(question, accountId);
  const clusters = await account.clusters();
  for (const cluster of clusters) await account.cluster(cluster);
  const regions = new Set([...clusters.map(({ region }) => region), ...(question.regions ?? [])]);
  if (arn.startsWith('arn:aws:')) regions.add(GLOBAL_STS);
  await account.trailsAndRules([...regions]);
  await account.roles();
  await account.assumptions([...regions]);
  return account.answer();
}

/** Gathers what is found; a call that fails keeps nothing from the others. */
class AccountCheck {
  readonly #question: AccountQuestion;
  readonly #accountId: string;
  readonly #findings: Finding[] = [];
  readonly #unchecked: Unchecked[] = [];
  readonly #mappings: Mapping[];
  readonly #roles: TrustedRole[] = [];

  constructor(question: AccountQuestion, accountId: string) {
    this.#question = question;
    this.#accountId = accountId;
    this.#mappings = [...question.mappings];
  }

  answer(): AccountAnswer {
    return { findings: this.#findings, unchecked: this.#unchecked, mappings: this.#mappings, roles: this.#roles };
  }

  async clusters(): Promise<readonly EksCluster[]> {
    const { settings, regions, clusters: names } = this.#question;
    const found: EksCluster[] = [];
    for (const answer of await listClusters(settings, regions ?? (await regionsOf(settings)))) {
      if ('failure' in answer) {
        this.#could(`the clusters of ${answer.region}`, 'eks:ListClusters', answer.failure);
        continue;
      }
      for (const cluster of answer.clusters) {
        if (names !== undefined && !names.includes(cluster.name)) continue;
        if ('failure' in cluster)
          this.#could(`cluster ${cluster.name} (${cluster.region})`, 'eks:DescribeCluster', cluster.failure);
        else found.push(cluster);
      }
    }
    for (const name of names ?? []) {
      if (!found.some((cluster) => cluster.name === name))
        this.#unchecked.push({ check: `cluster ${name}`, reason: 'no Region that answered has it' });
    }
    return found;
  }

  async cluster({ name, region, auditLog }: EksCluster): Promise<void> {
    const { settings, days, now } = this.#question;
    const there = { ...settings, region };
    const about = `cluster ${name} (${region})`;
    const entries = await this.#try(
      `access entries of ${about}`,
      'eks:ListAccessEntries, eks:DescribeAccessEntry',
      () => clusterAccessEntries(there, name),
    );
    this.#mappings.push(...(entries ?? []));
    const filters = auditLog
      ? await this.#try(`subscription of ${about}`, 'logs:DescribeSubscriptionFilters', () =>
          subscriptionFilters(there, name),
        )
      : undefined;
    if (filters !== undefined && filters.length > 0) this.#unchecked.push(deliveryErrors(name, region));
    const count = auditLog
      ? await this.#try(`cut audit entries of ${about}`, 'logs:StartQuery, logs:GetQueryResults', () =>
          cutEntries(there, name, new Date(now - days * DAY), new Date(now)),
        )
      : undefined;
    const cut = count === undefined ? undefined : { count, days };
    this.#findings.push(...auditLogFindings(present<AuditLog>({ cluster: name, region, on: auditLog, filters, cut })));
  }

  async trailsAndRules(regions: readonly string[]): Promise<void> {
    const { settings } = this.#question;
    const listed = new Map<string, ListedTrail>();
    let allListed = true;
    for (const region of regions) {
      const found = await this.#try(`trails of ${region}`, 'cloudtrail:DescribeTrails', () =>
        listTrails({ ...settings, region }),
      );
      allListed &&= found !== undefined;
      for (const trail of found ?? []) listed.set(trail.arn, trail);
    }
    const trails: Trail[] = [];
    for (const trail of listed.values()) trails.push(await this.#trail(trail));
    if (allListed) this.#findings.push(...trailFindings(trails, regions));
    await this.#rules(regions, allListed && !trails.some(({ toLogGroup }) => toLogGroup));
  }

  async #trail(trail: ListedTrail): Promise<Trail> {
    const { settings } = this.#question;
    const logging = await this.#try(`whether trail ${trail.name} logs`, 'cloudtrail:GetTrailStatus', () =>
      isLogging(settings, trail),
    );
    const carriesGrants = await this.#try(`events of trail ${trail.name}`, 'cloudtrail:GetEventSelectors', () =>
      takesGrants(settings, trail),
    );
    return present<Trail>({ ...trail, logging, carriesGrants });
  }

  async #rules(regions: readonly string[], needed: boolean): Promise<void> {
    const answers = [];
    for (const region of regions) {
      const rules = await this.#try(`rules of ${region}`, 'events:ListRules', () =>
        eventRules(this.#question.settings, region),
      );
      if (rules !== undefined) answers.push({ region, rules });
    }
    const rules = answers.flatMap((answer) => answer.rules);
    this.#findings.push(...ruleFindings(rules));
    if (needed)
      this.#findings.push(
        ...missingRules(
          rules,
          answers.map(({ region }) => region),
        ),
      );
  }

  /** Who may assume the roles that the clusters let in. */
  async roles(): Promise<void> {
    for (const { principal } of this.#mappedRoles()) {
      if (principal.accountId !== this.#accountId) {
        const reason = `it is of another account: run doctor with a profile of ${principal.accountId}`;
        this.#unchecked.push({ check: `trust policy of ${principal.arn}`, reason });
        continue;
      }
      const role = await this.#try(`trust policy of ${principal.arn}`, 'iam:GetRole', () =>
        roleTrust(this.#question.settings, principal.name),
      );
      if (role !== undefined) this.#roles.push(role);
    }
  }

  async assumptions(regions: readonly string[]): Promise<void> {
    const { settings, days, now, connectedAccounts } = this.#question;
    const own = this.#mappedRoles().filter(({ principal }) => principal.accountId === this.#accountId);
    // aws-auth has lost the path, by which CloudTrail files the role.
    const arns = own.map(
      ({ principal }) => this.#roles.find(({ arn }) => arn.endsWith(`/${principal.name}`))?.arn ?? principal.arn,
    );
    if (arns.length === 0) return;
    const since = new Date(now - days * DAY);
    const answers = await Promise.all(
      regions.map((region) =>
        this.#try(`roles assumed in ${region}`, 'cloudtrail:LookupEvents', () =>
          recentAssumptions({ ...settings, region }, arns, since),
        ),
      ),
    );
    const assumptions = answers.flatMap((answer) => answer ?? []);
    this.#findings.push(...assumptionFindings(assumptions, [this.#accountId, ...connectedAccounts], days));
  }

  #mappedRoles(): readonly Mapping[] {
    const people = this.#mappings.filter(({ forNodes, principal }) => !forNodes && principal.kind === 'role');
    return [...new Map(people.map((mapping) => [principalKey(mapping.principal), mapping])).values()];
  }

  async #try<T>(check: string, permission: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      this.#could(check, permission, error);
      return undefined;
    }
  }

  #could(check: string, permission: string, { message }: AwsFault): void {
    this.#unchecked.push({ check, reason: message, permission });
  }
}

/** CloudWatch's metrics are not asked; this shows them. */
function deliveryErrors(cluster: string, region: string): Unchecked {
  return {
    check: `delivery errors of the subscription of cluster ${cluster} (${region})`,
    reason: `look at them yourself: aws cloudwatch get-metric-statistics --region ${region} --namespace AWS/Logs --metric-name DeliveryErrors --dimensions Name=LogGroupName,Value=/aws/eks/${cluster}/cluster, with the dimensions DestinationType and FilterName that list-metrics shows`,
  };
}
