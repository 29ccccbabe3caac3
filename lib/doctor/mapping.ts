import { roleRef, userName } from '../identity/arn.ts';
import { quoted } from '../shell.ts';
import { command, type Finding, finding } from './finding.ts';

/** One IAM principal that a cluster lets in, and the username that it makes of it. */
export interface Mapping {
  readonly principal: Principal;
  /** The template as it stands; an access entry's default is written out. */
  readonly username: string;
  readonly groups: readonly string[];
  /** Nodes and Fargate pods sign in by it, no people. */
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
  /** Without its path: aws-auth and STS know none. */
  readonly name: string;
}

/** Twelve digits, and a name as IAM takes it (IAM API Reference, CreateRole and CreateUser): no wildcards. */
const PRINCIPAL = /^arn:[^:]+:iam::\d{12}:(?:role|user)\/(?:[\x21-\x7e]+\/)?[\w+=,.@-]{1,64}$/;

/** Undefined for an ARN of neither a role nor a user. */
export function principalOf(arn: string): Principal | undefined {
  if (!PRINCIPAL.test(arn)) return undefined;
  const role = roleRef(arn);
  if (role !== undefined) return { kind: 'role', arn, accountId: role.accountId, name: role.roleName };
  const name = userName(arn);
  return name === undefined ? undefined : { kind: 'user', arn, accountId: arn.split(':')[4] ?? '', name };
}

/** The same principal has the same key, with or without its path. */
export function principalKey({ kind, accountId, name }: Principal): string {
  return `${kind} ${accountId} ${name}`;
}

export function placeOf({ source }: Mapping): string {
  if (source.kind === 'aws-auth') return `aws-auth, ${source.place}`;
  return source.cluster === undefined ? 'access entry' : `access entry of ${source.cluster}`;
}

/** Which cluster's entry it is, as options of `aws eks`. */
export function entryOptions({ region = '<region>', cluster = '<cluster>' }: AccessEntrySource): string {
  return `--region ${region} --cluster-name ${cluster}`;
}

/**
 * How a cluster finds out whom an IAM principal is (Amazon EKS API Reference, AccessConfigResponse): by the ConfigMap
 * aws-auth, by access entries, or by both, where "access entries take precedence over ConfigMap entries for the same IAM
 * principal" (EKS User Guide, "Migrating existing aws-auth ConfigMap entries to access entries").
 */
export interface ClusterAuthentication {
  readonly cluster: string;
  readonly region: string;
  /** `CONFIG_MAP`, `API_AND_CONFIG_MAP` or `API`; undefined where EKS did not say. */
  readonly mode?: string;
}

/** False only where EKS says that the ConfigMap is not read. */
export function readsAwsAuth({ mode }: ClusterAuthentication): boolean {
  return mode !== 'API';
}

/**
 * False where EKS refuses to speak of access entries ("The cluster's authentication mode must be set to one of [API,
 * API_AND_CONFIG_MAP] to perform this operation", InvalidRequestException).
 */
export function hasAccessEntries({ mode }: ClusterAuthentication): boolean {
  return mode !== 'CONFIG_MAP';
}

/** Whether aws-auth counts for a cluster, as a sentence for a person. */
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
 * The mappings by which the clusters let somebody in: without aws-auth's where no cluster reads it, and without those
 * of its entries that an access entry for the same principal overrules in every cluster that reads it.
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
 * The entries of roles that are no more. A role that is made again under that ARN has another id: an access entry, with
 * which EKS keeps the id of the first, "won't work" for it (Amazon EKS API Reference, AccessEntry, `principalArn`);
 * aws-auth knows ARNs alone and lets it in.
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
  return `${step}. If a role of this name is created again, it needs a new entry in any case: this one is bound to the id of the old role.`;
}
