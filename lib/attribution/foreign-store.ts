import type { Action, Answer } from './answer.ts';
import { flagsOf } from './raised-flags.ts';
import type { AttributionSettings } from './settings.ts';

/**
 * Returns the answer with a flag if it names a person of a directory that is not one of your own. If you listed none, everyone is
 * known with their directory, and nobody gets the flag.
 */
export function withForeignStore(
  action: Action,
  answer: Answer,
  stores: AttributionSettings['identityStores'],
): Answer {
  const { attribution } = answer;
  if (stores.length === 0 || attribution.actor?.knownAs === undefined) return answer;
  const flags = flagsOf(action, [...attribution.flags, 'foreign-identity-store']);
  return { ...answer, attribution: { ...attribution, flags } };
}
