import { InvalidArgumentError } from 'commander';
import { DAY, HOUR, MINUTE } from '../../lib/time.ts';

/** Two hours, in milliseconds. */
export const DEFAULT_WINDOW = 2 * HOUR;
/** The longest window, in milliseconds. Nobody reads the report of a longer one. */
const LONGEST_WINDOW = 31 * DAY;
const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY };

/** Parses `30m`, `2h` or `1d` to milliseconds. @throws InvalidArgumentError for other texts, or more than 31 days. */
export function windowOf(text: string): number {
  const [, number, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const window = Number(number) * (UNITS[unit] ?? Number.NaN);
  if (window > 0 && window <= LONGEST_WINDOW) return window;
  throw new InvalidArgumentError('Give a duration such as 30m, 2h or 1d, at most 31d.');
}
