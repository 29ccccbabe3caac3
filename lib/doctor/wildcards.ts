/** Any text, the empty one too. */
export const ANY = Symbol('any text');
/** Any one character. */
const ONE = Symbol('one character');

/** A pattern, character by character. */
export type Pattern = readonly (string | typeof ANY | typeof ONE)[];

/** Whether the whole text is like the pattern, in steps of at most the one's length times the other's. */
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
      resumed += 1; // what the latest ANY stands for is one longer
      [at, sign] = [resumed, afterAny];
    } else return false;
  }
  return pattern.slice(sign).every((rest) => rest === ANY);
}

/** A pattern as IAM writes it: `*` is any text, `?` any one character (IAM User Guide, "Action", "Resource"). */
export function iamPattern(text: string): Pattern {
  return Array.from({ length: text.length }, (_, at) => SIGNS[text.charAt(at)] ?? text.charAt(at));
}

const SIGNS: Readonly<Record<string, typeof ANY | typeof ONE>> = { '*': ANY, '?': ONE };
