import { comparableName } from '../cloudtrail/known-user.ts';
import type { Actor } from './actor.ts';
import type { Action } from './answer.ts';
import type { Hop, Hops } from './chain.ts';
import { FLAGS, type Flag } from './flags.ts';
import type { GrantIndex } from './grant-index.ts';
import type { NamesAt } from './names-at.ts';
import { isUnlisted } from './proof.ts';

/** An actor, the chain that leads to it, and whether it is the person or workload itself (`isNamed`). */
interface NamedChain {
  readonly actor: Actor;
  readonly hops: Hops | undefined;
  /** The name of the caller's session. */
  readonly sessionName: string | undefined;
  readonly isNamed: boolean;
}

/** Returns the flags about the evidence of a chain, and about the session names and source identities in it. */
export function flagsOfChain(
  { actor, hops, sessionName, isNamed }: NamedChain,
  index: GrantIndex,
  names: NamesAt,
): Flag[] {
  const flags: Flag[] = [];
  if (isContradicted(hops)) flags.push('conflicting-grant-copies');
  if (hops?.some(isUnlisted)) flags.push('key-not-listed');
  if (hops?.some((hop) => isOfChangedProvider(hop, index))) {
    flags.push('identity-provider-changed');
  }
  if (isNamed) flags.push(...claimedNames(actor, sessionName, names));
  return flags;
}

/** Returns whether a grant of the chain has a copy that contradicts it. One of the two is not what AWS wrote. */
export function isContradicted(hops: Hops | undefined): boolean {
  return hops?.some(({ grant }) => grant.isContradicted) === true;
}

/** Returns whether somebody other than Identity Center created or changed its SAML provider before the provider vouched for the person. */
function isOfChangedProvider({ grant }: Hop, index: GrantIndex): boolean {
  const { byIdentityCenter, samlProvider, issuedAt } = grant;
  if (!byIdentityCenter || samlProvider === undefined) return false;
  const first = index.firstProviderChange(samlProvider);
  return first !== undefined && first.at <= issuedAt;
}

/**
 * Returns the flags for a session name or a source identity that is the name of another user at that time. The caller
 * chose these, perhaps to mislead.
 */
function claimedNames({ name = '', sourceIdentity }: Actor, sessionName: string | undefined, names: NamesAt) {
  const isAnothers = (claimed: string | undefined) =>
    claimed !== undefined && comparableName(claimed) !== comparableName(name) && names.isNameOfUser(claimed);
  const flags: Flag[] = [];
  if (isAnothers(sessionName)) flags.push('session-name-claims-other-actor');
  if (isAnothers(sourceIdentity)) flags.push('source-identity-claims-other-actor');
  return flags;
}

/** Returns the flags in order and without repeated ones, together with flags that the event itself raises. */
export function flagsOf(action: Pick<Action, 'impersonated' | 'anonymousAccess'>, flags: readonly Flag[]): Flag[] {
  const { impersonated, anonymousAccess } = action;
  if (flags.length === 0 && anonymousAccess === undefined) return impersonated === undefined ? [] : ['impersonation'];
  const all = [
    ...flags,
    ...(anonymousAccess === true ? ['anonymous-access'] : []),
    ...(impersonated === undefined ? [] : ['impersonation']),
  ];
  return FLAGS.filter((flag) => all.includes(flag));
}
