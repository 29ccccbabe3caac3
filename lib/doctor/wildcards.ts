/** Matches any text, including an empty one. */
export const ANY = Symbol('any text');
/** Matches any single character. */
const ONE = Symbol('one character');

/** A pattern as a list of characters and wildcards. */
export type Pattern = readonly (string | typeof ANY | typeof ONE)[];

/**
 * Returns whether the whole text matches the pattern. It takes at most as many steps as the product of their lengths.
 */
export function isLike(text: string, pattern: Pattern): boolean {
  let [at, sign] = [0, 0];
  let [afterAny, resumed] = [-1, 0];
  while (at < text.length) {
    const wanted = pattern[sign];
    if (wanted === ANY) {
      sign += 1;
      [afterAny, resumed] = [sign, at];
    } else if (wanted === ONE || wanted === text[at]) {
      at += 1;
      sign += 1;
    } else if (afterAny >= 0) {
      resumed += 1; // Let the latest ANY match one character more.
      [at, sign] = [resumed, afterAny];
    } else return false;
  }
  return pattern.slice(sign).every((rest) => rest === ANY);
}

/** Parses a pattern of IAM: `*` is any text, `?` any single character (IAM User Guide, "Action", "Resource"). */
export function iamPattern(text: string): Pattern {
  return Array.from({ length: text.length }, (_, at) => SIGNS[text.charAt(at)] ?? text.charAt(at));
}

const SIGNS: Readonly<Record<string, typeof ANY | typeof ONE>> = { '*': ANY, '?': ONE };
