import { text } from './json.ts';

const ISO = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?\s*(Z|[+-]\d{2}:?\d{2})?$/i;
const LOCALE = /^([A-Z][a-z]{2}) (\d{1,2}), (\d{4}),?\s+(\d{1,2}):(\d{2}):(\d{2})\s*(AM|PM)$/i;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Returns milliseconds since 1970, with a fraction, of a time in ISO form. Without a zone it is UTC. Undefined if it cannot be read. */
export function readTime(value: unknown): number | undefined {
  const found = ISO.exec(text(value) ?? '');
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '0', zone = 'Z'] = found;
  const millis = Number(`0.${fraction}`) * 1000;
  const utc = utcMillis([year, month, day, hour, minute, second].map(Number));
  return utc === undefined ? undefined : utc + millis - zoneMillis(zone);
}

/** Reads CloudTrail's `expiration`: an American text in UTC without a zone, or ISO. */
export function readExpiration(value: unknown): number | undefined {
  return readTime(value) ?? readLocaleTime(value);
}

export function printTime(millis: number): string {
  return new Date(millis).toISOString().replace('.000Z', 'Z');
}

function readLocaleTime(value: unknown): number | undefined {
  const found = LOCALE.exec(text(value) ?? '');
  if (!found) return undefined;
  const [, month = '', day, year, hour, minute, second, half = ''] = found;
  const hour24 = (Number(hour) % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);
  const monthNumber = MONTHS.indexOf(month.toLowerCase()) + 1;
  return utcMillis([Number(year), monthNumber, Number(day), hour24, Number(minute), Number(second)]);
}

function utcMillis([year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0]: number[]): number | undefined {
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const real = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour;
  return real && minute < 60 && second < 60 ? date.getTime() : undefined;
}

function zoneMillis(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
