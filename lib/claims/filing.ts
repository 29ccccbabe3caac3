import type { Facts } from '../attribution/facts.ts';
import type { Question } from '../attribution/questions.ts';
import type { CreatedObject } from '../audit/created-object.ts';
import type { IssuedToken } from '../audit/issued-token.ts';
import { isUnnamedServiceGrant, sessionKeyOf } from '../cloudtrail/grant.ts';
import { comparableName, type KnownUser } from '../cloudtrail/known-user.ts';
import type { ProviderChange } from '../cloudtrail/provider-change.ts';
import type { AgentOfSignIn } from '../cloudtrail/record.ts';
import { rankOfUse, type Use, type UseRecord } from '../cloudtrail/use.ts';
import { type EpochMillis, epochMillis, HOUR } from '../time.ts';

/** One fact under one question that it answers: what a store keeps as one item. */
export interface Filing {
  readonly question: Question;
  readonly fact: Facts;
  /** For the order among the answers: a grant's time of issue, a use's beginning, the hour of a user's sighting. */
  readonly at: EpochMillis;
  /** Two facts under one question and time that have the same say the same: one of them is kept. */
  readonly same: string;
  /** Of those the one with the smallest rank, by code unit; one without a rank is the first to come, and gives way to one with. */
  readonly rank?: string | undefined;
}

/** Where facts are filed. Copies of a grant are filed apart and merged when they are read, so their order is of no account. */
export function filingsOf(facts: readonly Facts[]): Filing[] {
  return facts.flatMap(({ grant, use, user, roles = [], agent, ...others }) => [
    ...(grant ? filingsOfGrant({ grant }, grant) : []),
    ...(use ? [filingOfUse(use)] : []),
    ...(user ? filingsOfUser(user) : []),
    ...roles.map((role) => filing({ kind: 'role-of-id', roleId: role.roleId }, { roles: [role] }, undefined)),
    ...(agent ? [filingOfAgent(agent)] : []),
    ...filingsUnderOne(others),
  ]);
}

/** Facts that answer one question each. */
function filingsUnderOne({ providerChange, token, created }: Facts): Filing[] {
  return [
    ...(providerChange ? [filingOfChange(providerChange)] : []),
    ...(token ? [filingOfToken(token)] : []),
    ...(created ? [filingOfCreated(created)] : []),
  ];
}

/** Under what it says, whichever record says it: each token that a cluster verifies leaves one. */
function filingOfUse(use: Use): Filing {
  const { record, ...says } = use;
  const question = { kind: 'uses-of-key', accessKeyId: use.accessKeyId } as const;
  return ranked(filing(question, { use }, use.began, JSON.stringify({ use: says })), record);
}

function filingOfAgent(agent: AgentOfSignIn): Filing {
  const { signInSession, record } = agent;
  const same = JSON.stringify({ agent: { signInSession } });
  return ranked(filing({ kind: 'agent-of-sign-in', signInSession }, { agent }, undefined, same), record);
}

/** By the record that says it, where it is known. */
function ranked(filed: Filing, record: UseRecord | undefined): Filing {
  return record === undefined ? filed : { ...filed, rank: rankOfUse(record) };
}

/** Whether it is to be kept in the place of what is kept: nothing, or what says the same with this rank, if it has one. */
export function isToKeep({ rank }: Filing, kept: Pick<Filing, 'rank'> | undefined): boolean {
  if (kept === undefined) return true;
  return rank !== undefined && (kept.rank === undefined || rank < kept.rank);
}

function filingOfChange(providerChange: ProviderChange): Filing {
  const { providerArn, at } = providerChange;
  return filing({ kind: 'changes-of-provider', providerArn }, { providerChange }, at);
}

function filingOfToken(token: IssuedToken): Filing {
  return filing({ kind: 'tokens-issued', credentialId: token.credentialId }, { token }, token.issuedAt);
}

function filingOfCreated(created: CreatedObject): Filing {
  return filing({ kind: 'object-created', uid: created.uid }, { created }, created.createdAt);
}

function filing(question: Question, fact: Facts, at: EpochMillis | undefined, same = JSON.stringify(fact)): Filing {
  return { question, fact, at: at ?? epochMillis(0), same };
}

function filingsOfGrant(fact: Facts, grant: NonNullable<Facts['grant']>): Filing[] {
  const { accessKeyId, sessionName = '', issuedAt } = grant;
  const key = sessionKeyOf(grant);
  return [
    ...(accessKeyId ? [filing({ kind: 'grants-of-key', accessKeyId }, fact, issuedAt)] : []),
    ...(key ? [filing({ kind: 'grants-of-session', key, name: sessionName, guess: false }, fact, issuedAt)] : []),
    ...(isUnnamedServiceGrant(grant)
      ? [filing({ kind: 'unnamed-service-grants', name: sessionName }, fact, issuedAt)]
      : []),
  ];
}

/**
 * A user is seen in nearly every record: under the id the first sighting of a name that comes in each hour is kept, which
 * tells names of a renamed user apart; under the name, that there is one.
 */
function filingsOfUser({ name, principalId, seenAt }: KnownUser): Filing[] {
  const comparable = comparableName(name);
  const byName = filing({ kind: 'user-of-name', name: comparable }, { user: { name: comparable } }, undefined);
  if (principalId === undefined) return [byName];
  const hour = epochMillis(Math.floor((seenAt ?? 0) / HOUR) * HOUR);
  const user: KnownUser = { name, principalId, seenAt };
  return [byName, filing({ kind: 'user-of-id', principalId }, { user }, hour, name)];
}
