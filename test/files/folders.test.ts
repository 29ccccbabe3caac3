import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolders } from '../../lib/adapters/files/folders.ts';

describe('folders', () => {
  let here: string;

  beforeAll(async () => {
    here = await mkdtemp(join(tmpdir(), 'eks-whois-folders-'));
  });

  afterAll(() => rm(here, { recursive: true }));

  it('are created with their parents, also by two at once, and a second time', async () => {
    const folder = join(here, 'a/b/c');
    await Promise.all([makeFolders(folder, 0o700), makeFolders(folder, 0o700)]);
    await makeFolders(folder);
    for (const each of ['a', 'a/b', 'a/b/c']) expect((await stat(join(here, each))).mode & 0o777).toBe(0o700);
  });

  it('are an error below a file', async () => {
    const file = join(here, 'file');
    await writeFile(file, '');
    await expect(makeFolders(join(file, 'below/it'))).rejects.toThrow('ENOTDIR');
  });

  it.runIf(process.platform === 'linux')('are an error soon below a folder that cannot be written', async () => {
    await expect(makeFolders('/proc/eks-whois/data')).rejects.toThrow('ENOENT');
  });
});
