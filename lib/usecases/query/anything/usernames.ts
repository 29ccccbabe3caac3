import { namesOfActor } from '../../../attribution/actor-names.ts';
import type { AuditRecord } from '../../../attribution/record.ts';

/**
 * Whether a name is the one that is asked about, in any letters; also behind the prefix that API servers put before the users
 * of an OIDC provider, `oidc:ana@example.com` or `https://issuer.example.com#ana` (Kubernetes, "Authenticating",
 * `--oidc-username-prefix`).
 */
export function isNamed(name: string, asked: string): boolean {
  const [known, wanted] = [name.toLowerCase(), asked.toLowerCase()];
  return known === wanted || known.endsWith(`:${wanted}`) || known.endsWith(`#${wanted}`);
}

/** Whether a name of the directory is that of a user of an identity store who is called so: `ana@example.com (d-1234567890)`. */
export function isInDirectory(name: string, asked: string): boolean {
  return name.toLowerCase().startsWith(`${asked.toLowerCase()} (`);
}

/** Whether the actor is called so. A prefix is looked behind where another authenticator than AWS's named the user. */
export function isActorNamed({ attribution: { actor } }: Pick<AuditRecord, 'attribution'>, asked: string): boolean {
  if (actor === undefined) return false;
  if (namesOfActor(actor).some((name) => name.toLowerCase() === asked.toLowerCase())) return true;
  if (actor.knownAs !== undefined && actor.name?.toLowerCase() === asked.toLowerCase()) return true; // each is shown as known
  return actor.kind === 'kubernetes-user' && actor.name !== undefined && isNamed(actor.name, asked);
}

/** Whether the request was made in that user's name by another one, who is no trusted proxy. */
export function isImpersonating({ impersonated, attribution }: AuditRecord, asked: string): boolean {
  const name = impersonated?.username;
  return name !== undefined && attribution.method !== 'proxy' && isNamed(name, asked);
}

/** Whether its session bears the name that is asked about, as it stands: whoever assumes the role chooses it. */
export function isSessionNamed({ caller }: AuditRecord, asked: string): boolean {
  return caller.sessionName === asked;
}

/** Of sessions that are found by their name alone. */
export const SHARED_NAME =
  'These sessions have this name. Whoever assumes a role chooses the session name, so different people can be behind them.';

/** Of sessions among which there are some that impersonated. */
export const IMPERSONATED =
  'Sessions with the flag impersonation acted as this user. The username does not show who was behind them.';
