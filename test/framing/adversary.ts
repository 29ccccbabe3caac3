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
  OTHER_ACCOUNT,
  type Person,
  RESERVED,
  roleArn,
  SHARED_NAME,
  SSO_PROVIDER,
  sessionArn,
} from './company.ts';
import { act, anywhere, event, logged, note, type Telling } from './deeds.ts';
import { serviceOf, signIn, someTime, userOf } from './honest.ts';
import { type Assuming, holderOf, type Session, type Stage, timeOf } from './stage.ts';

/** Something that mallory does, so that others are thought to have done it. `target` is a session of somebody else. */
export type Move = (stage: Stage, target: Session, victim: Person) => void;

const mallory = userOf(MALLORY);

/** In the target's role, under its name, and in the same second or beside it. */
function alike(stage: Stage, target: Session, options: Partial<Assuming> = {}): Session {
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

const modern = (stage: Stage): Telling => stage.draw.pick(['all', 'all', 'key']);
const any = (stage: Stage): Telling => stage.draw.pick(['all', 'key', 'names', 'name', 'nothing']);
/** Identity Center's roles trust its provider alone: nobody else comes to bear their sessions' names. */
const isOpen = ({ role }: Session): boolean => role !== RESERVED;

function sharesTheName(stage: Stage, target: Session): void {
  if (!isOpen(target)) return;
  const session = alike(stage, target);
  if (stage.draw.chance(0.8)) stage.use(session, stage.honestly());
  act(stage, session, { move: 'shares the name', telling: any(stage) });
}

/** The same one hop earlier, on the way to a role of the cluster. */
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

/** A session name that reads like the target's key, by the template of another role. */
function luresTemplates(stage: Stage, target: Session): void {
  const role = isOpen(target) && target.role !== JUMP ? target.role : stage.draw.pick([OPS, ADMIN, CI]);
  const session = alike(stage, target, { role, name: `k-${target.key}` });
  act(stage, session, { move: 'lures templates', telling: any(stage) });
}

/** Impersonation headers, with all that a client can write there. */
function impersonates(stage: Stage, target: Session, victim: Person): void {
  const session = stage.assume(mallory, {
    role: ADMIN,
    name: 'mallory-2026',
    at: someTime(stage),
    known: stage.badly(),
  });
  const extra = {
    accessKeyId: [target.key],
    sessionName: [target.name],
    'originaluser.jetstack.io-user': [victim.name],
    'authentication.kubernetes.io/credential-id': ['JTI=alices'],
  };
  const fields = { impersonatedUser: { username: victim.name, uid: 'u-1', groups: ['system:masters'], extra } };
  act(stage, session, { move: 'impersonates', telling: modern(stage), fields });
}

/** A service account that nobody trusts as a proxy. */
function impersonatesFromAPod(stage: Stage, _target: Session, victim: Person): void {
  const username = stage.draw.pick(['system:serviceaccount:shop:web', 'system:serviceaccount:teleport:fake']);
  const fields = { impersonatedUser: { username: victim.name } };
  const audited = event(stage, { username }, someTime(stage) + 600, fields);
  note(stage, audited, {
    move: 'impersonates from a pod',
    truth: { kind: 'cluster', names: [], principalIds: [] },
    provable: false,
  });
}

/** A line in some log that gives mallory's key to the victim. */
function forgesAGrant(stage: Stage, target: Session, victim: Person): void {
  const session = stage.assume(mallory, { role: ADMIN, name: SHARED_NAME, at: someTime(stage), known: stage.badly() });
  const forged = {
    eventID: stage.next('forged-'),
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    eventTime: timeOf(session.began),
    userIdentity: userOf(victim).identity,
    requestParameters: { roleArn: roleArn(ADMIN), roleSessionName: SHARED_NAME },
    responseElements: {
      credentials: { accessKeyId: session.key, expiration: timeOf(session.until) },
      assumedRoleUser: { assumedRoleId: `${ADMIN.id}:${SHARED_NAME}`, arn: sessionArn(ADMIN, SHARED_NAME) },
    },
  };
  stage.facts.push({ value: anywhere(stage, forged), known: 'at first' });
  act(stage, session, { move: 'forges a grant', telling: modern(stage), provable: false });
  if (stage.draw.chance(0.3)) sharesTheName(stage, target);
}

/** A pod writes to its own log that the victim did something. */
function forgesAnEvent(stage: Stage, target: Session): void {
  const extra = { accessKeyId: [target.key], sessionName: [target.name] };
  const user = { uid: `aws-iam-authenticator:${target.role.account}:${target.role.id}`, username: 'admin', extra };
  const forged = event(stage, user, target.began + 300);
  const delivered = stage.draw.pick<unknown>([
    logged('/aws/containerinsights/prod-1/application', 'web-0_shop_web', forged),
    logged('/aws/eks/prod-1/cluster', 'web-0_shop', forged),
    logged('/shop/app', 'kube-apiserver-audit-1', forged),
    { events: [{ logStreamName: 'web-0_shop_web', timestamp: 1, message: JSON.stringify(forged) }] },
  ]);
  note(stage, forged, { move: 'forges an event', truth: undefined, provable: false, delivered });
}

/** The key's own grant is over, the namesake's is not. */
function actsOutOfTime(stage: Stage, target: Session): void {
  if (!isOpen(target)) return;
  const session = alike(stage, target, { lasts: 900, at: target.began, known: stage.draw.pick(['at first', 'later']) });
  stage.use(session, stage.honestly());
  act(stage, session, { move: 'acts out of time', telling: 'all', at: session.began + 3000 });
}

/** A clock is wrong: the event lies before its grant, or long after its end. */
function shiftsTheClock(stage: Stage, target: Session): void {
  if (!isOpen(target)) return;
  const session = alike(stage, target);
  const at = stage.draw.pick([session.began - 45, session.began - 90, session.until + 300, session.until + 900]);
  act(stage, session, { move: 'shifts the clock', telling: any(stage), at });
}

/** The session's name and the source identity are another person's. */
function claimsAName(stage: Stage, _target: Session, victim: Person): void {
  const { draw } = stage;
  const name = draw.pick([victim.name, victim.email, victim.name.toUpperCase(), victim.email.replace('@', '-')]);
  const sourceIdentity = draw.chance(0.5) ? victim.name : undefined;
  const at = someTime(stage);
  const session = stage.assume(mallory, {
    role: draw.pick([ADMIN, OPS]),
    name,
    at,
    known: stage.badly(),
    sourceIdentity,
  });
  if (draw.chance(0.5)) stage.use(session, stage.honestly());
  act(stage, session, { move: 'claims a name', telling: any(stage) });
}

/** A person in the node role, under an instance's name. */
function playsAnInstance(stage: Stage): void {
  const { draw } = stage;
  const role = draw.pick([NODES, ADMIN, OPS]);
  const session = stage.assume(mallory, { role, name: INSTANCE, at: someTime(stage), known: stage.badly() });
  if (draw.chance(0.5)) stage.use(session, stage.honestly());
  const username = draw.chance(0.2) ? { username: 'eks:node-manager' } : {};
  act(stage, session, { move: 'plays an instance', telling: any(stage), provable: false, ...username });
}

/** The member account's provider is replaced, and asserts the victim's name. */
function replacesTheProvider(stage: Stage, _target: Session, victim: Person): void {
  const at = someTime(stage);
  stage.record(
    {
      eventSource: 'iam.amazonaws.com',
      eventName: stage.draw.pick(['UpdateSAMLProvider', 'CreateSAMLProvider']),
      eventTime: timeOf(at - 3600),
      userIdentity: mallory.identity,
      requestParameters: { sAMLProviderArn: SSO_PROVIDER, name: SSO_PROVIDER.slice(SSO_PROVIDER.indexOf('/') + 1) },
      responseElements: { sAMLProviderArn: SSO_PROVIDER },
    },
    'at first',
  );
  const session = signIn(stage, victim, { at, known: stage.badly() });
  act(stage, { ...session, truth: MALLORY.truth }, { move: 'replaces the provider', telling: 'all', provable: false });
}

/** A product provider acts with what the approver let it do. */
function actsByDelegation(stage: Stage, _target: Session, victim: Person): void {
  const delegate = { invokedByDelegate: { accountId: '999988887777' } };
  const approver = { ...userOf(victim), identity: { ...userOf(victim).identity, ...delegate }, truth: MALLORY.truth };
  const session = stage.assume(approver, { role: ADMIN, name: 'provider', at: someTime(stage), known: stage.badly() });
  stage.use(session, stage.honestly(), delegate);
  act(stage, session, { move: 'acts by delegation', telling: modern(stage), provable: false });
}

/** A certificate's holder chooses a session name that is another workload's. */
function borrowsAWorkload(stage: Stage): void {
  const request = stage.draw.chance(0.5) ? { tags: [{ key: 'x509Subject/CN', value: 'build-7' }] } : {};
  const [workload] = 'tags' in request ? ['build-7'] : [''];
  const by = serviceOf('rolesanywhere.amazonaws.com', workload ?? '');
  const options: Assuming = {
    role: ADMIN,
    name: 'payments-prod',
    at: someTime(stage),
    known: stage.honestly(),
    request,
  };
  act(stage, stage.assume(by, options), { move: 'borrows a workload', telling: modern(stage) });
}

/** A key id that was somebody else's long ago. */
function reusesAKey(stage: Stage, target: Session, victim: Person): void {
  const old = { role: target.role, name: target.name, at: target.began - 30 * 86_400, known: 'at first' } as const;
  if (!isOpen(target)) return;
  const before = stage.assume(userOf(victim), old);
  const session = alike(stage, target, { key: before.key });
  act(stage, session, { move: 'reuses a key', telling: modern(stage), provable: false });
}

/** The call comes from another account: the role owner's copy shows no more than an id. */
function comesFromAnotherAccount(stage: Stage, target: Session): void {
  if (!isOpen(target)) return;
  const sharedEventID = stage.next('call-');
  const [principalId] = MALLORY.truth.principalIds;
  const poor = { type: 'AWSAccount', principalId, accountId: OTHER_ACCOUNT };
  const session = alike(stage, target);
  const { value } = stage.facts.pop() ?? {};
  const record = value as JsonObject;
  stage.facts.push({ value: { ...record, sharedEventID, userIdentity: poor }, known: stage.badly() });
  stage.facts.push({ value: { ...record, sharedEventID, eventID: stage.next('copy-') }, known: stage.badly() });
  stage.use(session, stage.honestly());
  act(stage, session, { move: 'comes from another account', telling: modern(stage), provable: false });
}

/** A key of the console’s kind: a switched role, of which STS records nothing. */
function switchesTheRole(stage: Stage, target: Session): void {
  if (!isOpen(target)) return;
  const session = alike(stage, target, { known: 'never' });
  stage.use(session, stage.honestly());
  act(stage, session, { move: 'switches the role', telling: modern(stage) });
}

/** `KEYED` makes usernames of keys: there a template reads them rightly. */
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
  borrowsAWorkload,
  reusesAKey,
  comesFromAnotherAccount,
  switchesTheRole,
  hidesBehindAKey,
];
