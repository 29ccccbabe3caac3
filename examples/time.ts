/** The day of the story. Times are written `HH:MM:SS`, with a fraction if the audit log has one. */
const DAY = '2026-03-10';

/** Returns the time as CloudTrail writes it, in whole seconds: `2026-03-10T08:01:10Z`. */
export function second(at: string): string {
  return `${DAY}T${at.slice(0, 8)}Z`;
}

/** Returns the time as the API server writes it, in microseconds: `2026-03-10T08:01:10.204518Z`. */
export function microsecond(at: string): string {
  const [whole = at, fraction = ''] = at.split('.');
  return `${DAY}T${whole}.${fraction.padEnd(6, '0')}Z`;
}

/** Returns milliseconds since 1970, as CloudWatch Logs has them. */
export function epochMillis(rfc3339: string): number {
  return Date.parse(rfc3339);
}

/** Returns the time some microseconds later, as `HH:MM:SS.ffffff`. */
export function later(at: string, microseconds: number): string {
  const [whole = at, fraction = ''] = at.split('.');
  const [hours = 0, minutes = 0, seconds = 0] = whole.split(':').map(Number);
  const total = (hours * 3600 + minutes * 60 + seconds) * 1_000_000 + Number(fraction.padEnd(6, '0')) + microseconds;
  const two = (value: number) => String(value).padStart(2, '0');
  const inSeconds = Math.floor(total / 1_000_000);
  const clock = [Math.floor(inSeconds / 3600), Math.floor(inSeconds / 60) % 60, inSeconds % 60].map(two).join(':');
  return `${clock}.${String(total % 1_000_000).padStart(6, '0')}`;
}

/** White space before AM/PM: older Java runtimes write a space, newer ones U+202F (narrow no-break space). */
export type ExpirationSpace = ' ' | '\u202f';

/**
 * Returns an expiration as CloudTrail writes it: in American form, in UTC, without a zone: `Mar 10, 2026, 9:01:10 AM`.
 */
export function expiration(issuedAt: string, durationSeconds: number, space: ExpirationSpace): string {
  const [clock = ''] = later(issuedAt, durationSeconds * 1_000_000).split('.');
  const [hours = 0, ...rest] = clock.split(':').map(Number);
  const day = 10 + Math.floor(hours / 24);
  const hour = hours % 24;
  const minutesAndSeconds = rest.map((value) => String(value).padStart(2, '0')).join(':');
  return `Mar ${day}, 2026, ${hour % 12 || 12}:${minutesAndSeconds}${space}${hour < 12 ? 'AM' : 'PM'}`;
}
