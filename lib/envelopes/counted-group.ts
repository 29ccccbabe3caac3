import type { ErrorCode } from '../error-code.ts';

/** The kind of evidence that a log group may hold: the API server's audit log, or a trail. */
export type LogContent = 'audit' | 'cloudtrail';

/** A log group that the operator vouches for, besides AWS's own. */
export interface CountedGroup {
  /** Name of the log group. `*` stands for any text; `*` alone also matches input without a log group. */
  readonly names: string;
  readonly content: LogContent;
}

/** The error for a text that names no log group with its content. */
export class CountedGroupError extends Error {
  readonly code = 'counted-group' satisfies ErrorCode;
}

/** Characters of a log group's name (CloudWatch Logs API Reference, "CreateLogGroup"), those of other logs' names, and `*`. */
const COUNTED_GROUP = /^([\w./#*:@+-]{1,512})=(audit|cloudtrail)$/;

/**
 * Parses `NAME=audit` or `NAME=cloudtrail`.
 * @throws CountedGroupError saying which form is expected.
 */
export function parseCountedGroup(text: string): CountedGroup {
  const [, names, content] = COUNTED_GROUP.exec(text) ?? [];
  if (names !== undefined && (content === 'audit' || content === 'cloudtrail')) return { names, content };
  const wanted = "NAME=audit or NAME=cloudtrail. NAME is a log group's name, and a * in it stands for any text";
  throw new CountedGroupError(`${JSON.stringify(text.slice(0, 600))} is not ${wanted}.`);
}

/** Returns whether the operator vouches for the group. Input without a group is vouched for only by `*`. */
export function isCounted(group: string | undefined, content: LogContent, counted: readonly CountedGroup[]): boolean {
  return counted.some((each) => each.content === content && isNamed(group ?? '', each.names));
}

/** Matches a name with `*`. Each part between two `*` is searched once, after the previous part. */
function isNamed(group: string, names: string): boolean {
  const [first = '', ...others] = names.split('*');
  const last = others.pop();
  if (last === undefined) return group === first;
  if (!group.startsWith(first) || group.length < first.length + last.length || !group.endsWith(last)) return false;
  let at = first.length;
  for (const part of others) {
    const found = group.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= group.length - last.length;
}

/** The maximum number of log names that are kept for a message, and the maximum length of each. Anybody can write one. */
const [MOST_NAMES, LONGEST_NAME] = [5, 200];

/** Adds the name of a log to those that a message shows. */
export function addLogName(names: Set<string>, name: string | undefined): void {
  if (name !== undefined && names.size < MOST_NAMES) names.add(name.slice(0, LONGEST_NAME));
}
