import { formatPatch, OMIT_HEADERS, type StructuredPatchHunk, structuredPatch } from 'diff';
import { linesOf, MOST_DIFFERENCES } from './lines.ts';
import { type HiddenPart, maskedLines, REDACTED } from './mask.ts';
import { awsConfigSecrets, kubeconfigSecrets } from './secrets.ts';

const CONTEXT = 3;

/** The kind of file, which decides where its secrets are. */
export type Format = 'kubeconfig' | 'aws-config';

const SECRETS: Readonly<Record<Format, (text: string) => readonly HiddenPart[]>> = {
  kubeconfig: kubeconfigSecrets,
  'aws-config': awsConfigSecrets,
};

/**
 * Returns a unified diff for people. Empty if nothing differs. Secrets are masked, even on lines that did not change.
 * So the diff is safe to show and to store, but it is no patch that can be applied.
 */
export function maskedDiff(path: string, before: string, after: string, format: Format): string {
  if (before === after) return '';
  const [old, now] = [before, after].map((text) => maskedLines(text, SECRETS[format](text)));
  const hunks = hunksBetween(withLastEnd(before), withLastEnd(after)).map((hunk) => masked(hunk, old ?? [], now ?? []));
  const heads = `--- ${before === '' ? '/dev/null' : path}\n+++ ${path}\n`;
  // If there is no hunk, only the end of the last line differs.
  return hunks.length === 0 ? heads : `${heads}${formatPatch({ ...UNNAMED, hunks }, OMIT_HEADERS)}`;
}

/** No file names for the library. It would quote paths as git does, so this module writes the file headers. */
const UNNAMED = { oldFileName: undefined, newFileName: undefined, oldHeader: undefined, newHeader: undefined };

function withLastEnd(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** Returns the changes with a few lines of context. Close changes are in one hunk. */
function hunksBetween(before: string, after: string): readonly StructuredPatchHunk[] {
  const limits = { context: CONTEXT, maxEditLength: MOST_DIFFERENCES };
  return structuredPatch('', '', before, after, '', '', limits)?.hunks ?? [wholeHunk(linesOf(before), linesOf(after))];
}

/** Returns one hunk that removes all old lines and adds all new ones. */
function wholeHunk(before: readonly string[], after: readonly string[]): StructuredPatchHunk {
  const lines = [...before.map((line) => `-${line}`), ...after.map((line) => `+${line}`)];
  return { oldStart: 1, oldLines: before.length, newStart: 1, newLines: after.length, lines };
}

/** Returns the hunk with lines of the masked texts. */
function masked(hunk: StructuredPatchHunk, before: readonly string[], after: readonly string[]): StructuredPatchHunk {
  let [read, written] = [hunk.oldStart - 1, hunk.newStart - 1];
  const lines = hunk.lines.map((text) => {
    if (text.startsWith('-')) return `-${before[read++] ?? REDACTED}`;
    if (text.startsWith('+')) return `+${after[written++] ?? REDACTED}`;
    return ` ${maskedInBoth(text.slice(1), before[read++] ?? REDACTED, after[written++] ?? REDACTED)}`;
  });
  return { ...hunk, lines };
}

/** Returns an unchanged line, masked if it is a secret in only one of the texts. */
function maskedInBoth(line: string, old: string, now: string): string {
  if (old === line || old === now) return now;
  return now === line ? old : REDACTED;
}
