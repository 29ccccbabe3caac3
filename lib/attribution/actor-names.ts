import type { Actor } from './actor.ts';

/** The text that an actor is filed under, the first of `namesOfActor`: of a service it is that of all its workloads. */
export function filedName({ name, knownAs, arn, principalId, sessionName }: Actor): string | undefined {
  return knownAs ?? name ?? arn ?? principalId ?? sessionName;
}

/** Every text by which an actor is asked for: name, ARN, principalId, a service's workload; the first is the one it is filed under. */
export function namesOfActor(actor: Actor): readonly string[] {
  const { name, knownAs = name, arn, principalId, sessionName } = actor;
  const names = [knownAs, arn, principalId, ...workloadNames(actor)].filter((text) => text !== undefined);
  if (names.length > 0) return names;
  return sessionName === undefined ? [] : [sessionName];
}

/** The text that asks for this actor alone, where its name is a service's, which many workloads have; undefined where it has none. */
export function exactName(actor: Actor): string | undefined {
  return workloadNames(actor)[0] ?? filedName(actor);
}

/**
 * A workload by itself only where it can be nothing else: an instance's id, or an ARN of that service. A function, a build or
 * a certificate may bear a person's name: it is asked for as it is shown, with its service.
 */
function workloadNames({ name, workload }: Actor): readonly string[] {
  if (name === undefined || workload === undefined) return [];
  const whole = `${name} (${workload})`;
  const isInstance = name === 'ec2.amazonaws.com' && /^i-[0-9a-f]{8,17}$/.test(workload);
  const isArn = /^arn:[^:]+:([a-z0-9-]+):/.exec(workload)?.[1] === name.split('.')[0];
  return isInstance || isArn ? [workload, whole] : [whole];
}

/** How an actor is called in summaries and alerts: the kind, and its name, else what is known instead of one. */
export function actorLabel(actor: Actor): string {
  const { kind, workload } = actor;
  const who = filedName(actor) ?? '(no name)';
  return workload === undefined ? `${kind} ${who}` : `${kind} ${who} (${workload})`;
}

/** An actor's name as a person reads it, where the kind stands elsewhere; where it has none, what is known in its place. */
export function actorName(actor: Actor): string {
  const { sessionName, arn, principalId, accountId, kind } = actor;
  const called = calledName(actor);
  if (called !== undefined) return called;
  if (kind === 'role-session') return `session ${sessionName ?? arn ?? principalId ?? '?'}`;
  if (kind === 'federated-user') return `federated user ${sessionName ?? '?'}`;
  return [principalId ?? 'somebody', accountId && `of account ${accountId}`].filter(Boolean).join(' ');
}

function calledName({ kind, name, knownAs = name, workload }: Actor): string | undefined {
  if (kind === 'identity-center-user' && isUserId(name)) return `Identity Center user ${knownAs}`;
  return knownAs === undefined || workload === undefined ? knownAs : `${knownAs} (${workload})`;
}

/**
 * How to learn the name of an Identity Center user of whom records know the id alone; undefined of everybody else.
 * Sources: Identity Store API Reference, "DescribeUser"; IAM Identity Center API Reference, "ListInstances".
 */
export function nameLookup({ kind, name }: Actor): string | undefined {
  if (kind !== 'identity-center-user' || !isUserId(name)) return undefined;
  return (
    `no record here has the name to this id of the identity store: aws identitystore describe-user --user-id ${name} ` +
    '--identity-store-id IDENTITY_STORE, which aws sso-admin list-instances tells in the account of the instance'
  );
}

const USER_ID = /^(?:[0-9a-f]{10}-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Source of the form: Identity Store API Reference, "ResourceId". */
function isUserId(name: string | undefined): name is string {
  return name !== undefined && USER_ID.test(name);
}

/** Whether the text names the actor exactly. */
export function isAbout(actor: Actor, text: string): boolean {
  return namesOfActor(actor).includes(text);
}
