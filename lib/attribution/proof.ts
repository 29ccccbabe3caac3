import type { FoundActor } from './actor.ts';
import type { Attribution, Method } from './attribution.ts';
import type { Hop, Hops } from './chain.ts';
import { FLAG_ROWS } from './flags.ts';

/** This module decides what counts as proof (CONTRACT, rules 3 to 6). Each question about proof has one function here. */

/**
 * Returns whether the hop is proof: it was matched by access key, by AWS's own token, or by the start of a session that
 * AWS named. No later record can replace its grant.
 */
function isProof({ grant, joinedBy }: Hop): boolean {
  if (joinedBy === 'access-key' || joinedBy === 'web-identity-token') return true;
  return joinedBy === 'session-start' && grant.byIdentityCenter;
}

/**
 * Returns whether the hop was matched only by the start of a session, and somebody chose the session's name. Another
 * grant of the same second may be missing.
 */
export function isUnlisted({ grant, joinedBy }: Hop): boolean {
  return joinedBy === 'session-start' && !grant.byIdentityCenter;
}

/**
 * Returns whether the conclusion is proven: every hop of the chain is proof, and the chain leads to the person or
 * workload. Then it is final.
 */
export function isProven({
  partial,
  hops,
}: Pick<FoundActor, 'partial'> & { readonly hops: Hops | undefined }): boolean {
  return partial === undefined && hops?.every(isProof) === true;
}

/**
 * How each method connects the caller's session with its grant. `tied`: by an access key, a token or the start of the session.
 * `not-tied`: by anything weaker, such as a name that several sessions can have. `none`: there is no session.
 */
const SESSION: Readonly<Record<Method, 'tied' | 'not-tied' | 'none'>> = {
  'access-key': 'tied',
  'session-start': 'tied',
  'web-identity-token': 'tied',
  'session-name': 'not-tied',
  username: 'not-tied',
  direct: 'none',
  use: 'not-tied',
  token: 'not-tied',
  proxy: 'not-tied',
};

/**
 * Returns whether the access key, the token or the start of the session ties the caller's session to the last grant of
 * the chain. By a name, several grants can match, and nobody knows which one was used. Earlier hops are not checked.
 */
export function isTiedToGrant(method: Method | undefined): boolean {
  return method !== undefined && SESSION[method] === 'tied';
}

/**
 * Returns whether the actor stays the same whatever other grants of the same session name exist. That is so if the session is tied to
 * its grant, or if there is no session. It does not mean that the answer is proven (`isProven`).
 */
export function needsNoName({ status, method }: Attribution): boolean {
  return status === 'attributed' && method !== undefined && SESSION[method] !== 'not-tied';
}

/**
 * Returns whether the actor is beyond doubt, so that one actor can be the answer to a question about several requests
 * (CONTRACT, 12.23). The actor must be the person, and the answer final. The session must be tied to its grant, or be
 * the actor's own identity. No flag may put the name in doubt.
 */
export function isBeyondDoubt(attribution: Attribution): boolean {
  const isDoubted = attribution.flags.some((flag) => FLAG_ROWS[flag].isNameUnproven);
  return needsNoName(attribution) && !attribution.provisional && !isDoubted;
}

/**
 * Returns whether the answer holds for all later events of the same claim, because the grant of the access key was
 * found and cannot change.
 */
export function isFinalByKey({ method, provisional }: Attribution): boolean {
  return method === 'access-key' && !provisional;
}
