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

/** Returns the key of the cluster. Events without any cluster share `name:`. */
export function clusterKeyOf({ cluster, clusterArn }: ClusterFields): ClusterKey {
  return (clusterArn ?? `name:${cluster ?? ''}`) as ClusterKey;
}
