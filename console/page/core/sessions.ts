import { type Actor, sameActor } from '../../../lib/attribution/actor.ts';
import { filedName } from '../../../lib/attribution/actor-names.ts';
import type { RecordedCaller } from '../../../lib/attribution/record.ts';
import { sessionOf } from '../../../lib/claims/identity.ts';
import type { WhoAnswer } from './answers.ts';

/** The cluster's own have no session, and are no person's. */
const OWN = /^(?:kubernetes-(?:system|node)|eks-service)$/;

/**
 * What the records of a caller's session are asked for by: its access key, as the name of a session can be several people's;
 * undefined for the cluster's own.
 */
export function sessionOfCaller(caller: RecordedCaller): string | undefined {
  if (OWN.test(caller.kind) && caller.roleId === undefined) return undefined;
  return caller.accessKeyId ?? sessionOf({ ...caller, userId: caller.uid?.split(':').at(-1) });
}

/** Whose sessions an answer shows: a role's, or an actor's. */
export type Owner =
  | { readonly kind: 'role'; readonly of: string }
  | { readonly kind: 'actor'; readonly of: string; readonly actor: Actor };

const OF_ROLE = 'the role ';
const OF_USERNAME = 'the username ';

/** Of a name that several can bear nobody's, nor of one request that several can have made, nor of a cluster's username, as which others act. */
export function ownerOf({ subject, sessionName, sessions = [], status }: WhoAnswer): Owner | undefined {
  if (status === 'ambiguous') return undefined;
  if (subject.startsWith(OF_ROLE)) return { kind: 'role', of: subject.slice(OF_ROLE.length) };
  const actor = sessions.map(({ attribution }) => attribution.actor).find((each) => each !== undefined);
  if (sessionName !== undefined || subject.startsWith(OF_USERNAME) || actor === undefined) return undefined;
  return { kind: 'actor', of: filedName(actor) ?? '', actor };
}

/** What ties one actor to a cluster's username, in words: only where that is all there is. */
export function tieOf({ subject, sessions = [], left = 0, complete }: WhoAnswer): string | undefined {
  const [actor, ...others] = sessions.map(({ attribution }) => attribution.actor);
  if (!subject.startsWith(OF_USERNAME) || left > 0 || complete === false || actor === undefined) return undefined;
  if (!others.every((each) => each !== undefined && sameActor(each, actor))) return undefined;
  const counts = sessions.flatMap(({ requests, records = [] }) => requests ?? records);
  if (counts.length < sessions.length) return undefined;
  const count = counts.reduce((sum, each) => sum + each, 0);
  // The flags of a session are those of its latest request.
  const isAllSo = sessions.every(
    ({ attribution: { flags } }, at) => counts[at] === 1 && flags.includes('impersonation'),
  );
  const requests = `${count} ${count === 1 ? 'request' : 'requests'} by ${filedName(actor) ?? ''}`;
  return isAllSo
    ? `${requests}, who impersonated this username`
    : `${requests}, who used or impersonated this username, or requested a token for it`;
}
