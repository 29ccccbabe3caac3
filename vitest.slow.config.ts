import { configDefaults, defineConfig } from 'vitest/config';

/** What starts processes, packages, compares many cases, or takes longer than `npm test` should: `npm run test:slow`. */
export default defineConfig({
  test: {
    fsModuleCache: true,
    include: ['test/**/*.slow.test.ts', 'test/slow/**/*.test.ts'],
    exclude: configDefaults.exclude,
    setupFiles: ['test/builders/without-habits.ts', 'test/builders/fixed-chance.ts'],
    testTimeout: 1_800_000, // for what hangs
    hookTimeout: 1_800_000,
    maxWorkers: 3, // on two cores: services that start, and tables, are waited for
  },
});
