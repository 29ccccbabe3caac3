import type { Actor } from '../../../attribution/actor.ts';
import { isActorId } from '../../../attribution/actor-id.ts';
import { namesOfActor } from '../../../attribution/actor-names.ts';
import type { AuditRecord } from '../../../attribution/record.ts';
import { isInstanceId } from '../../../identity/session-name.ts';

/**
 * Returns whether two names are equal, in any letter case. It ignores the prefix that API servers add to users of an
 * OIDC provider: `oidc:ana@example.com` or `https://issuer.example.com#ana` (Kubernetes, "Authenticating",
 * `--oidc-username-prefix`).
 */
export function isNamed(name: string, wanted: string): boolean {
  const [known, text] = [name.toLowerCase(), wanted.toLowerCase()];
  return known === text || known.endsWith(`:${text}`) || known.endsWith(`#${text}`);
}

/** Returns whether `wanted` is the part of the full name before its `@`, so that both can be one person: `ana` and `ana@example.com`. */
export function isSimilarTo(full: string, wanted: string): boolean {
  const at = full.lastIndexOf('@');
  return at > 0 && !wanted.includes('@') && isNamed(full.slice(0, at), wanted);
}

/** Returns whether an entry of the directory is a user of an identity store with this name: `ana@example.com (d-1234567890)`. */
export function isInDirectory(name: string, wanted: string): boolean {
  return name.toLowerCase().startsWith(`${wanted.toLowerCase()} (`);
}

/** Returns whether the record's actor has this name. For users of authenticators other than AWS's, a prefix of the name is ignored. */
export function isActorNamed({ attribution: { actor } }: Pick<AuditRecord, 'attribution'>, wanted: string): boolean {
  return actor !== undefined && isNameOf(actor, wanted);
}

/** Returns whether the actor has this name. Compares as `isActorNamed` does. */
export function isNameOf(actor: Actor, wanted: string): boolean {
  if (isActorId(wanted)) return namesOfActor(actor).includes(wanted); // Includes IDs that the operator joined to this actor.
  if (namesOfActor(actor).some((name) => name.toLowerCase() === wanted.toLowerCase())) return true;
  if (actor.knownAs !== undefined && actor.name?.toLowerCase() === wanted.toLowerCase()) return true; // Answers show such a user as `knownAs`, but people may search by the other name.
  return actor.kind === 'kubernetes-user' && actor.name !== undefined && isNamed(actor.name, wanted);
}

/** Returns whether the caller impersonated this user, and is not a trusted proxy. */
export function isImpersonating({ impersonated, attribution }: AuditRecord, wanted: string): boolean {
  const name = impersonated?.username;
  return name !== undefined && attribution.method !== 'proxy' && isNamed(name, wanted);
}

/** Returns whether the session has exactly this session name. Whoever assumes the role chooses it. */
export function isSessionNamed({ caller }: AuditRecord, wanted: string): boolean {
  return caller.sessionName === wanted;
}

const SHARED_NAME =
  'These sessions have this name. Whoever assumes a role chooses the session name, so different people can be behind them.';
const OF_INSTANCE =
  'EC2 sets the ID of an instance as the name of its sessions. Whoever runs programs on the instance, or takes its credentials, acts in these sessions. Whoever assumes another role can choose this name too.';

/** Returns the note for sessions that were found by their session name alone. */
export function sharedNameText(sessionName: string): string {
  return isInstanceId(sessionName) ? OF_INSTANCE : SHARED_NAME;
}

/** The note for sessions of which some impersonated the user. */
export const IMPERSONATED =
  'Sessions with the flag impersonation acted as this user. The username does not show who was behind them.';
