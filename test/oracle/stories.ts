import {
  type Draft,
  writeFederationGrant,
  writeRecord,
  writeRoleGrant,
  writeRootGrant,
  writeSessionToken,
  writeUse,
} from './calls.ts';
import { callTime, iso, SECOND } from './clock.ts';
import type { Draw } from './draw.ts';
import {
  assumedRole,
  federatedUser,
  iamUser,
  identityCenterUser,
  otherAccount,
  rootUser,
  type Session,
  samlUser,
  service,
  webIdentityUser,
} from './identities.ts';
import {
  ACCOUNTS,
  ADMIN,
  canonicalArn,
  DEPLOY,
  type Json,
  KEYS,
  NAMES,
  PEOPLE,
  RESERVED,
  type Role,
  STRANGER_ID,
  UNLISTED_KEYS,
  USERS,
} from './pools.ts';

/** Each story writes a few records that belong together into the draft of a world. */
export type Story = (draft: Draft) => void;

export const STORIES: readonly Story[] = [
  personAssumesRole,
  personAssumesRole,
  twoShareOneSession,
  identityCenterSignsIn,
  identityCenterSignsIn,
  otherProviderSignsIn,
  webIdentitySignsIn,
  serviceAssumesRole,
  serviceAssumesRole,
  podAssumesRole,
  instanceAndThief,
  accountAssumesRole,
  sharedCall,
  shortChain,
  shortChain,
  longChain,
  loop,
  rootIsAssumed,
  userIsFederated,
  tokensAndDenials,
  uses,
  uses,
  uses,
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

function identityCenterSignsIn(draft: Draft): void {
  const { draw } = draft;
  const provider = draw.pick(['AWSSSO_0123_DO_NOT_DELETE', 'AWSSSO_0123_DO_NOT_DELETE', undefined, 'Okta']);
  const signIn = {
    caller: samlUser(draw),
    role: RESERVED,
    name: draw.pick([...PEOPLE, ...NAMES]),
    eventName: 'AssumeRoleWithSAML',
    request: provider === undefined ? {} : { principalArn: `arn:aws:iam::111122223333:saml-provider/${provider}` },
  };
  // A role may be named like Identity Center's without being one.
  const asArn = draw.chance(0.15) ? { asArn: canonicalArn(RESERVED) } : {};
  const session = writeRoleGrant(draft, { ...signIn, ...asArn });
  if (draw.chance(0.25)) writeRoleGrant(draft, { ...signIn, at: session.at + 7200 * SECOND });
  if (draw.chance(0.6)) writeUse(draft, session, draw.pick(UNLISTED_KEYS));
}

function otherProviderSignsIn(draft: Draft): void {
  const { draw } = draft;
  const principalArn = 'arn:aws:iam::111122223333:saml-provider/Okta';
  const request = draw.chance(0.6) ? { principalArn } : {};
  const role = ordinaryRole(draw);
  writeRoleGrant(draft, {
    caller: samlUser(draw),
    role,
    name: draw.pick(NAMES),
    eventName: 'AssumeRoleWithSAML',
    request,
  });
}

function webIdentitySignsIn(draft: Draft): void {
  const { draw } = draft;
  const eventName = 'AssumeRoleWithWebIdentity';
  writeRoleGrant(draft, { caller: webIdentityUser(draw), role: ordinaryRole(draw), name: draw.pick(NAMES), eventName });
}

function serviceAssumesRole(draft: Draft): void {
  const { draw } = draft;
  const call = { caller: service(draw), role: ordinaryRole(draw), name: draw.pick(NAMES) };
  const session = writeRoleGrant(draft, { ...call, namesSession: draw.chance(0.5) });
  if (draw.chance(0.3)) hop(draft, session, ordinaryRole(draw), draw.pick(NAMES));
  if (draw.chance(0.3)) writeUse(draft, session, draw.pick([session.key, draw.pick(UNLISTED_KEYS)]));
}

function podAssumesRole(draft: Draft): void {
  const { draw } = draft;
  const tags = [
    { key: 'kubernetes-namespace', value: 'shop' },
    { key: 'kubernetes-pod-name', value: draw.pick(['cart-0', 'cart-1']) },
  ];
  // Tags are a pod's only where Pod Identity itself wrote them.
  const caller = service(draw, draw.chance(0.85) ? 'pods.eks.amazonaws.com' : 'ec2.amazonaws.com');
  const request = { tags: draw.chance(0.85) ? tags : tags.slice(1) };
  writeRoleGrant(draft, { caller, role: ordinaryRole(draw), name: draw.pick(NAMES), request });
}

/** An instance's role is assumed by EC2, and under the same name by a person. */
function instanceAndThief(draft: Draft): void {
  const { draw } = draft;
  const instance = { role: ADMIN, name: 'i-0abc123def4567890', at: callTime(draw) };
  if (draw.chance(0.7)) writeRoleGrant(draft, { ...instance, caller: service(draw, 'ec2.amazonaws.com') });
  if (draw.chance(0.7)) writeRoleGrant(draft, { ...instance, caller: iamUser(draw) });
}

function accountAssumesRole(draft: Draft): void {
  const { draw } = draft;
  writeRoleGrant(draft, { caller: otherAccount(draw), role: ADMIN, name: draw.pick(NAMES) });
}

/** A call across accounts is logged in both, with one `sharedEventID`. */
function sharedCall(draft: Draft): void {
  const { draw } = draft;
  const upstream = draw.pick([...draft.sessions, undefined]);
  const caller = upstream ? assumedRole(draw, upstream) : iamUser(draw);
  writeRoleGrant(draft, { caller, role: ordinaryRole(draw), name: draw.pick(NAMES) });
  const mine = draft.records.at(-1);
  if (!mine) return;
  mine.sharedEventID = `call-${draft.records.length}`;
  const principalId = caller.principalId ?? STRANGER_ID;
  const userIdentity = { type: 'AWSAccount', principalId, accountId: '444455556666' };
  draft.records.push({ ...mine, eventID: `copy-${draft.records.length}`, userIdentity });
  // A copy that issued another key is another call, whatever it says it shares.
  if (draw.chance(0.2)) writeRoleGrant(draft, { caller: iamUser(draw), role: ADMIN, name: draw.pick(NAMES) });
  const other = draft.records.at(-1);
  if (other && draw.chance(0.3)) other.sharedEventID = mine.sharedEventID;
}

function shortChain(draft: Draft): void {
  const { draw } = draft;
  const start = draw.chance(0.5) ? draw.pick([...draft.sessions, undefined]) : undefined;
  const first =
    start ?? writeRoleGrant(draft, { caller: anyCaller(draw), role: ordinaryRole(draw), name: draw.pick(NAMES) });
  const second = hop(draft, first, ordinaryRole(draw), draw.pick(NAMES));
  if (draw.chance(0.3)) hop(draft, second, ordinaryRole(draw), draw.pick(NAMES));
}

/** Up to twelve hops, each a session of its own; sometimes the first one's caller is a session that no record gave. */
function longChain(draft: Draft): void {
  const { draw } = draft;
  if (!draw.chance(0.5)) return;
  const [first, ...rest] = distinctSessions(draw).slice(0, 8 + draw.below(5));
  if (!first) return;
  const at = callTime(draw);
  let session = writeRoleGrant(draft, { ...first, at, caller: anyCaller(draw) });
  for (const { role, name, key } of rest) session = hop(draft, session, role, name, { key, after: 10, firm: true });
}

/** Sessions that gave each other: time alone can't tell which was first. */
function loop(draft: Draft): void {
  const { draw } = draft;
  if (!draw.chance(0.4)) return;
  const at = callTime(draw);
  const [a, b] = distinctSessions(draw);
  if (!a || !b) return;
  const sessionOf = ({ role, name, key }: typeof a): Session => ({ role, name, key, at, expires: at + 900 * SECOND });
  writeRoleGrant(draft, { ...a, at, caller: assumedRole(draw, sessionOf(draw.chance(0.7) ? b : a)) });
  writeRoleGrant(draft, { ...b, at, caller: assumedRole(draw, sessionOf(a)) });
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
  // A denial that gives what only a success can give is none the less a denial.
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

/** Uses that agree with a session, and uses that put its key under another's name. */
function uses(draft: Draft): void {
  const { draw } = draft;
  if (draft.sessions.length === 0) return;
  const session = draw.pick(draft.sessions);
  writeUse(draft, session, draw.pick([session.key, ...UNLISTED_KEYS, draw.pick(KEYS)]));
}

type Hop = { readonly key?: string; readonly after?: number; readonly firm?: boolean };

function hop(draft: Draft, from: Session, role: Role, name: string, { key, after, firm }: Hop = {}): Session {
  const { draw } = draft;
  const told = firm || draw.chance(0.6) ? from.key : draw.pick(['', undefined, draw.pick(UNLISTED_KEYS)]);
  const later = after ?? draw.pick([0, 1, 2, 3, 60, 60, 600, 1500, 1501, 4200, 4201]);
  const at = from.at + later * SECOND;
  const caller = assumedRole(draw, from, told ?? '');
  if (told === undefined) delete caller.accessKeyId;
  return writeRoleGrant(draft, { caller, role, name, at, ...(key === undefined ? {} : { key }) });
}

function anyCaller(draw: Draw): Json {
  const stray = { role: DEPLOY, name: 'stray-session', key: draw.pick(UNLISTED_KEYS), at: callTime(draw), expires: 0 };
  return draw.pick([
    iamUser(draw),
    iamUser(draw),
    service(draw),
    otherAccount(draw),
    samlUser(draw),
    assumedRole(draw, stray),
  ]);
}

function distinctSessions(draw: Draw): { role: Role; name: string; key: string }[] {
  const all = [ADMIN, DEPLOY].flatMap((role) => NAMES.flatMap((name) => KEYS.map((key) => ({ role, name, key }))));
  return draw.shuffle(all);
}

function ordinaryRole(draw: Draw): Role {
  return draw.pick([ADMIN, ADMIN, DEPLOY]);
}
