import { expect, it } from 'vitest';
import { coverage } from './coverage.ts';

it('the generated worlds contain each word, shape and rule of the contract', () => {
  const unborne = [...coverage(8_000)].filter(([, count]) => count === 0).map(([word]) => word);
  expect(unborne).toEqual([]);
});
