import { DAY, type EpochMillis, epochMillis, formatInstant, SECOND } from '../../lib/time.ts';
import { CommandError } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';

/** In milliseconds, what LookupEvents knows (FACTS). */
export const EVENT_HISTORY = 90 * DAY;
const KNOWS = "CloudTrail's event history knows the last 90 days only:";
const ELSEWHERE = "load what is older from CloudTrail's files, with --cloudtrail";

/** @throws CommandError where nothing of the range can come from LookupEvents. */
export function checkEventHistory({ to }: { readonly to: EpochMillis }, now: EpochMillis): void {
  if (to >= now - EVENT_HISTORY) return;
  const why = `nothing can come from it for a time range that ends at ${formatInstant(to)}`;
  throw new CommandError(`${KNOWS} ${why}. Leave out --lookup, and ${ELSEWHERE}.`, 1);
}

/** Says what of the range LookupEvents cannot have. */
export function noteEventHistory({ from }: { readonly from: EpochMillis }, now: EpochMillis): void {
  const oldest = epochMillis(Math.floor((now - EVENT_HISTORY) / SECOND) * SECOND);
  if (from < oldest) note(`${KNOWS} nothing before ${formatInstant(oldest)} can come from it; ${ELSEWHERE}.`);
}
