import { describe, expect, it } from 'vitest';
import { worldNumbers } from '../builders/chance.ts';
import { differenceOf, printed } from './differences.ts';

const NUMBERS = worldNumbers(1_000);
const SLICES = 10;

describe('the product and the brute-force oracle', () => {
  for (let slice = 0; slice < SLICES; slice += 1) {
    it(`agree on ${NUMBERS.length / SLICES} generated worlds (slice ${slice})`, async () => {
      for (const number of NUMBERS.filter((_, at) => at % SLICES === slice)) {
        const difference = await differenceOf(number);
        if (difference) expect.fail(`the product and the oracle differ in ${printed(difference)}`);
      }
    });
  }
});
