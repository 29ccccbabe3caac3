import { dashed } from '../identity/session-name.ts';
import { filledTextAt, type JsonObject, objectAt } from '../json.ts';
import { type EpochMillis, epochMillis } from '../time.ts';
import type { TrailCaller } from './caller.ts';
import { evidenceOf } from './evidence-events.ts';
import type { Grant } from './grant.ts';
import type { UseRecord } from './use.ts';

/**
 * A record's statement that the user with this ID has this name. It can be an IAM user or an Identity Center user.
 * Trust: AWS or Identity Center states the name. It is never one that a caller chose. Source: the record's
 * `userIdentity`, the issuer of a federated user, and the response of IAM's CreateUser.
 */
export interface NameSighting {
  /** `AIDA…` of an IAM user. For an Identity Center user, the result of `directoryUserId`. */
  readonly userId: string;
  readonly name: string;
  /** The `eventTime`. 0 if it cannot be read, so that any other sighting is later. */
  readonly at: EpochMillis;
  /** The record that states it. */
  readonly eventId?: string | undefined;
}

/** The first sighting of one user under a name. The user has had the name since then at the latest. */
export interface NameHolder {
  /** The name in the form of `comparableName`. */
  readonly name: string;
  /**
   * The user, as in `NameSighting`. Absent if the record does not state it. In that case, somebody has the name until
   * it ends in the account.
   */
  readonly userId?: string | undefined;
  /** The account of an IAM user. In it, names are unique without regard to case (IAM API Reference, "UpdateUser"). */
  readonly accountId?: string | undefined;
  readonly from: EpochMillis;
}

/**
 * The end of a name, by IAM's DeleteUser, or by UpdateUser with a new name. Nobody in the account has the name then.
 * Neither record states an ID. CreateUser and UpdateUser also end the name that they give. Names are unique in an
 * account, so nobody else has that name any more.
 */
export interface NameEnd {
  /** The name in the form of `comparableName`. */
  readonly name: string;
  readonly accountId: string;
  readonly at: EpochMillis;
}

/** What one record states about the names of users. */
export interface NameFacts {
  readonly sightings?: readonly NameSighting[] | undefined;
  readonly holders?: readonly NameHolder[] | undefined;
  readonly nameEnds?: readonly NameEnd[] | undefined;
  /** A name with so many facts that a store read only some of them. The store sets it, and no record states it. */
  readonly cutName?: string | undefined;
}

/**
 * Returns the key of an Identity Center user: `userId` and directory, because a directory only names its own IDs. If
 * no directory is known, the key is the ID alone. Records of an account can name the directory of another
 * organization or account. A session of any role that allows `sts:SetContext` has the identity context of the directory
 * that issued it. AWS does not document whether IDs in two directories can be equal. The Identity Store creates them,
 * and no caller chooses one (Identity Store API Reference, "CreateUser"). Sources: IAM Identity Center User Guide,
 * "Identity-enhanced IAM role sessions" (AssumeRole with `ProvidedContexts`), "Account instances of IAM Identity
 * Center". AWS CloudTrail User Guide, "CloudTrail userIdentity element" (`onBehalfOf`).
 */
export function directoryUserId(userId: string, identityStore: string | undefined): string {
  return identityStore === undefined ? userId : `${userId} ${identityStore}`;
}

/**
 * Returns a user's name in the form that is compared with names that somebody chose. It is in lower case, with `-` for
 * `@`, as in usernames (CONTRACT, rule 6, flags).
 */
export function comparableName(name: string): string {
  return dashed(name).toLowerCase();
}

/** A user as a record names them. */
interface NamedUser {
  readonly name: string;
  readonly userId?: string | undefined;
  readonly accountId?: string | undefined;
}

/** Returns what the record states about names: of its caller, and of a user whom it creates, renames or deletes. */
export function nameFactsOf(
  record: JsonObject,
  caller: TrailCaller,
  grant: Grant | undefined,
  { eventId, at: time }: UseRecord,
): NameFacts {
  const at = time ?? epochMillis(0);
  const change = changeOf(record, caller);
  const named = [...namedCaller(caller, grant), ...(change?.begins ?? [])];
  if (named.length === 0 && change === undefined) return NO_NAMES;
  return {
    sightings: named.flatMap(({ name, userId }) => (userId === undefined ? [] : [{ userId, name, at, eventId }])),
    holders: named.map(({ name, userId, accountId }) => ({ name: comparableName(name), userId, accountId, from: at })),
    nameEnds: change?.ends.map((end) => ({ ...end, at })),
  };
}

const NO_NAMES: NameFacts = {};

/** Returns the person behind a record's caller, if the record states one. Names that a caller chose never count. */
function namedCaller(caller: TrailCaller, grant: Grant | undefined): readonly NamedUser[] {
  const { kind, userName: name, principalId, accountId, onBehalfOf, identityStore, issuer } = caller;
  if (kind === 'federated-user' && issuer?.type === 'IAMUser' && issuer.userName !== undefined) {
    return [{ name: issuer.userName, userId: issuer.principalId, accountId: issuer.accountId }];
  }
  if (name === undefined) return [];
  if (kind === 'iam-user') return [{ name, userId: principalId, accountId }];
  const bySaml = kind === 'saml-user' && grant !== undefined && grant.byIdentityCenter;
  if (!bySaml && kind !== 'identity-center-user') return [];
  return [{ name, userId: onBehalfOf && directoryUserId(onBehalfOf, identityStore) }];
}

interface UserChange {
  readonly begins: readonly NamedUser[];
  readonly ends: readonly Pick<NameEnd, 'name' | 'accountId'>[];
}

/**
 * Returns the users whose name begins or ends with a successful call of IAM. UpdateUser and DeleteUser state no IDs.
 * Source: IAM API Reference, "CreateUser", "UpdateUser", "DeleteUser".
 */
function changeOf(record: JsonObject, caller: TrailCaller): UserChange | undefined {
  const eventName = filledTextAt(record, 'eventName');
  const evidence = evidenceOf(filledTextAt(record, 'eventSource'), eventName);
  const accountId = filledTextAt(record, 'recipientAccountId') ?? caller.accountId;
  if (evidence?.is !== 'user-change' || accountId === undefined || filledTextAt(record, 'errorCode')) return undefined;
  const request = objectAt(record, 'requestParameters');
  if (eventName === 'CreateUser') {
    const user = objectAt(objectAt(record, 'responseElements'), 'user');
    const name = filledTextAt(user, 'userName') ?? filledTextAt(request, 'userName');
    if (name === undefined) return undefined;
    return { begins: [{ name, userId: filledTextAt(user, 'userId'), accountId }], ends: endsOf([name], accountId) };
  }
  const before = filledTextAt(request, 'userName');
  const after = filledTextAt(request, 'newUserName');
  if (before === undefined || (eventName === 'UpdateUser' && after === undefined)) return undefined;
  if (after === undefined) return { begins: [], ends: endsOf([before], accountId) };
  return { begins: [{ name: after, accountId }], ends: endsOf([before, after], accountId) };
}

function endsOf(names: readonly string[], accountId: string): UserChange['ends'] {
  return [...new Set(names.map(comparableName))].map((name) => ({ name, accountId }));
}

/**
 * Returns a text that orders the sightings of one user by time, then by record. The sighting with the smallest text is
 * kept as evidence.
 */
export function rankOfSighting({ at, eventId }: NameSighting): string {
  return `${orderedTime(at)} ${eventId ?? '~'}`.slice(0, LONGEST_RANK);
}

/**
 * Returns a text that orders the sightings of a holder by time. Of equal times, a sighting that states the account
 * comes first.
 */
export function rankOfHolder({ from, accountId }: NameHolder): string {
  return `${orderedTime(from)} ${accountId ?? '~'}`.slice(0, LONGEST_RANK);
}

/** Limits the UTF-16 code units of a rank. Forged records may state longer texts. */
const LONGEST_RANK = 1_024;

/** Returns the time in a fixed length, so that the texts are in the order of the times. */
function orderedTime(at: EpochMillis): string {
  return new Date(Math.trunc(at)).toISOString();
}
