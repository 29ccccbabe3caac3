import { join } from 'node:path';
import { readStackTables } from './account.ts';
import { optionsByFile } from './by-file.ts';
import { type FoundFilter, findingOf, leftFilters, takeAway } from './found-filters.ts';
import { osls, ROOT, useProfile } from './osls.ts';
import { readPlan } from './plan.ts';

/** `npm run remove -- --stage prod --region eu-west-1`: the stack goes, and the filters of clusters that it found; its tables stay. */
async function remove(given: readonly string[]): Promise<number> {
  const options = await optionsByFile(given, { namesStage: false });
  if (options === undefined) return 1;
  useProfile(options);
  const packaged = await osls('package', options);
  if (packaged !== 0) return packaged;
  const plan = await readPlan(join(ROOT, '.serverless'));
  const kept = await readStackTables(plan);
  const filter = await findingOf(plan);
  const status = await osls('remove', options);
  if (status !== 0) return status;
  console.error(farewell(kept, plan.region));
  return filter === undefined ? 0 : await withoutFilters(plan.region, filter);
}

/** Answers 1 where a filter may have stayed. */
async function withoutFilters(region: string, filter: FoundFilter): Promise<number> {
  const outcomes = await takeAway(region, filter);
  const taken = outcomes.filter(({ standing }) => standing === 'unsubscribed').map(({ cluster }) => cluster);
  if (taken.length > 0) console.error(`The subscription filters of found clusters are gone: ${taken.join(', ')}.`);
  const left = leftFilters(outcomes, region, filter.name);
  for (const line of left) console.error(line);
  return left.length === 0 ? 0 : 1;
}

function farewell(tables: readonly string[], region: string): string {
  if (tables.length === 0) return 'The stack had no tables of its own.';
  const commands = tables.flatMap((table) => [
    `  aws dynamodb update-table --region ${region} --table-name ${table} --no-deletion-protection-enabled`,
    `  aws dynamodb delete-table --region ${region} --table-name ${table}`,
  ]);
  return [
    `The tables stay: ${tables.join(', ')}. A later deployment goes on with them by --param tables=existing.`,
    'To delete them, with all they hold:',
    ...commands,
  ].join('\n');
}

try {
  process.exitCode = await remove(process.argv.slice(2));
} catch (error) {
  console.error(`The account could not be asked: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
