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
