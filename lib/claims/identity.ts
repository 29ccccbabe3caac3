import type { Caller } from '../audit/caller.ts';
import type { ClaimCaller, ClaimIdentity } from './claim.ts';

/** A digest as text, so strong that nobody can make two identities share one on purpose. */
export type TextDigest = (text: string) => string;

/**
 * The claim of a caller with an AWS identity (CONTRACT, "claim"); undefined for all others, whose answer rests on the
 * event alone.
 */
export function claimOf(caller: Caller, digest: TextDigest): ClaimIdentity | undefined {
  const session = sessionOf(caller);
  if (session === undefined) return undefined;
  const { uid, username, sessionName, accessKeyId } = caller;
  const id = digest(JSON.stringify([uid, username, sessionName, accessKeyId]));
  return { id, session, caller: claimCaller(caller) };
}

function claimCaller({ groups: _groups, ...caller }: Caller): ClaimCaller {
  return caller;
}

/** `AROA…:<name>`, `<account>:<name>`, `AIDA…`, an account; where no name is stated, the role with the username. */
function sessionOf({ kind, uid, username, accountId, roleId, userId, sessionName }: Caller): string | undefined {
  if (kind === 'malformed') return `${uid} ${username}`;
  if (roleId !== undefined) return sessionName === undefined ? `${roleId} ${username}` : `${roleId}:${sessionName}`;
  if (kind === 'federated-user') return `${accountId}:${sessionName}`;
  return kind === 'iam-user' ? userId : kind === 'root' ? accountId : undefined;
}
