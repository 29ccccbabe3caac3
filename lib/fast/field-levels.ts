/** What a key means that is read over, and one for which the line is left to the plain way. */
export const SKIPPED = -1;
export const NOT_TAKEN = -2;

/** Of an object: what its keys mean, and which came in which place of the last one, written as they were. */
export interface Level {
  readonly known: ReadonlyMap<string, number>;
  /** What any other key means. */
  readonly others: (key: string) => number;
  readonly expected: { readonly key: Uint8Array; readonly field: number }[];
}

export function levelOf(
  known: Readonly<Record<string, number>>,
  others: (key: string) => number = () => SKIPPED,
): Level {
  return { known: new Map(Object.entries(known)), others, expected: [] };
}
