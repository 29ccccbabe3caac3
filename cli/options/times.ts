import { type Command, InvalidArgumentError, Option } from 'commander';
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

/** The zone of a time that states none: UTC, or this machine's. */
export type Zone = 'UTC' | 'local';

interface ReadTime {
  /** RFC 3339; as it was written where it was: the service reads it to the microsecond. */
  readonly time: string;
  /** What was made of a text that states no zone; whoever wrote it is to see it. */
  readonly said?: string;
}

const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };
/** Ten years: no record is kept as long. */
const LONGEST = 3_660 * DAY;
const STATED_ZONE = /(?:[Zz]|UTC|[+-]\d\d:?\d\d)$/;
const MIDNIGHT = 'T00:00:00Z';

/** A time as people write it: RFC 3339, `2026-03-10`, `yesterday`, `08:00` (the last one), `2h` (ago), `1w`. */
export function readTime(text: string, side: Side, now: EpochMillis, zone: Zone = 'UTC'): ReadTime | undefined {
  // In a query a blank may stand for the + of a zone.
  if (STATED_ZONE.test(text) && parseInstant(text) !== undefined)
    return { time: text.replace(/^(\d{4}-\d\d-\d\d) /, '$1T') };
  const asked = { text, now, zone };
  const time = withoutZone(asked) ?? dayTime(asked, side) ?? clockTime(asked) ?? timeAgo(asked);
  return time === undefined ? undefined : { time, said: `${text} is ${shown(time, zone)}` };
}

interface WrittenTime {
  readonly text: string;
  readonly now: EpochMillis;
  readonly zone: Zone;
}

function withoutZone({ text, zone }: WrittenTime): string | undefined {
  const [, day, minute = '', second = ':00', fraction = ''] =
    /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?([.,]\d+)?$/.exec(text.trim()) ?? [];
  return day === undefined ? undefined : instantAt(`${day}T${minute}${second}`, zone, fraction.replace(',', '.'));
}

function dayTime({ text, now, zone }: WrittenTime, side: Side): string | undefined {
  if (text === 'now') return formatInstant(now);
  const back = ['today', 'yesterday'].indexOf(text);
  const day = back < 0 ? text : dayBefore(now, zone, back);
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return undefined;
  return side === 'start' ? instantAt(`${day}T00:00:00`, zone) : instantAt(`${day}T23:59:59`, zone, '.999999');
}

/** The last time that it was so late. */
function clockTime({ text, now, zone }: WrittenTime): string | undefined {
  const [, hour = '', minute = '', second = ':00'] = /^(\d?\d)(:\d\d)(:\d\d)?$/.exec(text) ?? [];
  if (minute === '') return undefined;
  const times = [0, 1].map((back) =>
    instantAt(`${dayBefore(now, zone, back)}T${hour.padStart(2, '0')}${minute}${second}`, zone),
  );
  return times.find((time) => time !== undefined && (parseInstant(time) ?? now) <= now);
}

function timeAgo({ text, now }: WrittenTime): string | undefined {
  const [, number, unit = ''] = /^(\d+)([mhdw])$/.exec(text) ?? [];
  const ago = Number(number) * (UNITS[unit] ?? Number.NaN);
  return ago > 0 && ago <= LONGEST ? formatInstant(epochMillis(Math.floor((now - ago) / SECOND) * SECOND)) : undefined;
}

/** The day so many days before the one that it is in the zone, which may have had 23 or 25 hours. */
function dayBefore(now: EpochMillis, zone: Zone, back: number): string {
  const midnight = parseInstant(`${clockAt(now, zone).slice(0, 10)}${MIDNIGHT}`) ?? now;
  return formatInstant(epochMillis(midnight - back * DAY)).slice(0, 10);
}

/**
 * The instant, in UTC, at which clocks of the zone show `2026-03-10T08:00:00`. Of an hour that comes twice, as summer time
 * ends, the later; one that is left out, as it begins, is the hour after it. Undefined where no calendar has it.
 */
function instantAt(clock: string, zone: Zone, fraction = ''): string | undefined {
  const inUtc = parseInstant(`${clock}Z`);
  if (inUtc === undefined) return undefined;
  const about = epochMillis(inUtc - offsetAt(inUtc, zone));
  return formatInstant(epochMillis(inUtc - offsetAt(about, zone))).replace('Z', `${fraction}Z`);
}

/** What clocks of the zone show, to the second: `2026-03-10T08:00:00`. */
function clockAt(at: EpochMillis, zone: Zone): string {
  return formatInstant(epochMillis(Math.floor(at / SECOND) * SECOND + offsetAt(at, zone))).slice(0, 19);
}

/** How far the zone's clocks are ahead of UTC, in milliseconds. */
function offsetAt(at: EpochMillis, zone: Zone): number {
  return zone === 'UTC' ? 0 : -new Date(at).getTimezoneOffset() * MINUTE;
}

/** With its zone: in UTC, and in front of that as the machine's clock has it where that counts. */
function shown(time: string, zone: Zone): string {
  const at = parseInstant(time);
  if (zone === 'UTC' || at === undefined) return time;
  const minutes = offsetAt(at, zone) / MINUTE;
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map((part) =>
    String(part).padStart(2, '0'),
  );
  const fraction = /\.\d+/.exec(time)?.[0] ?? '';
  return `${clockAt(at, zone)}${fraction}${minutes < 0 ? '-' : '+'}${hours}:${rest}, ${time}`;
}

/** The forms, for the help of an option. */
export const TIME_FORMS =
  '2026-03-10T14:03:00Z, 2026-03-10, yesterday, 08:00, 2h, 1w; UTC without a zone, unless --local';

/** An option that takes a time as people write it, for a command that is `readingTimes`: RFC 3339 in the end. */
export function timeOption(flags: string, says: string, side: Side): Option {
  return new TimeOption(flags, says, side, (time) => time);
}

/** As `timeOption`: in milliseconds in the end. */
export function instantOption(flags: string, says: string, side: Side): Option {
  return new TimeOption(flags, says, side, (time) => parseInstant(time) ?? epochMillis(Number.NaN));
}

class TimeOption extends Option {
  readonly side: Side;
  readonly inTheEnd: (time: string) => string | EpochMillis;

  constructor(flags: string, says: string, side: Side, inTheEnd: (time: string) => string | EpochMillis) {
    super(flags, says);
    this.side = side;
    this.inTheEnd = inTheEnd;
    this.argParser(checked);
  }
}

/** As it is: whether `--local` follows is not known yet. */
function checked(text: string): string {
  if (readTime(text, 'start', epochMillis(Date.now())) !== undefined) return text;
  throw new InvalidArgumentError(`Give a time: ${TIME_FORMS}.`);
}

/** Gives the command `--local`; reads what its options of time say when all of them are known, and says what it made of them. */
export function readingTimes(command: Command): Command {
  return command
    .option('--local', "times that state no zone are of this machine's zone, not of UTC")
    .hook('preAction', () => {
      const zone = command.getOptionValue('local') === true ? 'local' : 'UTC';
      const now = epochMillis(Date.now());
      for (const option of command.options) if (option instanceof TimeOption) readOption(command, option, now, zone);
    });
}

function readOption(command: Command, option: TimeOption, now: EpochMillis, zone: Zone): void {
  const name = option.attributeName();
  const text: unknown = command.getOptionValue(name);
  const read = typeof text === 'string' ? readTime(text, option.side, now, zone) : undefined;
  if (read === undefined) return;
  if (read.said !== undefined) note(`${option.long} ${read.said}.`);
  command.setOptionValueWithSource(name, option.inTheEnd(read.time), command.getOptionValueSource(name));
}
