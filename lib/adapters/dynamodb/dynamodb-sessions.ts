import type { Facts } from '../../attribution/facts.ts';
import type { SessionPart } from '../../attribution/grant-index.ts';
import type { Moment } from '../../attribution/moment.ts';
import type { Question, SessionQuestion, UnnamedQuestion } from '../../attribution/questions.ts';
import { IDENTITY_CENTER_TOLERANCE } from '../../attribution/settings.ts';
import type { Silence } from '../../attribution/silence.ts';
import type { ObjectOwner } from '../../audit/audit-event.ts';
import { type CreatedObject, WORKLOAD_KINDS } from '../../audit/created-object.ts';
import type { IssuedToken } from '../../audit/issued-token.ts';
import { type Filing, filingsOf, isToKeep } from '../../claims/filing.ts';
import { filingId, waitIds } from '../../claims/waits.ts';
import { type SessionIssuer, TRAIL_CALLER_KINDS, type TrailCaller } from '../../cloudtrail/caller.ts';
import { MOST_CHANGES_OF_DAY } from '../../cloudtrail/cluster-change.ts';
import { GRANT_EVENTS, GRANTED_KINDS } from '../../cloudtrail/evidence-events.ts';
import { type Grant, isOfRoleLikeIdentityCenters } from '../../cloudtrail/grant.ts';
import type { KnownRole } from '../../cloudtrail/known-role.ts';
import type { NameEnd, NameHolder, NameSighting } from '../../cloudtrail/known-user.ts';
import type { ProviderChange } from '../../cloudtrail/provider-change.ts';
import type { AgentOfSignIn } from '../../cloudtrail/record.ts';
import type { Use, UseRecord } from '../../cloudtrail/use.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { RoleRef } from '../../identity/arn.ts';
import { dashed } from '../../identity/session-name.ts';
import { present } from '../../json.ts';
import type { SessionStore } from '../../ports/sessions.ts';
import { HOUR } from '../../time.ts';
import { shortSha256 } from '../digest.ts';
import { current, expiry, secondsOf } from '../expiry.ts';
import { actingCaller, impersonated } from './caller-shape.ts';
import { clusterChange } from './change-shape.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, fitted, type Key, sortableTime } from './keys.ts';
import { type Item, type KeyRange, putRequest, queryRequest } from './requests.ts';
import {
  auditId,
  clusterKey,
  flag,
  instant,
  keyId,
  listOf,
  objectOf,
  oneOf,
  optional,
  read,
  roleId,
  text,
  truth,
} from './shape.ts';
import { TABLES } from './tables.ts';

const issuer = objectOf<SessionIssuer>({
  type: optional(text),
  principalId: optional(text),
  accountId: optional(text),
  arn: optional(text),
  userName: optional(text),
});

const statement = {
  sourceIdentity: optional(text),
  federatedProvider: optional(text),
  mfa: optional(flag),
  credentialsIssuedTo: optional(text),
  ec2RoleDelivery: optional(truth),
  onBehalfOf: optional(text),
  identityStore: optional(text),
  delegate: optional(text),
  agent: optional(text),
  assumedRoot: optional(truth),
  signInSession: optional(text),
};

const trailCaller = objectOf<TrailCaller>({
  kind: oneOf(TRAIL_CALLER_KINDS),
  principalId: optional(text),
  accountId: optional(text),
  arn: optional(text),
  userName: optional(text),
  identityProvider: optional(text),
  accessKeyId: optional(keyId),
  sessionBegan: optional(instant),
  service: optional(text),
  issuer: optional(issuer),
  ...statement,
});

const grant = objectOf<Grant>({
  eventName: oneOf(GRANT_EVENTS),
  granted: oneOf(GRANTED_KINDS),
  eventIds: listOf(text),
  copyId: text,
  issuedAt: instant,
  otherTimes: optional(listOf(instant)),
  isContradicted: optional(truth),
  expiresAt: instant,
  byIdentityCenter: flag,
  caller: trailCaller,
  sharedEventId: optional(text),
  otherSharedIds: optional(listOf(text)),
  region: optional(text),
  sourceIp: optional(text),
  userAgent: optional(text),
  accessKeyId: optional(keyId),
  roleArn: optional(text),
  roleId: optional(roleId),
  sessionName: optional(text),
  accountId: optional(text),
  samlProvider: optional(text),
  nameIdFormat: optional(text),
  sourceIdentity: optional(text),
  federatedProvider: optional(text),
  issuedTokenId: optional(text),
  exchangedTokenId: optional(text),
  sourcePrincipal: optional(text),
  withMfa: optional(truth),
  certificateName: optional(text),
  pod: optional(text),
});

const role = objectOf<RoleRef>({ partition: text, accountId: text, roleName: text });

const useRecord = objectOf<UseRecord>({
  eventName: text,
  eventId: optional(text),
  region: optional(text),
  at: optional(instant),
});

const use = objectOf<Use>({
  accessKeyId: keyId,
  principalId: text,
  accountId: optional(text),
  began: optional(instant),
  role: optional(role),
  record: useRecord,
  ...statement,
});

const sighting = objectOf<NameSighting>({ userId: text, name: text, at: instant, eventId: optional(text) });

const holder = objectOf<NameHolder>({ name: text, userId: optional(text), accountId: optional(text), from: instant });

const nameEnd = objectOf<NameEnd>({ name: text, accountId: text, at: instant });

const token = objectOf<IssuedToken>({
  credentialId: text,
  serviceAccount: text,
  auditId,
  issuedAt: instant,
  caller: actingCaller,
  clusterKey,
  impersonated: optional(impersonated),
  unusualNodeClient: optional(truth),
  handedOverBy: optional(text),
});

const owner = objectOf<ObjectOwner>({ uid: text, kind: text, name: text });

const created = objectOf<CreatedObject>({
  kind: oneOf(WORKLOAD_KINDS),
  uid: text,
  owners: listOf(owner),
  namespace: text,
  auditId,
  createdAt: instant,
  clusterKey,
  name: optional(text),
  handedOverBy: optional(text),
});

/**
 * The shape of a fact in the sessions table. A fact's flaw, if any, was reported when the fact arrived, and is not
 * stored.
 */
const factShape = objectOf<Omit<Facts, 'flaw' | 'cutName'>>({
  grant: optional(grant),
  use: optional(use),
  sightings: optional(listOf(sighting)),
  holders: optional(listOf(holder)),
  nameEnds: optional(listOf(nameEnd)),
  roles: optional(listOf(objectOf<KnownRole>({ roleId, role }))),
  agent: optional(objectOf<AgentOfSignIn>({ signInSession: text, record: useRecord })),
  providerChange: optional(objectOf<ProviderChange>({ providerArn: text, at: instant })),
  clusterChange: optional(clusterChange),
  token: optional(token),
  created: optional(created),
  silence: optional(objectOf<Silence>({ accountId: text, region: text, from: instant, to: optional(instant) })),
});

/**
 * How long before the moment a session's grants are read, in milliseconds. It is 36 h for the longest session and 12
 * h for the grant before it. Another 12 h are for other moments that one answer serves (`STORE_REACH`). A single name
 * such as
 * `EKSGetTokenAuth` can have thousands of grants.
 */
const BEFORE = 60 * HOUR;
const AFTER = 13 * HOUR;

/** How far before and after the start of a session its grant can be, in milliseconds. */
const BEGINNING = { before: IDENTITY_CENTER_TOLERANCE, after: IDENTITY_CENTER_TOLERANCE };

/** Limits the items that are read at once if few are wanted and earlier ones did not match. */
const LONGEST_ANSWER = 256;

/**
 * Limits the changes of a provider that are read, the earliest first. The first change is enough, but it may have
 * expired. Whoever may change a provider can do so any number of times.
 */
const MOST_CHANGES = 100;

/**
 * Limits the events that are read for one token or one created object, the earliest first. Each event states that it
 * issued or created it. Usually there is one, or a few copies. Whoever forges events can add any number for its own
 * clusters, and settle would read all of them at once.
 */
const MOST_STATEMENTS = 1_000;

/**
 * Limits the facts that are read about one username: that a user had the name, or lost it. The administrator of an
 * account can create and delete a user of that name any number of times. Without a limit, each sign-in under that name
 * would read all of these facts.
 */
const MOST_OF_NAME = 5_000;

/**
 * The limits for questions to which others can add any number of facts. The earliest facts are read, unless `order`
 * says otherwise.
 */
const LIMITS: Readonly<Partial<Record<Question['kind'], Pick<KeyRange, 'limit'> & Partial<Pick<KeyRange, 'order'>>>>> =
  {
    'changes-of-provider': { limit: MOST_CHANGES },
    'cluster-changes': { limit: MOST_CHANGES_OF_DAY, order: 'descending' },
    'tokens-issued': { limit: MOST_STATEMENTS },
    'object-created': { limit: MOST_STATEMENTS },
    'ids-of-role': { limit: MOST_STATEMENTS },
    'user-of-name': { limit: MOST_OF_NAME },
  };

/** Facts in the sessions table. A fact has an item under each question that it answers. */
export class DynamoDbSessions implements SessionStore {
  readonly #of: TableHandle;

  constructor(of: TableHandle) {
    this.#of = of;
  }

  async answer(questions: readonly Question[], moment: Moment): Promise<readonly Facts[]> {
    const distinct = new Map(questions.map((question) => [readId(question), question]));
    const answers = await mapConcurrently([...distinct.values()], (question) => this.#read(question, moment));
    return answers.flat();
  }

  /**
   * Reads the facts for a question. For a session, these are the grants around the moment. The latest grant of any time
   * is also read, because it shows that a grant exists.
   */
  async #read(question: Question, moment: Moment): Promise<readonly Facts[]> {
    const hash = fitted(filingId(question));
    if (question.kind === 'grants-of-session' && question.only !== undefined)
      return this.#part(question, question.only, moment);
    if (question.kind === 'user-of-id') return this.#sightings(hash, question.only === undefined ? moment : 'any');
    if (LIMITS[question.kind] !== undefined) return this.#limited(hash, question);
    if (question.kind === 'unnamed-service-grants') return this.#unnamed(question, moment);
    if (question.kind !== 'grants-of-session' || typeof moment !== 'number')
      return this.#within({ hash, order: 'descending' });
    return [...(await this.#within(around(hash, moment))), ...(await this.#latest({ hash }, 1))];
  }

  async #limited(hash: string, question: Question): Promise<readonly Facts[]> {
    const { database, table } = this.#of;
    const keyRange = { hash, order: 'ascending', ...LIMITS[question.kind] } as const;
    const items = await database.query(queryRequest(table, TABLES.sessions.key, keyRange));
    const facts = this.#readCurrent(items);
    const isCut = question.kind === 'user-of-name' && items.length >= MOST_OF_NAME;
    return isCut ? [...facts, { cutName: question.name }] : facts;
  }

  /**
   * Reads the unnamed grants of one account, as for a session. Without an account, reads those of all accounts. Only
   * people ask so.
   */
  async #unnamed({ name, accountId }: UnnamedQuestion, moment: Moment): Promise<readonly Facts[]> {
    const hash = fitted(unnamedPlace(name));
    if (accountId === undefined) return this.#within({ hash, order: 'descending' });
    const own = { hash, from: `${accountId} `, to: `${accountId}!` };
    if (typeof moment !== 'number') return this.#within({ ...own, order: 'descending' });
    const { from, to, ...near } = around(hash, moment);
    const found = await this.#within({ ...near, from: `${accountId} ${from}`, to: `${accountId} ${to}` });
    return [...found, ...(await this.#latest(own, 1))];
  }

  /**
   * Reads as few of a session's grants as answer the question, because a shared name can have thousands. A role's path
   * never changes, and its ID is never used again. So one grant of a role whose path is not Identity Center's shows
   * that none of its grants is.
   */
  async #part(question: SessionQuestion, only: SessionPart, moment: Moment): Promise<readonly Facts[]> {
    const hash = fitted(filingId(question));
    if (only === 'whether-any') return this.#latest({ hash }, 1, ({ grant }) => grant?.sessionName === question.name);
    if (typeof only === 'number') return this.#within(around(hash, only, BEGINNING));
    const [latest] = await this.#latest({ hash }, 1);
    if (latest?.grant === undefined || !isOfRoleLikeIdentityCenters(latest.grant)) return [];
    return this.#within(typeof moment === 'number' ? around(hash, moment) : { hash, order: 'descending' });
  }

  /**
   * Returns the sightings around the moment, the last one before them, and the latest of all. If there is none around
   * or before the moment, also returns the earliest. Without a moment, returns only the latest. The time of an item is
   * the hour of its sighting.
   */
  async #sightings(hash: string, moment: Moment): Promise<readonly Facts[]> {
    if (typeof moment !== 'number') return this.#latest({ hash }, 1);
    const from = sortableTime(moment - BEFORE - HOUR);
    const [near, before, latest] = await Promise.all([
      this.#within(around(hash, moment, { before: BEFORE + HOUR, after: AFTER })),
      this.#within({ hash, to: from, order: 'descending', limit: 1 }),
      this.#latest({ hash }, 1),
    ]);
    const isBegun = near.length > 0 || before.length > 0 || latest.length === 0;
    const first = isBegun ? [] : await this.#within({ hash, order: 'ascending', limit: 1 });
    return [...near, ...before, ...latest, ...first];
  }

  async #within(keyRange: KeyRange): Promise<readonly Facts[]> {
    const { database, table } = this.#of;
    return this.#readCurrent(await database.query(queryRequest(table, TABLES.sessions.key, keyRange)));
  }

  /** Returns up to `wanted` of the latest facts that match. It reads larger and larger pages until it has enough. */
  async #latest(
    of: Pick<KeyRange, 'hash' | 'from' | 'to'>,
    wanted: number,
    fits: (fact: Facts) => boolean = () => true,
  ): Promise<readonly Facts[]> {
    const { database, table } = this.#of;
    const found: Facts[] = [];
    let after: Item | undefined;
    for (let limit = wanted; ; limit = Math.min(limit * 4, LONGEST_ANSWER)) {
      const keyRange = { ...of, order: 'descending', limit, after } as const;
      const items = await database.query(queryRequest(table, TABLES.sessions.key, keyRange));
      found.push(...this.#readCurrent(items).filter(fits));
      const last = items.at(-1);
      if (found.length >= wanted || items.length < limit || last === undefined) return found.slice(0, wanted);
      after = { partition: last.partition, sort: last.sort };
    }
  }

  #readCurrent(items: readonly Item[]): readonly Facts[] {
    return current(items, this.#of.clock()).map(({ fact }) => read(factShape, fact, 'fact'));
  }

  /**
   * Stores facts. A fact with a rank is stored only if none with a smaller rank is. The store checks that, because
   * another process may write at the same time.
   */
  async add(facts: readonly Facts[]): Promise<void> {
    const { database, table, clock, keep } = this.#of;
    const expires = expiry(clock(), keep);
    const filings = new Map<string, Filing>();
    for (const filing of filingsOf(facts)) {
      const key = JSON.stringify(keyOf(filing));
      if (isToKeep(filing, filings.get(key))) filings.set(key, filing);
    }
    const items = [...filings.values()].map((filing) =>
      present({ ...keyOf(filing), rank: filing.rank, fact: filing.fact, expires }),
    );
    await database.putAll(
      table,
      items.filter(({ rank }) => rank === undefined),
    );
    const ranked = items.filter(({ rank }) => rank !== undefined);
    await mapConcurrently(ranked, (item) => {
      const values = { ':seconds': secondsOf(clock()), ':rank': item.rank };
      return database.put(putRequest(table, item, 'isOfSmallerRank', values));
    });
  }

  async missing(facts: readonly Facts[]): Promise<readonly Facts[]> {
    const { database, table, clock } = this.#of;
    const placesOf = (fact: Facts) => filingsOf([fact]).map((filing) => ({ filing, key: keyOf(filing) }));
    const keys = new Map(facts.flatMap(placesOf).map(({ key }) => [JSON.stringify(key), key]));
    const found = await database.getAll(table, [...keys.values()], ['partition', 'sort', 'expires', 'rank']);
    const there = new Map(
      current(found, clock()).map(({ partition, sort, rank }) => [
        JSON.stringify({ partition, sort }),
        { rank: typeof rank === 'string' ? rank : undefined },
      ]),
    );
    return facts.filter((fact) =>
      placesOf(fact).some(({ filing, key }) => isToKeep(filing, there.get(JSON.stringify(key)))),
    );
  }
}

/** Returns an ID that is equal for questions which one reading answers. */
function readId(question: Question): string {
  const part = question.kind === 'user-of-id' ? question.only : undefined;
  return [...waitIds(question), part ?? ''].join();
}

function keyOf({ question, at, same }: Filing): Key {
  const sort = `${sortableTime(at)}.${shortSha256(same)}`;
  if (question.kind !== 'unnamed-service-grants') return checkedKey({ partition: fitted(filingId(question)), sort });
  return checkedKey({ partition: fitted(unnamedPlace(question.name)), sort: `${question.accountId} ${sort}` });
}

/**
 * Returns the partition of the grants to services under a session name. The grants of one account follow each other in
 * it.
 */
function unnamedPlace(name: string): string {
  return `unnamed-service-grants ${dashed(name)}`;
}

function around(hash: string, moment: number, { before, after } = { before: BEFORE, after: AFTER }): KeyRange {
  const [from, to] = [sortableTime(moment - before), `${sortableTime(moment + after)}.~`];
  return { hash, from, to, order: 'descending' };
}
