import { defineConfig } from 'vitest/config';

/** What takes minutes or gigabytes: `npm run test:slow`. One file at a time, since memory is measured. */
export default defineConfig({
  test: {
    include: ['test/slow/**/*.test.ts', 'test/**/*.slow.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 900_000,
    fileParallelism: false,
  },
});
