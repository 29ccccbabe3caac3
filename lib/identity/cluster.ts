import { partitionOf } from './partition.ts';

/** The fields of an event or record that identify its cluster. */
export interface ClusterFields {
  /** The cluster's name, unique only within an account and Region. */
  readonly cluster?: string | undefined;
  /** `arn:<partition>:eks:<region>:<account>:cluster/<name>`, if the source of the event states account and Region. */
  readonly clusterArn?: string | undefined;
}

/**
 * The identity of a cluster for keys, indexes and counts: its ARN, or `name:<name>` if the ARN is not known. The two
 * never equal each other. A cluster that was deleted and created again under its name has the same ARN.
 */
export type ClusterKey = string & { readonly brand: 'cluster-key' };

const NAMED = 'name:';

/** Returns the key of the cluster. Events without any cluster share `name:`. */
export function clusterKeyOf({ cluster, clusterArn }: ClusterFields): ClusterKey {
  return (clusterArn ?? `${NAMED}${cluster ?? ''}`) as ClusterKey;
}

/** Returns whether the text is a cluster key: an ARN, or `name:…`. No cluster's name has a `:`. */
export function isClusterKey(text: string): text is ClusterKey {
  return clusterRef(text) !== undefined || text.startsWith(NAMED);
}

/** Returns the text as a cluster key. Parsers call it where this program wrote one. */
export function asClusterKey(text: string): ClusterKey {
  return text as ClusterKey;
}

/** Returns the cluster's name and, where it is known, its ARN. The name is empty if no cluster is known. */
export function fieldsOfKey(key: ClusterKey): ClusterFields & { readonly cluster: string } {
  const ref = clusterRef(key);
  return ref === undefined ? { cluster: key.slice(NAMED.length) } : { cluster: ref.name, clusterArn: key };
}

/**
 * Returns whether two statements about a cluster can mean the same one: by their ARNs where both state one, else by their
 * names. Undefined if one states no cluster.
 */
export function isSameCluster(a: ClusterFields, b: ClusterFields): boolean | undefined {
  if (a.clusterArn !== undefined && b.clusterArn !== undefined) return a.clusterArn === b.clusterArn;
  return a.cluster === undefined || b.cluster === undefined ? undefined : a.cluster === b.cluster;
}

/** Returns the text by which a cluster is named in lists: its ARN, or its name where the ARN is not known. */
export function clusterText({ cluster, clusterArn }: ClusterFields): string {
  return clusterArn ?? cluster ?? '';
}

/** Returns the cluster's name with its account and Region, for texts that are read far from the cluster. */
export function clusterInFull(text: string): string {
  const ref = clusterRef(text);
  return ref === undefined ? text : `${ref.name} (${ref.accountId}, ${ref.region})`;
}

/**
 * Returns a label of each cluster, as people read it: the name. Where several of these clusters have the name, its account
 * stands beside it, and its Region where that is needed to tell them apart.
 * @param texts the clusters, as `clusterText` names them.
 */
export function clusterLabels(texts: Iterable<string>): ReadonlyMap<string, string> {
  const all = new Map(
    [...new Set(texts)].map((text) => [text, clusterRef(text) ?? { name: text, accountId: '', region: '' }]),
  );
  const alike = (own: ClusterRef, ...parts: readonly (keyof ClusterRef)[]) =>
    [...all.values()].filter((other) => parts.every((part) => other[part] === own[part])).length > 1;
  return new Map(
    [...all].map(([text, ref]) => {
      const { name, accountId, region } = ref;
      if (!alike(ref, 'name')) return [text, name];
      if (accountId === '') return [text, `${name} (account not known)`];
      return [text, alike(ref, 'name', 'accountId') ? `${name} (${accountId}, ${region})` : `${name} (${accountId})`];
    }),
  );
}

/**
 * Returns whether a text that a person gave means the cluster: its ARN, its key, or its name. A name means every cluster
 * that has it.
 */
export function meansCluster(text: string, key: ClusterKey): boolean {
  return text === key || text === fieldsOfKey(key).cluster;
}

/** The key that events share of which no cluster is known. */
export const NO_CLUSTER = clusterKeyOf({});

/** The content of a cluster's ARN. */
export interface ClusterRef {
  readonly region: string;
  readonly accountId: string;
  readonly name: string;
}

/** The name of a cluster as EKS allows it (EKS API Reference, "CreateCluster"). */
const NAME = '[0-9A-Za-z][\\w-]{0,99}';
const REGION = '[a-z]{2,8}(?:-[a-z]{2,16}){1,3}-\\d{1,2}';
const CLUSTER_ARN = new RegExp(`^arn:aws[a-z-]{0,16}:eks:(${REGION}):(\\d{12}):cluster/(${NAME})$`);
const PARTS = { name: new RegExp(`^${NAME}$`), region: new RegExp(`^${REGION}$`), accountId: /^\d{12}$/ };

/** Parses a cluster's ARN; undefined if it is none. */
export function clusterRef(arn: string | undefined): ClusterRef | undefined {
  const [, region, accountId, name] = (arn !== undefined && CLUSTER_ARN.exec(arn)) || [];
  return region === undefined || accountId === undefined || name === undefined
    ? undefined
    : { region, accountId, name };
}

/** Returns the account and the Region of a cluster with this ARN; nothing if it is none. */
export function clusterHome(arn: string | undefined): { readonly accountId?: string; readonly region?: string } {
  const ref = clusterRef(arn);
  return ref === undefined ? {} : { accountId: ref.accountId, region: ref.region };
}

/** Returns the ARN of a cluster; undefined if a part is missing or is not what AWS writes there. */
export function clusterArn({
  region,
  accountId,
  name,
}: { readonly [K in keyof ClusterRef]: string | undefined }): string | undefined {
  if (region === undefined || accountId === undefined || name === undefined) return undefined;
  const isWhole = PARTS.region.test(region) && PARTS.accountId.test(accountId) && PARTS.name.test(name);
  return isWhole ? `arn:${partitionOf(region)}:eks:${region}:${accountId}:cluster/${name}` : undefined;
}
