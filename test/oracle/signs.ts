import { nameOfPerson, personOf } from './actor.ts';
import type { Caller } from './caller.ts';
import type { Joint, Outcome } from './chain.ts';
import { agreeingUses } from './match.ts';
import { type Identity, isIdentityCenterGrant, type KnownWorld } from './records.ts';
import type { Actor } from './types.ts';

/** The hosted agents that uses of the event's key and callers on the chain can name. */
const AGENTS = ['aws-mcp.amazonaws.com'];
const PERSONS = ['iam-user', 'root', 'identity-center-user', 'saml-user', 'web-identity-user'];

/** Adds a delegate: somebody of another account acts with the approver's identity. */
export function withDelegate(outcome: Outcome, caller: Caller, known: KnownWorld): Outcome {
  const accountId = speakers(caller, outcome.joints, known).find(({ delegate }) => delegate !== undefined)?.delegate;
  if (accountId === undefined) return outcome;
  return { ...outcome, actor: { ...outcome.actor, delegate: { accountId } }, partial: 'acts-by-delegation' };
}

/** Returns both candidates if `onBehalfOf`, AWS's statement about the person, contradicts the chain's. */
export function withContradicted(outcome: Outcome, caller: Caller, known: KnownWorld): Outcome[] {
  const statements = speakers(caller, outcome.joints, known);
  const users = statements.flatMap(({ onBehalfOf, identityStoreArn: store }) =>
    onBehalfOf === undefined ? [] : [{ userId: onBehalfOf, store }],
  );
  const hasStore = (userId: string) => users.some((one) => one.userId === userId && one.store !== undefined);
  const each = users.filter(
    ({ userId, store }, at) =>
      (store !== undefined || !hasStore(userId)) &&
      users.findIndex((one) => one.userId === userId && one.store === store) === at,
  );
  const persons = each.filter(({ userId, store }) => contradicts(userId, store, outcome, known));
  if (persons.length > 0) known.notice(`onBehalfOf contradicts ${outcome.actor.kind}`);
  return [outcome, ...persons.map(({ userId, store }) => asActor(personOf(userId, store, known), outcome))];
}

/** Returns whether an agent works for the person: it made any record of the key, the chain or the sign-in. */
export function isThroughAgent(caller: Caller, joints: readonly Joint[], known: KnownWorld): boolean {
  const mine = speakers(caller, joints, known);
  if (mine.some(isAgents)) return true;
  const signIns = mine.flatMap(({ signInSession }) => signInSession ?? []);
  const others = known.callers.map(({ identity }) => identity).filter(isAgents);
  const found = others.some(({ signInSession }) => signInSession !== undefined && signIns.includes(signInSession));
  if (found) known.notice('through an agent by signInSessionArn');
  return found;
}

/** Returns whether anybody except Identity Center changed the SAML provider of an Identity Center grant before it. */
export function isProviderChanged(joints: readonly Joint[], known: KnownWorld): boolean {
  const signIns = joints.map(({ grant }) => grant).filter(isIdentityCenterGrant);
  return signIns.some(({ providerArn, issuedAt }) =>
    known.providerChanges.some((change) => change.providerArn === providerArn && change.time < issuedAt),
  );
}

function speakers(caller: Caller, joints: readonly Joint[], known: KnownWorld): Identity[] {
  return [...agreeingUses(caller, known), ...joints.map(({ grant }) => grant.caller)];
}

export function isAgents({ invokedBy }: Identity): boolean {
  return invokedBy !== undefined && AGENTS.includes(invokedBy);
}

// A userId without a known name contradicts nobody, and no userId contradicts a person without a name. No IAM user acts on
// behalf of a user of Identity Center.
// A person who was renamed stays the same, by the userId in the first grant or by the name at the time of the grant.
function contradicts(userId: string, store: string | undefined, outcome: Outcome, known: KnownWorld): boolean {
  const { actor, joints } = outcome;
  const first = joints[0]?.grant;
  const name = nameOfPerson(userId, store, known);
  if (name === undefined || !PERSONS.includes(actor.kind)) return false;
  if (actor.kind === 'iam-user') return true;
  if (actor.kind === 'identity-center-user' && first?.caller.onBehalfOf === userId) {
    const { identityStoreArn } = first.caller;
    if (identityStoreArn === undefined || identityStoreArn === store) return false;
  }
  const stated = first && nameOfPerson(userId, store, known, first.issuedAt);
  if (actor.name === stated && actor.name !== name) known.notice('renamed between grant and event');
  return actor.name !== undefined && ![userId, name, stated].includes(actor.name);
}

// The use that states the session's owner does not state this person.
function asActor(person: Actor, { saidIn: _another, ...outcome }: Outcome): Outcome {
  const { sourceIdentity, delegate } = outcome.actor;
  return {
    ...outcome,
    actor: {
      ...person,
      ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
      ...(delegate ? { delegate } : {}),
    },
  };
}
