import { type Command, InvalidArgumentError } from 'commander';
import { epochMillis, formatInstant, HOUR, MINUTE, parseInstant } from '../lib/time.ts';
import { wrongUsage } from './failure.ts';

/** The event times that are asked about. */
export interface RangeOptions {
  /** Milliseconds back from now. */
  readonly since?: number;
  readonly from?: string;
  readonly to?: string;
}

export function withRange(command: Command): Command {
  return command
    .option('--since <duration>', 'events of the last minutes, hours or days: 30m, 2h, 7d', durationOf)
    .option('--from <time>', 'events from this time on (RFC 3339; UTC without a zone)', instantText)
    .option('--to <time>', 'events up to and with this time', instantText);
}

/** Both ends as they were written: the service reads them to the microsecond. @throws CommandFailure where they contradict each other. */
export function rangeOf({ since, from, to }: RangeOptions, now: number): { from?: string; to?: string } {
  if (since !== undefined && from !== undefined) throw wrongUsage('Give --since or --from, not both.');
  const start = since === undefined ? from : formatInstant(epochMillis(now - since));
  const [begin, end] = [start, to].map((text) => (text === undefined ? undefined : parseInstant(text)));
  if (begin !== undefined && end !== undefined && begin > end) {
    throw wrongUsage(`The time range ends before it begins (${start} to ${to}).`);
  }
  return { ...(start !== undefined && { from: start }), ...(to !== undefined && { to }) };
}

/** In words, for what a command says that it read. */
export function rangeText({ from, to }: { from?: string; to?: string }): string {
  const parts = [from !== undefined && `from ${from}`, to !== undefined && `up to ${to}`].filter(Boolean);
  return parts.length === 0 ? 'of all times' : parts.join(' ');
}

const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: 24 * HOUR };
/** Ten years: no record is kept as long. */
const LONGEST = 3_660 * 24 * HOUR;

function durationOf(text: string): number {
  const [, number, unit] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const milliseconds = Number(number) * (UNITS[unit ?? ''] ?? Number.NaN);
  if (!(milliseconds > 0 && milliseconds <= LONGEST)) throw new InvalidArgumentError('Give a time like 30m, 2h or 7d.');
  return milliseconds;
}

function instantText(text: string): string {
  if (parseInstant(text) === undefined) throw new InvalidArgumentError('Give a time like 2026-03-10T14:03:00Z.');
  return text.replace(/^(\d{4}-\d\d-\d\d) /, '$1T'); // in a query a blank may stand for the + of a zone
}
