import { configDefaults, defineConfig } from 'vitest/config';

/** Everything that needs only Node.js and is quick; `test/slow` has what is big. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'test/slow/**', '**/*.slow.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 3, // on two cores: commands and look-ups wait more than they work
  },
});
