import { isInstanceId } from '../identity/session-name.ts';
import type { Actor } from './actor.ts';
import { type ActorId, homeAndIdText, homeText, isActorId, type JoinedId, personOf } from './actor-id.ts';
import type { StatedActor } from './stated-actor.ts';

/** Returns the name that answers use for the actor, or else what is known instead. All workloads of a service have the same. */
export function filedName({ name, knownAs, arn, principalId, sessionName }: StatedActor): string | undefined {
  return knownAs ?? name ?? arn ?? principalId ?? sessionName;
}

/** An actor, or the part of one that names it. */
type NamedActor = StatedActor & Partial<Pick<JoinedId, 'samePerson'>> & { readonly id?: ActorId['id'] | undefined };

/**
 * Returns every text by which an actor can be found: the name at the time of the event, the ARN, the principal ID, a
 * service's workload, and the ID, with those that the operator joined to it (CONTRACT, rule 5). A name that imitates
 * the ID or the ARN of somebody else is left out.
 */
export function namesOfActor(actor: NamedActor): readonly string[] {
  const { name, knownAs = name, arn, principalId, sessionName, id, samePerson } = actor;
  const ids = samePerson ?? (id === undefined ? [] : [id]);
  if (knownAs !== undefined && imitates(knownAs, id)) return ids;
  const names = [knownAs, arn, principalId, ...workloadNames(actor)].filter((text) => text !== undefined);
  if (names.length > 0) return [...names, ...ids];
  return sessionName === undefined ? ids : [sessionName, ...ids];
}

/**
 * Returns whether the name looks like an actor's ID. If people choose their names in the system that `id` names, a name
 * that looks like an ARN or a principal ID counts too. A question about one person must not find requests of another by
 * such a name.
 */
export function imitates(name: string, id = ''): boolean {
  return isActorId(name) || ((BY_PROVIDER.test(id) || CHOOSES_NAMES.test(id)) && OF_AWS.test(name));
}

/**
 * Matches IDs of SAML and OIDC users. It does not match AWS's own issuer of tokens, which writes the ARN of an AWS
 * principal as the subject.
 */
const BY_PROVIDER = /^(?:saml|oidc(?!\/[\w-]+\.tokens\.sts\.global\.api\.aws\/))\//;
/** Matches IDs of other systems in which people choose their names. */
const CHOOSES_NAMES = /^(?:k8s-user|proxied(?:-name)?)\//;
const OF_AWS = /^(?:arn:|A(?:IDA|ROA)[0-9A-Z]{12})/;

/**
 * Returns a text that finds only this actor. This is the ID, because others can have the name. For a workload it is the
 * workload's own name, because all workloads of a service have one ID.
 */
export function exactName(actor: StatedActor & Pick<ActorId, 'id'>): string {
  return workloadNames(actor)[0] ?? actor.id;
}

/**
 * Returns the names by which a workload is found. An instance ID, or an ARN of its service, is clear by itself. A
 * function, a build or a certificate can have the name of a person, so its name is used only together with the service.
 */
function workloadNames({ name, workload }: StatedActor): readonly string[] {
  if (name === undefined || workload === undefined) return [];
  const whole = `${name} (${workload})`;
  const isInstance = name === 'ec2.amazonaws.com' && isInstanceId(workload);
  const isArn = /^arn:[^:]+:([a-z0-9-]+):/.exec(workload)?.[1] === name.split('.')[0];
  return isInstance || isArn ? [workload, whole] : [whole];
}

/** Returns the label of an actor in summaries and alerts: the kind, and the name or what is known instead. */
export function actorLabel(actor: StatedActor): string {
  const { kind, workload } = actor;
  const who = filedName(actor) ?? '(no name)';
  return workload === undefined ? `${kind} ${who}` : `${kind} ${who} (${workload})`;
}

/**
 * Returns a label for each actor. If two different actors have the same label, their account, directory or cluster
 * follows: `iam-user admin (account 111122223333)`. If that is the same too, the ID within it also follows: `iam-user
 * admin (account 111122223333, AIDAADMIN)`.
 */
export function labelsApart<T extends JoinedId>(actors: readonly T[], label: (actor: T) => string): readonly string[] {
  const list = new LabelsInList();
  const labels = actors.map((actor) => ({ id: personOf(actor), label: label(actor) }));
  for (const each of labels) list.add(each);
  return labels.map((each) => list.labelOf(each));
}

/** An actor's ID, and its label for people. */
interface ActorLabel {
  readonly id: string;
  readonly label: string;
}

/** The labels in a list, and which of them several actors share. */
export class LabelsInList {
  readonly #first = new Map<string, string>();
  readonly #shared = new Set<string>();

  add({ id, label }: ActorLabel): void {
    for (const each of [label, withHome({ id, label })]) {
      const first = this.#first.get(each);
      if (first === undefined) this.#first.set(each, id);
      else if (first !== id) this.#shared.add(each);
    }
  }

  /** Returns the label of the actor. If others in the list have the same label, what distinguishes the actor follows. */
  labelOf({ id, label }: ActorLabel): string {
    if (!this.#shared.has(label)) return label;
    const longer = withHome({ id, label });
    return this.#shared.has(longer) ? `${label} (${homeAndIdText(id)})` : longer;
  }
}

/** Returns the label followed by the actor's account, directory or cluster. If the ID has none of these, the ID follows. */
function withHome({ id, label }: ActorLabel): string {
  return `${label} (${homeText(id) ?? id})`;
}

/**
 * Returns whether people can take the name for somebody else's. Anybody with an account can create a SAML or OIDC
 * provider that asserts any name. In other systems where people choose their names, a name can imitate an ID, an ARN,
 * or the words that lists show instead of a name or after it.
 */
export function misleads(name: string, id: string): boolean {
  return BY_PROVIDER.test(id) || imitates(name, id) || (CHOOSES_NAMES.test(id) && LIKE_WORDS.test(name));
}

/** Matches names that are blank, that have parentheses, or that begin like the phrase for an actor without a name. */
const LIKE_WORDS = /^\s*$|[()]|^(?:session|federated user|Identity Center user|somebody) /;

/**
 * Returns the actor's name for people, without the kind. If there is no name, returns what is known instead. If the
 * name can be taken for somebody else's, the cluster, provider or issuer follows it.
 */
export function actorName(actor: NamedActor): string {
  const { sessionName, arn, principalId, accountId, kind } = actor;
  const called = calledName(actor);
  if (called !== undefined) return called;
  if (kind === 'role-session') return `session ${sessionName ?? arn ?? principalId ?? '?'}`;
  if (kind === 'federated-user') return `federated user ${sessionName ?? '?'}`;
  return [principalId ?? 'somebody', accountId && `of account ${accountId}`].filter(Boolean).join(' ');
}

function calledName({ kind, name, knownAs = name, workload, id }: NamedActor): string | undefined {
  if (id !== undefined && knownAs !== undefined && misleads(knownAs, id)) return withHome({ id, label: knownAs });
  if (kind === 'identity-center-user' && isUserId(name)) return `Identity Center user ${knownAs}`;
  return knownAs === undefined || workload === undefined ? knownAs : `${knownAs} (${workload})`;
}

/**
 * Says how to find the name of an Identity Center user, if records have only the ID. Undefined for all others. Sources:
 * Identity Store API Reference, "DescribeUser"; IAM Identity Center API Reference, "ListInstances".
 */
function nameLookup({ kind, name }: StatedActor): string | undefined {
  if (kind !== 'identity-center-user' || !isUserId(name)) return undefined;
  return (
    `no record here states the name of this user ID: aws identitystore describe-user --user-id ${name} ` +
    '--identity-store-id IDENTITY_STORE finds it (aws sso-admin list-instances shows the store in the account of the instance)'
  );
}

/** Returns what else is known about the actor, as labels and values, apart from kind and name. Answers and reports show the same. */
export function actorFields(actor: Actor): readonly (readonly [label: string, value: string | undefined])[] {
  const { nameToday, arn, accountId, principalId, provider, workload, sourceIdentity, sessionName, uid, delegate } =
    actor;
  return [
    ['name today', nameToday],
    ['ARN', arn],
    ['account', accountId],
    ['principal ID', principalId],
    ['session', actor.name === undefined ? sessionName : undefined],
    ['UID', uid],
    ['user ID', nameLookup(actor)],
    ['provider', provider],
    ['delegate', delegate && `account ${delegate.accountId} acts with this identity`],
    ['workload', workload],
    ['source identity', sourceIdentity && `${sourceIdentity} (set by whoever started the chain)`],
  ];
}

const USER_ID = /^(?:[0-9a-f]{10}-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Returns whether the name is only a user ID of an identity store. Source: Identity Store API Reference, "ResourceId". */
function isUserId(name: string | undefined): name is string {
  return name !== undefined && USER_ID.test(name);
}

/** Returns whether the text is exactly one of the actor's names. */
export function isAbout(actor: NamedActor, text: string): boolean {
  return namesOfActor(actor).includes(text);
}
