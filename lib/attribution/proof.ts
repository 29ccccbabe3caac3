import type { FoundActor } from './actor.ts';
import type { Attribution, Method } from './attribution.ts';
import type { Hop, Hops } from './chain.ts';
import { FLAG_ROWS } from './flags.ts';

/** This module decides what counts as proof (CONTRACT, rules 3 to 6). Each question about proof has one function here. */

/**
 * Returns whether the hop is proof: matched by access key, by AWS's own token, or by the start of a session that AWS named. No later record
 * can replace its grant.
 */
function isProof({ grant, joinedBy }: Hop): boolean {
  if (joinedBy === 'access-key' || joinedBy === 'web-identity-token') return true;
  return joinedBy === 'session-start' && grant.byIdentityCenter;
}

/**
 * Returns whether the hop was matched by session start only, with a session name that somebody chose. Another grant of
 * that second may be missing.
 */
export function isUnlisted({ grant, joinedBy }: Hop): boolean {
  return joinedBy === 'session-start' && !grant.byIdentityCenter;
}

/** Returns whether the conclusion is proven: every hop of its chain is proof, up to the person or workload. Then it is final. */
export function isProven({
  partial,
  hops,
}: Pick<FoundActor, 'partial'> & { readonly hops: Hops | undefined }): boolean {
  return partial === undefined && hops?.every(isProof) === true;
}

/** The strength of each method's statement about the caller's session: tied to its grant, matched by less, or no session. */
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
 * Returns whether the caller's session is that of the last grant of the chain, because its access key or start ties them
 * together. By name, several grants can match, and it is not known which was used. The result says nothing about earlier hops.
 */
export function isTiedToGrant(method: Method | undefined): boolean {
  return method !== undefined && SESSION[method] === 'tied';
}

/**
 * Returns whether unread grants of the same name cannot change the actor: the session is tied to its grant, or there is
 * no session. Such an answer can be less than proven, and says so itself.
 */
export function needsNoName({ status, method }: Attribution): boolean {
  return status === 'attributed' && method !== undefined && SESSION[method] !== 'not-tied';
}

/**
 * Returns whether the record's actor is beyond doubt, so that it can stand for an answer about several requests (CONTRACT, 12.23): they
 * are the person, the session is tied to its grant or is their own identity, no flag doubts the name, and nothing is still to come.
 */
export function isBeyondDoubt(attribution: Attribution): boolean {
  const isDoubted = attribution.flags.some((flag) => FLAG_ROWS[flag].isNameUnproven);
  return needsNoName(attribution) && !attribution.provisional && !isDoubted;
}

/**
 * Returns whether the same facts give the same answer for every later event of the claim: the key's grant was found, for good.
 */
export function isFinalByKey({ method, provisional }: Attribution): boolean {
  return method === 'access-key' && !provisional;
}
