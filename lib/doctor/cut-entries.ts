import { type EpochMillis, epochMillis, HOUR, parseInstant } from '../time.ts';
import { backfillOf } from './commands.ts';
import { type Finding, finding } from './finding.ts';

/** Audit entries that are no whole JSON object, of one stream and hour. */
export interface CutEntries {
  readonly stream: string;
  /** When the hour begins; undefined where Logs Insights did not say so in a readable way. */
  readonly hour: EpochMillis | undefined;
  readonly count: number;
}

/** The most groups that a Logs Insights query can answer with (CloudWatch Logs quotas, "Logs Insights results"). */
const MOST_GROUPS = 10_000;

/**
 * Logs Insights: the audit entries that were cut, by stream and hour. They are no JSON, so no field of theirs can be
 * asked for; what is whole ends in a brace.
 */
export const CUT_ENTRIES = `filter @logStream like /^kube-apiserver-audit/ and @message not like /\\}\\s*$/ | stats count(*) as cut by @logStream, bin(1h) as hour | limit ${MOST_GROUPS}`;

/** One row of the answer, its values by field. */
export function readCutEntries(row: ReadonlyMap<string, string>): CutEntries {
  return {
    stream: row.get('@logStream') ?? '',
    hour: hourOf(row.get('hour') ?? ''),
    count: Number(row.get('cut') ?? 0),
  };
}

/** `2026-03-10 08:00:00.000`, in UTC, or milliseconds since 1970. */
function hourOf(text: string): EpochMillis | undefined {
  return /^\d{12,14}$/.test(text) ? epochMillis(Number(text)) : parseInstant(text);
}

/** Where and when entries were looked for, and into which tables they would have gone. */
interface Search {
  readonly subject: string;
  readonly cluster: string;
  readonly region: string;
  readonly logGroup: string;
  readonly days: number;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  readonly prefix: string | undefined;
}

export function cutEntryFindings(cut: readonly CutEntries[], search: Search): readonly Finding[] {
  const count = cut.reduce((total, each) => total + each.count, 0);
  if (count === 0) return [];
  const streams = [...new Set(cut.map(({ stream }) => stream))];
  const rejects = `cut-${search.cluster}.jsonl`;
  const [only] = streams.length === 1 ? streams : [];
  const gap = { ...search, ...timesOf(cut, search), ...(only ? { logStream: only } : {}), rejects };
  return [
    finding('audit-entries-cut', {
      subject: search.subject,
      evidence: `${count} audit entries of the last ${search.days} days in ${search.logGroup} do not end as JSON objects do, in ${streams.length === 1 ? `the stream ${streams[0]}` : `${streams.length} streams`}.`,
      mend: `${backfillOf(gap, search.prefix)} writes the beginning of each, which says who and what, to ${rejects}; no record can be made of them. Keep objects that large out of the cluster.`,
    }),
  ];
}

/** The hours in which entries were cut; all that was searched where an hour is not known. */
function timesOf(cut: readonly CutEntries[], { from, to }: Search): { from: EpochMillis; to: EpochMillis } {
  const hours = cut.flatMap(({ hour }) => hour ?? []);
  if (hours.length < cut.length) return { from, to };
  return { from: epochMillis(Math.min(...hours)), to: epochMillis(Math.max(...hours) + HOUR) };
}
