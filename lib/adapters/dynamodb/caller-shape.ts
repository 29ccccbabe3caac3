import { type ActingCaller, CALLER_KINDS, type FirstUser, type ImpersonatedUser } from '../../audit/caller.ts';
import { keyId, listOf, objectOf, oneOf, optional, roleId, text } from './shape.ts';

export const callerKind = oneOf(CALLER_KINDS);

/** The shape of a caller as claims and issued tokens store it: the fields that the rules read. */
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

/** The shapes of an impersonated user's fields, as issued tokens and records store them. */
export const impersonatedFields = {
  username: optional(text),
  groups: optional(listOf(text)),
  uid: optional(text),
  first: optional(firstUser),
};

export const impersonated = objectOf<ImpersonatedUser>(impersonatedFields);
