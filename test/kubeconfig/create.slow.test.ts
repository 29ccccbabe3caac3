import { lstat, mkdir, readdir, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ONE_SENTENCE, person, shown } from './running.ts';

const CLUSTERS = [
  { name: 'prod', region: 'eu-west-1', publicAccess: false, privateAccess: true, addresses: ['10.0.10.7', '10.0.2.5'] },
  { name: 'staging', region: 'eu-west-1' },
];
const AS_PROJECT = ['kubeconfig', 'create', 'prod', '--project', 'projectA', '--environment', 'qa'];

function golden(name: string): string {
  return `../golden/kubeconfig-${name}`;
}

test('a context for oneself is created if there is no kubeconfig', async () => {
  const alice = await person({ clusters: CLUSTERS });
  const ended = await alice.eksWhois(['kubeconfig', 'create', 'staging']);
  await expect(shown(ended)).toMatchFileSnapshot(golden('create-oneself.txt'));
  await expect(await alice.text('.kube/config')).toMatchFileSnapshot(golden('create-oneself.yaml'));
  expect((await stat(join(alice.home, '.kube/config'))).mode & 0o777).toBe(0o600);
  expect((await stat(join(alice.home, '.kube'))).mode & 0o777).toBe(0o700);
  expect(await readdir(join(alice.home, '.kube'))).toEqual(['config']);
});

test('a project role is assumed with a session name that identifies the person, by an AWS profile', async () => {
  const alice = await person({ clusters: CLUSTERS });
  const ended = await alice.eksWhois(AS_PROJECT);
  await expect(shown(ended)).toMatchFileSnapshot(golden('create-project.txt'));
  await expect(await alice.text('.kube/config')).toMatchFileSnapshot(golden('create-project.yaml'));
  await expect(await alice.text('.aws/config')).toMatchFileSnapshot(golden('create-project-aws-config.ini'));
});

test('role and session name are arguments of get-token if requested', async () => {
  const alice = await person({ clusters: CLUSTERS });
  const ended = await alice.eksWhois([...AS_PROJECT, '--role-in', 'arguments']);
  await expect(shown(ended)).toMatchFileSnapshot(golden('create-arguments.txt'));
  await expect(await alice.text('.kube/config')).toMatchFileSnapshot(golden('create-arguments.yaml'));
  await expect(stat(join(alice.home, '.aws/config'))).rejects.toThrow('ENOENT');
});

test('a dry run shows the diff and writes nothing', async () => {
  const alice = await person({ clusters: CLUSTERS });
  const ended = await alice.eksWhois([...AS_PROJECT, '--dry-run']);
  await expect(shown(ended)).toMatchFileSnapshot(golden('create-dry-run.txt'));
  expect(await readdir(alice.home)).toEqual([]);
});

test('existing content is left alone, byte for byte', async () => {
  const alice = await person({ clusters: CLUSTERS });
  await alice.eksWhois(AS_PROJECT);
  const before = [await alice.text('.kube/config'), await alice.text('.aws/config')];
  const ended = await alice.eksWhois(AS_PROJECT);
  expect(ended.status).toBe(0);
  expect(ended.stdout).toMatch(/^Nothing to do for the context projectA-qa@prod/);
  expect([await alice.text('.kube/config'), await alice.text('.aws/config')]).toEqual(before);
});

const OLD = `# The team's clusters. Ask #platform before you change this.
apiVersion: v1
kind: Config
preferences: {}
clusters:
- cluster:
    server: https://old.example # moved in May
    proxy-url: http://proxy.example:3128
    certificate-authority: /etc/old.pem
  name: staging
contexts:
- context: {cluster: staging, user: staging}
  name: staging
users:
- name: staging
  user:
    token: very-secret
    exec:
      apiVersion: client.authentication.k8s.io/v1alpha1
      command: aws-iam-authenticator
      args: [token, -i, staging]
      env:
      - name: HTTPS_PROXY # for the office
        value: http://proxy.example:3128
      installHint: brew install awscli
x-team: platform
current-context: staging
`;

test('a different entry is changed only with --force, and shown with --dry-run', async () => {
  const alice = await person({ clusters: CLUSTERS });
  await alice.keep('.kube/config', OLD);
  const refused = await alice.eksWhois(['kubeconfig', 'create', 'staging']);
  await expect(shown(refused)).toMatchFileSnapshot(golden('create-refused.txt'));
  const dry = await alice.eksWhois(['kubeconfig', 'create', 'staging', '--dry-run']);
  await expect(shown(dry)).toMatchFileSnapshot(golden('create-force-dry-run.txt'));
  expect(dry.stdout).not.toContain('very-secret');
  expect(await alice.text('.kube/config')).toBe(OLD);
  const forced = await alice.eksWhois(['kubeconfig', 'create', 'staging', '--force']);
  await expect(shown(forced)).toMatchFileSnapshot(golden('create-force.txt'));
  await expect(await alice.text('.kube/config')).toMatchFileSnapshot(golden('create-force.yaml'));
});

test('with several files, an entry is changed where it is, and a new one goes to the first file that exists', async () => {
  const alice = await person({ clusters: CLUSTERS });
  const first = await alice.keep('first.yaml', 'apiVersion: v1\nkind: Config\ncurrent-context: elsewhere\n');
  const second = await alice.keep('second.yaml', OLD);
  const KUBECONFIG = `${join(alice.home, 'missing.yaml')}::${first}:${second}:${first}`;
  const ended = await alice.eksWhois(['kubeconfig', 'create', 'staging', '--force'], { KUBECONFIG });
  expect(ended.stdout).toMatch(/^Updated the context staging in ~\/second\.yaml\.\n/);
  expect(await alice.text('first.yaml')).toBe('apiVersion: v1\nkind: Config\ncurrent-context: elsewhere\n');
  await alice.eksWhois(['kubeconfig', 'create', 'prod', '--use'], { KUBECONFIG });
  expect(parse(await alice.text('first.yaml'))).toMatchObject({
    clusters: [{ name: 'prod' }],
    'current-context': 'prod',
  });
  expect(parse(await alice.text('second.yaml'))).toMatchObject({ 'current-context': 'staging' });
});

test('if no file of $KUBECONFIG exists, the last one is created, as kubectl does', async () => {
  const alice = await person({ clusters: CLUSTERS });
  const KUBECONFIG = `${join(alice.home, 'a/one.yaml')}:${join(alice.home, 'b/two.yaml')}`;
  await alice.eksWhois(['kubeconfig', 'create', 'staging'], { KUBECONFIG });
  expect(parse(await alice.text('b/two.yaml'))).toMatchObject({ contexts: [{ name: 'staging' }] });
});

test('a link stays a link, and its target is written with mode 0600', async () => {
  const alice = await person({ clusters: CLUSTERS });
  await alice.keep('dotfiles/kube', OLD);
  await mkdir(join(alice.home, '.kube'));
  await symlink('../dotfiles/kube', join(alice.home, '.kube/config'));
  await alice.eksWhois(['kubeconfig', 'create', 'prod']);
  expect(await readlink(join(alice.home, '.kube/config'))).toBe('../dotfiles/kube');
  expect((await lstat(join(alice.home, 'dotfiles/kube'))).mode & 0o777).toBe(0o600);
  expect(parse(await alice.text('dotfiles/kube'))).toMatchObject({ contexts: [{ name: 'staging' }, { name: 'prod' }] });
});

test('a profile is given to aws by --profile, which has precedence over credentials in the environment', async () => {
  const alice = await person({ clusters: CLUSTERS });
  await alice.keep('.aws/credentials', '[ops]\naws_access_key_id = AKIAALICE00000000001\naws_secret_access_key = x\n');
  const ended = await alice.eksWhois(['kubeconfig', 'create', 'staging', '--profile', 'ops', '--alias', 'st']);
  await expect(shown(ended)).toMatchFileSnapshot(golden('create-profile.txt'));
  await expect(await alice.text('.kube/config')).toMatchFileSnapshot(golden('create-profile.yaml'));
  await alice.eksWhois([...AS_PROJECT, '--profile', 'ops']);
  expect(await alice.text('.aws/config')).toContain('source_profile = ops\n');
});

test('a session that identifies nobody gives no session name, unless --session-name is given', async () => {
  const callers = { AKIAALICE00000000001: 'arn:aws:sts::111122223333:assumed-role/ci/botocore-session-1700000000' };
  const one = await person({ clusters: CLUSTERS, callers });
  await expect(shown(await one.eksWhois(AS_PROJECT))).toMatchFileSnapshot(golden('create-unnamed.txt'));
  expect(await readdir(one.home)).toEqual([]);
  expect((await one.eksWhois([...AS_PROJECT, '--session-name', 'dave'])).status).toBe(0);
  expect(await one.text('.aws/config')).toContain('role_session_name = dave\n');
});

test('the context is created even if the addresses of a private endpoint may not be read', async () => {
  const alice = await person({ clusters: CLUSTERS });
  alice.aws.addFault({ operation: 'DescribeNetworkInterfaces', kind: 'denied' });
  await expect(shown(await alice.eksWhois(['kubeconfig', 'create', 'prod']))).toMatchFileSnapshot(
    golden('create-no-addresses.txt'),
  );
});

test('addresses on later pages are found', async () => {
  const alice = await person({ clusters: CLUSTERS, pageSize: 1 });
  const { stdout } = await alice.eksWhois(['kubeconfig', 'create', 'prod']);
  expect(stdout).toMatch(/\n10\.0\.2\.5 \S+\n# 10\.0\.10\.7 \S+\n$/);
});

test('a change by another program is waited for, and not lost', async () => {
  const alice = await person({ clusters: CLUSTERS });
  const lock = await alice.keep('.kube/config.lock', '');
  const refused = await alice.eksWhois(['kubeconfig', 'create', 'staging']);
  expect(refused).toMatchObject({ status: 1, stdout: '' });
  expect(refused.stderr).toBe(
    'eks-whois: ~/.kube/config is being changed by another program, because ~/.kube/config.lock exists: try again, or delete that file if no such program is running.\n',
  );
  await writeFile(lock, '');
  expect(await readdir(join(alice.home, '.kube'))).toEqual(['config.lock']);
});

const KEYS = 'aws_access_key_id = AKIAALICE00000000001\naws_secret_access_key = x\n';
const NO_KEYS = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
const AS_ADMIN = ['kubeconfig', 'create', 'staging', '--role-arn', 'arn:aws:iam::111122223333:role/admin', '--alias'];

test.each([
  [
    'that --profile names',
    [...AS_ADMIN, 'ops', '--profile', 'ops'],
    NO_KEYS,
    'The profile ops cannot take the role: it is the AWS profile that you sign in with',
  ],
  [
    'of AWS_PROFILE',
    [...AS_ADMIN, 'ops'],
    { ...NO_KEYS, AWS_PROFILE: 'ops' },
    'The profile ops cannot take the role: it is the AWS profile that you sign in with',
  ],
  [
    'of AWS_DEFAULT_PROFILE',
    [...AS_ADMIN, 'x'],
    { AWS_DEFAULT_PROFILE: 'x' },
    'The profile x cannot take the role: it is the AWS profile that you sign in with',
  ],
  [
    'that counts where none is named',
    [...AS_ADMIN, 'default'],
    NO_KEYS,
    'The profile default cannot take the role: it is the AWS profile that programs use by default',
  ],
  [
    'default, whoever signs in',
    [...AS_ADMIN, 'default', '--profile', 'ops'],
    NO_KEYS,
    'The profile default cannot take the role: it is the AWS profile that programs use by default',
  ],
  [
    'of the credentials file',
    [...AS_ADMIN, 'dev'],
    {},
    'The profile dev cannot take the role: it is an AWS profile with credentials of its own in ~/keys',
  ],
])('the profile %s is not made over to the role, even with --force', async (_, args, environment, reason) => {
  const alice = await person({ clusters: CLUSTERS });
  const AWS_SHARED_CREDENTIALS_FILE = await alice.keep('keys', `[ops]\n${KEYS}[default]\n${KEYS}[dev]\n${KEYS}`);
  for (const force of [[], ['--force'], ['--dry-run']]) {
    const refused = await alice.eksWhois([...args, ...force], { ...environment, AWS_SHARED_CREDENTIALS_FILE });
    expect(refused).toMatchObject({ stdout: '', status: 1 });
    expect(refused.stderr).toMatch(ONE_SENTENCE);
    expect(refused.stderr).toContain(`eks-whois: ${reason}`);
  }
  expect(await readdir(alice.home)).toEqual(['keys']);
});

test('with the role as arguments no profile is written, so the context may have the name of one', async () => {
  const alice = await person({ clusters: CLUSTERS });
  await alice.keep('.aws/credentials', `[ops]\n${KEYS}`);
  const ended = await alice.eksWhois([...AS_ADMIN, 'ops', '--profile', 'ops', '--role-in', 'arguments'], NO_KEYS);
  expect(ended).toMatchObject({ stderr: '', status: 0 });
});
