import type { Grant } from '../cloudtrail/grant.ts';
import type { KnownUser } from '../cloudtrail/known-user.ts';
import type { Use } from '../cloudtrail/use.ts';
import type { SessionKey } from '../identity/session-key.ts';
import type { SessionPart } from './questions.ts';

/**
 * What is known of grants and uses, as the rules ask for it. Pure: the answers are those known now, whole or not.
 * Who holds the records elsewhere lets the rules ask, fetches what they asked for, and lets them decide again.
 */
export interface GrantIndex {
  /** All grants that issued this access key, at any time, for any session: keys recur (FACTS). */
  grantsOfKey(accessKeyId: string): readonly Grant[];
  /** What records signed by this key say of its session. */
  usesOfKey(accessKeyId: string): readonly Use[];
  /**
   * All grants under the key, oldest first; their names may still differ in `@` and `-`.
   * `name` is the name as it was read, for sources that can only be asked for an exact one. `only` says which of them can
   * matter to who asks: a hint for what to wait for.
   */
  grantsOfSession(key: SessionKey, name: string, only?: SessionPart): readonly Grant[];
  /** Those of `grantsOfSession` that Identity Center made: few, where a shared name may have thousands. */
  identityCenterGrantsOfSession(key: SessionKey, name: string): readonly Grant[];
  /** Like `grantsOfSession`, for a name that was only guessed from a username. */
  grantsOfGuess(key: SessionKey, name: string): readonly Grant[];
  /** The IAM user of this `AIDA…` id, if a record names it. */
  userOf(principalId: string): KnownUser | undefined;
  /** Whether an IAM or Identity Center user of this name is known. */
  isKnownUser(name: string): boolean;
}
