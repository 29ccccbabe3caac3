/** How much each row has to do, and how often; `--<name> <count>` changes one, and `--help` lists them (`options.ts`). */
export const DEFAULT_SIZES = {
  audit: 200_000,
  grants: 100_000,
  pairs: 3,
  /** Audit events of a person's own week. */
  week: 100_000,
  /**
   * Grants in the large table that `whois` asks: `--sessions 10000000` for all that the goal is stated of. Each takes 1 KB of disk;
   * two busy cores filled 6,000 a second.
   */
  sessions: 100_000,
  /** Questions of `whois` in one run. */
  questions: 500,
  /** AssumeRole events in the history that CloudTrail is asked for. */
  trail: 10_000,
  /** Records of one claim, at most. */
  records: 100_000,
  /** Grants of one name, at most. */
  named: 100_000,
  /** Open claims, at most: `--claims 1000000` for all that the goal is stated of. */
  claims: 100_000,
} as const;

export type AllSizes = Readonly<Record<keyof typeof DEFAULT_SIZES, number>>;
