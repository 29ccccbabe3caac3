import type { Action } from '../attribution/answer.ts';
import type { ActingCaller } from '../audit/caller.ts';
import { accessKeyId } from '../identity/access-key.ts';
import { roleIdOf } from '../identity/arn.ts';
import { OPEN_OBJECT } from './json-bytes.ts';

/** Of an action all but its moment. */
export type Sender = Omit<Action, 'moment' | 'handedOver' | 'read'>;

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

/** Where in the lines of a role session stands whose session it is, and by which key. */
export interface SenderLines {
  readonly roleFrom: number;
  readonly roleTo: number;
  readonly nameFrom: number;
  readonly nameTo: number;
  readonly keyFrom: number;
  readonly keyTo: number;
}

const NEWLINE = 0x0a;

/** Of a sender that is no role session's lines, and of one without a key, undefined. */
export function senderLines(bytes: Uint8Array, from: number, to: number): SenderLines | undefined {
  if (bytes[from] === OPEN_OBJECT) return undefined;
  const roleTo = lineEnd(bytes, from, to);
  const nameTo = lineEnd(bytes, roleTo + 1, to);
  const keyTo = lineEnd(bytes, nameTo + 1, to);
  if (keyTo <= nameTo + 1) return undefined;
  return { roleFrom: from, roleTo, nameFrom: roleTo + 1, nameTo, keyFrom: nameTo + 1, keyTo };
}

function lineEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== NEWLINE) at += 1;
  return at;
}
