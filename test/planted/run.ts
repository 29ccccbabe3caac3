import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import type { TestError } from 'vitest';
import { createVitest, type Vitest } from 'vitest/node';
import { isJsonObject } from '../../lib/json.ts';
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
/** Copies of the checkout, of which each has one bug at a time. */
const COPIES = 2;
/** In milliseconds: a bug may keep a test from ending. */
const LONGEST = 120_000;
/** Tests that are named for each bug. */
const MOST_NAMED = 3;

/** What came of a run of tests. */
interface TestRun {
  /** Tests in which an assertion failed, each with its file. */
  readonly failed: readonly string[];
  /** Why tests did not run as they should: a bug that keeps them from starting, or from ending, is not caught by them. */
  readonly trouble?: string | undefined;
}

/** A copy of the checkout, with a test runner that stays: starting one for each bug would take longer than most tests. */
class Copy {
  readonly folder: string;
  readonly #runner: Vitest;

  private constructor(folder: string, runner: Vitest) {
    this.folder = folder;
    this.#runner = runner;
  }

  static async make(): Promise<Copy> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'eks-whois-planted-')));
    const isCode = (path: string) => !LEFT_OUT.has(relative(ROOT, path));
    cpSync(ROOT, folder, { recursive: true, filter: isCode });
    symlinkSync(realpathSync(join(ROOT, 'node_modules')), join(folder, 'node_modules'));
    const runner = await createVitest('test', {
      root: folder,
      config: join(folder, 'vitest.config.ts'),
      watch: true, // so that the runner stays
      isolate: true, // a process keeps the modules that it has read
      maxWorkers: 1,
      testTimeout: LONGEST,
      reporters: [{}],
    });
    await runner.standalone();
    return new Copy(folder, runner);
  }

  async remove(): Promise<void> {
    await this.#runner.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Plants the bug, or takes it out again. @throws Error where it cannot be taken out. */
  apply(patch: Patch, ...how: readonly '--reverse'[]): string | undefined {
    const reason = applyPatch(patch, this.folder, ...how);
    if (reason !== undefined && how.length > 0)
      throw new Error(`The planted bug cannot be taken out of the copy again: ${reason}`);
    for (const file of patch.files) this.#runner.invalidateFile(join(this.folder, file));
    return reason;
  }

  /** Runs these test files, or without any all of `npm test`. To the end: a run that is canceled gets in the way of the next. */
  async test(files: readonly string[]): Promise<TestRun> {
    const all = () => this.#runner.globTestSpecifications();
    const paths =
      files.length > 0 ? files.map((file) => join(this.folder, file)) : (await all()).map(({ moduleId }) => moduleId);
    const wanted = paths.filter((path) => !path.includes('/test/planted/')); // a patch does not apply twice
    const { testModules: known, unhandledErrors } = await this.#runner.runTestFiles(wanted);
    const testModules = known.filter(({ moduleId }) => wanted.includes(moduleId)); // others are of earlier runs
    const failed: string[] = [];
    const troubles = [...unhandledErrors, ...testModules.flatMap((module) => module.errors())].map(wordsOf);
    for (const module of testModules) {
      for (const test of module.children.allTests('failed')) {
        const name = `${relative(this.folder, module.moduleId)}: ${test.fullName}`;
        const errors = test.result().errors ?? [];
        if (errors.some(isAssertion)) failed.push(name);
        else troubles.push(`${name}: ${errors.map(wordsOf).join('; ')}`);
      }
    }
    const ran = testModules.length === wanted.length ? [] : ['Not all of its test files ran.'];
    return { failed, trouble: failed.length > 0 ? undefined : [...troubles, ...ran][0] };
  }
}

/** Whether a test saw something else than it expected, also as fast-check tells it. */
function isAssertion({ name = '', message, cause }: TestError): boolean {
  return (
    name === 'AssertionError' || message.startsWith('Property failed') || (cause !== undefined && isAssertion(cause))
  );
}

function wordsOf(error: unknown): string {
  return isJsonObject(error) ? String(error.message) : String(error);
}

/** What is wrong with the patch, or with the tests; undefined where a test caught the bug, which is said. */
async function plant(patch: Patch, copy: Copy, isAll: boolean): Promise<string | undefined> {
  const reason = copy.apply(patch);
  if (reason !== undefined) return outdated(patch, reason);
  const { failed, trouble } = await copy.test(isAll ? [] : patch.tests);
  copy.apply(patch, '--reverse');
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
  const copies: Copy[] = [];
  for (let number = 0; number < (isAll ? 1 : COPIES); number += 1) copies.push(await Copy.make());
  try {
    const [first] = copies;
    const files = isAll ? [] : [...new Set(patches.flatMap(({ tests }) => tests))];
    const sound = await first?.test(files);
    const flaw = sound?.trouble ?? sound?.failed[0];
    if (flaw !== undefined) {
      console.log(`The tests fail without any planted bug. Mend them first:\n  ${flaw}`);
      return 1;
    }
    const flaws = await plantEach(patches, copies, isAll);
    console.log(`${patches.length - flaws.length} of ${patches.length} planted bugs are caught`);
    return flaws.length === 0 ? 0 : 1;
  } finally {
    await Promise.all(copies.map((copy) => copy.remove()));
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
