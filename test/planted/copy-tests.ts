import { resolve } from 'node:path';
import { createVitest } from 'vitest/node';

/**
 * Runs tests of the checkout that is this process's working folder, for `run.ts`: once for each message, with the answer in a
 * message. Vitest is loaded once for all of them, and compiles each file once until it changes.
 */

export interface ChosenTests {
  /** The test files of a run, or none for all of `npm test`. */
  readonly files: readonly string[];
  /** Full names of the tests to run, or none for all of the files. */
  readonly names: readonly string[];
  /** How many of them run at a time, or undefined for as many as usual. */
  readonly workers?: number | undefined;
  /** Whether the run ends with its first failure. */
  readonly isBrief: boolean;
  /** Files that may be other ones than in the run before, from the folder of the checkout. */
  readonly changed: readonly string[];
}

/** A test that failed, with its file. */
export interface FailedTest {
  readonly name: string;
  /** The messages of its errors. */
  readonly why: string;
}

/** The result of a run. */
export interface TestResults {
  readonly failed: readonly FailedTest[];
  /** Why a test file did not start, or what failed outside of all tests. */
  readonly broken?: string | undefined;
}

/** The text as a pattern that matches only it. */
const literally = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Returns whether `npm test` runs the file. */
const isQuick = (path: string) => !/\.slow\.test\.ts$|\/test\/(?:slow|browser|million)\//.test(path);

/** Waits for tests in this process's working folder. */
const vitest = await createVitest('test', {
  watch: false,
  config: 'vitest.planted.config.ts',
  cliExclude: ['test/planted/**'], // a patch does not apply twice
  reporters: [{}], // what it would print is nobody's
});

async function resultsOf({ files, names, workers, isBrief, changed }: ChosenTests): Promise<TestResults> {
  for (const file of changed) vitest.invalidateFile(resolve(file));
  for (const earlier of [vitest.state.filesMap, vitest.state.idMap]) earlier.clear(); // otherwise their failures are among the results
  vitest.state.clearErrors();
  for (const project of vitest.projects) {
    project.config.bail = isBrief ? 1 : 0;
    if (workers !== undefined) project.config.maxWorkers = workers;
  }
  vitest.setGlobalTestNamePattern(names.length === 0 ? '' : new RegExp(`^(?:${names.map(literally).join('|')})$`));
  const found = await vitest.globTestSpecifications([...files]);
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(
    files.length > 0 ? found : found.filter(({ moduleId }) => isQuick(moduleId)),
  );
  process.exitCode = 0;
  const failed = testModules.flatMap((module) =>
    [...module.children.allTests('failed')].map((test) => ({
      name: `${module.relativeModuleId}: ${test.fullName}`,
      why: (test.result().errors ?? []).map(({ name, message }) => `${name}: ${message}`).join('; '),
    })),
  );
  const [broken] = [
    ...testModules.flatMap((module) => module.errors()),
    ...unhandledErrors.filter((error) => error instanceof Error),
  ];
  return { failed, broken: broken?.message };
}

process.on('message', (wanted: ChosenTests) => {
  void resultsOf(wanted).then((answer) => process.send?.(answer));
});
