import { describe, expect, test } from 'vitest';
import { ONE_SENTENCE, person, shown } from '../kubeconfig/running.ts';

const CLUSTERS = [
  { name: 'prod', region: 'eu-west-1', publicAccess: false, privateAccess: true },
  { name: 'staging', region: 'eu-west-1', auditLog: false, privateAccess: true, version: '1.31' },
  { name: 'young', region: 'us-east-1', status: 'CREATING', endpoint: null },
] as const;

test('all pages of all enabled Regions are listed', async () => {
  const { eksWhois, aws } = await person({ clusters: CLUSTERS, pageSize: 1 });
  await expect(shown(await eksWhois(['clusters', 'list']))).toMatchFileSnapshot('../golden/clusters-list.txt');
  await expect(shown(await eksWhois(['clusters', 'list', '--format', 'jsonl']))).toMatchFileSnapshot(
    '../golden/clusters-list.jsonl',
  );
  const questions = aws.requests.filter(({ operation }) => operation === 'ListClusters').map(({ region }) => region);
  expect(new Set(questions)).toEqual(new Set(['eu-central-1', 'eu-west-1', 'us-east-1']));
});

test('several hundred clusters, in the order that AWS gives them', async () => {
  const names = Array.from({ length: 250 }, (_, n) => `c${String(n).padStart(3, '0')}`);
  const { eksWhois } = await person({ clusters: names.map((name) => ({ name, region: 'eu-west-1' })) });
  const { stdout } = await eksWhois(['clusters', 'list', '--region', 'eu-west-1', '--format', 'jsonl']);
  const listed = stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(listed).toMatchObject(names.map((name) => ({ name })));
});

test('only the named Regions are queried, each once', async () => {
  const { eksWhois, aws } = await person({ clusters: CLUSTERS });
  await eksWhois(['clusters', 'list', '--region', 'us-east-1', '--region', 'us-east-1']);
  expect(aws.requests.map(({ operation, region }) => `${operation} ${region}`)).toEqual([
    'ListClusters us-east-1',
    'DescribeCluster us-east-1',
  ]);
});

test('the Regions that every account has are queried if the enabled ones may not be read', async () => {
  const { eksWhois, aws } = await person({ clusters: CLUSTERS });
  aws.addFault({ operation: 'DescribeRegions', kind: 'denied' });
  const ended = await eksWhois(['clusters', 'list']);
  expect(ended.stdout.split('\n')).toHaveLength(5);
  expect(ended.stderr).toMatch(/^eks-whois: The list of enabled Regions cannot be read, so only the 17 Regions/);
  expect(ended.status).toBe(0);
});

test('a Region and a cluster that do not answer do not affect the others', async () => {
  const { eksWhois, aws } = await person({ clusters: CLUSTERS });
  aws.addFault({ operation: 'ListClusters', region: 'us-east-1', kind: 'denied' });
  aws.addFault({ operation: 'DescribeCluster', kind: 'denied' });
  await expect(shown(await eksWhois(['clusters', 'list']))).toMatchFileSnapshot('../golden/clusters-list-partly.txt');
  const named = await eksWhois(['clusters', 'list', '--region', 'us-east-1', 'eu-west-1']);
  expect(named.status).toBe(1);
  expect(named.stderr).toMatch(/^eks-whois: us-east-1 did not answer, the others did\. AWS denied eks:ListClusters/);
});

test('no cluster is reported, and is no failure', async () => {
  const { eksWhois } = await person();
  expect(await eksWhois(['clusters', 'list'])).toEqual({
    stdout: '',
    stderr: 'eks-whois: There is no EKS cluster in the 3 Regions that answered.\n',
    status: 0,
  });
});

describe('trouble in every Region is reported once', () => {
  const none = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
  test.each([
    ['no credentials', [], undefined, none, /^eks-whois: No AWS credentials were found/],
    ['no credentials, in a named Region', ['--region', 'eu-west-1'], undefined, none, /No AWS credentials were found/],
    ['a profile that there is not', ['--profile', 'nobody'], undefined, {}, /for the profile nobody/],
    ['expired credentials', [], 'expired', {}, /The AWS credentials have expired/],
    [
      'unknown credentials',
      [],
      undefined,
      { AWS_ACCESS_KEY_ID: 'AKIANOBODY0000000001' },
      /AWS rejected the credentials/,
    ],
    [
      'nothing that answers',
      ['--region', 'eu-west-1'],
      'garbage',
      {},
      /eu-west-1 did not answer\. The answer to eks:ListClusters in eu-west-1 did not come from AWS/,
    ],
    [
      'an EC2 that is no EC2',
      [],
      'garbage',
      {},
      /The answer to ec2:DescribeRegions in eu-west-1 did not come from AWS/,
    ],
  ] as const)('%s', async (_, args, kind, environment, reason) => {
    const { eksWhois, aws } = await person({ clusters: CLUSTERS });
    if (kind !== undefined) aws.addFault({ kind });
    const ended = await eksWhois(['clusters', 'list', ...args], environment);
    expect(ended).toMatchObject({ stdout: '', status: 1 });
    expect(ended.stderr).toMatch(ONE_SENTENCE);
    expect(ended.stderr).toMatch(reason);
  });

  test('an invalid Region is wrong usage', async () => {
    const { eksWhois, aws } = await person();
    expect(await eksWhois(['clusters', 'list', '--region', 'europe'])).toEqual({
      stdout: '',
      stderr: 'eks-whois: europe is not an AWS Region. Give one like eu-west-1.\n',
      status: 2,
    });
    expect(aws.requests).toEqual([]);
  });
});
