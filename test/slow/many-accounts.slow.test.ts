import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { DEFAULT_REGIONS } from '../../lib/adapters/cloudtrail/regions.ts';
import { type LoopbackAccounts, startLoopbackAccounts } from './loopback-accounts.ts';

const REGIONS = ['eu-west-1', 'eu-central-1', 'us-east-1', 'us-east-2'];
const SCRIPT = new URL('many-accounts.ts', import.meta.url).pathname;
let aws: LoopbackAccounts | undefined;

afterEach(async () => {
  await aws?.stop();
  aws = undefined;
});

/** Looks two keys up in so many accounts, in a process that may open 1,024 files. */
async function lookUpIn(
  accounts: number,
  url: string,
  {
    regions = REGIONS,
    more = {},
  }: { readonly regions?: readonly string[]; readonly more?: Readonly<Record<string, string>> } = {},
) {
  const roles = Array.from({ length: accounts }, (_, at) => `arn:aws:iam::${444400000000 + at}:role/eks-whois-lookup`);
  const settings = {
    HOME: '/nonexistent',
    PATH: process.env.PATH ?? '',
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIAHUB',
    AWS_SECRET_ACCESS_KEY: 's',
    LOOKUP_REGIONS: regions.join(','),
    LOOKUP_ROLES: roles.join(','),
    SESSIONS_TABLE: 'a-sessions',
    CLAIMS_TABLE: 'a-claims',
    RECORDS_TABLE: 'a-records',
    POWERTOOLS_METRICS_DISABLED: 'true',
    ...more,
  };
  const limited = `ulimit -n 1024 && exec "$0" "$1"`;
  const child = spawn('/bin/sh', ['-c', limited, process.execPath, SCRIPT], { env: settings });
  let output = '';
  let errors = '';
  child.stdout.on('data', (piece) => {
    output += piece;
  });
  child.stderr.on('data', (piece) => {
    errors += piece;
  });
  await once(child, 'close');
  if (output === '') throw new Error(errors);
  return JSON.parse(output) as { requests: number; failed: Record<string, number>; why: string[] };
}

it('500 accounts are asked within 1,024 open files: one AssumeRole a role, few sockets', async () => {
  aws = await startLoopbackAccounts();
  const { requests, failed } = await lookUpIn(500, aws.url);
  expect(failed).toEqual({});
  expect(requests).toBe(2 * 501 * REGIONS.length);
  expect(aws.assumed.size).toBe(500);
  expect([...new Set(aws.assumed.values())]).toEqual([1]);
  expect(aws.lookedUp.size).toBe(501 * REGIONS.length);
  expect([...new Set(aws.lookedUp.values())]).toEqual([2]);
  expect(aws.mostSockets()).toBeLessThanOrEqual(128 + 8); // under way, and kept of the one host
});

it('100 accounts are asked in each of 17 Regions', async () => {
  aws = await startLoopbackAccounts();
  const { requests, failed } = await lookUpIn(100, aws.url, { regions: DEFAULT_REGIONS });
  expect(failed).toEqual({});
  expect(requests).toBe(2 * 101 * 17);
  expect([...new Set(aws.assumed.values())]).toEqual([1]);
  expect(aws.lookedUp.size).toBe(101 * 17);
  expect(aws.mostSockets()).toBeLessThanOrEqual(128 + 8);
});

it('an account of the organization is asked through the role of the naming rule, and no other', async () => {
  aws = await startLoopbackAccounts();
  const more = {
    LOOKUP_ORGANIZATION_ROLE: 'arn:aws:iam::{account}:role/team/look',
    OWN_ACCOUNT: '111122223333',
    NOTED_ACCOUNTS: '444455556666,111122223333',
  };
  const { requests, failed } = await lookUpIn(0, aws.url, { more });
  expect(failed).toEqual({});
  expect(requests).toBe(2 * 2 * REGIONS.length);
  expect([...aws.assumed]).toEqual([['arn:aws:iam::444455556666:role/team/look', 1]]);
});

it('a process that can open no more files says so, and what to do', async () => {
  aws = await startLoopbackAccounts();
  const { failed, why } = await lookUpIn(5, aws.url, { more: { TAKE_ALL_FILES: 'yes' } });
  expect(Object.keys(failed)).toEqual(['exhausted']);
  expect(why[0]).toMatch(/ran out of .*EMFILE.*fewer Regions or accounts/);
});
