import { expect, it } from 'vitest';
import { startWithExamples } from '../records/deployed-tables.ts';

it('names that a shell offers are found in the deployed tables, too', async () => {
  const tables = await startWithExamples();
  const known = await tables.run(['known', 'actors', '-o', 'jsonl']);
  const asked = await tables.run(['completion', 'values', 'actors', '', 'eks-whois']);
  await tables.stop();
  const names = known.output.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).name]));
  expect(names.length, known.output + known.errors).toBeGreaterThan(0);
  expect(asked).toMatchObject({ errors: '', status: 0 });
  expect(asked.output.trim().split('\n')).toEqual([...new Set(names)]);
});
