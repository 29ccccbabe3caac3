import { configDefaults, defineConfig } from 'vitest/config';

/** Suites of their own scripts. */
const NOT_HERE = ['test/slow/**', 'test/browser/**', 'test/million/**', '**/*.slow.test.ts'];

/**
 * What a newcomer runs: quick, and nothing in it is judged by the clock, so that it passes on a busy machine. Suites that
 * start the service, package it, need processes of their own, or compare many cases are `*.slow.test.ts`.
 */
export default defineConfig({
  test: {
    fsModuleCache: true, // a third of the processor time of many small files is compiling them
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/builders/without-habits.ts', 'test/builders/without-traces.ts', 'test/builders/fixed-chance.ts'],
    exclude: [...configDefaults.exclude, ...NOT_HERE],
    testTimeout: 600_000, // for what hangs
    hookTimeout: 600_000,
    isolate: false, // a process for each file costs a third more; test/builders/without-traces.ts lets nothing leak
    maxWorkers: 3, // on two cores: look-ups wait more than they work
  },
});
