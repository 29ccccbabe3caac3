import { describe, expect, it } from 'vitest';
import { DEFAULT_REGIONS, regionsToSearch } from '../../lib/adapters/cloudtrail/regions.ts';
import { partitionOf } from '../../lib/identity/partition.ts';

describe('the Regions in which sessions are searched', () => {
  it('are those that every account has, by default', () => {
    expect(regionsToSearch([], undefined)).toEqual(DEFAULT_REGIONS);
    expect(regionsToSearch([], 'eu-west-1')).toEqual(DEFAULT_REGIONS);
  });

  it('always include the own Region, which can be an opt-in Region', () => {
    expect(regionsToSearch([], 'eu-south-2')).toEqual([...DEFAULT_REGIONS, 'eu-south-2']);
    expect(regionsToSearch(['us-east-1'], 'eu-south-2')).toEqual(['us-east-1', 'eu-south-2']);
    expect(regionsToSearch(['eu-south-2', 'us-east-1'], 'eu-south-2')).toEqual(['eu-south-2', 'us-east-1']);
  });

  it.each([
    ['cn-north-1', ['cn-north-1', 'cn-northwest-1']],
    ['us-gov-west-1', ['us-gov-east-1', 'us-gov-west-1']],
    ['us-iso-east-1', ['us-iso-east-1']],
    ['eusc-de-east-1', ['eusc-de-east-1']],
  ])('are those of the own partition: %s', (own, regions) => {
    expect(regionsToSearch([], own)).toEqual(regions);
  });

  it.each([
    ['eu-west-1', 'aws'],
    ['cn-northwest-1', 'aws-cn'],
    ['us-gov-east-1', 'aws-us-gov'],
    ['us-iso-west-1', 'aws-iso'],
    ['us-isob-east-1', 'aws-iso-b'],
    ['eu-isoe-west-1', 'aws-iso-e'],
    ['us-isof-south-1', 'aws-iso-f'],
    ['eusc-de-east-1', 'aws-eusc'],
  ])('belong to partitions: %s to %s', (region, partition) => {
    expect(partitionOf(region)).toBe(partition);
  });
});
