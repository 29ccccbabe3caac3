import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAccount } from './account.ts';
import { optionsByFile } from './by-file.ts';
import { describeChanges } from './kept-parameters.ts';
import { osls, ROOT, useProfile } from './osls.ts';
import { readPlan } from './plan.ts';
import { ALLOW_REMOVALS, changesOf, findingsOf } from './preflight.ts';
import { liftProtection } from './protection.ts';

const PACKAGE = join(ROOT, '.serverless');

/**
 * Runs `npm run deploy -- --stage prod --region eu-west-1 --param clusters=prod-1`: packages, checks the account, and
 * deploys that package.
 */
async function deploy(given: readonly string[]): Promise<number> {
  const options = await optionsByFile(given.filter((option) => option !== ALLOW_REMOVALS));
  if (options === undefined) return 1;
  useProfile(options);
  const packaged = await osls('package', options);
  if (packaged !== 0) return packaged;
  const plan = await readPlan(PACKAGE);
  const account = await readAccount(plan);
  const { stackParameters } = account;
  if (stackParameters !== undefined) console.error(describeChanges(changesOf(plan, stackParameters)));
  const findings = findingsOf(plan, account, { mayRemove: given.includes(ALLOW_REMOVALS) });
  for (const { weight, text } of findings) console.error(`${weight === 'stop' ? '✖' : '!'} ${text}`);
  if (findings.some(({ weight }) => weight === 'stop')) return 1;
  const isMakingTables = plan.tables.some(({ name }) => !account.stackTables.includes(name));
  return isMakingTables ? deployInTwo(options) : deployPackage(options);
}

function deployPackage(options: readonly string[]): Promise<number> {
  return osls('deploy', ['--package', '.serverless', '--verbose', ...options]);
}

/**
 * Deploys the tables without deletion protection first, then again with it. If the first deployment fails,
 * CloudFormation can delete the tables, and the command can be repeated. The package is copied, because osls deletes it
 * after a deployment.
 */
async function deployInTwo(options: readonly string[]): Promise<number> {
  const copy = await mkdtemp(join(tmpdir(), 'eks-whois-package-'));
  try {
    await cp(PACKAGE, copy, { recursive: true });
    await liftProtection(PACKAGE);
    const made = await deployPackage(options);
    if (made !== 0) return made;
    console.error('All resources are created. Protecting the tables from deletion.');
    await cp(copy, PACKAGE, { recursive: true });
    return await deployPackage(options);
  } finally {
    await rm(copy, { recursive: true });
  }
}

try {
  process.exitCode = await deploy(process.argv.slice(2));
} catch (error) {
  console.error(
    `The account could not be checked before the deployment: ${error instanceof Error ? error.message : error}. Sign in, or choose a profile with --aws-profile NAME.`,
  );
  process.exitCode = 1;
}
