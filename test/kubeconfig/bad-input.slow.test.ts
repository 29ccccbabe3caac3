import { chmod, mkdir, readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../stand-ins/aws/eks.ts';
import { canBePlain, ONE_SENTENCE, person } from './running.ts';

const CLUSTERS = [
  { name: 'prod', region: 'eu-west-1' },
  { name: 'young', region: 'eu-west-1', status: 'CREATING', endpoint: null, certificateAuthority: null },
] as const;
const CREATE = ['kubeconfig', 'create', 'prod'];
const ENTRY = 'apiVersion: v1\nkind: Config\n';

describe('a kubeconfig that cannot be used gets one sentence, and is not changed', () => {
  test.each([
    [
      'malformed YAML',
      `${ENTRY}clusters: [\n`,
      /^eks-whois: ~\/\.kube\/config cannot be read as YAML: .* at line 4, column 1\. Correct it there\.\n$/,
    ],
    ['a tab for indentation', `${ENTRY}clusters:\n\t- name: x\n`, /cannot be read as YAML: .* at line 4/],
    ['a key that stands twice', `${ENTRY}clusters: []\nclusters: []\n`, /map keys must be unique at line 4, column 1/],
    ['two entries of one name', `${ENTRY}users:\n- name: x\n- name: x\n`, /has two users named x/],
    ['several documents', `${ENTRY}---\n${ENTRY}`, /it contains several documents/],
    ['another kind', 'apiVersion: v1\nkind: Pod\n', /its kind is Pod/],
    ['a list at the top', '- a\n', /its top level is not a mapping/],
    ['a section of another type', `${ENTRY}contexts: {}\n`, /contexts is not a list/],
    ['an alias to nothing', `${ENTRY}users: [*missing]\n`, /cannot be read as YAML/],
    ['brackets without end', `${ENTRY}x: ${'['.repeat(50_000)}`, /cannot be read as YAML/],
    ['bytes that are no UTF-8', Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe]), /is not UTF-8 text/],
  ])('%s', async (_, text, reason) => {
    const alice = await person({ clusters: CLUSTERS });
    const file = await alice.keep('.kube/config', '');
    await writeFile(file, text);
    for (const args of [CREATE, ['kubeconfig', 'list'], ['kubeconfig', 'use', 'x']]) {
      const ended = await alice.eksWhois(args);
      expect(ended).toMatchObject({ stdout: '', status: 1 });
      expect(ended.stderr).toMatch(ONE_SENTENCE);
      expect(ended.stderr).toMatch(reason);
    }
    expect(await readFile(file)).toEqual(Buffer.from(text));
    expect(await readdir(join(alice.home, '.kube'))).toEqual(['config']);
  });

  test('an entry that shares its content by anchors', async () => {
    const text = `${ENTRY}clusters:\n- name: prod\n  cluster: &c {server: https://a}\n- name: other\n  cluster: *c\n`;
    const alice = await person({ clusters: CLUSTERS });
    await alice.keep('.kube/config', text);
    const ended = await alice.eksWhois([...CREATE, '--force']);
    expect(ended).toMatchObject({ stdout: '', status: 1 });
    expect(ended.stderr).toBe(
      'eks-whois: ~/.kube/config shares the cluster prod with other entries by YAML anchors. Write it out in that file, then try again.\n',
    );
    expect(await alice.text('.kube/config')).toBe(text);
  });

  test('aliases that multiply without end', async () => {
    const levels = Array.from({ length: 12 }, (_, n) => `x${n}: &x${n} [${`*x${n - 1}, `.repeat(n && 9)}a]\n`).join('');
    const alice = await person({ clusters: CLUSTERS });
    await alice.keep('.kube/config', `${levels}contexts:\n- name: a\n  context: *x11\n`);
    const ended = await alice.eksWhois(['kubeconfig', 'list']);
    expect(ended).toMatchObject({ stdout: '', status: 1 });
    expect(ended.stderr).toMatch(ONE_SENTENCE);
  });

  test('50 MB', async () => {
    const alice = await person({ clusters: CLUSTERS });
    const file = await alice.keep('.kube/config', ENTRY);
    await truncate(file, 50_000_000);
    for (const args of [CREATE, ['kubeconfig', 'list'], ['kubeconfig', 'use', 'x']]) {
      expect(await alice.eksWhois(args)).toEqual({
        stdout: '',
        stderr: 'eks-whois: ~/.kube/config has 50 MB, but a kubeconfig may have at most 10: name another file.\n',
        status: 1,
      });
    }
    expect((await stat(file)).size).toBe(50_000_000);
  });

  test('a folder, a link in a circle, and no file at all', async () => {
    const alice = await person({ clusters: CLUSTERS });
    await mkdir(join(alice.home, 'folder'));
    await symlink('circle', join(alice.home, 'circle'));
    await alice.keep('file', ENTRY);
    for (const KUBECONFIG of ['folder', 'circle', '::', 'file/below']) {
      const ended = await alice.eksWhois(CREATE, { KUBECONFIG });
      expect(ended).toMatchObject({ stdout: '', status: 1 });
      expect(ended.stderr).toMatch(ONE_SENTENCE);
    }
  });
});

describe.runIf(canBePlain())('without permission to write', () => {
  test('a read-only folder keeps its files, and those beside it', async () => {
    const alice = await person({ clusters: CLUSTERS }, { plain: true });
    const file = await alice.keep('.kube/config', ENTRY);
    await chmod(file, 0o644);
    await chmod(join(alice.home, '.kube'), 0o555);
    const project = [...CREATE, '--project', 'a', '--environment', 'b'];
    for (const args of [CREATE, project]) {
      expect(await alice.eksWhois(args)).toEqual({
        stdout: '',
        stderr:
          'eks-whois: ~/.kube/config cannot be written by this user: nothing was changed. Fix this, or name another file.\n',
        status: 1,
      });
    }
    expect(await alice.text('.kube/config')).toBe(ENTRY);
    await expect(stat(join(alice.home, '.aws/config'))).rejects.toThrow('ENOENT');
    await chmod(join(alice.home, '.kube'), 0o755);
  });

  test('a read-only file is not replaced', async () => {
    const alice = await person({ clusters: CLUSTERS }, { plain: true });
    const file = await alice.keep('.kube/config', ENTRY);
    await chmod(join(alice.home, '.kube'), 0o777);
    await chmod(file, 0o444);
    const ended = await alice.eksWhois(CREATE);
    expect(ended).toMatchObject({ stdout: '', status: 1 });
    expect(ended.stderr).toMatch(ONE_SENTENCE);
    expect(await readdir(join(alice.home, '.kube'))).toEqual(['config']);
  });

  test('a file that may not be read', async () => {
    const alice = await person({ clusters: CLUSTERS }, { plain: true });
    await chmod(await alice.keep('.kube/config', ENTRY), 0o000);
    const ended = await alice.eksWhois(['kubeconfig', 'list']);
    expect(ended.stderr).toBe(
      'eks-whois: ~/.kube/config cannot be read by this user: fix this, or name another file.\n',
    );
  });
});

describe('an unexpected response of AWS gets one sentence, and nothing is written', () => {
  interface Trouble {
    readonly args?: readonly string[];
    readonly cluster?: string;
    readonly fault?: Fault['kind'];
    readonly environment?: Readonly<Record<string, string | undefined>>;
  }
  const none = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
  const troubles: readonly [string, Trouble, RegExp][] = [
    ['no credentials', { environment: none }, /^eks-whois: No AWS credentials were found: sign in/],
    ['a profile that there is not', { args: ['--profile', 'nobody'] }, /credentials were found for the profile nobody/],
    [
      'unknown credentials',
      { environment: { AWS_ACCESS_KEY_ID: 'AKIANOBODY0000000001' } },
      /AWS rejected the credentials in eu-west-1/,
    ],
    ['expired credentials', { fault: 'expired' }, /The AWS credentials have expired: sign in again/],
    ['a denied call', { fault: 'denied' }, /AWS denied eks:DescribeCluster in eu-west-1: User: \S+ is not authorized/],
    ['throttling', { fault: 'throttled' }, /AWS throttled eks:DescribeCluster/],
    ['a fault of AWS', { fault: 'internal' }, /eks:DescribeCluster in eu-west-1 failed/],
    ['a Wi-Fi sign-in page', { fault: 'garbage' }, /did not come from AWS/],
    ['an empty answer', { fault: 'empty' }, /EKS returned nothing about the cluster prod/],
    ['a connection that is cut', { fault: 'reset' }, /Can't reach AWS .*ECONNRESET/],
    [
      'nothing at the endpoint',
      { environment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' } },
      /Can't reach AWS .*ECONNREFUSED/,
    ],
    [
      'another Region',
      { args: ['--region', 'us-east-1'] },
      /in us-east-1 found nothing: No cluster found for name: prod/,
    ],
    ['a cluster that is being made', { cluster: 'young' }, /The cluster young is CREATING and has no endpoint/],
  ];
  test.each(troubles)('%s', async (_, { args = [], fault, cluster = 'prod', environment }, reason) => {
    const alice = await person({ clusters: CLUSTERS });
    if (fault !== undefined) alice.aws.addFault({ kind: fault });
    const ended = await alice.eksWhois(['kubeconfig', 'create', cluster, ...args], environment);
    expect(ended).toMatchObject({ stdout: '', status: 1 });
    expect(ended.stderr).toMatch(ONE_SENTENCE);
    expect(ended.stderr).toMatch(reason);
    expect(await readdir(alice.home)).toEqual([]);
  });

  test('the identity of the credentials is needed for a role, but not for oneself', async () => {
    const alice = await person({ clusters: CLUSTERS });
    alice.aws.addFault({ operation: 'GetCallerIdentity', kind: 'empty' });
    const role = await alice.eksWhois([...CREATE, '--project', 'a', '--environment', 'b']);
    expect(role).toMatchObject({ stdout: '', status: 1 });
    expect(role.stderr).toMatch(ONE_SENTENCE);
    const oneself = await alice.eksWhois(CREATE);
    expect(oneself.status).toBe(0);
    expect(oneself.stderr).toMatch(/^eks-whois: Whose credentials these are is not known\./);
  });
});

describe('wrong usage has exit status 2', () => {
  test.each([
    [[]],
    [['prod', '--project', 'a']],
    [['prod', '--environment', 'b']],
    [['prod', '--project', 'a b', '--environment', 'c']],
    [['prod', '--project', 'a', '--environment', 'b', '--role-arn', 'arn:aws:iam::111122223333:role/x']],
    [['prod', '--project', 'a', '--environment', 'b', '--role-pattern', 'fixed']],
    [['prod', '--project', 'a', '--environment', 'b', '--role-pattern', '{project}-{team}']],
    [['prod', '--role-arn', 'admin']],
    [['prod', '--session-name', 'alice']],
    [['prod', '--role-arn', 'arn:aws:iam::111122223333:role/x', '--session-name', 'no spaces']],
    [['prod', '--region', 'eu-wset']],
    [['prod', '--namespace', 'No_Namespace']],
    [['prod', '--alias', 'two\nlines']],
    [['prod', '--role-in', 'pocket']],
    [['arn:aws:eks:eu-west-1:111122223333:cluster/prod']],
    [['prod', '--unheard-of']],
  ])('create %j', async (args) => {
    const alice = await person({ clusters: CLUSTERS });
    const ended = await alice.eksWhois(['kubeconfig', 'create', ...args]);
    expect(ended).toMatchObject({ stdout: '', status: 2 });
    expect(ended.stderr).not.toMatch(/\n\s+at /);
    expect(alice.aws.requests).toEqual([]);
  });

  test.each([
    [
      ['kubeconfig', 'create', 'prod', '--kubeconfig', ''],
      '--kubeconfig is empty. Give the path of a file, or leave the option out.',
    ],
    [
      ['kubeconfig', 'list', '--kubeconfig', ''],
      '--kubeconfig is empty. Give the path of a file, or leave the option out.',
    ],
    [
      ['kubeconfig', 'use', 'x', '--kubeconfig', ''],
      '--kubeconfig is empty. Give the path of a file, or leave the option out.',
    ],
    [['kubeconfig', 'use', ''], 'Which context? Give its name; eks-whois kubeconfig list shows them.'],
    [[...CREATE, '--alias', ''], '--alias is not valid. Give one line of 1 to 200 characters.'],
    [[...CREATE, '--profile', ''], '--profile is not valid. Give one line of 1 to 200 characters.'],
    [['clusters', 'list', '--profile', 'ops', ''], '--profile is not valid. Give one line of 1 to 200 characters.'],
    [[...CREATE, '--region', ''], '--region "" is not an AWS Region. Give one like eu-west-1.'],
    [['clusters', 'list', '--region', ''], '--region "" is not an AWS Region. Give one like eu-west-1.'],
  ])('an empty text: %j', async (args, sentence) => {
    const alice = await person({ clusters: CLUSTERS });
    expect(await alice.eksWhois(args)).toEqual({ stdout: '', stderr: `eks-whois: ${sentence}\n`, status: 2 });
    expect(alice.aws.requests).toEqual([]);
  });

  test('an empty AWS_REGION counts as not set', async () => {
    const alice = await person({ clusters: CLUSTERS });
    const ended = await alice.eksWhois(CREATE, { AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-1' });
    expect(ended).toMatchObject({ stderr: '', status: 0 });
    const none = await alice.eksWhois(CREATE, { AWS_REGION: '' });
    expect(none).toEqual({
      stdout: '',
      stderr: 'eks-whois: No AWS Region is set: use --region, set AWS_REGION, or set region in the AWS profile.\n',
      status: 2,
    });
  });
});
