import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bundlesOf, removeAbandonedBundles } from '../../local/service/offline-process.ts';
import { Folder } from '../builders/command.ts';

it('a service that starts removes the bundles of killed services, and no others', async () => {
  using checkout = new Folder();
  const { pid: ended } = spawnSync(process.execPath, ['--version']);
  const bundles = (folder: string) => {
    checkout.file(`${folder}/.build/functions/api.mjs`, '');
    return checkout.at(folder);
  };
  const [abandoned, named] = [`${ended}-3000`, ended].map((name) =>
    bundles(`node_modules/.cache/eks-whois-local-${name}`),
  );
  const kept = [bundlesOf(3000), 'node_modules/.cache/other', 'node_modules/.cache/eks-whois-local-'].map(bundles);
  await removeAbandonedBundles(checkout.path);
  expect([abandoned, named].map((folder) => existsSync(folder ?? ''))).toEqual([false, false]);
  expect(kept.map((folder) => existsSync(folder))).toEqual([true, true, true]);
});

it('the first service that starts in a checkout has nothing to remove', async () => {
  using checkout = new Folder();
  await expect(removeAbandonedBundles(checkout.path)).resolves.toBeUndefined();
});
