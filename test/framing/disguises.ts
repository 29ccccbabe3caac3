import type { JsonObject } from '../../lib/json.ts';
import { ACCOUNT, ADMIN, MALLORY, OPS, type Person, SHARED_NAME, sessionArn, type Truth } from './company.ts';
import { act, event, note, type StatedFields } from './deeds.ts';
import { someTime, userOf } from './honest.ts';
import { NOON, type Principal, type Session, type Stage, timeOf } from './stage.ts';

/** Actions of mallory with the rights of a member of the account: she changes names, mappings and providers. */

const mallory = userOf(MALLORY);
const modern = (stage: Stage): StatedFields => stage.draw.pick(['all', 'all', 'key']);
const alsoCalled = (...names: readonly string[]): Truth => ({
  ...MALLORY.truth,
  names: [...MALLORY.truth.names, ...names],
});

/** Renames the victim away and herself to the victim's name, and works under it. Only the ID is still hers. */
export function takesAName(stage: Stage, _target: Session, victim: Person): void {
  const { draw } = stage;
  const at = someTime(stage);
  const arn = `arn:aws:iam::${ACCOUNT}:user/${victim.name}`;
  const rename = (userName: string, newUserName: string, time: number) =>
    stage.record(
      {
        eventSource: 'iam.amazonaws.com',
        eventName: 'UpdateUser',
        eventTime: timeOf(time),
        userIdentity: mallory.identity,
        requestParameters: { userName, newUserName },
        recipientAccountId: ACCOUNT,
      },
      stage.badly(),
    );
  rename(victim.name, `${victim.name}-old`, at - 120);
  rename('mallory', victim.name, at - 60);
  const identity = { ...mallory.identity, userName: victim.name, arn };
  stage.taken.push(victim.name);
  const { truth } = MALLORY;
  const move = 'takes a name';
  if (draw.chance(0.4)) {
    const [id = ''] = MALLORY.truth.principalIds;
    const user = { uid: `aws-iam-authenticator:${ACCOUNT}:${id}`, username: 'users', extra: { arn: [arn] } };
    return note(stage, event(stage, user, at + 60), { move, truth, provable: true });
  }
  const known = stage.badly();
  const session = stage.assume({ truth, identity, provable: true }, { role: ADMIN, name: SHARED_NAME, at, known });
  act(stage, session, { move, telling: modern(stage) });
}

/** Has a provider of her own write the ID of the victim's token of AWS's own into a token, and exchanges it for a role. */
export function exchangesATokenId(stage: Stage, _target: Session, victim: Person): void {
  const { draw } = stage;
  const at = someTime(stage);
  const webIdentityTokenId = stage.next('web-token-');
  stage.record(
    {
      eventSource: 'sts.amazonaws.com',
      eventName: 'GetWebIdentityToken',
      eventTime: timeOf(at - 60),
      userIdentity: userOf(victim).identity,
      responseElements: { webIdentityTokenId, expiration: timeOf(at + 300) },
    },
    'at first',
  );
  const own = draw.pick(['idp.example.com', 'idp.example.com/2a1b2c3d.tokens.sts.global.api.aws']);
  const identityProvider = draw.chance(0.5) ? own : `arn:aws:iam::${ACCOUNT}:oidc-provider/${own}`;
  const userName = draw.pick(['mallory', String(userOf(victim).identity.arn)]);
  const identity = {
    type: 'WebIdentityUser',
    principalId: `${own}:sts.amazonaws.com:${userName}`,
    userName,
    identityProvider,
  };
  const session = stage.assume(
    { truth: alsoCalled(userName), identity, provable: false },
    {
      role: ADMIN,
      name: SHARED_NAME,
      at,
      known: stage.badly(),
      eventName: 'AssumeRoleWithWebIdentity',
      request: { webIdentityTokenId },
    },
  );
  act(stage, session, { move: 'exchanges a token id', telling: modern(stage), provable: false });
}

/** Goes on from a federated user whom she named like the victim. A forger leaves out who called GetFederationToken. */
export function goesOnFederated(stage: Stage, _target: Session, victim: Person): void {
  const { draw } = stage;
  const { accessKeyId: _key, ...sessionIssuer } = mallory.identity;
  const context = draw.pick<JsonObject>([
    { sessionContext: { sessionIssuer } },
    { sessionContext: { sessionIssuer } },
    { sessionContext: { sessionIssuer: { type: 'IAMUser', accountId: ACCOUNT } } },
    {},
  ]);
  const identity = {
    type: 'FederatedUser',
    principalId: `${ACCOUNT}:${victim.name}`,
    arn: `arn:aws:sts::${ACCOUNT}:federated-user/${victim.name}`,
    accountId: ACCOUNT,
    ...context,
  };
  const by: Principal = { truth: MALLORY.truth, identity, provable: false };
  const session = stage.assume(by, { role: ADMIN, name: victim.name, at: someTime(stage), known: stage.badly() });
  act(stage, session, { move: 'goes on as a federated user', telling: modern(stage) });
}

/** Maps her role, in an old cluster, to the username that the victim's sessions have. */
export function rewritesTheMapping(stage: Stage, target: Session): void {
  const { draw } = stage;
  const role = draw.pick([ADMIN, OPS, target.role]);
  if (role.path.startsWith('/aws-reserved/')) return;
  const options = { role, name: draw.pick([target.name, 'mallory']), at: target.began, known: stage.badly() };
  const session = stage.assume(mallory, options);
  const username = draw.pick([sessionArn(target.role, target.name), sessionArn(role, target.name), `k-${target.key}`]);
  act(stage, session, { move: 'rewrites the mapping', telling: draw.pick(['key', 'nothing', 'nothing']), username });
}

/** Acts as the root user of the account by AssumeRoot. */
export function assumesRoot(stage: Stage): void {
  const { draw } = stage;
  const at = someTime(stage);
  const key = stage.newKey();
  const known = stage.badly();
  stage.record(
    {
      eventSource: 'sts.amazonaws.com',
      eventName: 'AssumeRoot',
      eventTime: timeOf(at),
      userIdentity: mallory.identity,
      requestParameters: { targetPrincipal: ACCOUNT },
      responseElements: { credentials: { accessKeyId: key, expiration: timeOf(at + 900) } },
    },
    known,
  );
  if (draw.chance(0.5)) {
    const arn = `arn:aws:iam::${ACCOUNT}:root`;
    const sessionContext = { attributes: { creationDate: timeOf(at), mfaAuthenticated: 'false' }, assumedRoot: 'true' };
    const userIdentity = {
      type: 'Root',
      principalId: ACCOUNT,
      accountId: ACCOUNT,
      arn,
      accessKeyId: key,
      sessionContext,
    };
    const use = { eventSource: 'sts.amazonaws.com', eventName: 'GetCallerIdentity', eventTime: timeOf(NOON + 60) };
    stage.record({ ...use, userIdentity }, stage.honestly());
  }
  const user = { uid: `aws-iam-authenticator:${ACCOUNT}:${ACCOUNT}`, username: 'root', extra: { accessKeyId: [key] } };
  const truth = { ...MALLORY.truth, names: [...MALLORY.truth.names, 'root'] };
  note(stage, event(stage, user, at + 60), { move: 'assumes root', truth, provable: known !== 'never' });
}
