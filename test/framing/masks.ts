import {
  ACCOUNT,
  ADMIN,
  JUMP,
  MALLORY,
  OPS,
  OTHER_ACCOUNT,
  OWN_DIRECTORY,
  type Person,
  roleArn,
  SHARED_NAME,
  SSO_PROVIDER,
  sessionArn,
} from './company.ts';
import { act, anywhere, event, logged, note, type StatedFields } from './deeds.ts';
import { goesOn, pipelineWorks, serviceOf, signIn, someTime, userOf } from './honest.ts';
import { type AssumeOptions, NOON, type Session, type Stage, timeOf } from './stage.ts';

/** Actions of mallory without anybody's session: forged lines, borrowed names, other people's credentials. */

const mallory = userOf(MALLORY);
const modern = (stage: Stage): StatedFields => stage.draw.pick(['all', 'all', 'key']);
const any = (stage: Stage): StatedFields => stage.draw.pick(['all', 'key', 'names', 'name', 'nothing']);

/** Sends impersonation headers with everything that a client can write there. */
export function impersonates(stage: Stage, target: Session, victim: Person): void {
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

/** Impersonates by a service account that is not a trusted proxy. */
export function impersonatesFromAPod(stage: Stage, _target: Session, victim: Person): void {
  const username = stage.draw.pick(['system:serviceaccount:shop:web', 'system:serviceaccount:teleport:fake']);
  const fields = { impersonatedUser: { username: victim.name } };
  const audited = event(stage, { username }, someTime(stage) + 600, fields);
  note(stage, audited, {
    move: 'impersonates from a pod',
    truth: { kind: 'cluster', names: [], principalIds: [] },
    provable: false,
  });
}

/** Writes a line to some log that gives mallory's key to the victim. */
export function forgesAGrant(stage: Stage, _target: Session, victim: Person): void {
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
}

/** Makes a pod write to its own log that the victim did something. */
export function forgesAnEvent(stage: Stage, target: Session): void {
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

/** Uses another person's name as session name and source identity. */
export function claimsAName(stage: Stage, _target: Session, victim: Person): void {
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

/** Replaces the provider of a member account, which then asserts the victim's name. */
export function replacesTheProvider(stage: Stage, _target: Session, victim: Person): void {
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
  const session = { ...signIn(stage, victim, { at, known: stage.badly() }), truth: MALLORY.truth };
  const acting = stage.draw.chance(0.5) ? session : goesOn(stage, session, SHARED_NAME);
  act(stage, acting, { move: 'replaces the provider', telling: 'all', provable: false });
}

/** Names a user of a directory of her own like the victim. That user assumes the role, or a session acts on behalf of them. */
export function bringsADirectory(stage: Stage, _target: Session, victim: Person): void {
  const { draw } = stage;
  const onBehalfOf = { userId: MALLORY.storeId, identityStoreArn: OWN_DIRECTORY };
  const user = { type: 'IdentityCenterUser', accountId: OTHER_ACCOUNT, onBehalfOf };
  const seen = draw.chance(0.5) ? { ...user, userName: victim.email } : user;
  stage.record(
    { eventSource: 'sso.amazonaws.com', eventName: 'CreateToken', eventTime: timeOf(NOON), userIdentity: seen },
    stage.honestly(),
  );
  const names = [victim.email, MALLORY.storeId].map((name) => `${name} (d-0666666666 of ${OTHER_ACCOUNT})`);
  const truth = { ...MALLORY.truth, names: [...MALLORY.truth.names, ...names] };
  const at = someTime(stage);
  const known = stage.badly();
  const move = 'brings a directory';
  if (draw.chance(0.3)) {
    const session = { ...stage.assume(mallory, { role: ADMIN, name: SHARED_NAME, at, known: 'never' }), truth };
    stage.use(session, stage.honestly(), { onBehalfOf });
    return act(stage, session, { move, telling: modern(stage), provable: false });
  }
  const identity = draw.chance(0.7) ? { ...user, userName: victim.email } : user;
  const role = draw.pick([ADMIN, JUMP]);
  const session = stage.assume({ truth, identity, provable: true }, { role, name: SHARED_NAME, at, known });
  const acting = role === JUMP ? goesOn(stage, session, SHARED_NAME) : session;
  act(stage, acting, { move, telling: modern(stage), provable: acting.provable });
}

/** Acts as a product provider with the permissions that the approver granted. */
export function actsByDelegation(stage: Stage, _target: Session, victim: Person): void {
  const delegate = { invokedByDelegate: { accountId: '999988887777' } };
  const approver = { ...userOf(victim), identity: { ...userOf(victim).identity, ...delegate }, truth: MALLORY.truth };
  const session = stage.assume(approver, { role: ADMIN, name: 'provider', at: someTime(stage), known: stage.badly() });
  stage.use(session, stage.honestly(), delegate);
  act(stage, session, { move: 'acts by delegation', telling: modern(stage), provable: false });
}

/** Chooses, as a certificate's holder, another workload's name as session name. */
export function borrowsAWorkload(stage: Stage): void {
  const request = stage.draw.chance(0.5) ? { tags: [{ key: 'x509Subject/CN', value: 'build-7' }] } : {};
  const [workload] = 'tags' in request ? ['build-7'] : [''];
  const by = serviceOf('rolesanywhere.amazonaws.com', workload ?? '');
  const options: AssumeOptions = {
    role: ADMIN,
    name: 'payments-prod',
    at: someTime(stage),
    known: stage.honestly(),
    request,
  };
  act(stage, stage.assume(by, options), { move: 'borrows a workload', telling: modern(stage) });
}

/** Runs another repository's pipeline, whose sessions all have the same name. */
export function runsAPipeline(stage: Stage): void {
  pipelineWorks(stage, 'repo:company/evil:ref:refs/heads/main');
  pipelineWorks(stage);
}

/** Chooses any name for a federated user. */
export function federates(stage: Stage, _target: Session, victim: Person): void {
  const { draw } = stage;
  const at = someTime(stage);
  const key = stage.newKey();
  const arn = `arn:aws:sts::${ACCOUNT}:federated-user/${victim.name}`;
  const known = stage.badly();
  stage.record(
    {
      eventSource: 'sts.amazonaws.com',
      eventName: 'GetFederationToken',
      eventTime: timeOf(at),
      userIdentity: mallory.identity,
      requestParameters: { name: victim.name },
      responseElements: {
        credentials: { accessKeyId: key, expiration: timeOf(at + 3600) },
        federatedUser: { federatedUserId: `${ACCOUNT}:${victim.name}`, arn },
      },
    },
    known,
  );
  const keys = draw.chance(0.7) ? { accessKeyId: [key] } : {};
  const extra = { ...keys, arn: [arn], sessionName: [victim.name] };
  const user = { uid: `aws-iam-authenticator:${ACCOUNT}:${ACCOUNT}`, username: victim.name, extra };
  const provable = known !== 'never' && 'accessKeyId' in keys;
  note(stage, event(stage, user, at + 60), { move: 'federates', truth: MALLORY.truth, provable });
}
