import { startVitest } from 'vitest/node';

/**
 * Runs tests of the checkout that is this process's working folder, for `run.ts`: once for each message, with the answer in a
 * message. Vitest is loaded once for all of them, which is half the work of a run.
 */

/** The test files of a run, or none for all of `npm test`. */
export interface ChosenTests {
  readonly files: readonly string[];
  /** Full names of the tests to run, or none for all of the files. */
  readonly names: readonly string[];
  readonly workers: number;
  /** Whether the run ends with its first failure. */
  readonly isBrief: boolean;
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

/** Runs them in this process's working folder. */
async function resultsOf({ files, names, workers, isBrief }: ChosenTests): Promise<TestResults> {
  const vitest = await startVitest('test', [...files], {
    run: true,
    reporters: [{}], // what it would print is nobody's
    bail: isBrief ? 1 : 0,
    ...(names.length > 0 && { testNamePattern: new RegExp(`^(?:${names.map(literally).join('|')})$`) }),
    ...(files.length === 0 ? { cliExclude: ['test/planted/**'] } : { maxWorkers: workers }), // a patch does not apply twice
  });
  try {
    const modules = vitest.state.getTestModules();
    const failed = modules.flatMap((module) =>
      [...module.children.allTests('failed')].map((test) => ({
        name: `${module.relativeModuleId}: ${test.fullName}`,
        why: (test.result().errors ?? []).map(({ name, message }) => `${name}: ${message}`).join('; '),
      })),
    );
    const [broken] = [
      ...modules.flatMap((module) => module.errors()),
      ...vitest.state.getUnhandledErrors().filter((error) => error instanceof Error),
    ];
    return { failed, broken: broken?.message };
  } finally {
    await vitest.close();
    process.exitCode = 0;
  }
}

process.on('message', (wanted: ChosenTests) => {
  void resultsOf(wanted).then((answer) => process.send?.(answer));
});
