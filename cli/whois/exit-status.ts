import type { Status } from '../../lib/attribution/reasons.ts';

/** The exit status of each answer (CONTRACT, "Exit status"). */
export const EXIT_STATUS: Readonly<Record<Status, number>> = {
  attributed: 0,
  partial: 0,
  system: 0,
  ambiguous: 3,
  unattributed: 4,
  pending: 5,
};

/** The exit status if nothing is known about the input. */
const NOT_KNOWN = 4;

/** The exit statuses of several answers, from the one that counts first: unidentified, ambiguous, pending. */
const GRAVEST_FIRST = [4, 3, 5];

export function gravestStatus(statuses: readonly (Status | 'not-known')[]): number {
  const all = new Set(statuses.map((status) => (status === 'not-known' ? NOT_KNOWN : EXIT_STATUS[status])));
  return GRAVEST_FIRST.find((status) => all.has(status)) ?? 0;
}
