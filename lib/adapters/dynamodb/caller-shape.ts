import { type ActingCaller, CALLER_KINDS, type FirstUser, type ImpersonatedUser } from '../../audit/caller.ts';
import { keyId, listOf, objectOf, oneOf, optional, roleId, text } from './shape.ts';

export const callerKind = oneOf(CALLER_KINDS);

/** A caller as stored with claims and issued tokens: the fields that the rules read. */
export const actingCaller = objectOf<ActingCaller>({
  kind: callerKind,
  uid: optional(text),
  username: optional(text),
  accountId: optional(text),
  roleId: optional(roleId),
  userId: optional(text),
  sessionName: optional(text),
  accessKeyId: optional(keyId),
  arn: optional(text),
  canonicalArn: optional(text),
  credentialId: optional(text),
});

const firstUser = objectOf<FirstUser>({ username: text, uid: optional(text) });

/** The fields of an impersonated user as stored with issued tokens and records. */
export const impersonatedFields = {
  username: optional(text),
  groups: optional(listOf(text)),
  uid: optional(text),
  first: optional(firstUser),
};

export const impersonated = objectOf<ImpersonatedUser>(impersonatedFields);
