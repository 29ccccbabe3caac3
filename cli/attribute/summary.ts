import { actorLabel, labelsApart } from '../../lib/attribution/actor-names.ts';
import { STATUSES } from '../../lib/attribution/reasons.ts';
import type { ActorCount, RunCounts } from '../../lib/usecases/counting/run-counts.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import { originAdvice } from '../options/log-groups.ts';

const MOST_ACTORS = 15;

/** The records that match the filters, and a sentence with their number and the filters. */
export interface MatchSummary {
  readonly counts: RunCounts;
  readonly says: string;
}

/**
 * Returns the summary of a run: counts by status and actor, what could not be read and why, and the time it took.
 *
 * @param matches if there are filters: the records to count by status and actor, instead of all.
 */
export function summary(counts: RunCounts, seconds: number, matches?: MatchSummary): string {
  const shown = matches?.counts ?? counts;
  const duplicates = counts.duplicates > 0 ? `, ${count(counts.duplicates, 'duplicate')} left out` : '';
  const lines = [
    `${count(counts.records, 'record')} in ${seconds.toFixed(1)} s${duplicates}`,
    ...(matches ? [matches.says] : []),
  ];
  for (const status of STATUSES) {
    const number = shown.byStatus.get(status);
    if (number === undefined) continue;
    const reasons = [...shown.byReason]
      .filter(([key]) => key.startsWith(`${status} `))
      .map(([key, times]) => `${key.slice(status.length + 1)} ${times}`);
    lines.push(row(status, number, reasons.length === 0 ? '' : `  (${reasons.join(', ')})`));
  }
  lines.push(...section('by actor', countsOf([...shown.byActor.values()]), MOST_ACTORS));
  lines.push(...section('ignored', counts.ignored, MOST_ACTORS));
  lines.push(...originAdvice(counts.ignored, counts.otherOrigins));
  lines.push(...section('set aside as unreadable', counts.rejected, Number.POSITIVE_INFINITY));
  return `${lines.join('\n')}\n`;
}

/** Returns the counts by label. Labels of different actors differ. */
function countsOf(counts: readonly ActorCount[]): ReadonlyMap<string, number> {
  const labels = labelsApart(
    counts.map(({ actor }) => actor),
    actorLabel,
  );
  return new Map(counts.map(({ count: number }, at) => [labels[at] ?? '', number]));
}

function section(title: string, counts: ReadonlyMap<string, number>, most: number): string[] {
  if (counts.size === 0) return [];
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const rows = sorted.slice(0, most).map(([name, number]) => row(escapeForTerminal(name), number, ''));
  const more = sorted.length > most ? [`  and ${sorted.length - most} more`] : [];
  return [`${title}:`, ...rows, ...more];
}

function row(name: string, number: number, rest: string): string {
  return `  ${String(number.toLocaleString('en-US')).padStart(9)}  ${name}${rest}`;
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}
