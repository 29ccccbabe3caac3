import type { BackfillOutcome } from '../../lib/usecases/backfill/backfill-settle.ts';
import type { BackfillTally } from '../../lib/usecases/backfill/backfill-tally.ts';
import { counted } from '../terminal/text-table.ts';

const STATUSES = ['Attributed', 'Partial', 'Ambiguous', 'Unattributed', 'Pending', 'System'] as const;

/** Returns what a backfill added, in sentences. */
export function loadedText(tally: BackfillTally): string {
  const records = tally.sum('TrailRecordsReceived');
  const events = tally.sum('EventsReceived');
  const lines: string[] = [];
  if (records > 0)
    lines.push(`CloudTrail: ${records} records read; ${tally.grants} grants and ${tally.uses} uses added`);
  if (events > 0) {
    const [recorded, known] = [tally.sum('EventsRecorded'), tally.sum('EventsDuplicate')];
    const omitted = tally.sum('EventsOmitted');
    const left = omitted === 0 ? '' : `, ${counted(omitted, 'read')} left out (record)`;
    lines.push(`Audit events: ${recorded} recorded, ${known} there already${left}${inBrackets(byStatus(tally))}`);
  }
  if (records + events === 0) lines.push('Nothing was read that is not loaded already.');
  const rejected = [...tally.rejected].map(([reason, count]) => `${count} ${reason}`);
  if (rejected.length > 0) lines.push(`Could not be read: ${rejected.join(', ')}`);
  const ignored = [...tally.ignored].map(([what, count]) => `${count} ${what}`);
  if (ignored.length > 0) lines.push(`Left out: ${ignored.join(', ')}`);
  return `${lines.join('\n')}\n`;
}

/** Returns what was settled, in sentences. */
export function settledText(tally: BackfillTally, { decided, failed, leftOver }: BackfillOutcome): string {
  const corrected = tally.sum('RecordsCorrected');
  const lines = [
    `Settled: ${decided} claims decided again, ${corrected} records corrected${inBrackets(byStatus(tally))}`,
  ];
  if (leftOver)
    lines.push('The time limit came before the last claim: the service settles the rest, or run this again.');
  if (failed.length > 0) lines.push(`${failed.length} claims could not be settled; they stay due`);
  return `${lines.join('\n')}\n`;
}

function byStatus(tally: BackfillTally): string {
  return STATUSES.flatMap((status) =>
    tally.sum(status) > 0 ? `${tally.sum(status)} ${status.toLowerCase()}` : [],
  ).join(', ');
}

function inBrackets(text: string): string {
  return text === '' ? '' : ` (${text})`;
}
