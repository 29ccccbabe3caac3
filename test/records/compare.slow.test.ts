import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../builders/command.ts';
import { type DeployedTables, startWithExamples } from './deployed-tables.ts';

let tables: DeployedTables;
beforeAll(async () => {
  tables = await startWithExamples();
});
afterAll(() => tables.stop());

const FILES = ['--audit', 'examples/audit', '--cloudtrail', 'examples/cloudtrail'];
const EVENING = ['--from', '2026-03-10T16:00:00Z', '--to', '2026-03-10T22:00:00Z'];

it.each([
  ['the times alone', []],
  ['one cluster', ['--cluster', 'prod']],
  ['one verb', ['--verb', 'get']],
])('--compare over a service answers as over files: %s', async (_, filter) => {
  const args = ['records', '--summary', ...EVENING, '--compare', '2026-03-10T08:00:00Z', ...filter, '-o', 'json'];
  const [files, service] = [await runCommand([...args, ...FILES]), await tables.run(args)];
  expect([files.status, service.status], service.errors).toEqual([0, 0]);
  const rows: { change: string; trait: string }[] = JSON.parse(files.output);
  expect(new Set(rows.map(({ trait }) => trait))).toEqual(new Set(['who', 'what', 'from', 'with']));
  expect(JSON.parse(service.output)).toEqual(rows);
});
