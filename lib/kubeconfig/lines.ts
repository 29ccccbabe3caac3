import { diffArrays } from 'diff';

/** More differences than this come as all old lines and then all new ones: time grows with their square. */
export const MOST_DIFFERENCES = 3_000;

/** The lines of a text, without the end of the last one. */
export function linesOf(text: string): readonly string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

/** Lines that lie together in the old text, in the new one, or in both. */
export interface Run {
  readonly kind: 'kept' | 'removed' | 'added';
  readonly lines: readonly string[];
}

/** The way from the old lines to the new ones, which keeps as many as it can. */
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

/** The text with `\n` alone at the ends of its lines, as it is worked on. */
export function withPlainLineEnds(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/**
 * Gives a changed text, written with plain line ends, those of the original: a line that stays keeps its own, and a new
 * one takes that which most lines have.
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
