import { appearanceOf } from '../../lib/envelopes/appearance.ts';
import type { RejectedPiece } from '../../lib/ports/input.ts';
import { quoted } from '../../lib/shell.ts';
import type { RunCounts } from '../../lib/usecases/counting/run-counts.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import { exchangedKinds } from '../../lib/words/exchanged-kinds.ts';
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
  const exchanged = exchangedIn(counts);
  if (exchanged !== undefined) return { sentences: [exchanged], isError: true };
  return {
    sentences: [...(hasEvents ? [] : [noEvents(counts)]), ...(counts.grants > 0 ? [] : [noGrants(counts)])],
    isError: !hasEvents && (counts.unread.audit > 0 || counts.otherData.audit === 0),
  };
}

/** Returns a sentence if the files of an option are of the other kind. */
export function exchangedIn({ records, duplicates, trailRecords, ignored }: RunCounts): string | undefined {
  return exchangedKinds({
    audit: { events: records + duplicates, trailRecords: ignored.get('cloudtrail-record') ?? 0 },
    cloudtrail: { events: ignored.get('audit-event') ?? 0, trailRecords },
  });
}

/** The maximum number of sentences about input that is not understood. */
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
    // each row of one CSV gets the same key
    const key = `${file} ${appearance?.looksLike.replace(/ with .*/s, '') ?? reason}`;
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

/**
 * Returns warnings for templates and proxies that matched no event: they may be misspelled, or belong to another
 * cluster.
 */
export function unmetSettings({ unmet: { templates, proxies }, records }: UnmetSettings): readonly string[] {
  if (records === 0) return [];
  return [
    ...templates.map(
      (each) =>
        `--username-template ${quoted(each)} matches none of ${counted(records, 'event')}. Compare it with the usernames in aws-auth or the access entries.`,
    ),
    ...proxies.map(
      (each) =>
        `--trusted-proxy ${quoted(each)} impersonates nobody in ${counted(records, 'event')}. eks-whois doctor --audit shows who impersonates users.`,
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
  return `No audit events were found in --audit: ${emptyReason(counts, 'audit')}. Give the audit log of the API server.`;
}

function noGrants(counts: RunCounts): string {
  const reason =
    counts.trailRecords > 0
      ? `its ${counted(counts.trailRecords, 'CloudTrail record')} issued no credentials`
      : emptyReason(counts, 'cloudtrail');
  return `No grants were found in --cloudtrail: ${reason}. Give the trail's files with the records of STS (AssumeRole and others): these grants identify the actors.`;
}

/** Says what the input contains, in place of what was expected. */
function emptyReason({ unread, ignored, otherData }: RunCounts, input: keyof RunCounts['unread']): string {
  if (unread[input] > 0) return `${counted(unread[input], 'part')} could not be read`;
  return otherData[input] === 0 ? 'it is empty' : `it contains only other data (${leftOutText(ignored)})`;
}
