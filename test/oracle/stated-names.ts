import { type JsonObject, object, present, text } from './json.ts';
import { readTime } from './time.ts';

/** A record's statement that somebody has a name (rule 5, names and their times). */
export type NameStatement = {
  /** The AIDA id of an IAM user, or the userId of a directory's user with the directory. */
  readonly id?: string;
  readonly name: string;
  /** The account of an IAM user. */
  readonly account?: string;
  readonly time: number;
};
/** IAM's statement that nobody in the account has the name any more. */
export type EndedName = { readonly name: string; readonly account: string; readonly time: number };

/** The part of a record's `userIdentity` that names somebody. */
type Signer = {
  readonly type?: string;
  readonly principalId?: string;
  readonly userName?: string;
  readonly accountId?: string;
  readonly onBehalfOf?: string;
  readonly identityStoreArn?: string;
  readonly issuer?: Signer;
};

/** The time of a record whose time can't be read: all others are later. */
const FIRST = 0;

export function readNamesStated(
  records: readonly JsonObject[],
  callers: readonly { readonly identity: Signer; readonly time: number }[],
  signedIn: readonly { readonly caller: Signer; readonly issuedAt: number }[],
): NameStatement[] {
  return [
    ...callers.flatMap(({ identity, time }) => statedOfCaller(identity, Math.max(time, FIRST))),
    ...signedIn.flatMap(({ caller, issuedAt }) => (caller.type === 'SAMLUser' ? ofDirectory(caller, issuedAt) : [])),
    ...records.flatMap(statedByIam),
  ];
}

export function readNamesEnded(records: readonly JsonObject[]): EndedName[] {
  return records.flatMap((record) => {
    const { eventName, request, account, time } = iamCall(record);
    const name = text(request.userName);
    const ends = eventName === 'DeleteUser' || (eventName === 'UpdateUser' && text(request.newUserName) !== undefined);
    const former = ends && name !== undefined && account !== undefined ? [{ name, account, time }] : [];
    return [...former, ...statedByIam(record).flatMap((given) => freed(given))];
  });
}

/** Returns the end of a name that IAM gives: nobody in the account can have had it until then. */
function freed({ name, account, time }: NameStatement): EndedName[] {
  return account === undefined ? [] : [{ name, account, time }];
}

export function directoryId(userId: string, store: string | undefined): string {
  return `${userId} of ${store ?? 'no directory'}`;
}

function statedOfCaller(identity: Signer, time: number): NameStatement[] {
  if (identity.type === 'IAMUser') return ofIam(identity, time);
  if (identity.type === 'IdentityCenterUser') return ofDirectory(identity, time);
  return identity.type === 'FederatedUser' && identity.issuer?.type === 'IAMUser' ? ofIam(identity.issuer, time) : [];
}

function ofIam({ principalId: id, userName: name, accountId: account }: Signer, time: number): NameStatement[] {
  return name === undefined ? [] : [present<NameStatement>({ id, name, account, time })];
}

function ofDirectory({ userName: name, onBehalfOf, identityStoreArn }: Signer, time: number): NameStatement[] {
  const id = onBehalfOf === undefined ? undefined : directoryId(onBehalfOf, identityStoreArn);
  return name === undefined ? [] : [present<NameStatement>({ id, name, time })];
}

/** Returns what IAM states of a user who is made, with the id, or renamed, without it. */
function statedByIam(record: JsonObject): NameStatement[] {
  const { eventName, request, account, time } = iamCall(record);
  const made = object(object(record.responseElements)?.user);
  const [id, name] =
    eventName === 'CreateUser'
      ? [text(made?.userId), text(made?.userName) ?? text(request.userName)]
      : [undefined, eventName === 'UpdateUser' ? text(request.newUserName) : undefined];
  if (name === undefined || account === undefined) return [];
  if (eventName === 'UpdateUser' && text(request.userName) === undefined) return [];
  return [present<NameStatement>({ id, name, account, time })];
}

type IamCall = {
  readonly eventName?: string;
  readonly request: JsonObject;
  readonly account?: string;
  readonly time: number;
};

function iamCall(record: JsonObject): IamCall {
  const isDone = record.eventSource === 'iam.amazonaws.com' && text(record.errorCode) === undefined;
  return present<IamCall>({
    eventName: isDone ? text(record.eventName) : undefined,
    request: object(record.requestParameters) ?? {},
    account: text(record.recipientAccountId) ?? text(object(record.userIdentity)?.accountId),
    time: readTime(record.eventTime) ?? FIRST,
  });
}
