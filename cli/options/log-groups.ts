import { Option } from 'commander';
import { type CountedGroup, CountedGroupError, parseCountedGroup } from '../../lib/envelopes/counted-group.ts';
import type { IgnoredPiece } from '../../lib/envelopes/unwrap.ts';
import { wrongUsage } from '../failures/command-error.ts';

/** `--log-group`, the same wherever files are read. */
export function logGroupOption(): Option {
  return new Option(
    '--log-group <name=kind...>',
    "log groups (* is any text) whose messages count though the names are not AWS's own: /company/audit=audit, trail-*=cloudtrail",
  ).default([], 'none');
}

/** Reads `--log-group`; what names no group or no kind is wrong usage. */
export function countedGroupsOf(texts: readonly string[]): CountedGroup[] {
  try {
    return texts.map(parseCountedGroup);
  } catch (error) {
    if (error instanceof CountedGroupError) throw wrongUsage(`--log-group: ${error.message}`);
    throw error;
  }
}

/** Of `backfill`'s: those to read from, since no name of a log group has a `=`. */
export function readGroups(texts: readonly string[] = []): readonly string[] {
  return texts.filter((text) => !text.includes('='));
}

/** Of `backfill`'s: those that count. */
export function vouchedGroups(texts: readonly string[] = []): readonly string[] {
  return texts.filter((text) => text.includes('='));
}

/** For `--help`, wherever the option is. */
export const LOG_GROUP_HELP = `
Where an envelope names its log group or stream, audit events count from /aws/eks/<cluster>/cluster and its streams
kube-apiserver-audit-…, CloudTrail's records from streams <account>_CloudTrail_<Region>, and not from groups below
/aws/lambda/, /aws/eks/ and /aws/containerinsights/: elsewhere applications may log what looks like them. What is left
out for that is counted. --log-group vouches for more, as NAME=audit or NAME=cloudtrail, where NAME is a group or a
pattern; '*=audit' also counts where an envelope names a stream and no group.`;

const ADVICE: Readonly<Partial<Record<IgnoredPiece, string>>> = {
  'other-origin':
    'other-origin looks like audit events or CloudTrail records, but its log group or stream holds none. If you collect logs\n  there, vouch for it: --log-group NAME=audit or NAME=cloudtrail.',
  'continued-message':
    'continued-message stands in an export behind a line with a time, without one: it belongs to that line’s message. If it\n  does not, take such lines out, or give the files one by one.',
};

/** What a person should know of pieces that were left out, a paragraph each. */
export function originAdvice(ignored: ReadonlyMap<string, number>): string[] {
  return Object.entries(ADVICE).flatMap(([what, advice]) => (ignored.has(what) ? [`  ${advice}`] : []));
}
