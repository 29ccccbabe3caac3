import { expect, test } from 'vitest';
import { timeLeft } from '../../cli/backfill/progress.ts';

test('the time left is estimated from the speed of this run, once there is one', () => {
  expect(timeLeft(0.5, 0, 1_000)).toBe('');
  expect(timeLeft(0.5, 0.5, 60_000)).toBe('');
  expect(timeLeft(0.5, 0, 600_000)).toBe(', about 10 min left');
  expect(timeLeft(0.75, 0.5, 600_000)).toBe(', about 10 min left');
  expect(timeLeft(0.9, 0, 60_000)).toBe(', less than a minute left');
  expect(timeLeft(0.01, 0, 600_000)).toBe(', about 17 h left');
});
