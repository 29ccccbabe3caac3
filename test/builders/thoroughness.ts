/**
 * How many cases a property is tried on: `quick` in `npm test`, `thorough` in `npm run test:slow`, which runs those suites
 * again.
 */
export function cases(quick: number, thorough: number): number {
  return IS_THOROUGH ? thorough : quick;
}

export const IS_THOROUGH = process.env.EKS_WHOIS_THOROUGH === 'true';
