import type { StatedActor } from './stated-actor.ts';

/** Returns the text under which the actor is filed, the first of `namesOfActor`. All workloads of a service share it. */
export function filedName({ name, knownAs, arn, principalId, sessionName }: StatedActor): string | undefined {
  return knownAs ?? name ?? arn ?? principalId ?? sessionName;
}

/**
 * Returns every text by which an actor can be found: name, ARN, principal ID, a service's workload. The first is the
 * one under which it is filed.
 */
export function namesOfActor(actor: StatedActor): readonly string[] {
  const { name, knownAs = name, arn, principalId, sessionName } = actor;
  const names = [knownAs, arn, principalId, ...workloadNames(actor)].filter((text) => text !== undefined);
  if (names.length > 0) return names;
  return sessionName === undefined ? [] : [sessionName];
}

/**
 * Returns the text that finds only this actor, if its name is that of a service with many workloads; undefined if there
 * is none.
 */
export function exactName(actor: StatedActor): string | undefined {
  return workloadNames(actor)[0] ?? filedName(actor);
}

/**
 * Returns the names of a workload. An instance ID or an ARN of that service stands alone, because it can be nothing
 * else. A function, a build or a certificate can have a person's name, so it is found only together with its service.
 */
function workloadNames({ name, workload }: StatedActor): readonly string[] {
  if (name === undefined || workload === undefined) return [];
  const whole = `${name} (${workload})`;
  const isInstance = name === 'ec2.amazonaws.com' && /^i-[0-9a-f]{8,17}$/.test(workload);
  const isArn = /^arn:[^:]+:([a-z0-9-]+):/.exec(workload)?.[1] === name.split('.')[0];
  return isInstance || isArn ? [workload, whole] : [whole];
}

/** Returns the actor for summaries and alerts: the kind, and the name or what is known instead. */
export function actorLabel(actor: StatedActor): string {
  const { kind, workload } = actor;
  const who = filedName(actor) ?? '(no name)';
  return workload === undefined ? `${kind} ${who}` : `${kind} ${who} (${workload})`;
}

/** Returns the actor's name for a person to read, without the kind; if there is no name, what is known instead. */
export function actorName(actor: StatedActor): string {
  const { sessionName, arn, principalId, accountId, kind } = actor;
  const called = calledName(actor);
  if (called !== undefined) return called;
  if (kind === 'role-session') return `session ${sessionName ?? arn ?? principalId ?? '?'}`;
  if (kind === 'federated-user') return `federated user ${sessionName ?? '?'}`;
  return [principalId ?? 'somebody', accountId && `of account ${accountId}`].filter(Boolean).join(' ');
}

function calledName({ kind, name, knownAs = name, workload }: StatedActor): string | undefined {
  if (kind === 'identity-center-user' && isUserId(name)) return `Identity Center user ${knownAs}`;
  return knownAs === undefined || workload === undefined ? knownAs : `${knownAs} (${workload})`;
}

/**
 * Returns how to look up the name of an Identity Center user whose records have only the ID; undefined for all others.
 * Sources: Identity Store API Reference, "DescribeUser"; IAM Identity Center API Reference, "ListInstances".
 */
export function nameLookup({ kind, name }: StatedActor): string | undefined {
  if (kind !== 'identity-center-user' || !isUserId(name)) return undefined;
  return (
    `no record here states the name of this user ID: aws identitystore describe-user --user-id ${name} ` +
    '--identity-store-id IDENTITY_STORE finds it (aws sso-admin list-instances shows the store in the account of the instance)'
  );
}

const USER_ID = /^(?:[0-9a-f]{10}-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Returns whether the text has the format of a user ID. Source: Identity Store API Reference, "ResourceId". */
function isUserId(name: string | undefined): name is string {
  return name !== undefined && USER_ID.test(name);
}

/** Returns whether the text is exactly one of the actor's names. */
export function isAbout(actor: StatedActor, text: string): boolean {
  return namesOfActor(actor).includes(text);
}
