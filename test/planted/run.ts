import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { isJsonObject, listAt, parseJson, textAt } from '../../lib/json.ts';
import { applyPatch, outdated, type Patch, ROOT, readPatches } from './patches.ts';

/**
 * Plants each bug of this folder into a copy of the checkout, runs the tests that should catch it, and says which one did
 * (`npm run planted`). Fails where none did, or where a patch no longer applies.
 */
const USAGE = `Usage: npm run planted [-- [--all] [NAME…]]

Plants each bug of test/planted, or those named, into a copy of this checkout, and says which test catches it.
  --all   run all of "npm test" for each, instead of the test files that its patch names`;

/** Top-level folders that are no part of the code. */
const LEFT_OUT = new Set([
  '.git',
  'node_modules',
  'artifacts',
  'dist',
  'coverage',
  '.esbuild',
  '.serverless',
  '.eks-whois',
]);
/** Copies of the checkout. Each has one bug at a time. */
const COPIES = 2;
/** In milliseconds: a bug may keep a test from ending. */
const LONGEST = 600_000;
/** Tests that are named for each bug. */
const MOST_NAMED = 3;

/** Matches the failure of an expectation, also by `rejects` and fast-check. A time-out or another fault does not match. */
const IS_ASSERTION = /^(?:AssertionError|Error: (?:Property failed|promise (?:resolved|rejected) ))/;

/** The result of a run of tests. */
interface TestRun {
  /** Tests that failed by an assertion, each with its file. */
  readonly failed: readonly string[];
  /** Why tests did not run as they should; a bug that only keeps them from starting shows nothing. */
  readonly trouble?: string | undefined;
}

class Copy {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'eks-whois-planted-')));

  constructor() {
    const isCode = (path: string) => !LEFT_OUT.has(relative(ROOT, path));
    cpSync(ROOT, this.folder, { recursive: true, filter: isCode });
    symlinkSync(realpathSync(join(ROOT, 'node_modules')), join(this.folder, 'node_modules'));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs these test files, or without any all of `npm test`: to the first failure, and to the end where that one shows nothing. */
  async test(files: readonly string[], workers = 1): Promise<TestRun> {
    const first = await this.#run(files, workers, ['--bail=1']);
    return first.failed.length === 0 && first.trouble !== undefined ? this.#run(files, workers, []) : first;
  }

  async #run(files: readonly string[], workers: number, how: readonly string[]): Promise<TestRun> {
    const report = join(this.folder, 'planted-report.json');
    rmSync(report, { force: true });
    const few = files.length === 0 ? ['--exclude=test/planted/**'] : [`--maxWorkers=${workers}`]; // a patch does not apply twice
    const args = ['run', '--reporter=json', `--outputFile=${report}`, ...how, ...few, ...files];
    const said = await this.#vitest(args);
    const answer = parseJson(read(report));
    if (!answer.ok || !isJsonObject(answer.value))
      return { failed: [], trouble: `The tests did not end. ${said}`.trim() };
    const results = (listAt(answer.value, 'testResults') ?? []).filter(isJsonObject);
    const tests = results.flatMap((result) => {
      const file = relative(this.folder, textAt(result, 'name') ?? '');
      const failed = (listAt(result, 'assertionResults') ?? [])
        .filter(isJsonObject)
        .filter((test) => textAt(test, 'status') === 'failed');
      return failed.map((test) => ({
        name: `${file}: ${textAt(test, 'fullName')}`,
        why: (listAt(test, 'failureMessages') ?? []).join('; '),
      }));
    });
    const failed = tests.filter(({ why }) => IS_ASSERTION.test(why)).map(({ name }) => name);
    if (failed.length > 0) return { failed };
    const [other] = tests;
    const broken = results.find((result) => textAt(result, 'status') === 'failed');
    if (other !== undefined) return { failed, trouble: `${other.name}: ${other.why}` };
    return { failed, trouble: broken && `A test file does not start: ${textAt(broken, 'message')}` };
  }

  /** Returns the last lines that it wrote. */
  #vitest(args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(this.folder, 'node_modules/vitest/vitest.mjs'), ...args], {
        cwd: this.folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: LONGEST,
      });
      let said = '';
      const hear = (chunk: Buffer) => {
        said = `${said}${chunk}`.slice(-2_000);
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.on('error', reject);
      child.on('close', () => resolve(said));
    });
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Returns what is wrong with the patch, or with the tests. If a test caught the bug, prints that and returns undefined. */
async function plant(patch: Patch, copy: Copy, isAll: boolean): Promise<string | undefined> {
  const reason = applyPatch(patch, copy.folder);
  if (reason !== undefined) return outdated(patch, reason);
  const { failed, trouble } = await copy.test(isAll ? [] : patch.tests);
  const left = applyPatch(patch, copy.folder, '--reverse');
  if (left !== undefined) throw new Error(`The planted bug cannot be taken out of the copy again: ${left}`);
  const planted = `${patch.name}: ${patch.bug}`;
  if (failed.length > 0) {
    const more = failed.length > MOST_NAMED ? [`… and ${failed.length - MOST_NAMED} more`] : [];
    console.log([planted, ...failed.slice(0, MOST_NAMED), ...more].join('\n  caught by '));
    return undefined;
  }
  const ran = isAll ? 'npm test' : patch.tests.join(', ');
  const todo =
    trouble ?? `No test of ${ran} catches it. Write one that does: it fails with the bug and passes without.`;
  return `${planted}\n  ${todo}`;
}

async function plantEach(patches: readonly Patch[], copies: readonly Copy[], isAll: boolean): Promise<string[]> {
  const queue = [...patches];
  const flaws: string[] = [];
  const work = async (copy: Copy) => {
    for (let patch = queue.shift(); patch !== undefined; patch = queue.shift()) {
      const flaw = await plant(patch, copy, isAll);
      if (flaw === undefined) continue;
      flaws.push(flaw);
      console.log(`NOT CAUGHT ${flaw}`);
    }
  };
  await Promise.all(copies.map(work));
  return flaws;
}

/** The patches of these names, or all. */
function chosen(names: readonly string[]): readonly Patch[] | string {
  const patches = readPatches();
  const unknown = names.find((name) => patches.every((patch) => patch.name !== name));
  if (unknown !== undefined) {
    return `There is no planted bug ${JSON.stringify(unknown)}. There are:\n  ${patches.map(({ name }) => name).join('\n  ')}`;
  }
  return names.length === 0 ? patches : patches.filter(({ name }) => names.includes(name));
}

/** Returns the status to exit with. */
async function run(patches: readonly Patch[], isAll: boolean): Promise<number> {
  const copies = Array.from({ length: isAll ? 1 : COPIES }, () => new Copy());
  try {
    const [first] = copies;
    const files = isAll ? [] : [...new Set(patches.flatMap(({ tests }) => tests))];
    const sound = await first?.test(files, COPIES); // the other copies wait for it
    const flaw = sound?.trouble ?? sound?.failed[0];
    if (flaw !== undefined) {
      console.log(`The tests fail without any planted bug. Mend them first:\n  ${flaw}`);
      return 1;
    }
    const flaws = await plantEach(patches, copies, isAll);
    console.log(`${patches.length - flaws.length} of ${patches.length} planted bugs are caught`);
    return flaws.length === 0 ? 0 : 1;
  } finally {
    for (const copy of copies) copy.remove();
  }
}

const { values, positionals } = parseArgs({
  options: { all: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const patches = chosen(positionals);
if (values.help) console.log(USAGE);
else if (typeof patches === 'string') {
  console.error(patches);
  process.exitCode = 1;
} else process.exitCode = await run(patches, values.all);
