import type { BackfillCounts } from '../../lib/usecases/backfill/backfill-counts.ts';
import type { BackfillOutcome } from '../../lib/usecases/backfill/backfill-settle.ts';
import { leftOutText, unreadText } from '../../lib/words/left-out.ts';
import { counted } from '../terminal/text-table.ts';

const STATUSES = ['Attributed', 'Partial', 'Ambiguous', 'Unattributed', 'Pending', 'System'] as const;

/** Returns what a backfill added, in sentences. */
export function loadedText(counts: BackfillCounts): string {
  const records = counts.sum('TrailRecordsReceived');
  const events = counts.sum('EventsReceived');
  const lines: string[] = [];
  if (records > 0)
    lines.push(`CloudTrail: ${records} records read; ${counts.grants} grants and ${counts.uses} uses added`);
  if (events > 0) {
    const [recorded, known] = [counts.sum('EventsRecorded'), counts.sum('EventsDuplicate')];
    const omitted = counts.sum('EventsOmitted');
    const left = omitted === 0 ? '' : `, ${counted(omitted, 'read')} left out (record)`;
    lines.push(`Audit events: ${recorded} recorded, ${known} there already${left}${inBrackets(byStatus(counts))}`);
  }
  if (records + events === 0) lines.push('Nothing was read that is not loaded already.');
  if (counts.rejected.size > 0) lines.push(`Could not be read: ${unreadText(counts.rejected)}`);
  if (counts.ignored.size > 0) lines.push(`Left out: ${leftOutText(counts.ignored)}`);
  return `${lines.join('\n')}\n`;
}

/** Returns what was settled, in sentences. */
export function settledText(counts: BackfillCounts, { decided, failed, leftOver }: BackfillOutcome): string {
  const corrected = counts.sum('RecordsCorrected');
  const lines = [
    `Settled: ${decided} claims decided again, ${corrected} records corrected${inBrackets(byStatus(counts))}`,
  ];
  if (leftOver)
    lines.push('The time limit came before the last claim: the service settles the rest, or run this again.');
  if (failed.length > 0) lines.push(`${failed.length} claims could not be settled; they stay due`);
  return `${lines.join('\n')}\n`;
}

function byStatus(counts: BackfillCounts): string {
  return STATUSES.flatMap((status) =>
    counts.sum(status) > 0 ? `${counts.sum(status)} ${status.toLowerCase()}` : [],
  ).join(', ');
}

function inBrackets(text: string): string {
  return text === '' ? '' : ` (${text})`;
}
