import { type EpochMillis, parseInstant, utcMillis } from '../time.ts';

const MONTHS: ReadonlyMap<string, number> = new Map(
  ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'].map((name, at) => [
    name,
    at + 1,
  ]),
);
const LOCALE = /^([A-Z][a-z]{2})[a-z]*\.?\s+(\d{1,2}),\s+(\d{4}),?\s+(\d{1,2}):(\d\d):(\d\d)(?:\s*([AP])\.?M\.?)?$/i;

/**
 * Parses `responseElements.credentials.expiration`. It is a text of a Java locale in UTC, without a time zone: `Nov 18,
 * 2017 1:21:51 AM`, or later `Jul 10, 2023, 12:21:41 PM`. Any white space can come before AM and PM (U+202F since JDK
 * 20). RFC 3339 is accepted too. Undefined for all other texts. Source: FACTS, "CloudTrail's STS records".
 */
export function parseExpiration(text: string): EpochMillis | undefined {
  const match = LOCALE.exec(text.trim());
  if (match === null) return parseInstant(text.trim());
  const [, monthName = '', day, year, hour, minute, second, half] = match;
  const month = MONTHS.get(monthName.toLowerCase());
  const clock = half === undefined ? Number(hour) : hourOfDay(Number(hour), half);
  if (month === undefined || clock === undefined) return undefined;
  return utcMillis([Number(year), month, Number(day), clock, Number(minute), Number(second)]);
}

function hourOfDay(hour: number, half: string): number | undefined {
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half.toUpperCase() === 'P' ? 12 : 0);
}
