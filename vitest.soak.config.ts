import { randomInt } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const seed = process.env.EKS_WHOIS_SEED ?? String(randomInt(2 ** 30));
console.log(`EKS_WHOIS_SEED=${seed} npm run soak repeats this search.`);

/** Test files in which chance decides something. */
const searches = globSync('test/**/*.test.ts').filter((path) =>
  /from '(?:fast-check|.*\/chance\.ts)'/.test(readFileSync(path, 'utf8')),
);

/** Searches on many more cases than elsewhere, of a seed that is another each time: `npm run soak`. */
export default defineConfig({
  test: {
    fsModuleCache: true,
    include: searches,
    setupFiles: ['test/builders/without-habits.ts', 'test/builders/fixed-chance.ts'],
    env: { EKS_WHOIS_SOAK: 'true', EKS_WHOIS_SEED: seed },
    testTimeout: 7_200_000, // for what hangs
    hookTimeout: 1_800_000,
    maxWorkers: 2,
  },
});
