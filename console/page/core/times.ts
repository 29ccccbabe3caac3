import { computed } from '@preact/signals';
import { parseInstant } from '../../../lib/time.ts';
import { place } from './place.ts';

/** Times are shown in UTC, as the logs have them, or in the browser's zone. */
export const zone = computed<'utc' | 'local'>(() => (place.value.params.get('zone') === 'local' ? 'local' : 'utc'));

const DATE = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;

/** An instant as a person reads it, by the browser's locale, in the zone that is looked at. */
export function shownInstant(at: number, { withDate = true } = {}): string {
  const timeZone = zone.value === 'utc' ? { timeZone: 'UTC' } : {};
  const parts = withDate ? { ...DATE, ...CLOCK } : CLOCK;
  return new Intl.DateTimeFormat(navigator.language, { ...parts, ...timeZone }).format(at);
}

/** A time of a record; as it stands where nobody can read it. */
export function shownTime(text: string | undefined, options?: { withDate?: boolean }): string {
  const at = text === undefined ? undefined : parseInstant(text);
  return at === undefined ? (text ?? 'no time') : shownInstant(at, options);
}
