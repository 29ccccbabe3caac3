import { dashed } from '../identity/session-name.ts';
import type { EpochMillis } from '../time.ts';
import type { TrailCaller } from './caller.ts';
import type { Grant } from './grant.ts';

/**
 * That a CloudTrail record shows a user of this name: an IAM user with its id, or an Identity Center user.
 *
 * Trust: the name is AWS's or Identity Center's word, never one that a caller chose. Source: `userIdentity` of the record.
 */
export interface KnownUser {
  readonly name: string;
  readonly seenAt?: EpochMillis | undefined;
  /** `AIDA…` of an IAM user; of an Identity Center user what `directoryUserId` says, where the record states it beside the name. */
  readonly principalId?: string | undefined;
}

/**
 * Under what an Identity Center user is known: the `userId` and the directory, since a directory gives names to its own ids alone.
 * The id alone where the record names no directory, as in what earlier versions stored.
 *
 * Another organization's or account's directory can stand in the records of an account: a session of any role that allows
 * `sts:SetContext` to its caller has the identity context of whatever directory issued it. Sources: IAM Identity Center User Guide,
 * "Identity-enhanced IAM role sessions" (AssumeRole with `ProvidedContexts`), "Account instances of IAM Identity Center"; AWS
 * CloudTrail User Guide, "CloudTrail userIdentity element" (`onBehalfOf`). Whether ids of two directories can be alike no page
 * says (unsure): the Identity Store makes them, and no caller chooses one (Identity Store API Reference, "CreateUser").
 */
export function directoryUserId(userId: string, identityStore: string | undefined): string {
  return identityStore === undefined ? userId : `${userId} ${identityStore}`;
}

/**
 * A user's name as names are compared where somebody may claim to be that user: without case, and with `@` as `-`, as
 * usernames show it (CONTRACT, rule 6, flags).
 */
export function comparableName(name: string): string {
  return dashed(name).toLowerCase();
}

/** The person that a record's caller is, where it says so. Names that a caller chose never count. */
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
 * Which of two records names the user of one `AIDA…` id: the later one, since a user can be renamed; then the smaller
 * name, so that the order of the records does not matter.
 */
export function laterName(a: KnownUser, b: KnownUser): KnownUser {
  const difference = (a.seenAt ?? 0) - (b.seenAt ?? 0);
  if (difference !== 0) return difference > 0 ? a : b;
  return a.name <= b.name ? a : b;
}
