import { AwsError } from '../aws/aws-error.ts';
import type { AwsSettings } from '../aws/aws-settings.ts';
import { describeCluster, type EksCluster, listClusterNames } from './clusters.ts';

/** A cluster, or the name of one that cannot be described, with the error. */
export type ListedCluster = EksCluster | { readonly name: string; readonly region: string; readonly failure: AwsError };

/** The clusters of one Region, or the error of a Region that did not answer. */
export type RegionsClusters =
  | { readonly region: string; readonly clusters: readonly ListedCluster[] }
  | { readonly region: string; readonly failure: AwsError };

/** The number of Regions that are listed at once. Each has its own endpoint. */
const REGIONS_AT_ONCE = 8;
/** The number of a Region's clusters that are described at once. EKS allows some ten read calls a second. */
const CLUSTERS_AT_ONCE = 4;

/**
 * Lists and describes all clusters of the Regions. If a Region or cluster does not answer, the others are still listed.
 */
export function listClusters(settings: AwsSettings, regions: readonly string[]): Promise<readonly RegionsClusters[]> {
  return mapLimited(regions, REGIONS_AT_ONCE, async (region) => {
    const there = { ...settings, region };
    try {
      const names = await listClusterNames(there);
      return { region, clusters: await mapLimited(names, CLUSTERS_AT_ONCE, (name) => described(there, region, name)) };
    } catch (error) {
      if (error instanceof AwsError) return { region, failure: error };
      throw error;
    }
  });
}

async function described(settings: AwsSettings, region: string, name: string): Promise<ListedCluster> {
  try {
    return await describeCluster(settings, name);
  } catch (error) {
    if (error instanceof AwsError) return { name, region, failure: error };
    throw error;
  }
}

/** Returns the results of the work in the order of the inputs. At most `most` of them run at once. */
async function mapLimited<T, R>(
  inputs: readonly T[],
  most: number,
  work: (input: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = [...inputs.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: Math.min(most, inputs.length) }, worker));
  return results;
}
