import { partitionOf } from '../../identity/partition.ts';

/**
 * The Regions that every account has enabled by default. Look-ups use them unless the configuration names others.
 * Opt-in Regions must be named. Source: AWS Account Management Reference, "Regions that are enabled by default".
 */
export const DEFAULT_REGIONS: readonly string[] = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
];

/**
 * The Regions of other partitions that need no opt-in. Source: User Guides of Amazon Web Services in China and AWS
 * GovCloud (US).
 */
const DEFAULTS_OF_OTHERS: Readonly<Record<string, readonly string[]>> = {
  'aws-cn': ['cn-north-1', 'cn-northwest-1'],
  'aws-us-gov': ['us-gov-east-1', 'us-gov-west-1'],
};

/**
 * Returns the Regions to look up in: those that are named, or else the defaults of the partition.
 * @param own the Region of the service or of the user. It is always in the result, because it may be an opt-in
 *   Region.
 */
export function regionsToSearch(named: readonly string[], own: string | undefined): readonly string[] {
  const partition = own === undefined ? 'aws' : partitionOf(own);
  const defaults = partition === 'aws' ? DEFAULT_REGIONS : (DEFAULTS_OF_OTHERS[partition] ?? []);
  return [...new Set([...(named.length > 0 ? named : defaults), ...(own === undefined ? [] : [own])])];
}
