import { computed } from '@preact/signals';
import { parseInstant } from '../../../lib/time.ts';
import { place } from './place.ts';

/** The time zone of the page: UTC, as in logs, or the browser's. */
export const zone = computed<'utc' | 'local'>(() => (place.value.params.get('zone') === 'local' ? 'local' : 'utc'));

const DATE = { year: 'numeric', month: 'short', day: 'numeric' } as const;
const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;

/** Created once for each zone: creating a format takes longer than formatting a thousand times. */
const formats = computed(() => {
  const timeZone = zone.value === 'utc' ? { timeZone: 'UTC' } : {};
  const of = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(navigator.language, { ...options, ...timeZone });
  return {
    whole: of({ ...DATE, ...CLOCK }),
    clock: of(CLOCK),
    row: of({ month: 'short', day: '2-digit', ...CLOCK }),
    day: of(DATE),
    minutes: of({ ...DATE, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    exact: of({ ...DATE, ...CLOCK, fractionalSecondDigits: 3, timeZoneName: 'short' }),
    tickDay: of({ month: 'short', day: 'numeric' }),
    tickMinute: of({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  };
});

/** How much of an instant is shown: `row` has no year, `exact` has milliseconds and the zone. */
type TimeFormat = 'whole' | 'clock' | 'row' | 'day' | 'exact' | 'tickDay' | 'tickMinute';

/** Formats milliseconds since the epoch, in the browser's language and the zone of the page. */
export function formatTime(at: number, format: TimeFormat): string {
  return formats.value[format].format(at);
}

function shownInstant(at: number, { withDate = true } = {}): string {
  return formatTime(at, withDate ? 'whole' : 'clock');
}

/** Formats the time of a record, or returns the text unchanged if it is not a readable time. */
export function shownTime(text: string | undefined, options?: { withDate?: boolean }): string {
  const at = text === undefined ? undefined : parseInstant(text);
  return at === undefined ? (text ?? 'unknown time') : shownInstant(at, options);
}

/** Formats a range, without repeating what both ends share. The zone is not included. */
export function shownSpan(from: number, to: number): string {
  const isShort = to - from < 120_000;
  return formats.value[isShort ? 'whole' : 'minutes'].formatRange(from, to);
}

/** Formats a time for `<input type="datetime-local">`, in the zone of the page: `2026-03-10T08:00:00`. */
export function fieldTime(at: number): string {
  const offset = zone.value === 'utc' ? 0 : new Date(at).getTimezoneOffset() * 60_000;
  return new Date(at - offset).toISOString().slice(0, 19);
}

/** Parses the value of such a field into milliseconds since the epoch; undefined if it is not a time. */
export function timeOfField(text: string): number | undefined {
  const at = Date.parse(zone.value === 'utc' ? `${text}Z` : text);
  return Number.isNaN(at) ? undefined : at;
}
