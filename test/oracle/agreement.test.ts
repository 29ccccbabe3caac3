import { describe, expect, it } from 'vitest';
import { cases } from '../builders/thoroughness.ts';
import { differenceOf, printed } from './differences.ts';

const WORLDS = cases(1_000, 10_000);
const SLICES = 10;

describe('the product and the brute-force oracle', () => {
  for (let slice = 0; slice < SLICES; slice += 1) {
    it(`agree on ${WORLDS / SLICES} generated worlds (slice ${slice})`, async () => {
      for (let seed = slice; seed < WORLDS; seed += SLICES) {
        const difference = await differenceOf(seed);
        if (difference) expect.fail(`the product and the oracle differ in ${printed(difference)}`);
      }
    });
  }
});
