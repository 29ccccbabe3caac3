import type { JsonObject } from '../../lib/json.ts';
import {
  ACCOUNT,
  ADMIN,
  CI,
  INSTANCE,
  JUMP,
  KEYED,
  MALLORY,
  NODES,
  OPS,
  type Person,
  RESERVED,
  SHARED_NAME,
} from './company.ts';
import { act, type StatedFields } from './deeds.ts';
import { assumesRoot, exchangesATokenId, goesOnFederated, rewritesTheMapping, takesAName } from './disguises.ts';
import { someTime, userOf } from './honest.ts';
import {
  actsByDelegation,
  borrowsAWorkload,
  bringsADirectory,
  claimsAName,
  federates,
  forgesAGrant,
  forgesAnEvent,
  impersonates,
  impersonatesFromAPod,
  replacesTheProvider,
  runsAPipeline,
} from './masks.ts';
import { type AssumeOptions, holderOf, type Session, type Stage } from './stage.ts';

/** An action by which mallory makes others look responsible. `target` is somebody else's session. */
export type Move = (stage: Stage, target: Session, victim: Person) => void;

const mallory = userOf(MALLORY);

/** Returns a session of the target's role and name, in the same second or nearby. */
function alike(stage: Stage, target: Session, options: Partial<AssumeOptions> = {}): Session {
  const { draw } = stage;
  return stage.assume(mallory, {
    role: target.role,
    name: target.name,
    at: target.began + draw.pick([0, 0, 0, 1, -1, 2, 60]),
    lasts: draw.pick([900, 3600, 43_200]),
    known: stage.badly(),
    request: draw.chance(0.2) ? { serialNumber: `arn:aws:iam::${ACCOUNT}:mfa/mallory` } : {},
    sourceIdentity: draw.chance(0.2) ? draw.pick(['mallory', 'alice']) : undefined,
    ...options,
  });
}

const modern = (stage: Stage): StatedFields => stage.draw.pick(['all', 'all', 'key']);
const any = (stage: Stage): StatedFields => stage.draw.pick(['all', 'key', 'names', 'name', 'nothing']);
/** Returns whether others can get sessions with this name. Identity Center's roles trust only its own provider. */
const isOpen = ({ role }: Session): boolean => role !== RESERVED;

function sharesTheName(stage: Stage, target: Session): void {
  if (!isOpen(target)) return;
  const session = alike(stage, target);
  if (stage.draw.chance(0.8)) stage.use(session, stage.honestly());
  act(stage, session, { move: 'shares the name', telling: any(stage) });
}

/** Does the same one hop earlier, on the way to a role of the cluster. */
function sharesTheNameOfAHop(stage: Stage, target: Session): void {
  if (target.role !== JUMP) return sharesTheName(stage, target);
  const jump = alike(stage, target);
  const key = stage.draw.chance(0.7) ? jump.key : undefined;
  const session = stage.assume(holderOf(jump, key), {
    role: ADMIN,
    name: SHARED_NAME,
    at: jump.began + 30,
    known: stage.honestly(),
  });
  act(stage, session, { move: 'shares the name of a hop', telling: modern(stage) });
}

/** Uses a session name that another role's template would read as the target's key. */
function luresTemplates(stage: Stage, target: Session): void {
  const role = isOpen(target) && target.role !== JUMP ? target.role : stage.draw.pick([OPS, ADMIN, CI]);
  const session = alike(stage, target, { role, name: `k-${target.key}` });
  act(stage, session, { move: 'lures templates', telling: any(stage) });
}

/** Acts when the key's own grant has expired, but that of a session with the same name has not. */
function actsOutOfTime(stage: Stage, target: Session): void {
  if (!isOpen(target)) return;
  const session = alike(stage, target, { lasts: 900, at: target.began, known: stage.draw.pick(['at first', 'later']) });
  stage.use(session, stage.honestly());
  act(stage, session, { move: 'acts out of time', telling: 'all', at: session.began + 3000 });
}

/** Acts with a wrong clock: the event is before its grant, or long after its end. */
function shiftsTheClock(stage: Stage, target: Session): void {
  if (!isOpen(target)) return;
  const session = alike(stage, target);
  const at = stage.draw.pick([session.began - 45, session.began - 90, session.until + 300, session.until + 900]);
  act(stage, session, { move: 'shifts the clock', telling: any(stage), at });
}

/** Acts as a person in the node role, with an instance's name. */
function playsAnInstance(stage: Stage): void {
  const { draw } = stage;
  const role = draw.pick([NODES, ADMIN, OPS]);
  const session = stage.assume(mallory, { role, name: INSTANCE, at: someTime(stage), known: stage.badly() });
  if (draw.chance(0.5)) stage.use(session, stage.honestly());
  const username = draw.chance(0.2) ? { username: 'eks:node-manager' } : {};
  act(stage, session, { move: 'plays an instance', telling: any(stage), provable: false, ...username });
}

/** Uses a key ID that was somebody else's long ago. */
function reusesAKey(stage: Stage, target: Session, victim: Person): void {
  const old = { role: target.role, name: target.name, at: target.began - 30 * 86_400, known: 'at first' } as const;
  if (!isOpen(target)) return;
  const before = stage.assume(userOf(victim), old);
  const session = alike(stage, target, { key: before.key });
  act(stage, session, { move: 'reuses a key', telling: modern(stage), provable: false });
}

/** Calls from another account, so that the role owner's copy shows only an ID. */
function comesFromAnotherAccount(stage: Stage, target: Session): void {
  if (!isOpen(target)) return;
  const sharedEventID = stage.next('call-');
  const { principalId, accountId } = mallory.identity;
  const poor = { type: 'AWSAccount', principalId, accountId };
  const session = alike(stage, target);
  const { value } = stage.facts.pop() ?? {};
  const record = value as JsonObject;
  stage.facts.push({ value: { ...record, sharedEventID, userIdentity: poor }, known: stage.badly() });
  stage.facts.push({ value: { ...record, sharedEventID, eventID: stage.next('copy-') }, known: stage.badly() });
  stage.use(session, stage.honestly());
  act(stage, session, { move: 'comes from another account', telling: modern(stage), provable: false });
}

/** Adds a copy of her grant in which somebody else called, to the files with CloudTrail's records. */
function forgesACopy(stage: Stage, target: Session, victim: Person): void {
  if (!isOpen(target)) return;
  const session = alike(stage, target, { known: 'at first' });
  const { value } = stage.facts.pop() ?? {};
  const record = { ...(value as JsonObject), sharedEventID: stage.next('call-') };
  const forged = { ...record, eventID: stage.next('copy-'), userIdentity: userOf(victim).identity };
  for (const copy of [record, forged]) stage.facts.push({ value: copy, known: 'at first' });
  act(stage, session, { move: 'forges a copy of her grant', telling: modern(stage), provable: false });
}

/** Uses a key as the console does, for a switched role that STS does not record. */
function switchesTheRole(stage: Stage, target: Session): void {
  if (!isOpen(target)) return;
  const session = alike(stage, target, { known: 'never' });
  stage.use(session, stage.honestly());
  act(stage, session, { move: 'switches the role', telling: modern(stage) });
}

/** Hides behind a key. `KEYED` makes usernames from keys, and there a template reads them correctly. */
function hidesBehindAKey(stage: Stage, target: Session): void {
  const session = alike(stage, target, { role: KEYED, name: SHARED_NAME });
  act(stage, session, { move: 'hides behind a key', telling: 'nothing' });
}

export const MOVES: readonly Move[] = [
  sharesTheName,
  sharesTheName,
  sharesTheNameOfAHop,
  sharesTheNameOfAHop,
  luresTemplates,
  luresTemplates,
  impersonates,
  impersonatesFromAPod,
  forgesAGrant,
  forgesAnEvent,
  actsOutOfTime,
  shiftsTheClock,
  claimsAName,
  playsAnInstance,
  replacesTheProvider,
  actsByDelegation,
  bringsADirectory,
  borrowsAWorkload,
  reusesAKey,
  comesFromAnotherAccount,
  forgesACopy,
  switchesTheRole,
  hidesBehindAKey,
  runsAPipeline,
  federates,
  takesAName,
  exchangesATokenId,
  goesOnFederated,
  rewritesTheMapping,
  assumesRoot,
];
