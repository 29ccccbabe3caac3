import { expect, it } from 'vitest';
import { missingWords } from './coverage.ts';

it('the generated worlds contain each word, shape and rule of the contract', () => {
  expect([...missingWords(8_000)]).toEqual([]);
});
