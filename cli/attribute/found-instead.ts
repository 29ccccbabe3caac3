import { appearanceOf } from '../../lib/envelopes/appearance.ts';
import type { RejectedPiece } from '../../lib/ports/input.ts';
import { quoted } from '../../lib/shell.ts';
import type { RunCounts } from '../../lib/usecases/counting/run-counts.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import { leftOutText, reasonText } from '../../lib/words/left-out.ts';
import { counted } from '../terminal/text-table.ts';

/** The findings on input without audit events or without grants. */
export interface InputFindings {
  readonly sentences: readonly string[];
  /** Whether nothing could be answered: no audit event was read, or the two kinds of logs are exchanged. */
  readonly isError: boolean;
}

/** Returns what input without audit events or without grants contains instead, and what to give. */
export function foundInstead(counts: RunCounts): InputFindings {
  const hasEvents = counts.records + counts.duplicates > 0;
  const isTrailWrong = counts.trailRecords === 0 && strayEvents(counts) > 0;
  if (!hasEvents && counts.grants === 0 && strayTrail(counts) > 0 && strayEvents(counts) > 0) {
    const sentence =
      `--audit contains ${counted(strayTrail(counts), 'CloudTrail record')} and no audit event. --cloudtrail contains ` +
      `${counted(strayEvents(counts), 'audit event')} and no grant. Exchange the two. No grants were read.`;
    return { sentences: [sentence], isError: true };
  }
  const hasOtherData = counts.otherData.audit > 0 && strayTrail(counts) === 0;
  return {
    sentences: [...(hasEvents ? [] : [noEvents(counts)]), ...(counts.grants > 0 ? [] : [noGrants(counts)])],
    isError: (!hasEvents && !hasOtherData) || isTrailWrong,
  };
}

/** The most sentences about input that is not understood. */
const MOST_APPEARANCES = 3;

/**
 * Collects the places of pieces that could not be read. Returns one sentence for each file and kind of input that is
 * not understood: what it looks like.
 */
export class UnreadForms {
  readonly #sentences = new Map<string, string>();

  add({ file, place, reason, sample }: RejectedPiece): void {
    if (this.#sentences.size >= MOST_APPEARANCES) return;
    const appearance = appearanceOf(reason, sample);
    const key = `${file} ${appearance?.looksLike ?? reason}`;
    if (this.#sentences.has(key)) return;
    const sentence =
      appearance === undefined
        ? `could not be read: ${reasonText(reason)}.`
        : `is not understood. It looks like ${appearance.looksLike}. ${appearance.advice}`;
    this.#sentences.set(key, `${file}, ${place}, ${sentence}`);
  }

  get sentences(): readonly string[] {
    return [...this.#sentences.values()].map(escapeForTerminal);
  }
}

/** The settings that matched no event, and the number of events. */
export type UnmetSettings = Pick<RunCounts, 'unmet' | 'records'>;

/** Returns warnings for templates and proxies that matched no event: they may be misspelled, or another cluster's. */
export function unmetSettings({ unmet: { templates, proxies }, records }: UnmetSettings): readonly string[] {
  if (records === 0) return [];
  const of = `none of ${counted(records, 'event')}`;
  return [
    ...templates.map(
      (each) =>
        `--username-template ${quoted(each)} matches ${of}. Compare it with the usernames in aws-auth or the access entries.`,
    ),
    ...proxies.map(
      (each) =>
        `--trusted-proxy ${quoted(each)} impersonates somebody in ${of}. eks-whois doctor --audit shows who does.`,
    ),
  ];
}

/** Returns a warning for input that was read only once, so that the first of conflicting records has no flag. */
export function unflaggedCopies({ lateConflicts }: Pick<RunCounts, 'lateConflicts'>): readonly string[] {
  if (lateConflicts === 0) return [];
  return [
    `${counted(lateConflicts, 'record')} with the flag conflicting-copies: the earlier copy of each event has no flag, because standard input ` +
      'and S3 are read only once. Give local files in --audit to flag all copies.',
  ];
}

function noEvents(counts: RunCounts): string {
  return `No audit events were found in --audit: ${emptyReason(strayTrail(counts), 'CloudTrail record', counts, 'audit')}. Give the log of the kube-apiserver.`;
}

function noGrants(counts: RunCounts): string {
  const reason =
    counts.trailRecords > 0
      ? `its ${counted(counts.trailRecords, 'CloudTrail record')} issued no credentials. Records of STS do`
      : emptyReason(strayEvents(counts), 'audit event', counts, 'cloudtrail');
  return `No grants were found in --cloudtrail: ${reason}. Sessions are attributed by their grants.`;
}

/** Says what the input contains, in place of what was expected. */
function emptyReason(
  stray: number,
  what: string,
  { rejected, ignored, otherData }: RunCounts,
  input: keyof RunCounts['otherData'],
): string {
  if (stray > 0) return `it contains ${counted(stray, what)}`;
  const unread = [...rejected.values()].reduce((sum, number) => sum + number, 0);
  if (unread === 0)
    return otherData[input] === 0 ? 'it is empty' : `it contains only other data (${leftOutText(ignored)})`;
  return `${counted(unread, 'piece')} of the input could not be read`;
}

/** Returns how many CloudTrail records the files of `--audit` contain. */
function strayTrail(counts: RunCounts): number {
  return counts.ignored.get('cloudtrail-record') ?? 0;
}

/** Returns how many audit events the files of `--cloudtrail` contain. */
function strayEvents(counts: RunCounts): number {
  return counts.ignored.get('audit-event') ?? 0;
}
