import type { Command } from 'commander';
import type { TimeRange } from '../../lib/ports/paging.ts';
import { parseInstant } from '../../lib/time.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { readingTimes, TIME_FORMS, timeOption } from './times.ts';

/** The event times that are asked about, as `readingTimes` leaves them: RFC 3339. */
export interface RangeOptions {
  readonly since?: string;
  readonly from?: string;
  readonly to?: string;
}

/** Both ends, in RFC 3339. */
export interface RangeText {
  readonly from?: string;
  readonly to?: string;
}

/** Gives the command the options of a time range, and `--local`. */
export function withRange(command: Command): Command {
  command
    .addOption(timeOption('--since <time>', 'events from that long ago on: 30m, 2h, 7d, 1w; or as --from', 'start'))
    .addOption(timeOption('--from <time>', `events from this time on: ${TIME_FORMS}`, 'start'))
    .addOption(timeOption('--to <time>', 'events up to and with this time, or with all of this day', 'end'));
  return readingTimes(command);
}

/** Both ends as they were written: the service reads them to the microsecond. @throws CommandError where they contradict each other. */
export function rangeOf({ since, from, to }: RangeOptions): RangeText {
  if (since !== undefined && from !== undefined) throw wrongUsage('Give --since or --from, not both.');
  const start = since ?? from;
  const [begin, end] = [start, to].map((text) => (text === undefined ? undefined : parseInstant(text)));
  if (begin !== undefined && end !== undefined && begin > end) {
    throw wrongUsage(`The time range ends before it begins (${start} to ${to}).`);
  }
  return { ...(start !== undefined && { from: start }), ...(to !== undefined && { to }) };
}

/** Both ends as instants. @throws CommandError where they contradict each other. */
export function instantRangeOf(options: RangeOptions): TimeRange {
  const { from, to } = rangeOf(options);
  return {
    from: from === undefined ? undefined : parseInstant(from),
    to: to === undefined ? undefined : parseInstant(to),
  };
}

/** In words, for what a command says that it read. */
export function rangeText({ from, to }: RangeText): string {
  const parts = [from !== undefined && `from ${from}`, to !== undefined && `up to ${to}`].filter(Boolean);
  return parts.length === 0 ? 'of all times' : parts.join(' ');
}
