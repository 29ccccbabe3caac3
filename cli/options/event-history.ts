import { DAY, type EpochMillis, epochMillis, formatInstant, SECOND } from '../../lib/time.ts';
import { CommandError } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';

/** In milliseconds, what LookupEvents knows (FACTS). */
export const EVENT_HISTORY = 90 * DAY;
const COVERS = "CloudTrail's event history covers only the last 90 days";
const ELSEWHERE = "read older grants from CloudTrail's files, with --cloudtrail";

/** @throws CommandError where nothing of the range can come from LookupEvents. */
export function checkEventHistory({ to }: { readonly to: EpochMillis }, now: EpochMillis): void {
  if (to >= now - EVENT_HISTORY) return;
  const why = `and the time range ends before that, at ${formatInstant(to)}`;
  throw new CommandError(`${COVERS}, ${why}. Leave out --lookup, and ${ELSEWHERE}.`, 1);
}

/** Says what of the range LookupEvents cannot have. */
export function noteEventHistory({ from }: { readonly from: EpochMillis }, now: EpochMillis): void {
  const oldest = epochMillis(Math.floor((now - EVENT_HISTORY) / SECOND) * SECOND);
  if (from < oldest) note(`${COVERS}, so it has nothing before ${formatInstant(oldest)}. To include it, ${ELSEWHERE}.`);
}
