import { chmod, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chosenName } from '../../cli/kubeconfig/use.ts';
import { person, shown } from './running.ts';

const HOME = `# mine
apiVersion: v1
kind: Config
clusters:
- {name: prod, cluster: {server: "https://prod.example"}}
contexts:
- name: "evil\\u001b[31m"
  context: {cluster: prod, user: nobody}
- name: shared
  context: {cluster: prod, user: shared, namespace: web}
- name: by-profile
  context: {cluster: prod, user: by-profile}
users:
- name: shared
  user:
    exec: {command: aws, args: [eks, get-token, --cluster-name, prod, --role-arn, "arn:aws:iam::111122223333:role/people/ops"]}
- name: by-profile
  user:
    exec: {command: /usr/local/bin/aws, args: [--profile=dev, eks, get-token, --cluster-name, prod]}
`;
const TEAM = `current-context: mine
clusters:
- {name: prod, cluster: {server: "https://never.example"}}
contexts:
- {name: shared, context: {cluster: never, user: never}}
- {name: mine, context: &mine {cluster: prod, user: mine}}
- {name: named, context: {<<: *mine, user: named}}
- {name: old, context: {cluster: prod, user: old}}
- {name: certificate, context: {cluster: prod, user: certificate}}
users:
- {name: mine, user: {exec: {command: aws, args: [eks, get-token, --cluster-name, prod]}}}
- {name: named, user: {exec: {command: aws, args: [eks, get-token, --role-arn, "arn:aws:iam::111122223333:role/ops", --session-name, alice]}}}
- {name: old, user: {exec: {command: aws-iam-authenticator, args: [token, -i, prod]}}}
- {name: certificate, user: {client-certificate-data: AAAA, client-key-data: BBBB}}
`;

async function alice() {
  const one = await person();
  const paths = [
    await one.keep('.kube/config', HOME),
    join(one.home, 'missing.yaml'),
    await one.keep('team.yaml', TEAM),
  ];
  await one.keep('.aws/config', '[profile dev]\nrole_arn = arn:aws:iam::111122223333:role/dev\n');
  return { ...one, KUBECONFIG: paths.join(':') };
}

test('contexts of several files are listed as kubectl merges them, with the identity of each', async () => {
  const { eksWhois, KUBECONFIG } = await alice();
  await expect(shown(await eksWhois(['kubeconfig', 'list'], { KUBECONFIG }))).toMatchFileSnapshot(
    '../golden/kubeconfig-list.txt',
  );
  await expect(shown(await eksWhois(['kubeconfig', 'list', '--format', 'jsonl'], { KUBECONFIG }))).toMatchFileSnapshot(
    '../golden/kubeconfig-list.jsonl',
  );
  await expect(shown(await eksWhois(['kubeconfig', 'list', '--format', 'names'], { KUBECONFIG }))).toMatchFileSnapshot(
    '../golden/kubeconfig-list-names.txt',
  );
});

test('a missing kubeconfig is reported, and is no failure', async () => {
  const { eksWhois } = await person();
  expect(await eksWhois(['kubeconfig', 'list'], { KUBECONFIG: '' })).toEqual({
    stdout: '',
    stderr: 'eks-whois: There is no context in ~/.kube/config. Create one with eks-whois kubeconfig create.\n',
    status: 0,
  });
});

test('--kubeconfig is the only file that is read, whatever $KUBECONFIG says', async () => {
  const { eksWhois, KUBECONFIG } = await alice();
  const ended = await eksWhois(['kubeconfig', 'list', '--format', 'names', '--kubeconfig', 'team.yaml'], {
    KUBECONFIG,
  });
  expect(ended.stdout).toBe('certificate\nmine\nnamed\nold\nshared\n');
});

test('a context becomes the current one in the first file that exists, and its comments stay', async () => {
  const { eksWhois, KUBECONFIG, text, home } = await alice();
  await chmod(join(home, '.kube/config'), 0o644);
  const dry = await eksWhois(['kubeconfig', 'use', 'shared', '--dry-run'], { KUBECONFIG });
  await expect(shown(dry)).toMatchFileSnapshot('../golden/kubeconfig-use-dry-run.txt');
  expect(await text('.kube/config')).toBe(HOME);
  const ended = await eksWhois(['kubeconfig', 'use', 'shared'], { KUBECONFIG });
  expect(ended).toEqual({ stdout: 'shared is now the current context.\n', stderr: '', status: 0 });
  expect(await text('.kube/config')).toMatch(/^# mine\n[\s\S]*\ncurrent-context: shared\n$/);
  expect((await stat(join(home, '.kube/config'))).mode & 0o777).toBe(0o600);
  expect(await text('team.yaml')).toBe(TEAM);
  const again = await eksWhois(['kubeconfig', 'use', 'shared'], { KUBECONFIG });
  expect(again.stdout).toBe('shared is already the current context.\n');
});

test('an unknown context changes nothing, and similar names are shown', async () => {
  const { eksWhois, KUBECONFIG, text } = await alice();
  expect(await eksWhois(['kubeconfig', 'use', 'profile'], { KUBECONFIG })).toEqual({
    stdout: '',
    stderr: 'eks-whois: There is no context profile in ~/.kube/config, ~/team.yaml. Did you mean by-profile?\n',
    status: 1,
  });
  const mistyped = await eksWhois(['kubeconfig', 'use', 'shraed'], { KUBECONFIG });
  expect(mistyped.stderr).toContain('Did you mean shared?');
  expect(await text('.kube/config')).toBe(HOME);
});

test('an unknown context of a file that is missing names this file', async () => {
  const { eksWhois } = await alice();
  const { stderr, status } = await eksWhois(['kubeconfig', 'use', 'x', '--kubeconfig', 'none.yaml']);
  expect(stderr).toMatch(
    /^eks-whois: There is no context x in .*none\.yaml, which is missing or empty\. Create one with eks-whois kubeconfig create\./,
  );
  expect(status).toBe(1);
});

test('without a name and without a terminal it is wrong usage', async () => {
  const { eksWhois } = await alice();
  expect(await eksWhois(['kubeconfig', 'use'])).toEqual({
    stdout: '',
    stderr: 'eks-whois: Which context? Give its name; eks-whois kubeconfig list shows them.\n',
    status: 2,
  });
});

test('an answer is a number of the list or a name; a name that is a number is a name', () => {
  expect(chosenName(['a', 'b'], ' 2 ')).toBe('b');
  expect(chosenName(['a', 'b'], 'a')).toBe('a');
  expect(chosenName(['a', '1'], '1')).toBe('1');
  expect(chosenName(['a', 'b'], '3')).toBe('3');
  expect(() => chosenName(['a'], '\n')).toThrow('No context was chosen');
});
