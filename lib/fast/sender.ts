import type { Action } from '../attribution/answer.ts';
import type { ActingCaller } from '../audit/caller.ts';
import { accessKeyId } from '../identity/access-key.ts';
import { roleIdOf } from '../identity/arn.ts';

/** Of an action all but its moment. */
export type Sender = Omit<Action, 'moment' | 'handedOver' | 'read'>;

/** Reads a sender: a JSON text, or the lines of a role session (`writeRoleSession`). Trusts its caller that it is one. */
export function senderOf(text: string): Omit<Sender, 'cluster'> {
  if (text.startsWith('{')) return JSON.parse(text) as Omit<Sender, 'cluster'>;
  const [uid, username, accountId, role = '', sessionName, key, arn, canonicalArn] = text.split('\n');
  const caller: ActingCaller = {
    kind: 'role-session',
    uid,
    username,
    accountId,
    roleId: roleIdOf(role),
    userId: undefined,
    sessionName,
    accessKeyId: accessKeyId(key),
    arn,
    canonicalArn,
    credentialId: undefined,
  };
  return { caller, impersonated: undefined };
}
