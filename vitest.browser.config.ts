import { defineConfig } from 'vitest/config';

/** The console in a browser: `npm run test:browser`. One file at a time, since frames are traced. */
export default defineConfig({
  test: {
    fsModuleCache: true,
    include: ['test/browser/**/*.test.ts'],
    exclude: ['test/browser/million/**'],
    globalSetup: 'test/browser/global-setup.ts',
    setupFiles: ['test/builders/without-habits.ts'],
    testTimeout: 600_000, // for what hangs
    hookTimeout: 600_000,
    expect: { poll: { timeout: 60_000 } },
    maxWorkers: 1,
  },
});
