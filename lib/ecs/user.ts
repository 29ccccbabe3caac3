import type { Actor } from '../attribution/actor.ts';
import { namesOfActor } from '../attribution/actor-names.ts';
import type { AuditRecord } from '../attribution/record.ts';
import { present } from '../json.ts';
import type { EcsUser } from './event.ts';

/** Returns the actor, or the cluster's own component. Without either, returns only `effective`. */
export function userOf(record: AuditRecord): EcsUser | undefined {
  const { attribution, caller } = record;
  const effective = effectiveUser(record);
  if (attribution.actor !== undefined) return present<EcsUser>({ ...actorAsUser(attribution.actor), effective });
  const own = attribution.status === 'system' ? { name: caller.username, id: caller.uid } : {};
  const user = present<EcsUser>({ ...own, effective });
  return Object.keys(user).length === 0 ? undefined : user;
}

function actorAsUser({ id, name, knownAs = name, accountId }: Actor): {
  [K in keyof EcsUser]: EcsUser[K] | undefined;
} {
  return { name: knownAs, id, domain: accountId };
}

/**
 * Returns the user whose rights the request had. This is the impersonated user, or else the caller as the API server
 * saw it. Callers choose these names.
 */
function effectiveUser({ caller, impersonated }: AuditRecord): EcsUser['effective'] {
  const { username, uid, groups } = impersonated?.username === undefined ? caller : impersonated;
  const user = present<NonNullable<EcsUser['effective']>>({ name: username, id: uid, roles: groups });
  return Object.keys(user).length === 0 ? undefined : user;
}

/** Returns every name in the record by which it can be searched, including those of candidates. */
export function relatedUsers({ attribution, caller, impersonated }: AuditRecord): readonly string[] | undefined {
  const { actor, candidates = [] } = attribution;
  const actors = [...(actor === undefined ? [] : [actor]), ...candidates.map((candidate) => candidate.actor)];
  const names = [...actors.flatMap(namesOfActor), caller.username, impersonated?.username, impersonated?.original];
  const found = new Set(names.filter((name) => name !== undefined));
  return found.size === 0 ? undefined : [...found];
}
