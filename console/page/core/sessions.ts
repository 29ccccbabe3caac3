import { type Actor, sameActor } from '../../../lib/attribution/actor.ts';
import { filedName } from '../../../lib/attribution/actor-names.ts';
import type { RecordedCaller } from '../../../lib/attribution/record.ts';
import { sessionOf } from '../../../lib/claims/identity.ts';
import type { WhoAnswer } from './answers.ts';

/** Kinds of callers without a session: the cluster itself and EKS. */
const OWN = /^(?:kubernetes-(?:system|node)|eks-service)$/;

/**
 * Returns the value that finds the records of a caller's session: its access key, if known. Several people can use one
 * session name. Returns undefined for the cluster itself.
 */
export function sessionOfCaller(caller: RecordedCaller): string | undefined {
  if (OWN.test(caller.kind) && caller.roleId === undefined) return undefined;
  return caller.accessKeyId ?? sessionOf({ ...caller, userId: caller.uid?.split(':').at(-1) });
}

/** The owner of the sessions in an answer: a role or an actor. */
export type Owner =
  | { readonly kind: 'role'; readonly of: string }
  | { readonly kind: 'actor'; readonly of: string; readonly actor: Actor };

const OF_ROLE = 'the role ';
const OF_USERNAME = 'the username ';

/**
 * Returns the owner of the sessions in an answer. Returns undefined for a session name and a username of the cluster,
 * because several actors can use these. Also returns undefined for a request that one of several sessions made.
 */
export function ownerOf({ subject, sessionName, sessions = [], status, ambiguousName }: WhoAnswer): Owner | undefined {
  if (status === 'ambiguous' || ambiguousName === true) return undefined;
  if (subject.startsWith(OF_ROLE)) return { kind: 'role', of: subject.slice(OF_ROLE.length) };
  const actor = sessions.map(({ attribution }) => attribution.actor).find((each) => each !== undefined);
  if (sessionName !== undefined || subject.startsWith(OF_USERNAME) || actor === undefined) return undefined;
  return { kind: 'actor', of: actor.id, actor };
}

/** Returns in words how a username belongs to an actor. Undefined unless all its records are by that one actor. */
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
