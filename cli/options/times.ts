import { InvalidArgumentError } from 'commander';
import {
  DAY,
  type EpochMillis,
  epochMillis,
  formatInstant,
  HOUR,
  MINUTE,
  parseInstant,
  SECOND,
} from '../../lib/time.ts';
import { note } from '../failures/faults.ts';

/** Which end of a day is meant where only the day is given. */
export type Side = 'start' | 'end';

interface ReadTime {
  /** RFC 3339, as it was written where it was: the service reads it to the microsecond. */
  readonly time: string;
  /** What was made of a text that is no RFC 3339; whoever wrote it is to see it. */
  readonly said?: string;
}

const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };
/** Ten years: no record is kept as long. */
const LONGEST = 3_660 * DAY;

/** A time as people write it, in UTC: RFC 3339, `2026-03-10`, `yesterday`, `08:00` (the last one), `2h` (ago), `1w`. */
export function readTime(text: string, side: Side, now: EpochMillis): ReadTime | undefined {
  // In a query a blank may stand for the + of a zone.
  if (parseInstant(text) !== undefined) return { time: text.replace(/^(\d{4}-\d\d-\d\d) /, '$1T') };
  const time = dayTime(text, side, now) ?? clockTime(text, now) ?? timeAgo(text, now);
  return time === undefined ? undefined : { time, said: `${text} is ${time}` };
}

function dayTime(text: string, side: Side, now: EpochMillis): string | undefined {
  if (text === 'now') return formatInstant(now);
  const back = ['today', 'yesterday'].indexOf(text);
  const day = back < 0 ? text : formatInstant(epochMillis(now - back * DAY)).slice(0, 10);
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || parseInstant(`${day}T00:00:00Z`) === undefined) return undefined;
  return `${day}T${side === 'start' ? '00:00:00Z' : '23:59:59.999999Z'}`;
}

/** The last time that it was so late. */
function clockTime(text: string, now: EpochMillis): string | undefined {
  const [, hour = '', rest] = /^(\d?\d)(:\d\d(?::\d\d)?)$/.exec(text) ?? [];
  if (rest === undefined) return undefined;
  const today = parseInstant(`${formatInstant(now).slice(0, 10)}T${hour.padStart(2, '0')}${rest}Z`);
  if (today === undefined) return undefined;
  return formatInstant(today <= now ? today : epochMillis(today - DAY));
}

function timeAgo(text: string, now: EpochMillis): string | undefined {
  const [, number, unit = ''] = /^(\d+)([mhdw])$/.exec(text) ?? [];
  const ago = Number(number) * (UNITS[unit] ?? Number.NaN);
  return ago > 0 && ago <= LONGEST ? formatInstant(epochMillis(Math.floor((now - ago) / SECOND) * SECOND)) : undefined;
}

/** The forms, for the help of an option. */
export const TIME_FORMS = '2026-03-10T14:03:00Z, 2026-03-10, yesterday, 08:00, 2h, 1w; UTC without a zone';

/** Reads the value of an option that is a time, and says what it made of it. @throws InvalidArgumentError. */
export function timeOption(option: string, side: Side): (text: string) => string {
  return (text) => {
    const read = readTime(text, side, epochMillis(Date.now()));
    if (read === undefined) throw new InvalidArgumentError(`Give a time: ${TIME_FORMS}.`);
    if (read.said !== undefined) note(`${option} ${read.said}.`);
    return read.time;
  };
}

/** As `timeOption`, in milliseconds. */
export function instantOption(option: string, side: Side): (text: string) => EpochMillis {
  const timeOf = timeOption(option, side);
  return (text) => parseInstant(timeOf(text)) ?? epochMillis(Number.NaN);
}
