import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { isSameCluster } from '../../lib/identity/cluster.ts';
import { REPOSITORY, runCommand } from '../builders/command.ts';

/** What the user knows of a cluster whose files do not state its account and Region. */

const ARN = 'arn:aws:eks:eu-west-1:444455556666:cluster/prod';
const OTHER = 'arn:aws:eks:eu-west-1:999900001111:cluster/prod';
const FILES = ['audit', 'cloudtrail'].flatMap((name) => [`--${name}`, join(REPOSITORY, 'examples', name)]);
const attribute = (...args: readonly string[]) => runCommand(['attribute', ...FILES, ...args]);

describe('--cluster-arn', () => {
  it('gives its ARN, account and Region to the events of that name, and to no other', async () => {
    const { output } = await attribute('--cluster-arn', ARN, '-o', 'jsonl');
    const records = output
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as AuditRecord);
    const [ofProd, others] = [true, false].map((is) => records.filter(({ cluster }) => (cluster === 'prod') === is));
    expect(ofProd?.length).toBeGreaterThan(0);
    for (const record of ofProd ?? [])
      expect(record).toMatchObject({ clusterArn: ARN, accountId: '444455556666', region: 'eu-west-1' });
    expect(others?.length).toBeGreaterThan(0);
    for (const record of others ?? []) expect(record).not.toHaveProperty('clusterArn');
  });

  it.each([
    [['--cluster-arn', 'prod'], /Give arn:aws:eks:<Region>:<account>:cluster\/<name>/],
    [['--cluster-name', 'staging', '--cluster-arn', ARN], /--cluster-name names staging, and --cluster-arn names prod/],
    [['--cluster-name', ARN], /give the ARN as --cluster-arn/],
  ])('is refused as %j', async (args, message) => {
    const { status, errors } = await attribute(...args);
    expect(status).toBe(2);
    expect(errors).toMatch(message);
  });
});

it('two statements mean one cluster by their ARNs, else by their names', () => {
  const [prod, other] = [
    { cluster: 'prod', clusterArn: ARN },
    { cluster: 'prod', clusterArn: OTHER },
  ];
  expect(isSameCluster(prod, prod)).toBe(true);
  expect(isSameCluster(prod, other)).toBe(false);
  expect(isSameCluster(prod, { cluster: 'prod' })).toBe(true);
  expect(isSameCluster(prod, { cluster: 'staging' })).toBe(false);
  expect(isSameCluster(prod, {})).toBeUndefined();
});
