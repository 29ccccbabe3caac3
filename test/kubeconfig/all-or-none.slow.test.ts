import { spawnSync } from 'node:child_process';
import { chmod, chown, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canBePlain, isRoot, type Person, PROGRAM, person } from './running.ts';

const CLUSTERS = [{ name: 'prod', region: 'eu-west-1' }];
const AS_PROJECT = ['kubeconfig', 'create', 'prod', '--project', 'projectA', '--environment', 'qa'];
const ENTRY = '# mine\napiVersion: v1\nkind: Config\n';
const PROFILE = '# mine\n[profile ops]\nregion = eu-west-1\n';

/** Mounts of its own, which go with the process. */
const CAN_MOUNT = spawnSync('unshare', ['-rm', process.execPath, PROGRAM, '--version']).status === 0;

/** Runs the command where ~/.kube/config is a bind mount of ~/host/kube, as in a development container. */
function inContainer({ outside }: Person, args: readonly string[], options = '') {
  const script = `mount --bind host/kube .kube/config && ${options || 'true'} && exec "$@"`;
  return outside('unshare', ['-rm', 'sh', '-c', script, 'sh', process.execPath, PROGRAM, ...args]);
}

test.skipIf(!CAN_MOUNT)('a kubeconfig that is mounted is written in place, and keeps its mode', async () => {
  const alice = await person({ clusters: CLUSTERS });
  await alice.keep('.kube/config', '');
  const file = await alice.keep('host/kube', ENTRY);
  await chmod(file, 0o640);
  expect(await inContainer(alice, AS_PROJECT)).toMatchObject({ stderr: '', status: 0 });
  expect(await alice.text('host/kube')).toMatch(/^# mine\n[\s\S]*\ncurrent-context: projectA-qa@prod\n/);
  expect((await stat(file)).mode & 0o777).toBe(0o640);
  expect(await alice.text('.aws/config')).toContain('[profile projectA-qa@prod]\n');
  expect(await inContainer(alice, ['kubeconfig', 'use', 'projectA-qa@prod'])).toMatchObject({ status: 0 });
  expect(await readdir(join(alice.home, '.kube'))).toEqual(['config']);
});

test.skipIf(!CAN_MOUNT)(
  'a kubeconfig that is mounted for reading keeps what is beside it from being written',
  async () => {
    const alice = await person({ clusters: CLUSTERS });
    await alice.keep('.kube/config', '');
    await alice.keep('host/kube', ENTRY);
    const ended = await inContainer(alice, AS_PROJECT, 'mount -o remount,ro,bind .kube/config');
    expect(ended.stderr).toBe(
      'eks-whois: ~/.kube/config is on a read-only disk: nothing was changed. Fix this, or name another file.\n',
    );
    await expect(stat(join(alice.home, '.aws/config'))).rejects.toThrow('ENOENT');
  },
);

const NOBODY = 65_534;

/** In a folder with the sticky bit, a file of another's may be written but not replaced (unlink(2), EPERM). */
test.skipIf(!isRoot() || !canBePlain()).each([
  ['is put back as it was', PROFILE],
  ['is taken away where there was none', undefined],
])('where the kubeconfig cannot be replaced, the AWS profile %s', async (_, before) => {
  const alice = await person({ clusters: CLUSTERS }, { plain: true });
  await mkdir(join(alice.home, '.aws'));
  if (before !== undefined) {
    const config = await alice.keep('.aws/config', before);
    await chmod(config, 0o640);
  }
  const kubeconfig = await alice.keep('.kube/config', ENTRY);
  await chmod(kubeconfig, 0o666);
  await chmod(join(alice.home, '.kube'), 0o1777);
  for (const path of [kubeconfig, join(alice.home, '.kube')]) await chown(path, NOBODY, NOBODY);
  expect(await alice.eksWhois(AS_PROJECT)).toEqual({
    stdout: '',
    stderr:
      'eks-whois: ~/.kube/config cannot be written by this user: nothing was changed. Fix this, or name another file.\n',
    status: 1,
  });
  expect(await alice.text('.kube/config')).toBe(ENTRY);
  expect(await readdir(join(alice.home, '.kube'))).toEqual(['config']);
  expect(await readdir(join(alice.home, '.aws'))).toEqual(before === undefined ? [] : ['config']);
  if (before !== undefined) {
    expect(await alice.text('.aws/config')).toBe(before);
    expect((await stat(join(alice.home, '.aws/config'))).mode & 0o777).toBe(0o640);
  }
});
