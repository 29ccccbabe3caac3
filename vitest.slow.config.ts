import { configDefaults, defineConfig } from 'vitest/config';

/** Properties of `npm test` that are tried on many more cases here. */
const THOROUGH = [
  'test/oracle/{agreement,world}.test.ts',
  'test/framing/framing.test.ts',
  'test/model/*.test.ts',
  'test/files/changed-bytes.test.ts',
  'test/usecases/one-engine.test.ts',
];
const PATIENCE = { testTimeout: 1_800_000, hookTimeout: 1_800_000 }; // for what hangs

/** What starts processes or takes minutes, then, one file at a time since memory is measured, what takes gigabytes. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...PATIENCE,
          setupFiles: ['test/builders/without-habits.ts'],
          name: 'slow',
          include: ['test/**/*.slow.test.ts', ...THOROUGH],
          env: { EKS_WHOIS_THOROUGH: 'true' },
          maxWorkers: 3, // on two cores: services that start, and tables, are waited for
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...PATIENCE,
          setupFiles: ['test/builders/without-habits.ts'],
          name: 'big',
          include: ['test/slow/**/*.test.ts'],
          exclude: [...configDefaults.exclude, '**/*.slow.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
