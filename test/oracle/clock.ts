import type { Draw } from './draw.ts';

/** In milliseconds. All times of a world are near this one. */
export const BASE = Date.UTC(2024, 4, 1, 10, 0, 0);
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Returns the time of a call. Times are so close that two calls can be within two seconds of a session start, or just
 * outside.
 */
export function callTime(draw: Draw): number {
  return BASE + draw.pick([0, 0, 0, 1, 2, 3, 60, 1800, 3600, 7200, 50_000]) * SECOND;
}

export function iso(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

/** Returns a time in a form that CloudTrail, Kubernetes or a tool between them may have written. */
export function writtenTime(draw: Draw, time: number): string {
  if (draw.chance(0.85)) return iso(time);
  const full = new Date(time).toISOString();
  return draw.pick([
    full,
    full.replace('Z', '000Z'),
    full.replace('T', ' ').replace('Z', ''),
    new Date(time + 2 * HOUR).toISOString().replace('Z', '+02:00'),
  ]);
}

/** Returns `credentials.expiration` in one of its forms over the years. Some of them cannot be read. */
export function writtenExpiration(draw: Draw, time: number): unknown {
  if (draw.chance(0.12)) return draw.pick(['soon', '', undefined, null]);
  if (draw.chance(0.2)) return iso(time);
  const date = new Date(time);
  const hour = date.getUTCHours();
  const day = `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}`;
  const clock = [hour % 12 || 12, two(date.getUTCMinutes()), two(date.getUTCSeconds())].join(':');
  const space = draw.pick([' ', '\u202f', '\u00a0']);
  return `${day}${draw.pick([',', ''])} ${clock}${space}${hour < 12 ? 'AM' : 'PM'}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
