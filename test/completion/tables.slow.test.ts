import { expect, it } from 'vitest';
import { Folder } from '../builders/command.ts';
import { loadExamples, startTables } from '../records/deployed-tables.ts';

it('names that a shell offers are found in the deployed tables, too', async () => {
  using folder = new Folder();
  const tables = await startTables();
  await loadExamples(tables, folder.at('state.json'));
  const known = await tables.run(['known', 'actors', '-o', 'jsonl']);
  const asked = await tables.run(['completion', 'values', 'actors', '', 'eks-whois']);
  await tables.stop();
  const names = known.output.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).name]));
  expect(names.length, known.output + known.errors).toBeGreaterThan(0);
  expect(asked).toMatchObject({ errors: '', status: 0 });
  expect(asked.output.trim().split('\n')).toEqual([...new Set(names)]);
});
