import { defineConfig } from 'vitest/config';

/** What takes a million records: some minutes and three gigabytes of disk. Times that it prints count only on a machine that does nothing else. */
export default defineConfig({
  test: {
    fsModuleCache: true,
    include: ['test/million/**/*.test.ts', 'test/browser/million/*.test.ts'],
    globalSetup: 'test/million/global-setup.ts',
    setupFiles: ['test/builders/without-habits.ts'],
    testTimeout: 1_800_000, // for what hangs
    hookTimeout: 1_800_000,
    expect: { poll: { timeout: 60_000 } },
    maxWorkers: 1,
  },
});
