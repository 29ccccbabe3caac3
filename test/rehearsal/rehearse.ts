import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startCloudTrail } from '../../local/cloudtrail/server.ts';
import { Folder, REPOSITORY } from '../builders/command.ts';
import { Accounts } from './accounts.ts';
import { Functions } from './functions.ts';
import { startMoto } from './moto.ts';
import { Observer } from './observer.ts';
import { FastClock, Rehearsal } from './rehearsal.ts';
import { releaseIn } from './releases.ts';
import { printStep, type Step } from './shown.ts';

/**
 * Rehearses the life of a service in an organization (`npm run rehearse`): moto has the accounts, and the functions run from the
 * zips of a release. It prints what a platform team would see, and fails if something that must hold does not.
 */
const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    accounts: { type: 'string', default: '20' },
    days: { type: 'string', default: '7' },
    /** How many times as many events as usual the poisoned account sends. */
    flood: { type: 'string', default: '100' },
    /** A folder with a release, if none should be built. */
    release: { type: 'string' },
    /** The file for the results as JSON. */
    results: { type: 'string' },
  },
});

if (values.help) {
  process.stdout.write(
    'Usage: npm run rehearse -- [--accounts 20] [--days 7] [--flood 100] [--release FOLDER] [--results FILE]\nCONTRIBUTING.md says what it needs and does.\n',
  );
  process.exit();
}

await using moto = await startMoto(process.env.EKS_WHOIS_CLOUDFORMATION || undefined);
using folder = new Folder();
const built = values.release ?? folder.at('release');
if (values.release === undefined)
  execFileSync(process.execPath, ['release/release.ts', built], { cwd: REPOSITORY, stdio: 'ignore' });
await fetch(`${moto.url}/moto-api/reset`, { method: 'POST' });

const clock = new FastClock('2026-03-02T09:00:00Z'); // a Monday
const observed = new Observer();
const accounts = new Accounts(moto.url, folder.path);
const cloudtrail = await startCloudTrail({ requestsPerSecond: Number.POSITIVE_INFINITY, now: clock.now });
const surroundings = { observed, now: clock.now, folder: folder.at('code'), cloudtrail: cloudtrail.url };
await using functions = new Functions(accounts, surroundings);
await functions.listen();
const release = releaseIn(built);
const began = Date.now();
const report = (doing: string) =>
  void process.stderr.write(`${Math.round((Date.now() - began) / 1_000)} s: ${doing}\n`);
const rehearsal = new Rehearsal(
  { accounts, functions, observed, cloudtrail, release, folder: folder.at('next'), report },
  clock,
);

const steps: Step[] = [];
try {
  step({ name: 'roll-out', ...(await rehearsal.rollOut(Number(values.accounts))) });
  for (let day = 1; day <= Number(values.days); day += 1) step({ name: 'day', day, ...(await rehearsal.day()) });
  step({ name: 'poisoned account', ...(await rehearsal.poison(Number(values.flood))) });
  step({ name: 'dark cluster', ...(await rehearsal.darken()) });
  step({ name: 'upgrade', ...(await rehearsal.upgrade()) });
  step({ name: 'leaving account', ...(await rehearsal.leave()) });
  step({ name: 'removal', ...(await rehearsal.remove()) });
} finally {
  await cloudtrail.close();
}

function step(done: Step): void {
  steps.push(done);
  process.exitCode = printStep(done) && (process.exitCode ?? 0) === 0 ? 0 : 1;
  if (values.results !== undefined) writeFileSync(values.results, JSON.stringify(steps));
}
