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
