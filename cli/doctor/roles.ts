import { roleTrust } from '../../lib/adapters/doctor/access.ts';
import { recentAssumptions } from '../../lib/adapters/doctor/assumptions.ts';
import { assumptionFindings } from '../../lib/doctor/assumption.ts';
import { type Mapping, principalKey, principalOf } from '../../lib/doctor/mapping.ts';
import { staleMappings } from '../../lib/doctor/stale-mapping.ts';
import type { TrustedRole } from '../../lib/doctor/trust-policy.ts';
import { DAY } from '../../lib/time.ts';
import type { AccountQuestion } from './account-question.ts';
import type { Gathering } from './gathering.ts';

/** The roles by which people come into the clusters, each once. */
function mappedRoles(mappings: readonly Mapping[]): readonly Mapping[] {
  const people = mappings.filter(({ forNodes, principal }) => !forNodes && principal.kind === 'role');
  return [...new Map(people.map((mapping) => [principalKey(mapping.principal), mapping])).values()];
}

/** What IAM says of the roles that the clusters let in. */
interface ReadRoles {
  readonly roles: readonly TrustedRole[];
  /** The mappings of all others than of roles that are no more. */
  readonly mappings: readonly Mapping[];
}

/** Who may assume the roles that the clusters let in; entries of roles that are no more are found. */
export async function readRoles(
  question: AccountQuestion,
  accountId: string,
  mappings: readonly Mapping[],
  to: Gathering,
): Promise<ReadRoles> {
  const roles: TrustedRole[] = [];
  const gone = new Set<string>();
  for (const { principal } of mappedRoles(mappings)) {
    const check = `trust policy of ${principal.arn}`;
    if (principal.accountId !== accountId) {
      const reason = `it is of another account: run doctor with a profile of ${principal.accountId}`;
      to.unchecked.push({ check, reason, failed: false });
      continue;
    }
    const role = await to.try(check, 'iam:GetRole', () => roleTrust(question.settings, principal.name));
    if (role === 'no-role') gone.add(principalKey(principal));
    else if (role !== undefined) roles.push(role);
  }
  const isGone = (mapping: Mapping) => gone.has(principalKey(mapping.principal));
  to.findings.push(...staleMappings(mappings.filter(isGone)));
  return { roles, mappings: mappings.filter((mapping) => !isGone(mapping)) };
}

/** What is known of an account by the time its roles are looked at. */
export interface KnownAccount {
  readonly accountId: string;
  readonly regions: readonly string[];
  readonly mappings: readonly Mapping[];
  readonly roles: readonly TrustedRole[];
}

/** How these roles were assumed of late. */
export async function checkAssumptions(question: AccountQuestion, known: KnownAccount, to: Gathering): Promise<void> {
  const { settings, days, now, connectedAccounts, prefix } = question;
  const { accountId, mappings, roles } = known;
  const own = mappedRoles(mappings).filter(({ principal }) => principal.accountId === accountId);
  // aws-auth has lost the path, by which CloudTrail files the role.
  const arns = own.map(({ principal }) => roles.find(({ arn }) => isSame(arn, principal.arn))?.arn ?? principal.arn);
  if (arns.length === 0) return;
  const since = new Date(now - days * DAY);
  const answers = await Promise.all(
    known.regions.map((region) =>
      to.try(`roles assumed in ${region}`, 'cloudtrail:LookupEvents', (tell) =>
        recentAssumptions({ ...settings, region }, arns, since, (role) => tell(`${role} of ${arns.length}`)),
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

/** `<cluster> --region <region>` of each access entry for the role. */
function clustersLetting(roleArn: string, mappings: readonly Mapping[]): readonly string[] {
  return mappings.flatMap(({ principal, source }) =>
    source.kind === 'access-entry' && source.cluster !== undefined && isSame(principal.arn, roleArn)
      ? [`${source.cluster} --region ${source.region ?? '<region>'}`]
      : [],
  );
}
