import { roleRef, userName } from '../identity/arn.ts';
import { quoted } from '../shell.ts';
import { command, type Finding, finding } from './finding.ts';

/** An IAM principal that has access to a cluster, with the username that the cluster gives it. */
export interface Mapping {
  readonly principal: Principal;
  /** The template of the username, as it was written. The default of access entries is filled in. */
  readonly username: string;
  readonly groups: readonly string[];
  /** Whether the mapping is for nodes and Fargate pods, not for people. */
  readonly forNodes: boolean;
  readonly source: MappingSource;
}

type MappingSource = { readonly kind: 'aws-auth'; readonly place: string } | AccessEntrySource;

interface AccessEntrySource {
  readonly kind: 'access-entry';
  readonly cluster: string | undefined;
  readonly region: string | undefined;
}

export interface Principal {
  readonly kind: 'role' | 'user';
  readonly arn: string;
  readonly accountId: string;
  /** The name without the path. aws-auth and STS have no path. */
  readonly name: string;
}

/**
 * Matches an ARN with an account and a name that IAM accepts, without wildcards. Source: IAM API Reference, CreateRole
 * and CreateUser.
 */
const PRINCIPAL = /^arn:[^:]+:iam::\d{12}:(?:role|user)\/(?:[\x21-\x7e]+\/)?[\w+=,.@-]{1,64}$/;

/** Parses the ARN of a role or a user. Undefined for other ARNs. */
export function principalOf(arn: string): Principal | undefined {
  if (!PRINCIPAL.test(arn)) return undefined;
  const role = roleRef(arn);
  if (role !== undefined) return { kind: 'role', arn, accountId: role.accountId, name: role.roleName };
  const name = userName(arn);
  return name === undefined ? undefined : { kind: 'user', arn, accountId: arn.split(':')[4] ?? '', name };
}

/** Returns a key that is the same for a principal with its path and without it. */
export function principalKey({ kind, accountId, name }: Principal): string {
  return `${kind} ${accountId} ${name}`;
}

export function placeOf({ source }: Mapping): string {
  if (source.kind === 'aws-auth') return `aws-auth, ${source.place}`;
  return source.cluster === undefined ? 'access entry' : `access entry of ${source.cluster}`;
}

/** Returns the options of `aws eks` that select the entry's cluster. */
export function entryOptions({ region = '<region>', cluster = '<cluster>' }: AccessEntrySource): string {
  return `--region ${region} --cluster-name ${cluster}`;
}

/**
 * The authentication mode of a cluster. The cluster gives IAM principals access by the ConfigMap aws-auth, by access
 * entries, or by both (Amazon EKS API Reference, AccessConfigResponse). With both, "access entries take precedence over
 * ConfigMap entries for the same IAM principal". Source: EKS User Guide, "Migrating existing aws-auth ConfigMap entries
 * to access entries".
 */
export interface ClusterAuthentication {
  readonly cluster: string;
  readonly region: string;
  /** `CONFIG_MAP`, `API_AND_CONFIG_MAP` or `API`. Absent if EKS did not state it. */
  readonly mode?: string;
}

/** Returns whether the cluster reads the ConfigMap. It is false only if EKS states that it does not. */
export function readsAwsAuth({ mode }: ClusterAuthentication): boolean {
  return mode !== 'API';
}

/**
 * Returns whether EKS accepts calls about access entries. Otherwise its error is "The cluster's authentication mode
 * must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation" (InvalidRequestException).
 */
export function hasAccessEntries({ mode }: ClusterAuthentication): boolean {
  return mode !== 'CONFIG_MAP';
}

/** Returns a part of a sentence that says which mappings give access to the cluster. */
export function awsAuthSentence({ mode }: ClusterAuthentication): string {
  switch (mode) {
    case 'API':
      return 'only access entries give access; aws-auth is not used (authentication mode API)';
    case 'CONFIG_MAP':
      return 'only aws-auth gives access (authentication mode CONFIG_MAP)';
    case 'API_AND_CONFIG_MAP':
      return 'access entries give access, and aws-auth for principals without one (authentication mode API_AND_CONFIG_MAP)';
    default:
      return `unknown whether aws-auth is used (authentication mode ${mode ?? 'unknown'})`;
  }
}

/**
 * Returns the mappings that have an effect. An entry of aws-auth has none if no cluster reads aws-auth. It also has
 * none if every cluster that reads it has an access entry for the same principal.
 */
export function inForce(mappings: readonly Mapping[], clusters: readonly ClusterAuthentication[]): readonly Mapping[] {
  if (clusters.length === 0) return mappings;
  const readers = clusters.filter(readsAwsAuth).map(({ cluster, region }) => `${region} ${cluster}`);
  const entries = mappings.map(entryKey);
  return mappings.filter(
    ({ source, principal }) =>
      source.kind !== 'aws-auth' || readers.some((reader) => !entries.includes(`${reader} ${principalKey(principal)}`)),
  );
}

function entryKey({ source, principal }: Mapping): string {
  if (source.kind !== 'access-entry') return '';
  return `${source.region ?? ''} ${source.cluster ?? ''} ${principalKey(principal)}`;
}

/**
 * Returns findings about mappings whose role does not exist. If a role with that ARN is created again, it has another
 * ID. An access entry is bound to the old ID and "won't work" for it (Amazon EKS API Reference, AccessEntry,
 * `principalArn`). aws-auth knows only ARNs, and gives the new role access.
 */
export function staleMappings(mappings: readonly Mapping[]): readonly Finding[] {
  return mappings.map((mapping) =>
    finding('mapping-stale', {
      subject: mapping.principal.arn,
      evidence: `${placeOf(mapping)}: iam:GetRole finds no role ${mapping.principal.name}.`,
      mend: removing(mapping),
    }),
  );
}

function removing({ source, principal }: Mapping): string {
  if (source.kind === 'aws-auth')
    return `${command('kubectl edit configmap aws-auth -n kube-system')}, and remove ${source.place}. Until then, anyone who creates a role of this name gets access through it.`;
  const step = command(`aws eks delete-access-entry ${entryOptions(source)} --principal-arn ${quoted(principal.arn)}`);
  return `${step}. If a role of this name is created again, it needs a new entry in any case: this one is bound to the ID of the old role.`;
}
