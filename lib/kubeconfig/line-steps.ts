/** One step from the old lines to the new ones. */
export interface Step {
  readonly kind: ' ' | '-' | '+';
  readonly line: string;
}

/** The lines of a text, without the end of the last one. */
export function linesOf(text: string): readonly string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

/** The steps from the old lines to the new ones. Lines that are the same at both ends cost nothing. */
export function stepsBetween(before: readonly string[], after: readonly string[]): readonly Step[] {
  let head = 0;
  while (head < Math.min(before.length, after.length) && before[head] === after[head]) head += 1;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const middle = shortest(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return [...same(before.slice(0, head)), ...middle, ...same(before.slice(before.length - tail))];
}

function same(lines: readonly string[]): readonly Step[] {
  return lines.map((line) => ({ kind: ' ', line }));
}

/** More differences than this come as all old lines and then all new ones: time grows with their square. */
const MOST_DIFFERENCES = 1_000;

/** The shortest way from one to the other (E. Myers, "An O(ND) Difference Algorithm", 1986). */
function shortest(before: readonly string[], after: readonly string[]): readonly Step[] {
  const rounds: Map<number, number>[] = [];
  let reach = new Map([[1, 0]]);
  for (let distance = 0; distance <= Math.min(before.length + after.length, MOST_DIFFERENCES); distance += 1) {
    rounds.push(new Map(reach));
    const next = new Map(reach);
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      let x = startOf(reach, diagonal, distance);
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x += 1;
      next.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) return walkBack(before, after, rounds);
    }
    reach = next;
  }
  return [
    ...before.map((line) => ({ kind: '-' as const, line })),
    ...after.map((line) => ({ kind: '+' as const, line })),
  ];
}

function startOf(reach: ReadonlyMap<number, number>, diagonal: number, distance: number): number {
  return goesDown(reach, diagonal, distance) ? (reach.get(diagonal + 1) ?? 0) : (reach.get(diagonal - 1) ?? 0) + 1;
}

function goesDown(reach: ReadonlyMap<number, number>, diagonal: number, distance: number): boolean {
  if (diagonal === -distance) return true;
  return diagonal !== distance && (reach.get(diagonal - 1) ?? 0) < (reach.get(diagonal + 1) ?? 0);
}

function walkBack(
  before: readonly string[],
  after: readonly string[],
  rounds: readonly ReadonlyMap<number, number>[],
): readonly Step[] {
  const steps: Step[] = [];
  let x = before.length;
  let y = after.length;
  for (let distance = rounds.length - 1; distance >= 0; distance -= 1) {
    const reach = rounds[distance] ?? new Map<number, number>();
    const down = goesDown(reach, x - y, distance);
    const diagonal = down ? x - y + 1 : x - y - 1;
    const startX = reach.get(diagonal) ?? 0;
    const turnX = down ? startX : startX + 1;
    for (; x > turnX && x > 0 && y > 0; x -= 1, y -= 1) steps.push({ kind: ' ', line: before[x - 1] ?? '' });
    if (distance === 0) break;
    if (down) steps.push({ kind: '+', line: after[--y] ?? '' });
    else steps.push({ kind: '-', line: before[--x] ?? '' });
  }
  return steps.reverse();
}
