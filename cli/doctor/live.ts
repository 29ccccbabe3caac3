import { callerIdentity } from '../../lib/adapters/aws/caller-identity.ts';
import type { AccountCost } from '../../lib/cost/account.ts';
import { type ClusterAuthentication, inForce } from '../../lib/doctor/authentication.ts';
import type { Finding, Unchecked } from '../../lib/doctor/finding.ts';
import type { Impersonation } from '../../lib/doctor/impersonation.ts';
import type { Mapping } from '../../lib/doctor/mapping.ts';
import type { TrustedRole } from '../../lib/doctor/trust-policy.ts';
import type { AccountQuestion } from './account-question.ts';
import { authenticationOf, checkCluster, findClusters } from './clusters.ts';
import { estimateCost } from './cost.ts';
import { Gathering } from './gathering.ts';
import type { DoctorProgress } from './progress.ts';
import { checkAssumptions, readRoles } from './roles.ts';
import { checkTrails } from './trails.ts';

export interface AccountAnswer {
  readonly findings: readonly Finding[];
  readonly unchecked: readonly Unchecked[];
  readonly clusters: readonly ClusterAuthentication[];
  /** All that are known, those that no cluster minds any more too: events of the past may bear their usernames. */
  readonly mappings: readonly Mapping[];
  /** Those by which the clusters let somebody in now; of roles that are no more they let in nobody. */
  readonly mappingsInForce: readonly Mapping[];
  readonly roles: readonly TrustedRole[];
  /** Who acted in the name of people. */
  readonly impersonations: readonly Impersonation[];
  /** What the service would cost for the clusters. */
  readonly cost: AccountCost | undefined;
}

/** Where the global endpoint of STS logs (FACTS). */
const GLOBAL_STS = 'us-east-1';

/** @throws AwsError where nobody is signed in. */
export async function examineAccount(question: AccountQuestion, progress: DoctorProgress): Promise<AccountAnswer> {
  const { accountId, arn } = await callerIdentity(question.settings);
  const to = new Gathering(progress);
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
