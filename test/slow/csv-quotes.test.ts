import { afterEach, beforeEach, expect, it } from 'vitest';
import { attributeFiles, Folder } from '../builders/command.ts';
import { good } from '../files/good.ts';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder[Symbol.dispose]());

/** Processor time, in microseconds, whatever else the machine does. */
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
  const [half, whole] = [await costOf(10_000), await costOf(20_000)];
  expect(whole / half).toBeLessThan(3); // were each row tried from the quote on, it would be 4
});
