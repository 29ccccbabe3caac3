import { type Draft, writeDelegatedToken, writeRoleGrant, writeUse } from './calls.ts';
import { callTime, SECOND } from './clock.ts';
import type { Draw } from './draw.ts';
import { assumedRole, iamUser, otherAccount, type Session, samlUser, service } from './identities.ts';
import { ADMIN, DEPLOY, type Json, KEYS, NAMES, OPS, type Role, UNLISTED_KEYS } from './pools.ts';

export function shortChain(draft: Draft): void {
  const { draw } = draft;
  const start = draw.chance(0.5) ? draw.pick([...draft.sessions, undefined]) : undefined;
  const first =
    start ?? writeRoleGrant(draft, { caller: anyCaller(draw), role: ordinaryRole(draw), name: draw.pick(NAMES) });
  const second = hop(draft, first, ordinaryRole(draw), draw.pick(NAMES));
  if (draw.chance(0.3)) hop(draft, second, ordinaryRole(draw), draw.pick(NAMES));
}

/**
 * Writes a chain of up to twelve hops, each with its own session. Sometimes the first caller is a session without a
 * record.
 */
export function longChain(draft: Draft): void {
  const { draw } = draft;
  if (!draw.chance(0.5)) return;
  const [first, ...rest] = distinctSessions(draw).slice(0, 8 + draw.below(5));
  if (!first) return;
  const at = callTime(draw);
  let session = writeRoleGrant(draft, { ...first, at, caller: anyCaller(draw) });
  for (const { role, name, key } of rest) session = hop(draft, session, role, name, { key, after: 10, firm: true });
}

/** Writes sessions that issued each other. Time alone cannot show which was first. */
export function loop(draft: Draft): void {
  const { draw } = draft;
  if (!draw.chance(0.4)) return;
  const at = callTime(draw);
  const [a, b] = distinctSessions(draw);
  if (!a || !b) return;
  const sessionOf = ({ role, name, key }: typeof a): Session => ({ role, name, key, at, expires: at + 900 * SECOND });
  writeRoleGrant(draft, { ...a, at, caller: assumedRole(draw, sessionOf(draw.chance(0.7) ? b : a)) });
  writeRoleGrant(draft, { ...b, at, caller: assumedRole(draw, sessionOf(a)) });
}

/** Writes a key that is used out of its grant's time, when another grant of the same session would match. */
export function keyOfAnotherTime(draft: Draft): void {
  const { draw } = draft;
  const shared = { role: ordinaryRole(draw), name: draw.pick(NAMES) };
  const { at } = writeRoleGrant(draft, { ...shared, caller: iamUser(draw), key: KEYS[0] });
  const later = writeRoleGrant(draft, { ...shared, caller: iamUser(draw), key: KEYS[1], at: at + 9000 * SECOND });
  const recurred = { ...later, key: KEYS[0] };
  writeUse(draft, recurred, KEYS[0]);
  if (draw.chance(0.5)) hop(draft, recurred, ordinaryRole(draw), draw.pick(NAMES), { after: 60, firm: true });
}

/** Writes a product provider that acts with the approver's identity, by a token of its own or by an unknown one. */
export function delegatesForATime(draft: Draft): void {
  const { draw } = draft;
  const from = draw.pick([...draft.sessions, undefined]);
  const approver = from && draw.chance(0.5) ? assumedRole(draw, from) : iamUser(draw);
  const key = draw.pick(KEYS);
  const at = callTime(draw);
  if (draw.chance(0.8)) writeDelegatedToken(draft, approver, key, at);
  const session = { role: ordinaryRole(draw), name: draw.pick(NAMES), key, at, expires: at + 3600 * SECOND };
  draft.sessions.push(session);
  if (draw.chance(0.5)) hop(draft, session, ordinaryRole(draw), draw.pick(NAMES), { after: 60, firm: true });
}

type Hop = { readonly key?: string; readonly after?: number; readonly firm?: boolean };

export function hop(draft: Draft, from: Session, role: Role, name: string, { key, after, firm }: Hop = {}): Session {
  const { draw } = draft;
  const statedKey = firm || draw.chance(0.6) ? from.key : draw.pick(['', undefined, draw.pick(UNLISTED_KEYS)]);
  const later = after ?? draw.pick([0, 1, 2, 3, 60, 60, 600, 1500, 1501, 4200, 4201]);
  const at = from.at + later * SECOND;
  const caller = assumedRole(draw, from, statedKey ?? '');
  if (statedKey === undefined) delete caller.accessKeyId;
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

export function ordinaryRole(draw: Draw): Role {
  return draw.pick([ADMIN, ADMIN, ADMIN, DEPLOY, DEPLOY, OPS]);
}
