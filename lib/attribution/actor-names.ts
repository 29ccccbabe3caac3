import { isInstanceId } from '../identity/session-name.ts';
import type { Actor } from './actor.ts';
import { type ActorId, homeAndIdText, homeText, isActorId, type JoinedId, personOf } from './actor-id.ts';
import type { StatedActor } from './stated-actor.ts';

/** Returns the name by which answers call the actor, else what is known instead. All workloads of a service share it. */
export function filedName({ name, knownAs, arn, principalId, sessionName }: StatedActor): string | undefined {
  return knownAs ?? name ?? arn ?? principalId ?? sessionName;
}

/** An actor, or the part of one that names it. */
type NamedActor = StatedActor & Partial<Pick<JoinedId, 'samePerson'>> & { readonly id?: ActorId['id'] | undefined };

/**
 * Returns every text by which an actor can be found: the name at the time of the event, ARN, principal ID, a service's
 * workload, and the ID, with those that the operator joined to it (CONTRACT, rule 5). A name that imitates somebody else's ID or
 * ARN is none of them.
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
 * Returns whether the name has the form of an actor's ID. If the people of its system choose their names, ARNs and principal IDs of AWS
 * count too. Such a name would lead from a question about one person to the requests of another.
 */
export function imitates(name: string, id = ''): boolean {
  return isActorId(name) || ((BY_PROVIDER.test(id) || CHOOSES_NAMES.test(id)) && OF_AWS.test(name));
}

/** SAML and OIDC providers. AWS's own issuer of tokens is none of them: it writes the ARN of an AWS principal as the subject. */
const BY_PROVIDER = /^(?:saml|oidc(?!\/[\w-]+\.tokens\.sts\.global\.api\.aws\/))\//;
/** Other systems in which people choose their names. */
const CHOOSES_NAMES = /^(?:k8s-user|proxied(?:-name)?)\//;
const OF_AWS = /^(?:arn:|A(?:IDA|ROA)[0-9A-Z]{12})/;

/**
 * Returns the text that finds only this actor: the ID, since others can have the name. For a workload its own name, because all
 * workloads of a service share the ID.
 */
export function exactName(actor: StatedActor & Pick<ActorId, 'id'>): string {
  return workloadNames(actor)[0] ?? actor.id;
}

/**
 * Returns the names of a workload. An instance ID or an ARN of that service stands alone, because it can be nothing
 * else. A function, a build or a certificate can have a person's name, so it is found only together with its service.
 */
function workloadNames({ name, workload }: StatedActor): readonly string[] {
  if (name === undefined || workload === undefined) return [];
  const whole = `${name} (${workload})`;
  const isInstance = name === 'ec2.amazonaws.com' && isInstanceId(workload);
  const isArn = /^arn:[^:]+:([a-z0-9-]+):/.exec(workload)?.[1] === name.split('.')[0];
  return isInstance || isArn ? [workload, whole] : [whole];
}

/** Returns the actor for summaries and alerts: the kind, and the name or what is known instead. */
export function actorLabel(actor: StatedActor): string {
  const { kind, workload } = actor;
  const who = filedName(actor) ?? '(no name)';
  return workload === undefined ? `${kind} ${who}` : `${kind} ${who} (${workload})`;
}

/**
 * Returns a label for each actor. If two different actors have the same label, the account, directory or cluster stands after
 * it: `iam-user admin (account 111122223333)`. If these are the same too, the ID within it follows:
 * `iam-user admin (account 111122223333, AIDAADMIN)`.
 */
export function labelsApart<T extends JoinedId>(actors: readonly T[], label: (actor: T) => string): readonly string[] {
  const list = new LabelsInList();
  const labels = actors.map((actor) => ({ id: personOf(actor), label: label(actor) }));
  for (const each of labels) list.add(each);
  return labels.map((each) => list.labelOf(each));
}

/** An actor by its ID, and a text for a person. */
interface ActorLabel {
  readonly id: string;
  readonly label: string;
}

/** The labels in a list. It knows which of them several actors have. */
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

  /** Returns the label, followed by what sets the actor apart from others of the list that have it too. */
  labelOf({ id, label }: ActorLabel): string {
    if (!this.#shared.has(label)) return label;
    const longer = withHome({ id, label });
    return this.#shared.has(longer) ? `${label} (${homeAndIdText(id)})` : longer;
  }
}

/** Returns the label with the actor's account, directory or cluster after it. If the ID names none of them, the ID follows. */
function withHome({ id, label }: ActorLabel): string {
  return `${label} (${homeText(id) ?? id})`;
}

/**
 * Returns whether the name can be read as somebody else's. Every account can create a SAML or OIDC provider, which can assert any name. Other
 * systems where people choose their names may imitate an ID, an ARN, or the words that lists show in place of a name or after it.
 */
export function misleads(name: string, id: string): boolean {
  return BY_PROVIDER.test(id) || imitates(name, id) || (CHOOSES_NAMES.test(id) && LIKE_WORDS.test(name));
}

/** Matches names that are blank, have parentheses, or begin like the words for an actor without a name. */
const LIKE_WORDS = /^\s*$|[()]|^(?:session|federated user|Identity Center user|somebody) /;

/**
 * Returns the actor's name for a person to read, without the kind; if there is no name, what is known instead. A name that can be
 * read as somebody else's has the cluster, provider or issuer after it.
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
 * Returns how to look up the name of an Identity Center user whose records have only the ID; undefined for all others.
 * Sources: Identity Store API Reference, "DescribeUser"; IAM Identity Center API Reference, "ListInstances".
 */
function nameLookup({ kind, name }: StatedActor): string | undefined {
  if (kind !== 'identity-center-user' || !isUserId(name)) return undefined;
  return (
    `no record here states the name of this user ID: aws identitystore describe-user --user-id ${name} ` +
    '--identity-store-id IDENTITY_STORE finds it (aws sso-admin list-instances shows the store in the account of the instance)'
  );
}

/** Returns what is known of the actor besides kind and name, as labels and values. Answers and reports show the same ones. */
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

/** Returns whether the text has the format of a user ID. Source: Identity Store API Reference, "ResourceId". */
function isUserId(name: string | undefined): name is string {
  return name !== undefined && USER_ID.test(name);
}

/** Returns whether the text is exactly one of the actor's names. */
export function isAbout(actor: NamedActor, text: string): boolean {
  return namesOfActor(actor).includes(text);
}
