/**
 * What chance decides in tests, and how often. `npm test`, `npm run test:slow` and `.ci/run` try the same few cases each time;
 * `npm run soak` tries many, of a seed that it prints, and that `EKS_WHOIS_SEED` sets.
 */
export const IS_SOAK = process.env.EKS_WHOIS_SOAK === 'true';

/** Where every draw begins. */
export const SEED = Number(process.env.EKS_WHOIS_SEED ?? 0);

/** Returns on how many cases a property is tried. */
export function cases(few: number, many = 10 * few): number {
  return IS_SOAK ? many : few;
}

/** Returns the numbers of generated worlds, as many as `cases`. */
export function worldNumbers(few: number, many?: number): readonly number[] {
  return Array.from({ length: cases(few, many) }, (_, at) => SEED + at);
}
