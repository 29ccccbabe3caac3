import type { ErrorCode } from '../error-code.ts';

/** The kind of evidence that a log group can have: the API server's audit log, or a trail. */
export type LogContent = 'audit' | 'cloudtrail';

/** A log group that the operator vouches for, besides AWS's own. */
export interface CountedGroup {
  /** The name of the log group. `*` stands for any text. `*` alone also matches input without a log group. */
  readonly names: string;
  readonly content: LogContent;
}

/** Says that a text does not name a log group with its content. */
export class CountedGroupError extends Error {
  readonly code = 'counted-group' satisfies ErrorCode;
}

/**
 * Matches the configured text. Its name can have the characters of log groups (CloudWatch Logs API Reference,
 * "CreateLogGroup"), those of other logs' names, and `*`.
 */
const COUNTED_GROUP = /^([\w./#*:@+-]{1,512})=(audit|cloudtrail)$/;

/**
 * Parses `NAME=audit` or `NAME=cloudtrail`.
 * @throws CountedGroupError that says which form is expected.
 */
export function parseCountedGroup(text: string): CountedGroup {
  const [, names, content] = COUNTED_GROUP.exec(text) ?? [];
  if (names !== undefined && (content === 'audit' || content === 'cloudtrail')) return { names, content };
  const wanted = "NAME=audit or NAME=cloudtrail. NAME is a log group's name, and a * in it stands for any text";
  throw new CountedGroupError(`${JSON.stringify(text.slice(0, 600))} is not ${wanted}.`);
}

/** Returns whether the operator vouches for the group. For input without a group, only `*` does. */
export function isCounted(group: string | undefined, content: LogContent, counted: readonly CountedGroup[]): boolean {
  return counted.some((each) => each.content === content && isNamed(group ?? '', each.names));
}

/**
 * Returns whether a name matches a pattern with `*`. Each part between two `*` is searched once, after the previous
 * part.
 */
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

/** Limits the log names that are kept for a message, and the length of each. Anybody can write such names. */
const [MOST_NAMES, LONGEST_NAME] = [5, 200];

/** Adds the name of a log to those that a message shows. */
export function addLogName(names: Set<string>, name: string | undefined): void {
  if (name !== undefined && names.size < MOST_NAMES) names.add(name.slice(0, LONGEST_NAME));
}
