import { nameOfUserArn } from './arns.ts';
import type { Caller } from './caller.ts';
import { covers } from './match.ts';
import { type Grant, halves, type Identity, type KnownWorld } from './records.ts';
import { agrees } from './session.ts';

/** This module has rules 4.17 to 4.22: the facts about the access key of a caller who acts directly. */
const BEFORE = 60_000;
/** The longest time from a grant of Identity Center to the beginning of its session, in milliseconds. */
const OLDER_GRANT = 2_000;
const AFTER = 600_000;
const LONGEST_SESSION = 36 * 3_600_000;

/** One grant or use of the key. */
export type KeyWord = {
  readonly ofCaller: boolean;
  readonly inTime: boolean;
  /** The kind of caller that it states. It does not matter if the key is somebody else's. */
  readonly kind: 'iam-user' | 'root' | 'federated-user' | 'role-session';
  readonly name?: string;
  readonly grant?: Grant;
  readonly use?: Identity;
};

export function keyWords(caller: Caller, time: number | undefined, known: KnownWorld): KeyWord[] {
  const key = caller.accessKeyId;
  if (key === undefined) return [];
  const grants = known.grants.filter(({ accessKeyId }) => accessKeyId === key);
  const uses = known.callers
    .map(({ identity }) => identity)
    .filter(({ accessKeyId, principalId }) => accessKeyId === key && principalId !== undefined);
  return [
    ...grants.map((grant) => ({
      ...wordOfGrant(grant, caller),
      inTime: time !== undefined && covers(grant, time),
      grant,
    })),
    ...uses.map((use) => ({ ...wordOfUse(use, caller), inTime: time !== undefined && mayLast(use, time), use })),
  ];
}

/** Returns the readings of a root user's uid: as it stands, as a federated user's without the name, or both. */
export function readingsOf(caller: Caller, words: readonly KeyWord[]): { root: boolean; federated?: Caller } {
  const mine = words.filter(({ ofCaller }) => ofCaller);
  const timely = mine.filter(({ inTime }) => inTime);
  const counted = timely.length > 0 ? timely : mine;
  const federated = counted.filter(({ kind }) => kind === 'federated-user');
  if (federated.length === 0) return { root: true };
  const names = new Set(federated.map(({ name }) => name));
  const [name] = names.size === 1 ? names : [];
  const named = name === undefined ? {} : { statedName: name };
  return { root: federated.length < counted.length, federated: { ...caller, kind: 'federated-user', ...named } };
}

/** Returns whether a user's name may have been cut off. Only an event without an ARN leaves that open. */
function isCut({ kind, arn }: Caller): boolean {
  return kind === 'root' && arn === undefined;
}

type Word = Pick<KeyWord, 'ofCaller' | 'kind' | 'name'>;

function wordOfGrant(grant: Grant, caller: Caller): Word {
  const { accountId } = caller;
  if (grant.eventName === 'GetFederationToken') return federatedWord(grant.ownerId, grant.sessionName, caller);
  if (grant.eventName === 'AssumeRoot')
    return { kind: 'root', ofCaller: caller.kind === 'root' && agrees(grant.rootOf, accountId) };
  if (grant.eventName !== 'GetSessionToken') return { kind: 'role-session', ofCaller: false };
  const by = grant.caller;
  if (by.type === 'Root') return { kind: 'root', ofCaller: caller.kind === 'root' && agrees(by.accountId, accountId) };
  const isUser = by.principalId === undefined ? isNamedAs(by, caller) : by.principalId === caller.principalId;
  return { kind: 'iam-user', ofCaller: caller.kind === 'iam-user' && isUser };
}

/** Returns whether a record that states no id of its user can mean this one. */
function isNamedAs({ accountId, arn, userName }: Identity, caller: Caller): boolean {
  const name = nameOfUserArn(caller.arn);
  return agrees(accountId, caller.accountId) && agrees(arn, caller.arn) && agrees(userName, name);
}

function wordOfUse({ principalId = '' }: Identity, caller: Caller): Word {
  const { ownerId = '', sessionName } = halves(principalId);
  if (sessionName !== undefined)
    return /^\d{12}$/.test(ownerId)
      ? federatedWord(ownerId, sessionName, caller)
      : { kind: 'role-session', ofCaller: false };
  const kind = /^\d{12}$/.test(ownerId) ? 'root' : 'iam-user';
  return { kind, ofCaller: caller.kind === kind && ownerId === caller.principalId };
}

function federatedWord(account: string | undefined, name: string | undefined, caller: Caller): Word {
  const isOfName = caller.kind === 'federated-user' && agrees(name, caller.statedName);
  const ofCaller = agrees(account, caller.accountId) && (isOfName || isCut(caller));
  return { kind: 'federated-user', ofCaller, ...(name === undefined ? {} : { name }) };
}

/** Returns whether the key can be valid at the time. A temporary key lasts at most 36 hours; a user's own has no such end. */
function mayLast({ accessKeyId, began }: Identity, time: number): boolean {
  if (began === undefined || !accessKeyId?.startsWith('ASIA')) return true;
  return time >= began - OLDER_GRANT - BEFORE && time <= began + LONGEST_SESSION + AFTER;
}
