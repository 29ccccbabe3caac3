import type { Facts } from '../attribution/facts.ts';
import { holderPlace } from '../attribution/known-names.ts';
import type { Question } from '../attribution/questions.ts';
import type { Silence } from '../attribution/silence.ts';
import type { CreatedObject } from '../audit/created-object.ts';
import type { IssuedToken } from '../audit/issued-token.ts';
import type { ClusterChange } from '../cloudtrail/cluster-change.ts';
import { accountOfUnnamed, sessionKeyOf } from '../cloudtrail/grant.ts';
import type { KnownRole } from '../cloudtrail/known-role.ts';
import {
  type NameEnd,
  type NameFacts,
  type NameHolder,
  type NameSighting,
  rankOfHolder,
  rankOfSighting,
} from '../cloudtrail/known-user.ts';
import type { ProviderChange } from '../cloudtrail/provider-change.ts';
import type { AgentOfSignIn } from '../cloudtrail/record.ts';
import { rankOfUse, type Use, type UseRecord } from '../cloudtrail/use.ts';
import { DAY, type EpochMillis, epochMillis, formatInstant, HOUR } from '../time.ts';

/** One fact under one question that it answers. A store keeps it as one item. */
export interface Filing {
  readonly question: Question;
  readonly fact: Facts;
  /**
   * The time by which the answers to a question are sorted. It is a grant's issue, the start of a use's session, or
   * the hour in which a user was seen.
   */
  readonly at: EpochMillis;
  /**
   * A text that is equal for facts that state the same. Of such facts under one question and time, only one is stored.
   */
  readonly same: string;
  /**
   * Decides which of several equal facts is stored: the one with the smallest rank by code unit. Without ranks, it is
   * the first to arrive.
   */
  readonly rank?: string | undefined;
}

/**
 * Returns the items under which the facts are stored. Each copy of a grant is stored by itself. Copies are merged when
 * they are read, so they can arrive in any order.
 */
export function filingsOf(facts: readonly Facts[]): Filing[] {
  return facts.flatMap(({ grant, use, roles = [], agent, ...others }) => [
    ...(grant ? filingsOfGrant({ grant }, grant) : []),
    ...(use ? [filingOfUse(use)] : []),
    ...filingsOfNames(others),
    ...roles.flatMap(filingsOfRole),
    ...(agent ? [filingOfAgent(agent)] : []),
    ...filingsUnderOne(others),
  ]);
}

/** Returns the items of facts that answer only one question each. */
function filingsUnderOne({ providerChange, clusterChange, token, created, silence }: Facts): Filing[] {
  return [
    ...(clusterChange ? filingsOfClusterChange(clusterChange) : []),
    ...(providerChange ? [filingOfChange(providerChange)] : []),
    ...(token ? [filingOfToken(token)] : []),
    ...(created ? [filingOfCreated(created)] : []),
    ...(silence ? [filingOfSilence(silence)] : []),
  ];
}

/**
 * Returns the item of a use. Its key is what the use states, not its CloudTrail record. A cluster causes one record for
 * every token that it verifies.
 */
function filingOfUse(use: Use): Filing {
  const { record, ...says } = use;
  const question = { kind: 'uses-of-key', accessKeyId: use.accessKeyId } as const;
  return ranked(filing(question, { use }, use.began, JSON.stringify({ use: says })), record);
}

/** Returns the items of a role: by its ID, and by its name. */
function filingsOfRole(known: KnownRole): Filing[] {
  const { accountId, roleName } = known.role;
  const fact = { roles: [known] };
  return [
    filing({ kind: 'role-of-id', roleId: known.roleId }, fact, undefined),
    filing({ kind: 'ids-of-role', accountId, roleName }, fact, undefined),
  ];
}

function filingOfAgent(agent: AgentOfSignIn): Filing {
  const { signInSession, record } = agent;
  const same = JSON.stringify({ agent: { signInSession } });
  return ranked(filing({ kind: 'agent-of-sign-in', signInSession }, { agent }, undefined, same), record);
}

/** Returns the item with the rank of its record. */
function ranked(filed: Filing, record: UseRecord): Filing {
  return { ...filed, rank: rankOfUse(record) };
}

/** Returns whether the new item must be stored: there is none yet, or the stored one has a greater rank. */
export function isToKeep({ rank }: Filing, kept: Pick<Filing, 'rank'> | undefined): boolean {
  if (kept === undefined) return true;
  return rank !== undefined && kept.rank !== undefined && rank < kept.rank;
}

function filingOfChange(providerChange: ProviderChange): Filing {
  const { providerArn, at } = providerChange;
  return filing({ kind: 'changes-of-provider', providerArn }, { providerChange }, at);
}

function filingsOfClusterChange(clusterChange: ClusterChange): Filing[] {
  const { at, accountId = '' } = clusterChange;
  const day = formatInstant(at).slice(0, 10);
  return [
    filing({ kind: 'cluster-changes', day, accountId }, { clusterChange }, at),
    filing({ kind: 'accounts-with-changes', day }, { clusterChange }, undefined, accountId),
  ];
}

function filingOfToken(token: IssuedToken): Filing {
  const { credentialId, clusterKey } = token;
  return filing({ kind: 'tokens-issued', credentialId, clusterKey }, { token }, token.issuedAt);
}

function filingOfCreated(created: CreatedObject): Filing {
  const { uid, clusterKey } = created;
  return filing({ kind: 'object-created', uid, clusterKey }, { created }, created.createdAt);
}

/** Returns the item of a silence. If a silence ends, or ends earlier, its new item replaces the old one. */
function filingOfSilence(silence: Silence): Filing {
  const { accountId, region, from, to } = silence;
  const filed = filing({ kind: 'silences-of-account', accountId }, { silence }, from, region);
  return { ...filed, rank: to === undefined ? 'lasts' : formatInstant(to) };
}

function filing(question: Question, fact: Facts, at: EpochMillis | undefined, same = JSON.stringify(fact)): Filing {
  return { question, fact, at: at ?? epochMillis(0), same };
}

function filingsOfGrant(fact: Facts, grant: NonNullable<Facts['grant']>): Filing[] {
  const { accessKeyId, issuedTokenId, sessionName = '', issuedAt } = grant;
  const key = sessionKeyOf(grant);
  const accountId = accountOfUnnamed(grant);
  return [
    ...(accessKeyId ? [filing({ kind: 'grants-of-key', accessKeyId }, fact, issuedAt)] : []),
    ...(issuedTokenId ? [filing({ kind: 'grants-of-token', tokenId: issuedTokenId }, fact, issuedAt)] : []),
    ...(key ? [filing({ kind: 'grants-of-session', key, name: sessionName, guess: false }, fact, issuedAt)] : []),
    ...(accountId ? [filing({ kind: 'unnamed-service-grants', name: sessionName, accountId }, fact, issuedAt)] : []),
  ];
}

function filingsOfNames({ sightings = [], holders = [], nameEnds = [] }: NameFacts): Filing[] {
  return [...sightings.map(filingOfSighting), ...holders.map(filingOfHolder), ...nameEnds.map(filingOfEnd)];
}

/**
 * Returns the item of a sighting. Nearly every record has a user, so only the first sighting of a name in each hour
 * is kept (CONTRACT, rule 5).
 */
function filingOfSighting(sighting: NameSighting): Filing {
  const { userId, name, at } = sighting;
  const hour = epochMillis(Math.floor(at / HOUR) * HOUR);
  const filed = filing({ kind: 'user-of-id', userId }, { sightings: [sighting] }, hour, name);
  return { ...filed, rank: rankOfSighting(sighting) };
}

/**
 * Returns the item of a name's holder, which is the first sighting of a user with the name. Items are kept only some
 * days longer than the records that depend on them. A user can have a name for years, so the item is stored again each
 * week.
 */
function filingOfHolder(holder: NameHolder): Filing {
  const week = epochMillis(Math.floor(holder.from / WEEK) * WEEK);
  const filed = filing({ kind: 'user-of-name', name: holder.name }, { holders: [holder] }, week, holderPlace(holder));
  return { ...filed, rank: rankOfHolder(holder) };
}

const WEEK = 7 * DAY;

function filingOfEnd(end: NameEnd): Filing {
  return filing({ kind: 'user-of-name', name: end.name }, { nameEnds: [end] }, end.at);
}
