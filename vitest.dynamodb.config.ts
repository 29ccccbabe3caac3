import { configDefaults, defineConfig } from 'vitest/config';

if (!process.env.EKS_WHOIS_DYNAMODB)
  throw new Error('Name the other DynamoDB: EKS_WHOIS_DYNAMODB=http://127.0.0.1:8000 npm run test:dynamodb');

/**
 * What stands on tables, against another DynamoDB than dynalite, which takes keys that DynamoDB refuses:
 * `npm run test:dynamodb`.
 */
export default defineConfig({
  test: {
    include: ['test/contract/**/*.test.ts', 'test/usecases/long-texts.slow.test.ts'],
    // Thousands of items, and every place at which a process can stop: on moto some minutes each, and no other keys.
    exclude: [...configDefaults.exclude, 'test/contract/**/*.slow.test.ts'],
    setupFiles: ['test/builders/without-habits.ts', 'test/builders/fixed-chance.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
