import { join } from 'node:path';
import { readStackTables } from './account.ts';
import { optionsByFile } from './by-file.ts';
import { leftFilters, readFilter, tablesLeft } from './left-filters.ts';
import { osls, ROOT, useProfile } from './osls.ts';
import { readPlan } from './plan.ts';

/**
 * Runs `npm run remove -- --stage prod --region eu-west-1`. Deletes the stack, which unsubscribes the clusters that it
 * found, and lists what stays. The tables stay.
 */
async function remove(given: readonly string[]): Promise<number> {
  const options = await optionsByFile(given, { namesStage: false });
  if (options === undefined) return 1;
  useProfile(options);
  const packaged = await osls('package', options);
  if (packaged !== 0) return packaged;
  const plan = await readPlan(join(ROOT, '.serverless'));
  const kept = await readStackTables(plan);
  const filter = await readFilter(plan);
  const status = await osls('remove', options);
  if (status !== 0) return status;
  console.error(tablesLeft(plan.region, kept));
  const left = await leftFilters(plan.region, filter);
  for (const line of left) console.error(line);
  return left.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await remove(process.argv.slice(2));
} catch (error) {
  console.error(
    `The account could not be read: ${error instanceof Error ? error.message : error}. Sign in, or choose a profile with --aws-profile NAME, and try again.`,
  );
  process.exitCode = 1;
}
