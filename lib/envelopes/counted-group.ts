import type { ErrorCode } from '../error-code.ts';

/** What a log group may hold evidence of: the API server's audit log, or a trail. */
export type LogContent = 'audit' | 'cloudtrail';

/** Log groups that count beside AWS's own, since somebody collects logs there and vouches for what they hold. */
export interface CountedGroup {
  /** A log group's name; `*` stands for any text, so that `*` alone also means where no group is named. */
  readonly names: string;
  readonly content: LogContent;
}

/** A text that names no log group and its content. */
export class CountedGroupError extends Error {
  readonly code = 'counted-group' satisfies ErrorCode;
}

/** What a log group's name consists of (CloudWatch Logs API Reference, "CreateLogGroup"), and `*`. */
const COUNTED_GROUP = /^([\w./#*-]{1,512})=(audit|cloudtrail)$/;

/**
 * Reads `NAME=audit` or `NAME=cloudtrail`.
 * @throws CountedGroupError saying what is wanted.
 */
export function parseCountedGroup(text: string): CountedGroup {
  const [, names, content] = COUNTED_GROUP.exec(text) ?? [];
  if (names !== undefined && (content === 'audit' || content === 'cloudtrail')) return { names, content };
  const wanted = "NAME=audit or NAME=cloudtrail, where NAME is a log group's name, or a pattern of names with *";
  throw new CountedGroupError(`${JSON.stringify(text.slice(0, 600))} is not ${wanted}.`);
}

/** Whether somebody vouches for the group: where no group is named, only who vouches for any. */
export function isCounted(group: string | undefined, content: LogContent, counted: readonly CountedGroup[]): boolean {
  return counted.some((each) => each.content === content && isNamed(group ?? '', each.names));
}

/** Each part between two `*` is looked for once, behind the one before. */
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
