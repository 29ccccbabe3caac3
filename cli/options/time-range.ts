import type { Command } from 'commander';
import type { TimeRange } from '../../lib/ports/paging.ts';
import { parseInstant } from '../../lib/time.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { timeOption, withTimes } from './times.ts';

/** The time range of a question, in RFC 3339 after `withTimes`. */
export interface RangeOptions {
  readonly since?: string;
  readonly from?: string;
  readonly to?: string;
}

/** Both ends of a time range, in RFC 3339. */
export interface RangeText {
  readonly from?: string;
  readonly to?: string;
}

/** Adds the options of a time range, and `--local`. */
export function withRange(command: Command): Command {
  command
    .addOption(timeOption('--since <time>', 'only events of the last 30m, 2h, 7d, 1mo, or since a time', 'start'))
    .addOption(timeOption('--from <time>', 'from this time on: 2026-03-10T14:03:00Z, yesterday, 08:00', 'start'))
    .addOption(timeOption('--to <time>', 'up to this time. A day counts to its end', 'end'));
  return withTimes(command);
}

/**
 * Returns both ends as texts, because instants would lose the microseconds that the service compares.
 * @throws CommandError if they conflict.
 */
export function rangeOf({ since, from, to }: RangeOptions): RangeText {
  if (since !== undefined && from !== undefined)
    throw wrongUsage('--since and --from both set the start of the time range: leave one of them out.');
  const start = since ?? from;
  const [begin, end] = [start, to].map((text) => (text === undefined ? undefined : parseInstant(text)));
  if (begin !== undefined && end !== undefined && begin > end) {
    throw wrongUsage(`The time range ends before it begins (${start} to ${to}): change --from, --since or --to.`);
  }
  return { ...(start !== undefined && { from: start }), ...(to !== undefined && { to }) };
}

/** Returns both ends as instants. @throws CommandError if they conflict. */
export function instantRangeOf(options: RangeOptions): TimeRange {
  const { from, to } = rangeOf(options);
  return {
    from: from === undefined ? undefined : parseInstant(from),
    to: to === undefined ? undefined : parseInstant(to),
  };
}

/** Describes the time range, for the summary of a command. */
export function rangeText({ from, to }: RangeText): string {
  const parts = [from !== undefined && `from ${from}`, to !== undefined && `up to ${to}`].filter(Boolean);
  return parts.length === 0 ? 'at any time' : parts.join(' ');
}
