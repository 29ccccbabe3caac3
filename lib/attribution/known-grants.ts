import { isSameCall, mergeCopies } from '../cloudtrail/copies.ts';
import { type Grant, sessionKeyOf } from '../cloudtrail/grant.ts';
import { type KnownUser, laterName } from '../cloudtrail/known-user.ts';
import type { TrailFacts } from '../cloudtrail/record.ts';
import type { Use } from '../cloudtrail/use.ts';
import type { SessionKey } from '../identity/session-key.ts';
import type { GrantIndex } from './grant-index.ts';

/**
 * The grants, uses and users known so far, in memory. What it answers does not depend on the order of `add`, and
 * adding the same record again changes nothing.
 */
export class KnownGrants implements GrantIndex {
  readonly #byKey = new Map<string, Grant[]>();
  readonly #bySession = new Map<SessionKey, Grant[]>();
  /** By event id and `sharedEventID`, to find the copies of a call. */
  readonly #byCallId = new Map<string, Grant[]>();
  readonly #uses = new Map<string, Use[]>();
  readonly #users = new Map<string, KnownUser>();
  readonly #userNames = new Set<string>();
  readonly #unsorted = new Set<Grant[]>();
  #grants = 0;

  /** How many grants are known, each call counted once. */
  get size(): number {
    return this.#grants;
  }

  add(facts: TrailFacts): void {
    if (facts.grant !== undefined) this.#addGrant(facts.grant);
    if (facts.use !== undefined) this.#addUse(facts.use);
    if (facts.user !== undefined) this.#addUser(facts.user);
  }

  grantsOfKey(accessKeyId: string): readonly Grant[] {
    return this.#oldestFirst(this.#byKey.get(accessKeyId));
  }

  usesOfKey(accessKeyId: string): readonly Use[] {
    return this.#uses.get(accessKeyId) ?? [];
  }

  grantsOfSession(key: SessionKey): readonly Grant[] {
    return this.#oldestFirst(this.#bySession.get(key));
  }

  grantsOfGuess(key: SessionKey): readonly Grant[] {
    return this.grantsOfSession(key);
  }

  userOf(principalId: string): KnownUser | undefined {
    return this.#users.get(principalId);
  }

  isKnownUser(name: string): boolean {
    return this.#userNames.has(name);
  }

  #addGrant(added: Grant): void {
    let grant = added;
    for (const copy of this.#copiesOf(added)) {
      grant = mergeCopies(grant, copy);
      this.#eachPlace(copy, (list) => list.splice(list.indexOf(copy), 1));
      this.#grants -= 1;
    }
    this.#grants += 1;
    this.#eachPlace(grant, (list) => {
      list.push(grant);
      if (list.length > 1) this.#unsorted.add(list);
    });
  }

  #copiesOf(grant: Grant): Set<Grant> {
    const copies = new Set<Grant>();
    for (const id of callIds(grant)) {
      for (const other of this.#byCallId.get(id) ?? []) if (isSameCall(grant, other)) copies.add(other);
    }
    return copies;
  }

  #eachPlace(grant: Grant, act: (list: Grant[]) => void): void {
    if (grant.accessKeyId !== undefined) act(listIn(this.#byKey, grant.accessKeyId));
    const session = sessionKeyOf(grant);
    if (session !== undefined) act(listIn(this.#bySession, session));
    for (const id of callIds(grant)) act(listIn(this.#byCallId, id));
  }

  #addUse(use: Use): void {
    const uses = listIn(this.#uses, use.accessKeyId);
    const known = uses.some((other) => other.principalId === use.principalId && other.began === use.began);
    if (!known) uses.push(use);
  }

  #addUser(user: KnownUser): void {
    this.#userNames.add(user.name);
    if (user.principalId === undefined) return;
    const known = this.#users.get(user.principalId);
    this.#users.set(user.principalId, known === undefined ? user : laterName(known, user));
  }

  #oldestFirst(list: Grant[] | undefined): readonly Grant[] {
    if (list === undefined) return [];
    if (this.#unsorted.delete(list)) list.sort(byIssue);
    return list;
  }
}

function callIds(grant: Grant): readonly string[] {
  return grant.sharedEventId === undefined ? grant.eventIds : [...grant.eventIds, grant.sharedEventId];
}

function listIn<K, V>(map: Map<K, V[]>, key: K): V[] {
  const list = map.get(key) ?? [];
  if (list.length === 0) map.set(key, list);
  return list;
}

/** Oldest first; grants of one moment by key and event id, so that the order of arrival does not matter. */
export function byIssue(a: Grant, b: Grant): number {
  if (a.issuedAt !== b.issuedAt) return a.issuedAt - b.issuedAt;
  return compareTexts(a.accessKeyId ?? '', b.accessKeyId ?? '') || compareTexts(a.copyId, b.copyId);
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
