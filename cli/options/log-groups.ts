import { Option } from 'commander';
import { type CountedGroup, CountedGroupError, parseCountedGroup } from '../../lib/envelopes/counted-group.ts';
import type { IgnoredPiece, LeftOut } from '../../lib/envelopes/unwrap.ts';
import { keysOf } from '../../lib/json.ts';
import { quoted } from '../../lib/shell.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import { leftOutText } from '../../lib/words/left-out.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { GROUPS, type Topic } from '../help/command-help.ts';

/** Returns `--log-group`, the same for every command that reads files. */
export function logGroupOption(): Option {
  return new Option(
    '--log-group <name=kind...>',
    "also trust messages of log groups whose names are not AWS's own: /company/audit=audit, trail-*=cloudtrail",
  )
    .default([], 'none')
    .helpGroup(GROUPS.rules);
}

/** Parses `--log-group`. @throws CommandError if a value names no group or no kind. */
export function countedGroupsOf(texts: readonly string[]): CountedGroup[] {
  try {
    return texts.map(parseCountedGroup);
  } catch (error) {
    if (error instanceof CountedGroupError) throw wrongUsage(`--log-group: ${error.message}`);
    throw error;
  }
}

/** Returns which values of `backfill --log-group` are log groups to read from: the name of a log group has no `=`. */
export function readGroups(texts: readonly string[] = []): readonly string[] {
  return texts.filter((text) => !text.includes('='));
}

/** Returns which values of `backfill --log-group` vouch for a log group, as `NAME=kind`. */
export function vouchedGroups(texts: readonly string[] = []): readonly string[] {
  return texts.filter((text) => text.includes('='));
}

/** Explains `--log-group` in the long help. */
export const LOG_GROUP_TOPIC: Topic = {
  heading: 'Log groups:',
  text: `
If an envelope names its log group or stream, this name decides what counts. Audit events count from /aws/eks/<cluster>/cluster and
its streams kube-apiserver-audit-…. CloudTrail records count from streams <account>_CloudTrail_<Region>, but not from log groups
below /aws/lambda/, /aws/eks/ and /aws/containerinsights/. In other log groups, an application
may log text that looks like them. A message says how many such texts were left out.

--log-group trusts more log groups: NAME=audit or NAME=cloudtrail, where NAME is a log group or a pattern. '*=audit' also
covers envelopes that name a stream and no log group.`,
};

const ADVICE = {
  'other-origin':
    'Such a text looks like an audit event or a CloudTrail record, but AWS does not write these to its log group or stream. If you collect them there, trust that log group: --log-group NAME=audit or NAME=cloudtrail.NAMES',
  'continued-message':
    'Such a line has no time and follows a line with one, so it counts as a part of that message. If such a line is an event of its own, put it into a separate file.',
} as const satisfies Readonly<Partial<Record<IgnoredPiece, string>>>;

/**
 * Returns advice for each kind of input that was left out although it may be evidence. Each advice is a sentence or
 * two.
 * @param names some of the names of logs that were found.
 */
export function originAdvice(ignored: ReadonlyMap<LeftOut, number>, names: ReadonlySet<string> = new Set()): string[] {
  const found = [...names].map((name) => escapeForTerminal(quoted(name))).join(', ');
  const nameList = names.size === 0 ? '' : ` Names that were found: ${found}.`;
  return keysOf(ADVICE).flatMap((what) => {
    const number = ignored.get(what);
    if (number === undefined) return [];
    return [`Ignored ${leftOutText(new Map([[what, number]]))}. ${ADVICE[what].replace('NAMES', () => nameList)}`];
  });
}
