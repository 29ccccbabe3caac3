import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { packaged } from './packaged.ts';

it('packaging leaves nothing in the temporary folder', async () => {
  const { temporary, remove } = await packaged([]);
  expect(await readdir(temporary)).toEqual([]);
  await remove();
});
