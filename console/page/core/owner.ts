import { type Actor, sameActor } from '../../../lib/attribution/actor.ts';
import { filedName } from '../../../lib/attribution/actor-names.ts';
import type { WhoAnswer } from './answers.ts';

/** Whose sessions an answer shows: a role's, or an actor's. */
export type Owner =
  | { readonly kind: 'role'; readonly of: string }
  | { readonly kind: 'actor'; readonly of: string; readonly actor: Actor };

const OF_ROLE = 'the role ';
const OF_USERNAME = 'the username ';

/**
 * Of a name that several can bear nobody's; of a cluster's username somebody's only where each session that used it is
 * known to be that actor's, none of them left out. Of one request that several can have made, nobody's.
 */
export function ownerOf({ subject, sessionName, sessions = [], left = 0, status }: WhoAnswer): Owner | undefined {
  if (status === 'ambiguous') return undefined;
  if (subject.startsWith(OF_ROLE)) return { kind: 'role', of: subject.slice(OF_ROLE.length) };
  const actors = sessions.map(({ attribution }) => attribution.actor);
  const actor = actors.find((each) => each !== undefined);
  if (sessionName !== undefined || actor === undefined) return undefined;
  const isTheirs = (each: Actor | undefined) => each !== undefined && sameActor(each, actor);
  if (subject.startsWith(OF_USERNAME) && (left > 0 || !actors.every(isTheirs))) return undefined;
  return { kind: 'actor', of: filedName(actor) ?? '', actor };
}
