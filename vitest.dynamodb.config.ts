import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

if (!process.env.EKS_WHOIS_DYNAMODB)
  throw new Error('Name the other DynamoDB: EKS_WHOIS_DYNAMODB=http://127.0.0.1:8000 npm run test:dynamodb');

/**
 * Tests of the contract that ask a DynamoDB. The slow ones take some minutes each on moto and have no other keys, or count
 * requests, which are the same everywhere.
 */
const onTables = globSync('test/contract/*.test.ts')
  .filter((path) => !path.endsWith('.slow.test.ts'))
  .filter((path) => /running-dynalite\.ts|EKS_WHOIS_DYNAMODB/.test(readFileSync(path, 'utf8')));

/**
 * What stands on tables, against another DynamoDB than dynalite, which takes keys that DynamoDB refuses:
 * `npm run test:dynamodb`.
 */
export default defineConfig({
  test: {
    fsModuleCache: true,
    include: [...onTables, 'test/usecases/long-texts.slow.test.ts'],
    setupFiles: ['test/builders/without-habits.ts', 'test/builders/fixed-chance.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
