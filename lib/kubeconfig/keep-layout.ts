import { linesOf, type Run, runsBetween } from './lines.ts';

/**
 * Merges a change into a text that is laid out otherwise than the change was made: `plain` is the same as `original` in
 * the layout in which it became `changed`. Undefined where both altered the same line. The caller checks that the
 * result says the same as `changed`: lines that both inserted at one place come one after the other.
 *
 * Line by line, unlike diff3: a comment that was laid out anew often lies right beside the lines that were changed.
 */
export function keepLayout(original: string, plain: string, changed: string): string | undefined {
  if (original === plain) return changed;
  const base = linesOf(plain);
  const layout = alterations(runsBetween(base, linesOf(original)), base.length);
  const change = alterations(runsBetween(base, linesOf(changed)), base.length);
  const merged: string[] = [];
  for (let index = 0; index <= base.length; index += 1) {
    const [ours, theirs] = [layout[index], change[index]];
    if (ours === undefined || theirs === undefined || (ours.removed && theirs.removed)) return undefined;
    merged.push(...ours.inserted, ...theirs.inserted);
    const line = base[index];
    if (line !== undefined && !ours.removed && !theirs.removed) merged.push(line);
  }
  return `${merged.join('\n')}\n`;
}

/** What becomes of one line, and of the place before it. */
interface Alteration {
  readonly inserted: string[];
  removed: boolean;
}

function alterations(runs: readonly Run[], count: number): readonly Alteration[] {
  const found = Array.from({ length: count + 1 }, (): Alteration => ({ inserted: [], removed: false }));
  let index = 0;
  for (const { kind, lines } of runs) {
    if (kind === 'added') found[index]?.inserted.push(...lines);
    else {
      for (const alteration of found.slice(index, index + lines.length)) alteration.removed = kind === 'removed';
      index += lines.length;
    }
  }
  return found;
}
