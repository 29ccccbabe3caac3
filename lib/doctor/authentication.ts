import { type Mapping, principalKey } from './mapping.ts';

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
      return 'aws-auth does not count (authentication mode API): access entries alone say who gets in';
    case 'CONFIG_MAP':
      return 'aws-auth alone says who gets in (authentication mode CONFIG_MAP)';
    case 'API_AND_CONFIG_MAP':
      return 'aws-auth counts for those without an access entry (authentication mode API_AND_CONFIG_MAP)';
    default:
      return `whether aws-auth counts is not known (authentication mode ${mode ?? 'not told'})`;
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
