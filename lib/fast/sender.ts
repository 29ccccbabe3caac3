import type { Action } from '../attribution/answer.ts';
import type { ActingCaller } from '../audit/caller.ts';
import { accessKeyId } from '../identity/access-key.ts';
import { roleIdOf } from '../identity/arn.ts';

/** Of an action all but its moment. */
export type Sender = Omit<Action, 'moment' | 'handedOverBy' | 'read'>;

/** Reads a sender: a JSON text, or the lines of a role session (`writeRoleSession`). Trusts its caller that it is one. */
export function senderOf(text: string): Omit<Sender, 'cluster'> {
  if (text.startsWith('{')) return JSON.parse(text) as Omit<Sender, 'cluster'>;
  const [role = '', sessionName, key, uid, username, arn, canonicalArn, accountId] = text.split('\n');
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

/** Of a role session's lines what says whose session it is; of another sender all is empty. */
export function keyOfSender(text: string): {
  readonly roleId: string;
  readonly sessionName: string;
  readonly key: string;
} {
  if (text.startsWith('{')) return NO_SESSION;
  const role = text.indexOf('\n');
  const name = text.indexOf('\n', role + 1);
  const key = text.indexOf('\n', name + 1);
  return { roleId: text.slice(0, role), sessionName: text.slice(role + 1, name), key: text.slice(name + 1, key) };
}

const NO_SESSION = { roleId: '', sessionName: '', key: '' };
