const MOST = 3;

/** Returns the few known names that are most similar to this one, the nearest first. Empty if none is similar. */
export function nearest(name: string, known: Iterable<string>): readonly string[] {
  const rated = [...new Set(known)].flatMap((each) => {
    const distance = distanceBetween(name, each);
    return distance === undefined ? [] : [{ each, distance }];
  });
  rated.sort((a, b) => a.distance - b.distance || a.each.length - b.each.length || (a.each < b.each ? -1 : 1));
  return rated.slice(0, MOST).map(({ each }) => each);
}

/** Returns the distance between two names, 0 for the same name. Undefined if they are not similar. */
function distanceBetween(name: string, known: string): number | undefined {
  if (name === known) return 0;
  const [a, b] = [name.toLowerCase(), known.toLowerCase()];
  if (a === b) return 0.5;
  const bare = a.replace(/^-+/, '');
  if (bare.length >= 3 && b.includes(bare)) return 1;
  const edits = editsBetween(a, b);
  return edits <= Math.floor(Math.max(bare.length, 2) / 3) && edits <= 3 ? 1 + edits : undefined;
}

/** Returns how many letters must be inserted, deleted, replaced or swapped (Damerau-Levenshtein distance). */
function editsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row += 1) {
    const next = [row];
    for (let at = 1; at <= b.length; at += 1) {
      const replaced = a[row - 1] === b[at - 1] ? 0 : 1;
      const swapped = isSwapped(a, row, b, at) ? 1 : Number.POSITIVE_INFINITY;
      const ways = [numberAt(last, at) + 1, numberAt(next, at - 1) + 1, numberAt(last, at - 1) + replaced];
      next.push(Math.min(...ways, numberAt(before, at - 2) + swapped));
    }
    before = last;
    last = next;
  }
  return numberAt(last, b.length);
}

/** Returns whether the two letters before these positions are swapped. */
function isSwapped(a: string, row: number, b: string, at: number): boolean {
  return row > 1 && at > 1 && a[row - 1] === b[at - 2] && a[row - 2] === b[at - 1];
}

function numberAt(row: readonly number[], at: number): number {
  return row[at] ?? 0;
}
