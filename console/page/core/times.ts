import { computed } from '@preact/signals';
import { parseInstant } from '../../../lib/time.ts';
import { place } from './place.ts';

/** Times are shown in UTC, as the logs have them, or in the browser's zone. */
export const zone = computed<'utc' | 'local'>(() => (place.value.params.get('zone') === 'local' ? 'local' : 'utc'));

const DATE = { year: 'numeric', month: 'short', day: 'numeric' } as const;
const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;

/** Made once for each zone: to make one takes longer than to write a thousand times. */
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

export function formatTime(at: number, format: TimeFormat): string {
  return formats.value[format].format(at);
}

/** An instant as a person reads it, by the browser's locale, in the zone that is looked at. */
function shownInstant(at: number, { withDate = true } = {}): string {
  return formatTime(at, withDate ? 'whole' : 'clock');
}

/** A time of a record; as it stands where nobody can read it. */
export function shownTime(text: string | undefined, options?: { withDate?: boolean }): string {
  const at = text === undefined ? undefined : parseInstant(text);
  return at === undefined ? (text ?? 'unknown time') : shownInstant(at, options);
}

/** From when to when, what both ends have in common once; the zone is said elsewhere. */
export function shownSpan(from: number, to: number): string {
  const isShort = to - from < 120_000;
  return formats.value[isShort ? 'whole' : 'minutes'].formatRange(from, to);
}

/** As `<input type="datetime-local">` has it, in the zone that is looked at: `2026-03-10T08:00:00`. */
export function fieldTime(at: number): string {
  const offset = zone.value === 'utc' ? 0 : new Date(at).getTimezoneOffset() * 60_000;
  return new Date(at - offset).toISOString().slice(0, 19);
}

/** What such a field holds, in milliseconds since the epoch; undefined where it holds no time. */
export function timeOfField(text: string): number | undefined {
  const at = Date.parse(zone.value === 'utc' ? `${text}Z` : text);
  return Number.isNaN(at) ? undefined : at;
}
