import { DAY, type EpochMillis, epochMillis, formatInstant, SECOND } from '../../lib/time.ts';
import { CommandError } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';

/** How far back LookupEvents reaches, in milliseconds (FACTS). */
export const EVENT_HISTORY = 90 * DAY;
const COVERS = "CloudTrail's event history covers only the last 90 days";
const ELSEWHERE = "read older grants from CloudTrail's files, with --cloudtrail";

/** Checks the time range. @throws CommandError if LookupEvents reaches no part of it. */
export function checkEventHistory({ to }: { readonly to: EpochMillis }, now: EpochMillis): void {
  if (to >= now - EVENT_HISTORY) return;
  const why = `and the time range ends before that, at ${formatInstant(to)}`;
  throw new CommandError(`${COVERS}, ${why}. Leave out --lookup, and ${ELSEWHERE}.`, 1);
}

/** Notes which part of the time range LookupEvents does not reach. */
export function noteEventHistory({ from }: { readonly from: EpochMillis }, now: EpochMillis): void {
  const oldest = epochMillis(Math.floor((now - EVENT_HISTORY) / SECOND) * SECOND);
  if (from < oldest) note(`${COVERS}, so it has nothing before ${formatInstant(oldest)}. To include it, ${ELSEWHERE}.`);
}
