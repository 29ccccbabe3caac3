import type { FoundActor } from './actor.ts';
import type { Attribution, Method } from './attribution.ts';
import type { Hop, Hops } from './chain.ts';

/** What is held to be proof, and what rests on less (CONTRACT, rules 3 to 6): each question that is asked of it, once. */

/**
 * Whether the hop is proof: by the key, or by the beginning of a session that AWS itself named. No record that comes later
 * can replace the grant.
 */
function isProof({ grant, joinedBy }: Hop): boolean {
  return joinedBy === 'access-key' || (joinedBy === 'session-start' && grant.byIdentityCenter);
}

/** By its beginning alone, of a session whose name somebody chose: another grant of that second may be missing. */
export function isUnlisted({ grant, joinedBy }: Hop): boolean {
  return joinedBy === 'session-start' && !grant.byIdentityCenter;
}

/** Whether the conclusion rests on proof: every hop of its chain is proof, up to the person or workload. Then it is final. */
export function isProven({
  partial,
  hops,
}: Pick<FoundActor, 'partial'> & { readonly hops: Hops | undefined }): boolean {
  return partial === undefined && hops?.every(isProof) === true;
}

/** What an answer of each method says of the session that the cluster saw: tied to its grant, or by less; or there is none. */
const SESSION: Readonly<Record<Method, 'tied' | 'not-tied' | 'none'>> = {
  'access-key': 'tied',
  'session-start': 'tied',
  'session-name': 'not-tied',
  username: 'not-tied',
  direct: 'none',
  use: 'not-tied',
  token: 'not-tied',
  proxy: 'not-tied',
};

/**
 * Whether the session that the cluster saw is that of the last grant of the chain: its key, or its beginning, ties them
 * together. By name several grants can fit, and nothing says which one was used. Of the hops before it says nothing.
 */
export function isTiedToGrant(method: Method | undefined): boolean {
  return method !== undefined && SESSION[method] === 'tied';
}

/**
 * Whether no grant of the same name that was not read could make another person of the actor: the session is tied to its
 * grant, or it is no session. Such an answer can be less than proven, and says so itself.
 */
export function needsNoName({ status, method }: Attribution): boolean {
  return status === 'attributed' && method !== undefined && SESSION[method] !== 'not-tied';
}

/** Whether the facts that led to it give the same answer about each further event of the claim: its key's grant, for good. */
export function isFinalByKey({ method, provisional }: Attribution): boolean {
  return method === 'access-key' && !provisional;
}
