import type { JsonObject } from '../../lib/json.ts';
import {
  ACCOUNT,
  ADMIN,
  CLUSTER_ROLES,
  INSTANCE,
  iamIdentity,
  JUMP,
  MALLORY,
  NODES,
  OPS,
  PEOPLE,
  type Person,
  RESERVED,
  SHARED_NAME,
  SSO_PROVIDER,
  STORE,
  type Truth,
} from './company.ts';
import { act, event, note, type StatedFields } from './deeds.ts';
import {
  type AssumeOptions,
  holderOf,
  type KnownFacts,
  NOON,
  type Principal,
  type Session,
  type Stage,
  timeOf,
} from './stage.ts';

export function userOf(person: Person): Principal {
  const identity = iamIdentity(person, `AKIA${person.name.toUpperCase().padEnd(16, '0')}`);
  return { truth: person.truth, identity, provable: true };
}

function serviceTruth(service: string, workload: string): Truth {
  return { kind: 'service', names: [service], principalIds: [], workload };
}

export function serviceOf(service: string, workload: string, fields: JsonObject = {}): Principal {
  const identity = { type: 'AWSService', invokedBy: service, ...fields };
  return { truth: serviceTruth(service, workload), identity, provable: true };
}

const anyTelling = (stage: Stage): StatedFields =>
  stage.draw.pick(['all', 'all', 'all', 'key', 'names', 'name', 'nothing']);
/** Returns a time. People work at nearly the same time, so seconds coincide. */
export const someTime = (stage: Stage): number => NOON + stage.draw.pick([0, 0, 0, 1, 2, 3, 60, 1800]);
const anyName = (stage: Stage, { name }: Person): string =>
  stage.draw.pick([SHARED_NAME, SHARED_NAME, name, `${name}-2026-03`]);

/** A person assumes a role of the cluster, and works. */
export function worksByRole(stage: Stage, person: Person): Session {
  const { draw } = stage;
  const name = anyName(stage, person);
  const session = stage.assume(userOf(person), {
    role: draw.pick([ADMIN, OPS, ...CLUSTER_ROLES]),
    name,
    at: someTime(stage),
    lasts: draw.pick([3600, 3600, 43_200]),
    known: stage.honestly(),
    request: draw.chance(0.2) ? { serialNumber: `arn:aws:iam::${ACCOUNT}:mfa/${person.name}` } : {},
    sourceIdentity: draw.chance(0.2) ? person.name : undefined,
  });
  return worked(stage, session, 'works by a role');
}

function worked(stage: Stage, session: Session, move: string): Session {
  if (stage.draw.chance(0.7)) stage.use(session, stage.honestly());
  if (stage.draw.chance(0.7)) act(stage, session, { move, telling: anyTelling(stage) });
  return session;
}

/** A person uses the jump role, or signs in first. Returns the session that others can imitate. */
export function worksByChain(stage: Stage, person: Person): Session {
  const { draw } = stage;
  const bySignIn = draw.chance(0.3);
  const known = stage.honestly();
  const first = bySignIn
    ? signIn(stage, person, { known })
    : stage.assume(userOf(person), { role: JUMP, name: anyName(stage, person), at: someTime(stage), known });
  const session = goesOn(stage, first, anyName(stage, person));
  worked(stage, session, bySignIn ? 'works by a sign-in and a role' : 'works by a role chain');
  return bySignIn ? session : first;
}

/** A session assumes another role. Sometimes the record does not show the key, or shows one that no grant lists. */
export function goesOn(stage: Stage, from: Session, name: string): Session {
  const { draw } = stage;
  const key = draw.pick([from.key, from.key, from.key, undefined, from.role === RESERVED ? stage.newKey() : from.key]);
  return stage.assume(holderOf(from, key), {
    role: ADMIN,
    name,
    at: from.began + draw.pick([0, 30]),
    known: stage.honestly(),
  });
}

export function signIn(stage: Stage, person: Person, options: Partial<AssumeOptions> = {}): Session {
  const identity = {
    type: 'SAMLUser',
    principalId: `abc=:${person.email}`,
    userName: person.email,
    identityProvider: SSO_PROVIDER,
    ...(stage.draw.chance(0.5) && { onBehalfOf: { userId: person.storeId, identityStoreArn: STORE } }),
  };
  return stage.assume(
    { truth: person.truth, identity, provable: true },
    {
      role: RESERVED,
      name: person.email,
      at: someTime(stage),
      known: stage.honestly(),
      eventName: 'AssumeRoleWithSAML',
      request: { principalArn: SSO_PROVIDER },
      ...options,
    },
  );
}

/** A person signs in by Identity Center. In half of the cases a key signs that no record lists. */
export function worksBySignIn(stage: Stage, person: Person): Session {
  const session = signIn(stage, person);
  const key = stage.draw.chance(0.5) ? session.key : stage.newKey();
  const parts = stage.draw.chance(0.3) ? { onBehalfOf: { userId: person.storeId, identityStoreArn: STORE } } : {};
  stage.use(session, stage.honestly(), parts, key);
  act(stage, session, { move: 'works by Identity Center', key, telling: anyTelling(stage) });
  return session;
}

/** A pipeline works, with the session name that all pipelines have. */
export function pipelineWorks(stage: Stage, repository = 'repo:company/shop:ref:refs/heads/main'): Session {
  const provider = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
  const truth: Truth = { kind: 'person', names: [repository], principalIds: [] };
  const principalId = `${provider}:sts.amazonaws.com:${repository}`;
  const identity = { type: 'WebIdentityUser', principalId, userName: repository, identityProvider: provider };
  const options = { eventName: 'AssumeRoleWithWebIdentity', known: stage.honestly(), at: someTime(stage) };
  const session = stage.assume({ truth, identity, provable: true }, { role: ADMIN, name: 'GitHubActions', ...options });
  return worked(stage, session, 'a pipeline works');
}

/** An instance works. The record of its session often lacks the role ID. */
export function instanceWorks(stage: Stage): Session {
  const { draw } = stage;
  const session = stage.assume(serviceOf('ec2.amazonaws.com', INSTANCE), {
    role: draw.pick([ADMIN, NODES, OPS]),
    name: INSTANCE,
    at: someTime(stage),
    known: stage.honestly(),
    namesSession: draw.chance(0.5),
  });
  const isNode = session.role === NODES;
  const truth = isNode ? ({ kind: 'cluster', names: [], principalIds: [] } as const) : session.truth;
  act(stage, session, { move: 'an instance works', telling: anyTelling(stage), truth, provable: false });
  return session;
}

/** A function works. Its grant may be unknown, and a use shows whose session it is. */
export function functionWorks(stage: Stage): void {
  const arn = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:reconciler`;
  const inScopeOf = { issuerType: 'AWS::Lambda::Function', credentialsIssuedTo: arn };
  const by = serviceOf('lambda.amazonaws.com', arn, { inScopeOf });
  const session = stage.assume(by, { role: ADMIN, name: 'reconciler', at: someTime(stage), known: stage.badly() });
  stage.use(session, stage.honestly(), { inScopeOf });
  act(stage, session, { move: 'a function works' });
}

/** An IAM user works without a role. */
export function worksAsUser(stage: Stage, person: Person): void {
  const [principalId = ''] = person.truth.principalIds;
  const arn = stage.draw.chance(0.5) ? { arn: [`arn:aws:iam::${ACCOUNT}:user/${person.name}`] } : {};
  const user = { uid: `aws-iam-authenticator:${ACCOUNT}:${principalId}`, username: 'users', extra: arn };
  note(stage, event(stage, user, NOON + 600), { move: 'works as a user', truth: person.truth, provable: 'arn' in arn });
}

/** Writes other records that show people's names. */
export function isSeen(stage: Stage, person: Person, known: KnownFacts): void {
  stage.record(
    {
      eventSource: 'iam.amazonaws.com',
      eventName: 'ListUsers',
      eventTime: timeOf(NOON),
      userIdentity: userOf(person).identity,
    },
    known,
  );
  stage.record(
    {
      eventSource: 'sso.amazonaws.com',
      eventName: 'CreateToken',
      eventTime: timeOf(NOON),
      userIdentity: {
        type: 'IdentityCenterUser',
        accountId: ACCOUNT,
        userName: person.email,
        onBehalfOf: { userId: person.storeId, identityStoreArn: STORE },
      },
    },
    known,
  );
}

export const ANYBODY: readonly Person[] = [...PEOPLE, MALLORY];
