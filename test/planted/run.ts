import { type ChildProcess, fork } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import type { ChosenTests, TestResults } from './copy-tests.ts';
import { applyPatch, outdated, type Patch, ROOT, readPatches } from './patches.ts';

/**
 * Plants each bug of this folder into a copy of the checkout, runs the tests that should catch it, and says which one did
 * (`npm run planted`). Fails where none did, or where a patch no longer applies.
 */
const USAGE = `Usage: npm run planted [-- [--all] [NAME…]]

Plants each bug of test/planted, or those named, into a copy of this checkout, and says which test catches it.
  --all   run all of "npm test" for each, instead of the test that its patch names and, if that passes, its file`;

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

/** What to run; without names, all tests of the files. */
type WantedTests = Pick<ChosenTests, 'files' | 'workers'> & Partial<Pick<ChosenTests, 'names'>>;

class Copy {
  /** Runs the tests of the copy, as long as it answers. */
  #tests: ChildProcess | undefined;
  /** Files that changed since the tests ran. */
  readonly #changed = new Set<string>();
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'eks-whois-planted-')));

  constructor() {
    const isCode = (path: string) => !LEFT_OUT.has(relative(ROOT, path));
    cpSync(ROOT, this.folder, { recursive: true, filter: isCode });
    symlinkSync(realpathSync(join(ROOT, 'node_modules')), join(this.folder, 'node_modules'));
  }

  remove(): void {
    this.#stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Applies the patch, or undoes it. Returns what git says against it. */
  apply(patch: Patch, ...how: readonly '--reverse'[]): string | undefined {
    for (const file of patch.changes) this.#changed.add(file);
    return applyPatch(patch, this.folder, ...how);
  }

  /** Runs these tests: to the first failure, and to the end where that one shows nothing. */
  async test(wanted: WantedTests): Promise<TestRun> {
    const first = await this.#run(wanted, true);
    return first.failed.length === 0 && first.trouble !== undefined ? this.#run(wanted, false) : first;
  }

  async #run(wanted: WantedTests, isBrief: boolean): Promise<TestRun> {
    const changed = [...this.#changed];
    this.#changed.clear();
    const answer = await this.#ask({ names: [], ...wanted, isBrief, changed });
    if (answer === undefined) return { failed: [], trouble: 'The tests did not end.' };
    const failed = answer.failed.filter(({ why }) => IS_ASSERTION.test(why)).map(({ name }) => name);
    if (failed.length > 0) return { failed };
    const [other] = answer.failed;
    if (other !== undefined) return { failed, trouble: `${other.name}: ${other.why}` };
    return { failed, trouble: answer.broken && `A test file does not start: ${answer.broken}` };
  }

  /** Returns undefined if the tests do not end. */
  #ask(wanted: ChosenTests): Promise<TestResults | undefined> {
    this.#tests ??= fork(join(this.folder, 'test/planted/copy-tests.ts'), { cwd: this.folder, stdio: 'ignore' });
    const tests = this.#tests;
    return new Promise((resolve) => {
      const end = (answer?: TestResults) => {
        clearTimeout(timer);
        tests.removeAllListeners();
        if (answer === undefined) this.#stop();
        resolve(answer);
      };
      const timer = setTimeout(end, LONGEST);
      tests.once('message', (answer) => end(answer as TestResults)); // `copy-tests.ts` sends nothing else
      tests.once('exit', () => end());
      tests.once('error', () => end());
      tests.send(wanted);
    });
  }

  #stop(): void {
    this.#tests?.kill('SIGKILL');
    this.#tests = undefined;
  }
}

/** Runs the test that the patch names, and all of its file if that one does not fail: it may have another name by now. */
async function testsOf({ file, test }: Patch, copy: Copy, isAll: boolean): Promise<TestRun> {
  if (isAll) return copy.test({ files: [] });
  const named = await copy.test({ files: [file], names: [test], workers: 1 });
  return named.failed.length > 0 ? named : copy.test({ files: [file], workers: 1 });
}

/** Returns what is wrong with the patch, or with the tests. If a test caught the bug, prints that and returns undefined. */
async function plant(patch: Patch, copy: Copy, isAll: boolean): Promise<string | undefined> {
  const reason = copy.apply(patch);
  if (reason !== undefined) return outdated(patch, reason);
  const { failed, trouble } = await testsOf(patch, copy, isAll);
  const left = copy.apply(patch, '--reverse');
  if (left !== undefined) throw new Error(`The planted bug cannot be taken out of the copy again: ${left}`);
  const planted = `${patch.name}: ${patch.bug}`;
  if (failed.length > 0) {
    const more = failed.length > MOST_NAMED ? [`… and ${failed.length - MOST_NAMED} more`] : [];
    console.log([planted, ...failed.slice(0, MOST_NAMED), ...more].join('\n  caught by '));
    return undefined;
  }
  const ran = isAll ? 'npm test' : patch.file;
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
    const files = isAll ? [] : [...new Set(patches.map(({ file }) => file))];
    const names = isAll ? [] : patches.map(({ test }) => test);
    const sound = await first?.test({ files, names, workers: COPIES }); // the other copies wait for it
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
