import { join } from 'node:path';
import { readAccount } from './account.ts';
import { describeChanges } from './kept-parameters.ts';
import { osls, ROOT, useProfile } from './osls.ts';
import { readPlan } from './plan.ts';
import { ALLOW_REMOVALS, changesOf, findingsOf } from './preflight.ts';

/** `npm run deploy -- --stage prod --region eu-west-1 --param clusters=prod-1`: package, look ahead, deploy that package. */
async function deploy(given: readonly string[]): Promise<number> {
  const options = given.filter((option) => option !== ALLOW_REMOVALS);
  useProfile(options);
  const packaged = await osls('package', options);
  if (packaged !== 0) return packaged;
  const plan = await readPlan(join(ROOT, '.serverless'));
  const account = await readAccount(plan);
  console.error(describeChanges(changesOf(plan, account.stackParameters ?? {})));
  const findings = findingsOf(plan, account, { mayRemove: given.includes(ALLOW_REMOVALS) });
  for (const { weight, text } of findings) console.error(`${weight === 'stop' ? '✖' : '!'} ${text}`);
  if (findings.some(({ weight }) => weight === 'stop')) return 1;
  return osls('deploy', ['--package', '.serverless', '--verbose', ...options]);
}

try {
  process.exitCode = await deploy(process.argv.slice(2));
} catch (error) {
  console.error(
    `The account could not be asked before the deployment: ${error instanceof Error ? error.message : error}. Sign in, or name a profile: --aws-profile NAME.`,
  );
  process.exitCode = 1;
}
