/** Milliseconds since 1970-01-01T00:00:00Z. Fractions keep the microseconds of the audit log. */
export type EpochMillis = number & { readonly unit: 'epoch-millis' };

/** Returns a number as epoch milliseconds, without a check. */
export function epochMillis(value: number): EpochMillis {
  return value as EpochMillis;
}

/** The earliest time by which records are sorted. Earlier records are stored with those without a readable time. */
export const FIRST_TIME = epochMillis(0.001);

export function isUntimed(at: EpochMillis | undefined): boolean {
  return at === undefined || at < FIRST_TIME;
}

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Returns the beginning of the UTC day, in epoch milliseconds. */
export function startOfDay(at: number): number {
  return Math.floor(at / DAY) * DAY;
}

const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s?(?:[Zz]|UTC|([+-])(\d\d):?(\d\d))?$/;

/**
 * Parses RFC 3339 and the variants in logs: a space for the `T`, no seconds, `+1100`, nine digits of fraction. A time
 * without a time zone is UTC (CONTRACT, rule 3). Undefined for an invalid time, such as `2024-02-30T00:00:00Z`.
 */
export function parseInstant(text: string): EpochMillis | undefined {
  return parsePlainInstant(text) ?? parseAnyInstant(text);
}

/** Parses the most frequent form, `2026-03-10T08:00:00Z` with or without a fraction, without a regular expression. */
function parsePlainInstant(text: string): EpochMillis | undefined {
  const end = text.length - 1;
  if (end < 19 || end > 29 || text[16] !== ':' || text[end] !== 'Z') return undefined;
  const hasFraction = text[19] === '.' && end > 20;
  if (!hasFraction && end !== 19) return undefined;
  const fraction = hasFraction ? digits(text, 20, end) : 0;
  const second = digits(text, 17, 19);
  const minute = plainMinute(text);
  if (minute === undefined || !(second <= 60) || Number.isNaN(fraction)) return undefined;
  const whole = minute + second * SECOND;
  return epochMillis(whole + (hasFraction ? (fraction / 10 ** (end - 20)) * SECOND : 0));
}

/**
 * The minute that was parsed last. Most times of a log are in the same minute as the one before. Parsing the date takes
 * most of the time.
 */
let lastMinute = { text: '1970-01-01T00:00', at: epochMillis(0) };

/** Parses the minute at the start of the text: `2026-03-10T08:00`. */
function plainMinute(text: string): EpochMillis | undefined {
  if (text.startsWith(lastMinute.text)) return lastMinute.at;
  const at = parsePlainMinute(text);
  if (at !== undefined) lastMinute = { text: text.slice(0, 16), at };
  return at;
}

function parsePlainMinute(text: string): EpochMillis | undefined {
  if (text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':') return undefined;
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10)];
  return utcMillis([year, month, day, digits(text, 11, 13), digits(text, 14, 16)]);
}

/** Returns the number that the digits from `start` to `end` form. NaN if one of the characters is no digit. */
function digits(text: string, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

function parseAnyInstant(text: string): EpochMillis | undefined {
  const match = INSTANT.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second = '0', fraction, sign, zoneHours, zoneMinutes] = match;
  const whole = utcMillis([year, month, day, hour, minute, second].map(Number));
  if (whole === undefined) return undefined;
  const offset = sign === undefined ? 0 : (Number(zoneHours) * 60 + Number(zoneMinutes)) * MINUTE;
  if (Number(zoneMinutes ?? 0) > 59 || offset >= DAY) return undefined;
  const millis = fraction === undefined ? 0 : Number(`0.${fraction}`) * SECOND;
  return epochMillis(whole + millis - (sign === '-' ? -offset : offset));
}

/**
 * Returns the epoch milliseconds of [year, month 1-12, day, hour, minute, second] in UTC. Undefined if there is no such
 * time. Second 60 is the first second of the next minute, so that a leap second loses no event.
 */
export function utcMillis(parts: readonly number[]): EpochMillis | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const isTime = hour <= 23 && minute <= 59 && second <= 60;
  const isDay = year >= 1000 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(month, year);
  if (!isTime || !isDay) return undefined; // also if a part is not a number
  const midnight = Date.UTC(year, month - 1, day);
  return epochMillis(midnight + hour * HOUR + minute * MINUTE + second * SECOND);
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysIn(month: number, year: number): number {
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeapYear ? 29 : (DAYS[month - 1] ?? 0);
}

/**
 * Returns the time range from `before` milliseconds before the earliest of the times to `after` after the latest.
 * Undefined if there are no times.
 */
export function spanAround(
  times: readonly number[],
  around: number,
): { readonly from: EpochMillis; readonly to: EpochMillis } | undefined {
  if (times.length === 0) return undefined;
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const time of times) {
    first = Math.min(first, time); // not Math.min(...times): a log has more of them than a call takes arguments
    last = Math.max(last, time);
  }
  return { from: epochMillis(first - around), to: epochMillis(last + around) };
}

/** Formats a time as RFC 3339 in UTC, with milliseconds if there are any: `2019-08-22T00:13:15Z`. */
export function formatInstant(at: EpochMillis): string {
  const millis = Math.trunc(at);
  if (millis % SECOND !== 0) return new Date(millis).toISOString();
  const day = Math.floor(millis / DAY);
  const second = (millis - day * DAY) / SECOND;
  return `${dateText(day)}T${twoDigits(second / 3_600)}:${twoDigits((second / 60) % 60)}:${twoDigits(second % 60)}Z`;
}

/**
 * The date that was formatted last. The times of a log are on few days, and formatting the date takes most of the time.
 */
let lastDate = { day: 0, text: '1970-01-01' };

function dateText(day: number): string {
  if (day !== lastDate.day) lastDate = { day, text: new Date(day * DAY).toISOString().split('T')[0] ?? '' };
  return lastDate.text;
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

function twoDigits(number: number): string {
  return TWO_DIGITS[Math.floor(number)] ?? '';
}

/** Returns a time as it was written, without what follows the second. Empty if there is none. */
export function withoutFraction(time: string | undefined): string {
  return time?.replace(/\.\d+(?=Z?$)/, '') ?? '';
}
