import {
  type Draft,
  writeFederationGrant,
  writeRecord,
  writeRoleGrant,
  writeRootGrant,
  writeSessionToken,
  writeUse,
  writeUserUse,
} from './calls.ts';
import { BASE, callTime, iso, SECOND } from './clock.ts';
import { delegatesForATime, keyOfAnotherTime, longChain, loop, ordinaryRole, shortChain } from './hops.ts';
import { assumedRole, federatedUser, iamUser, identityCenterUser, otherAccount, rootUser } from './identities.ts';
import { ACCOUNTS, ADMIN, type Json, KEYS, NAMES, STRANGER_ID, UNLISTED_KEYS, USERS } from './pools.ts';
import { iamChangesUsers, personIsRenamed, personIsRenamedInSession, userIsRenamed } from './renamings.ts';
import {
  agentWorks,
  identityCenterSignsIn,
  otherProviderSignsIn,
  personBehindSpeaks,
  providerChanges,
  tokenCrossesPartitions,
  userSignsIn,
  webIdentitySignsIn,
} from './sign-ins.ts';
import {
  certificateHolderAssumesRole,
  instanceAndThief,
  podAssumesRole,
  serviceAssumesRole,
  workloadSpeaks,
} from './workloads.ts';

/** Writes a few records that belong together into the draft of a world. */
export type Story = (draft: Draft) => void;

export const STORIES: readonly Story[] = [
  personAssumesRole,
  personAssumesRole,
  twoShareOneSession,
  identityCenterSignsIn,
  identityCenterSignsIn,
  identityCenterSignsIn,
  personBehindSpeaks,
  personBehindSpeaks,
  otherProviderSignsIn,
  webIdentitySignsIn,
  webIdentitySignsIn,
  tokenCrossesPartitions,
  tokenCrossesPartitions,
  serviceAssumesRole,
  serviceAssumesRole,
  podAssumesRole,
  certificateHolderAssumesRole,
  keyOfAnotherTime,
  delegatesForATime,
  agentWorks,
  workloadSpeaks,
  workloadSpeaks,
  userSignsIn,
  userSignsIn,
  providerChanges,
  providerChanges,
  instanceAndThief,
  accountAssumesRole,
  sharedCall,
  contradictedCall,
  contradictedCall,
  shortChain,
  shortChain,
  longChain,
  longChain,
  loop,
  rootIsAssumed,
  userIsFederated,
  tokensAndDenials,
  ownKeysAreUsed,
  ownKeysAreUsed,
  uses,
  uses,
  uses,
  iamChangesUsers,
  iamChangesUsers,
  userIsRenamed,
  userIsRenamed,
  personIsRenamed,
  personIsRenamed,
  personIsRenamedInSession,
];

function personAssumesRole(draft: Draft): void {
  const { draw } = draft;
  const caller = draw.pick([
    iamUser(draw),
    iamUser(draw),
    rootUser(draw.pick(ACCOUNTS)),
    federatedUser(draw),
    identityCenterUser(draw),
  ]);
  writeRoleGrant(draft, { caller, role: ordinaryRole(draw), name: draw.pick(NAMES), namesSession: draw.chance(0.92) });
}

function twoShareOneSession(draft: Draft): void {
  const { draw } = draft;
  const shared = { role: ordinaryRole(draw), name: draw.pick(NAMES), at: callTime(draw) };
  writeRoleGrant(draft, { ...shared, caller: iamUser(draw) });
  writeRoleGrant(draft, { ...shared, caller: iamUser(draw), at: shared.at + draw.pick([0, 1, 2, 60]) * SECOND });
}

function accountAssumesRole(draft: Draft): void {
  const { draw } = draft;
  writeRoleGrant(draft, { caller: otherAccount(draw), role: ADMIN, name: draw.pick(NAMES) });
}

/** Writes a call across accounts. Both accounts log it, with one `sharedEventID`. */
function sharedCall(draft: Draft): void {
  const { draw } = draft;
  const upstream = draw.pick([...draft.sessions, undefined]);
  const caller = upstream ? assumedRole(draw, upstream) : iamUser(draw);
  writeRoleGrant(draft, { caller, role: ordinaryRole(draw), name: draw.pick(NAMES) });
  const mine = draft.records.at(-1);
  if (!mine) return;
  mine.sharedEventID = `call-${draft.records.length}`;
  // The owner's copy states a part of the caller. Otherwise somebody forged it.
  const stranger = { principalId: STRANGER_ID, accountId: '444455556666' };
  const { principalId, accountId } = draw.chance(0.85) ? (caller as typeof stranger) : stranger;
  const userIdentity = { type: 'AWSAccount', ...(principalId === undefined ? stranger : { principalId, accountId }) };
  const copy = { ...mine, eventID: `copy-${draft.records.length}`, userIdentity };
  // The times in two accounts may differ by a second, and the session began in one of them.
  const began = draft.sessions.at(-1);
  const at = (began?.at ?? BASE) + draw.pick([-SECOND, SECOND, 2 * SECOND]);
  const differs = draw.chance(0.4);
  draft.records.push(differs ? { ...copy, eventTime: iso(at) } : copy);
  if (differs && began && draw.chance(0.5)) writeUse(draft, { ...began, at }, draw.pick(UNLISTED_KEYS));
  // A copy with another key is another call, whatever `sharedEventID` it states.
  if (draw.chance(0.2)) writeRoleGrant(draft, { caller: iamUser(draw), role: ADMIN, name: draw.pick(NAMES) });
  const other = draft.records.at(-1);
  if (other && draw.chance(0.3)) other.sharedEventID = mine.sharedEventID;
}

/** Writes a forged copy of a call: another caller, another value of one field, or a field that is missing. */
function contradictedCall(draft: Draft): void {
  const { draw } = draft;
  const ofLast = () => undefined;
  const tokenOfUser = () => writeSessionToken(draft, iamUser(draw));
  const others = [tokenCrossesPartitions, identityCenterSignsIn, webIdentitySignsIn, userIsFederated];
  draw.pick<Story>([ofLast, personAssumesRole, personAssumesRole, shortChain, tokenOfUser, draw.pick(others)])(draft);
  const grants = draft.records.filter(
    ({ eventSource, errorCode }) => eventSource === 'sts.amazonaws.com' && !errorCode,
  );
  const mine = grants.length > 0 ? draw.pick(grants.slice(-3)) : undefined;
  if (mine === undefined) return;
  mine.sharedEventID ??= `forged-${draft.records.length}`;
  const caller = mine.userIdentity as Json;
  // Two uses of one session that state two accounts are not generated.
  const accountId = caller.type === 'AssumedRole' ? caller.accountId : draw.pick(ACCOUNTS);
  const userIdentity = draw.pick<Json>([
    iamUser(draw),
    iamUser(draw),
    iamUser(draw),
    rootUser(draw.pick(ACCOUNTS)),
    otherAccount(draw),
    draft.sessions.length > 0 ? assumedRole(draw, draw.pick(draft.sessions)) : iamUser(draw),
    { ...caller, userName: draw.pick(NAMES) },
    { ...caller, accountId },
    { ...caller, accessKeyId: draw.pick(KEYS) },
    caller.type === 'AssumedRole' ? caller : { ...caller, principalId: undefined, arn: undefined },
    caller.type === 'AssumedRole'
      ? caller
      : { ...caller, principalId: undefined, arn: undefined, accountId: undefined },
    { ...caller, sessionContext: undefined },
  ]);
  draft.records.push({ ...mine, eventID: `forged-${draft.records.length}`, userIdentity });
}

function rootIsAssumed(draft: Draft): void {
  const { draw } = draft;
  if (draw.chance(0.5)) writeRootGrant(draft, iamUser(draw));
  else personAssumesRole(draft);
  const [session] = draft.sessions;
  if (session && draw.chance(0.4)) writeRootGrant(draft, assumedRole(draw, session));
}

function userIsFederated(draft: Draft): void {
  const { draw } = draft;
  const account = draw.pick(ACCOUNTS);
  const caller = draw.chance(0.3) ? rootUser(account) : iamUser(draw);
  writeFederationGrant(draft, caller, account, draw.pick(['alice', 'guest']));
}

function tokensAndDenials(draft: Draft): void {
  const { draw } = draft;
  if (draw.chance(0.3)) writeSessionToken(draft, iamUser(draw));
  const denied = { errorCode: 'AccessDenied', requestParameters: null, responseElements: null };
  const eventTime = iso(callTime(draw));
  if (draw.chance(0.5))
    writeRecord(draft, { eventName: 'AssumeRole', eventTime, userIdentity: iamUser(draw), ...denied });
  // A denied call stays denied, even if it has what only a successful one can have.
  if (draw.chance(0.3)) personAssumesRole(draft);
  const last = draft.records.at(-1);
  if (last && draw.chance(0.2)) last.errorCode = 'ExpiredToken';
  const named = {
    eventName: 'ListUsers',
    eventSource: 'iam.amazonaws.com',
    eventTime,
    userIdentity: iamUser(draw, draw.pick(USERS)),
  };
  writeRecord(draft, named);
}

/** Writes uses of a temporary key by users, root users and federated users, in the session of the event or of days ago. */
function ownKeysAreUsed(draft: Draft): void {
  const { draw } = draft;
  const made = draft.federated.length > 0 && draw.chance(0.6) ? draw.pick(draft.federated) : undefined;
  const account = made !== undefined && draw.chance(0.7) ? made.account : draw.pick(ACCOUNTS);
  const user = iamUser(draw);
  const identity = draw.pick<Json>([user, rootUser(account), federatedUser(draw, account)]);
  const key = made?.key ?? draw.pick([...KEYS, ...UNLISTED_KEYS]);
  const began = (made?.at ?? callTime(draw)) - draw.pick([0, 0, 0, 5 * 24 * 3600]) * SECOND;
  const attributes = draw.chance(0.8) ? { creationDate: iso(began) } : {};
  const context = { ...(identity.sessionContext ?? {}), attributes };
  writeUserUse(draft, { ...identity, sessionContext: context }, key);
  if (draw.chance(0.2)) writeUserUse(draft, { ...rootUser(account), sessionContext: { attributes } }, key);
  if (draw.chance(0.5)) writeSessionToken(draft, draw.pick([user, rootUser(account)]));
}

/** Writes uses that agree with a session, and uses with its key and another session's name. */
function uses(draft: Draft): void {
  const { draw } = draft;
  if (draft.sessions.length === 0) return;
  const session = draw.pick(draft.sessions);
  writeUse(draft, session, draw.pick([session.key, ...UNLISTED_KEYS, draw.pick(KEYS)]));
}
