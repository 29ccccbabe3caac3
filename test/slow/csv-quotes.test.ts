import { afterEach, beforeEach, expect, it } from 'vitest';
import { attributeFiles, Folder } from '../builders/command.ts';
import { good } from '../files/good.ts';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder[Symbol.dispose]());

const TRIES = 3;

/** The least of some tries: collecting garbage, and neighbours in the caches, only add to it. */
async function leastOf(rows: number): Promise<number> {
  const costs: number[] = [];
  for (let each = 0; each < TRIES; each += 1) costs.push(await costOf(rows));
  return Math.min(...costs);
}

/** Processor time, in microseconds. */
async function costOf(rows: number): Promise<number> {
  const pad = { requestObject: { data: 'x'.repeat(1_000) } };
  const lines = Array.from({ length: rows }, (_, at) => `x,"${good(`a${at}`, pad).replaceAll('"', '""')}"`);
  const audit = folder.file('audit.csv', ['@timestamp,@message', 'x,"', ...lines].join('\n'));
  const before = process.cpuUsage();
  const { records } = await attributeFiles(folder, { audit: [audit] });
  const { user } = process.cpuUsage(before);
  expect(records).toHaveLength(rows);
  return user;
}

it('twice as many rows behind a quote that nothing closes are twice the work', async () => {
  await costOf(1_000); // the first time everything is slower
  const [half, whole] = [await leastOf(6_000), await leastOf(12_000)];
  expect(whole / half).toBeLessThan(3); // were each row tried from the quote on, it would be 4
});
