import { DAY, HOUR, MINUTE, SECOND } from '../../../lib/time.ts';

const UNITS = [
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
  ['second', SECOND],
] as const;

/** About how long, in the largest unit of which there is at least one: `3 hr`. */
export function durationText(millis: number): string {
  const [unit, size] = UNITS.find(([, each]) => millis >= each) ?? ['second', SECOND];
  const count = Math.max(0, Math.floor(millis / size));
  return count.toLocaleString(navigator.language, { style: 'unit', unit, unitDisplay: 'short' });
}
