import { dashed } from '../identity/session-name.ts';
import type { EpochMillis } from '../time.ts';
import type { TrailCaller } from './caller.ts';
import type { Grant } from './grant.ts';

/**
 * A user whose name a CloudTrail record shows: an IAM user with its ID, or an Identity Center user.
 *
 * Trust: AWS or Identity Center states the name. It is never one that a caller chose. Source: `userIdentity` of the record.
 */
export interface KnownUser {
  readonly name: string;
  readonly seenAt?: EpochMillis | undefined;
  /**
   * `AIDA…` for an IAM user. For an Identity Center user the result of `directoryUserId`, if the record states the ID
   * beside the name.
   */
  readonly principalId?: string | undefined;
}

/**
 * Returns the key of an Identity Center user: the `userId` and the directory, because a directory gives names only to its own
 * IDs. Without a directory, as in what earlier versions stored, it is the ID alone.
 *
 * Records of an account can name another organization's or account's directory: a session of any role that allows
 * `sts:SetContext` has the identity context of the directory that issued it. It is not known whether IDs of two directories can
 * be equal, because no page states it. The Identity Store creates them, and no caller chooses one (Identity Store API
 * Reference, "CreateUser").
 * Sources: IAM Identity Center User Guide, "Identity-enhanced IAM role sessions" (AssumeRole with `ProvidedContexts`), "Account
 * instances of IAM Identity Center"; AWS CloudTrail User Guide, "CloudTrail userIdentity element" (`onBehalfOf`).
 */
export function directoryUserId(userId: string, identityStore: string | undefined): string {
  return identityStore === undefined ? userId : `${userId} ${identityStore}`;
}

/**
 * Returns a user's name in the form in which names are compared if somebody may claim to be that user: lower case, with
 * `-` for `@`, as in usernames (CONTRACT, rule 6, flags).
 */
export function comparableName(name: string): string {
  return dashed(name).toLowerCase();
}

/** Returns the person behind a record's caller, if the record states one. Names that a caller chose never count. */
export function knownUserOf(
  caller: TrailCaller,
  grant: Grant | undefined,
  seenAt: EpochMillis | undefined,
): KnownUser | undefined {
  const { userName, principalId } = caller;
  if (userName === undefined) return undefined;
  if (caller.kind === 'iam-user') return { name: userName, seenAt, principalId };
  const bySaml = caller.kind === 'saml-user' && grant !== undefined && grant.byIdentityCenter;
  if (!bySaml && caller.kind !== 'identity-center-user') return undefined;
  const { onBehalfOf, identityStore } = caller;
  return { name: userName, seenAt, principalId: onBehalfOf && directoryUserId(onBehalfOf, identityStore) };
}

/**
 * Returns which of two records names the user of one `AIDA…` ID: the later one, because a user can be renamed; for
 * equal times the smaller name, so that the order of the records does not matter.
 */
export function laterName(a: KnownUser, b: KnownUser): KnownUser {
  const difference = (a.seenAt ?? 0) - (b.seenAt ?? 0);
  if (difference !== 0) return difference > 0 ? a : b;
  return a.name <= b.name ? a : b;
}
