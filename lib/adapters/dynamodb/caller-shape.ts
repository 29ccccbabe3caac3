import { type ActingCaller, CALLER_KINDS, type FirstUser, type ImpersonatedUser } from '../../audit/caller.ts';
import { keyId, listOf, objectOf, oneOf, roleId, text } from './shape.ts';

export const callerKind = oneOf(CALLER_KINDS);

/** A caller as claims and issued tokens keep it: what the rules read of it. */
export const actingCaller = objectOf<ActingCaller>(
  { kind: callerKind },
  {
    uid: text,
    username: text,
    accountId: text,
    roleId,
    userId: text,
    sessionName: text,
    accessKeyId: keyId,
    arn: text,
    canonicalArn: text,
    credentialId: text,
  },
);

export const firstUser = objectOf<FirstUser>({ username: text }, { uid: text });

export const impersonated = objectOf<ImpersonatedUser>(
  {},
  { username: text, groups: listOf(text), uid: text, first: firstUser },
);
