import { diffArrays } from 'diff';

/**
 * Limits the differences that are aligned, because the time grows with their square. With more, all old lines come
 * first, then all new ones.
 */
export const MOST_DIFFERENCES = 3_000;

/** Returns the lines of a text. A line break at its end does not begin another line. */
export function linesOf(text: string): readonly string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

/** Consecutive lines that are in the old text, in the new one, or in both. */
export interface Run {
  readonly kind: 'kept' | 'removed' | 'added';
  readonly lines: readonly string[];
}

/** Returns the steps from the old lines to the new ones. As many lines as possible stay. */
export function runsBetween(before: readonly string[], after: readonly string[]): readonly Run[] {
  const changes = diffArrays([...before], [...after], { maxEditLength: MOST_DIFFERENCES });
  if (changes === undefined) {
    return [
      { kind: 'removed', lines: before },
      { kind: 'added', lines: after },
    ];
  }
  return changes.map(({ added, removed, value }) => ({
    kind: added ? 'added' : removed ? 'removed' : 'kept',
    lines: value,
  }));
}

/** Returns the text with `\n` line ends, for processing. */
export function withPlainLineEnds(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/**
 * Returns the changed text with the line ends of the original. A line that stayed keeps its own. A new line gets the
 * most frequent one.
 */
export function keepLineEnds(original: string, changed: string): string {
  if (!original.includes('\r\n')) return changed;
  const ends = original.match(/\r?\n/g) ?? [];
  const usual = ends.filter((end) => end === '\r\n').length * 2 > ends.length ? '\r\n' : '\n';
  let read = 0;
  const lines = runsBetween(linesOf(withPlainLineEnds(original)), linesOf(changed)).flatMap((run) => {
    const own = run.kind === 'added' ? [] : ends.slice(read, read + run.lines.length);
    read += own.length;
    return run.kind === 'removed' ? [] : run.lines.map((line, index) => `${line}${own[index] ?? usual}`);
  });
  const text = lines.join('');
  return changed.endsWith('\n') ? text : text.replace(/\r?\n$/, '');
}
