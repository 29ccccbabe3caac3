/**
 * Whether this is a soak. `npm test`, `npm run test:slow` and `.ci/run` try the same few cases each time. `npm run
 * soak` tries many, from a seed that it prints, and that `EKS_WHOIS_SEED` sets.
 */
export const IS_SOAK = process.env.EKS_WHOIS_SOAK === 'true';

/** The seed of every draw. */
export const SEED = Number(process.env.EKS_WHOIS_SEED ?? 0);

/** Returns the number of cases for a property. */
export function cases(few: number, many = 10 * few): number {
  return IS_SOAK ? many : few;
}

/** Returns the numbers of generated worlds, as many as `cases`. */
export function worldNumbers(few: number, many?: number): readonly number[] {
  return Array.from({ length: cases(few, many) }, (_, at) => SEED + at);
}
