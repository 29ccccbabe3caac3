import { mkdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LocalError } from '../../local/service/local-error.ts';
import { makeTables, openToFeed, storeIn } from '../../local/service/local-tables.ts';
import { Folder } from '../builders/command.ts';

it('tables that another feed has open are reported in a sentence, and can be fed when it is done', async () => {
  using folder = new Folder();
  await makeTables(folder.path);
  const first = await openToFeed(folder.path);
  const second = await openToFeed(folder.path).catch((error: unknown) => error);
  expect(second).toBeInstanceOf(LocalError);
  expect(String(second)).toContain('another eks-whois is using it');
  await first.close();
  await (await openToFeed(folder.path)).close();
});

it('a store without the tables is reported in a sentence, and is closed', async () => {
  using folder = new Folder();
  mkdirSync(storeIn(folder.path), { recursive: true });
  await expect(openToFeed(folder.path)).rejects.toThrow(LocalError);
  await makeTables(folder.path);
});
