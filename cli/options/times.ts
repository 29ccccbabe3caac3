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
import { GROUPS, type Topic } from '../help/command-help.ts';

/** The end of a day that counts if only the day is given. */
export type Side = 'start' | 'end';

/** The time zone of a time that states none: UTC, or this machine's. */
export type Zone = 'UTC' | 'local';

interface ReadTime {
  /** RFC 3339. A text in RFC 3339 stays as it is, because the service compares microseconds. */
  readonly time: string;
  /** A sentence for the user, if the text states no time zone: how it was read. */
  readonly meaning?: string;
}

/** The units by the words that people type. A month has 30 days. */
const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^(?:m|mins?|minutes?)$/, MINUTE],
  [/^(?:h|hours?)$/, HOUR],
  [/^(?:d|days?)$/, DAY],
  [/^(?:w|weeks?)$/, 7 * DAY],
  [/^(?:mo|months?)$/, 30 * DAY],
];
/** The longest time span, in milliseconds: ten years. No record is kept for so long. */
const LONGEST = 3_660 * DAY;
const STATED_ZONE = /(?:[Zz]|UTC|[+-]\d\d:?\d\d)$/;
const MIDNIGHT = 'T00:00:00Z';

/**
 * Parses a time: RFC 3339, `2026-03-10`, `yesterday`, `08:00` (the last one), `2h` (ago), `1w`,
 * `1mo`, `2 days ago`. Undefined for other texts.
 */
export function readTime(text: string, side: Side, now: EpochMillis, zone: Zone = 'UTC'): ReadTime | undefined {
  // In a query a blank may stand for the + of a zone.
  if (STATED_ZONE.test(text) && parseInstant(text) !== undefined)
    return { time: text.replace(/^(\d{4}-\d\d-\d\d) /, '$1T') };
  const written = { text, now, zone };
  const time = withoutZone(written) ?? dayTime(written, side) ?? clockTime(written) ?? timeAgo(written);
  return time === undefined ? undefined : { time, meaning: `${text} is ${shown(time, zone)}` };
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

/** Returns the last time at which clocks showed this. */
function clockTime({ text, now, zone }: WrittenTime): string | undefined {
  const [, hour = '', minute = '', second = ':00'] = /^(\d?\d)(:\d\d)(:\d\d)?$/.exec(text) ?? [];
  if (minute === '') return undefined;
  const times = [0, 1].map((back) =>
    instantAt(`${dayBefore(now, zone, back)}T${hour.padStart(2, '0')}${minute}${second}`, zone),
  );
  return times.find((time) => time !== undefined && (parseInstant(time) ?? now) <= now);
}

function timeAgo({ text, now }: WrittenTime): string | undefined {
  const [, number, word = ''] = /^(\d{1,6}) ?([a-z]+)(?: ago)?$/.exec(text) ?? [];
  const [, unit = Number.NaN] = UNITS.find(([words]) => words.test(word)) ?? [];
  const ago = Number(number) * unit;
  return ago > 0 && ago <= LONGEST ? formatInstant(epochMillis(Math.floor((now - ago) / SECOND) * SECOND)) : undefined;
}

/** Returns the day this many days before today in the zone. It may have had 23 or 25 hours. */
function dayBefore(now: EpochMillis, zone: Zone, back: number): string {
  const midnight = parseInstant(`${clockAt(now, zone).slice(0, 10)}${MIDNIGHT}`) ?? now;
  return formatInstant(epochMillis(midnight - back * DAY)).slice(0, 10);
}

/**
 * Returns the instant, in UTC, at which clocks of the zone show `2026-03-10T08:00:00`. When summer time ends, an hour
 * comes twice, and the later one counts. When it begins, an hour is skipped, and the next one counts. Undefined for a
 * date that no calendar has.
 */
function instantAt(clock: string, zone: Zone, fraction = ''): string | undefined {
  const inUtc = parseInstant(`${clock}Z`);
  if (inUtc === undefined) return undefined;
  const about = epochMillis(inUtc - offsetAt(inUtc, zone));
  return formatInstant(epochMillis(inUtc - offsetAt(about, zone))).replace('Z', `${fraction}Z`);
}

/** Returns what clocks of the zone show, to the second: `2026-03-10T08:00:00`. */
function clockAt(at: EpochMillis, zone: Zone): string {
  return formatInstant(epochMillis(Math.floor(at / SECOND) * SECOND + offsetAt(at, zone))).slice(0, 19);
}

/** Returns how far the zone's clocks are ahead of UTC, in milliseconds. */
function offsetAt(at: EpochMillis, zone: Zone): number {
  return zone === 'UTC' ? 0 : -new Date(at).getTimezoneOffset() * MINUTE;
}

/** Writes the time in UTC, after the time of the machine's clock if that is not UTC. */
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

/** Explains times in the long help. */
export const TIME_TOPIC: Topic = {
  heading: 'Times:',
  text: `
A time is written as 2026-03-10T14:03:00Z, 2026-03-10, yesterday, 08:00 (the last time that clocks showed it), 2h, 1w or 1mo (that long ago; a
month has 30 days), or "2 days ago".
Without a time zone it is UTC, or this machine's time zone with --local. Standard error shows how it was read.`,
};

/** Returns an option that takes a time, for a command that is `withTimes`. Its value ends up in RFC 3339. */
export function timeOption(flags: string, says: string, side: Side): Option {
  return new TimeOption(flags, says, side, (time) => time);
}

/** Returns an option like `timeOption`, whose value ends up in milliseconds. */
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
    this.argParser(checkedTime).helpGroup(GROUPS.time);
  }
}

/** Checks the text, and returns it unread: whether `--local` follows is not known yet. */
function checkedTime(text: string): string {
  if (readTime(text, 'start', epochMillis(Date.now())) !== undefined) return text;
  throw new InvalidArgumentError(
    'Give a time like 2026-03-10T14:03:00Z, 2026-03-10, yesterday, 08:00, 2h, 1w, 1mo or "2 days ago".',
  );
}

/** Adds `--local`. Before the command runs, reads its times, and notes how it read those without a time zone. */
export function withTimes(command: Command): Command {
  return command
    .addOption(
      new Option('--local', "read times without a time zone in this machine's zone instead of UTC").helpGroup(
        GROUPS.time,
      ),
    )
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
  if (read.meaning !== undefined) note(`${option.long} ${read.meaning}.`);
  command.setOptionValueWithSource(name, option.inTheEnd(read.time), command.getOptionValueSource(name));
}
