import type { Action, Answer } from './answer.ts';
import { flagsOf } from './raised-flags.ts';
import type { AttributionSettings } from './settings.ts';

/**
 * Adds a flag to the answer if it names a person from a directory that is not your own. If the settings list no
 * directories, everyone is shown with their directory, and no answer gets the flag.
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
