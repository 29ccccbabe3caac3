import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Folder, runCommand } from '../builders/command.ts';
import { ANOTHER_KEY } from '../builders/company.ts';
import { type DeployedTables, startTables } from '../records/deployed-tables.ts';
import { LISTED, REQUESTED, TOKEN, TOKEN_WORLD } from '../usecases/token-world.ts';
import { delivery, reportIn } from './report.ts';

const folder = new Folder();
let tables: DeployedTables;
let files: readonly string[];

beforeAll(async () => {
  files = [
    '--audit',
    folder.file('audit.json', JSON.stringify(delivery('prod', TOKEN_WORLD.events))),
    '--cloudtrail',
    folder.file('trail.jsonl', TOKEN_WORLD.grants.map((each) => JSON.stringify(each)).join('\n')),
  ];
  tables = await startTables();
  const loaded = await tables.run(['backfill', ...files, '--state', folder.at('state.json')]);
  expect(loaded.status, loaded.errors).toBe(0);
});
afterAll(async () => {
  folder[Symbol.dispose]();
  await tables.stop();
});

describe.each([
  ['files', (words: readonly string[]) => runCommand([...words, ...files])],
  ['the service', (words: readonly string[]) => tables.run(words)],
] as const)('over %s', (_, run) => {
  it.each([REQUESTED, LISTED, TOKEN])('a report on %s has what was done with the token', async (text) => {
    const { output, errors } = await run(['incident', text, '-o', 'json']);
    expect(output, errors).not.toBe('');
    const { sections, next } = reportIn(output);
    expect(sections.map(({ session, activity }) => [session, activity?.requests])).toEqual([[ANOTHER_KEY, 3]]);
    expect(next.map(({ title }) => title).join('\n')).toMatch(/Remove the pod shop\/miner[\s\S]*Rotate the secrets/);
  });
});
