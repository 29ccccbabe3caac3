import { STATUSES } from '../../lib/attribution/reasons.ts';
import type { RejectReason } from '../../lib/envelopes/reject.ts';
import type { LeftOut } from '../../lib/envelopes/unwrap.ts';
import type { RunCounts } from '../../lib/usecases/counting/run-counts.ts';
import { leftOutText, unreadText } from '../../lib/words/left-out.ts';
import { originAdvice } from '../options/log-groups.ts';
import { ownCommand } from '../options/own-command.ts';
import { type Places, placeWords } from '../options/place-words.ts';
import { counted } from '../terminal/text-table.ts';

/** The records that match the filters, and a sentence with their number and the filters. */
export interface MatchSummary {
  readonly counts: RunCounts;
  readonly says: string;
}

/**
 * Returns two lines about a run: what was read, and the records by status with what was ignored.
 *
 * @param matches if there are filters: the records to count by status, instead of all.
 */
export function inputSummary(counts: RunCounts, seconds: number, matches?: Pick<MatchSummary, 'counts'>): string {
  const { records, grants, duplicates, ignored } = counts;
  const shown = matches?.counts ?? counts;
  const read = `${counted(records, 'record')} and ${counted(grants, 'grant')} read in ${seconds.toFixed(1)} s`;
  const left = duplicates > 0 ? `, ${counted(duplicates, 'duplicate')} left out` : '';
  const statuses = STATUSES.flatMap((status) => {
    const number = shown.byStatus.get(status);
    return number === undefined ? [] : `${number.toLocaleString('en-US')} ${status}${reasonsOf(shown, status)}`;
  });
  const parts = [...statuses, ...(ignored.size === 0 ? [] : [`ignored: ${leftOutText(ignored)}`])];
  return `${read}${left}\n${parts.length === 0 ? '' : `${parts.join('; ')}\n`}`;
}

function reasonsOf({ byReason }: RunCounts, status: string): string {
  const reasons = [...byReason]
    .filter(([key]) => key.startsWith(`${status} `))
    .map(([key, number]) => `${key.slice(status.length + 1)} ${number.toLocaleString('en-US')}`);
  return reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
}

/** The parts of the input that no answer includes. */
export interface LostParts {
  /** Pieces that could not be read, by the reason. */
  readonly rejected: ReadonlyMap<RejectReason, number>;
  readonly ignored: ReadonlyMap<LeftOut, number>;
  /** Some of the names of logs whose pieces were left out as `other-origin`. */
  readonly otherOrigins: ReadonlySet<string>;
}

/** Returns sentences about input that no answer includes, although it may be evidence. Every command writes them. */
export function lostInput({ rejected, ignored, otherOrigins }: LostParts, listed: string): readonly string[] {
  const unread = [...rejected.values()].reduce((sum, number) => sum + number, 0);
  const them = unread === 1 ? 'it' : 'them';
  const sentence = `${counted(unread, 'part')} of the files could not be read, so no answer includes ${them}: ${unreadText(rejected)}. ${listed}`;
  return [...(unread === 0 ? [] : [sentence]), ...originAdvice(ignored, otherOrigins)];
}

/** Returns the sentence about how to list the pieces that could not be read. */
export function listUnread({ audit = ['AUDIT-LOG'], ...places }: Places): string {
  return `To list what was not read, run ${[ownCommand('attribute'), ...placeWords({ ...places, audit })].join(' ')} --rejects FILE.`;
}
