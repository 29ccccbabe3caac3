import { linesOf, runsBetween } from './lines.ts';

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
