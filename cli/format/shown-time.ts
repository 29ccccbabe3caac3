import {
  DAY,
  type EpochMillis,
  epochMillis,
  formatInstant,
  HOUR,
  MINUTE,
  parseInstant,
  SECOND,
  withoutFraction,
} from '../../lib/time.ts';

/** The styles in which times are shown: UTC, this machine's zone, or how long ago. */
export const TIME_STYLES = ['utc', 'local', 'relative'] as const;
export type TimeStyle = (typeof TIME_STYLES)[number];

/** The style of times, and the current time for relative ones. */
export interface Clock {
  readonly style: TimeStyle;
  readonly now: EpochMillis;
}

/** Returns a time for a table, to the second. An unreadable time is returned as written. */
export function shownTime(time: string | undefined, { style, now }: Clock): string {
  const at = time === undefined ? undefined : parseInstant(time);
  if (at === undefined || style === 'utc') return withoutFraction(time);
  return style === 'local' ? localTime(at) : relativeTime(at, now);
}

/** Returns a time for a narrow table: month and day, to the minute or the second. */
export function briefTime(time: string | undefined, clock: Clock, to: 'minute' | 'second' = 'minute'): string {
  const shown = shownTime(time, clock);
  const [, monthToMinute, second, zone] = /^\d{4}-(\d\d-\d\dT\d\d:\d\d)(:\d\d)(Z|[+-]\d\d:\d\d)$/.exec(shown) ?? [];
  if (monthToMinute === undefined) return shown;
  return `${monthToMinute.replace('T', ' ')}${to === 'second' ? second : ''}${zone === 'Z' ? 'Z' : ''}`;
}

/** Returns the time in RFC 3339, with this machine's UTC offset at that time. */
export function localTime(at: EpochMillis): string {
  const offset = -new Date(at).getTimezoneOffset();
  const clock = formatInstant(epochMillis(at + offset * MINUTE)).slice(0, 19);
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${clock}${offset < 0 ? '-' : '+'}${hours}:${minutes}`;
}

/** Returns the name of this machine's time zone. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

const UNITS = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'm'],
  [SECOND, 's'],
] as const;

function relativeTime(at: EpochMillis, now: EpochMillis): string {
  const apart = Math.abs(now - at);
  const [unit, letter] = UNITS.find(([length]) => apart >= length) ?? [SECOND, 's'];
  const text = `${Math.floor(apart / unit)}${letter}`;
  return at > now ? `in ${text}` : `${text} ago`;
}
