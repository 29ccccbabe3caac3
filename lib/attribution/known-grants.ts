import { isSameCall, mergeCopies, saysAllOf, sharedIdsOf } from '../cloudtrail/copies.ts';
import { type Grant, sessionKeyOf } from '../cloudtrail/grant.ts';
import { type KnownUser, laterName } from '../cloudtrail/known-user.ts';
import type { TrailFacts } from '../cloudtrail/record.ts';
import type { Use } from '../cloudtrail/use.ts';
import type { SessionKey } from '../identity/session-key.ts';
import type { GrantIndex } from './grant-index.ts';
import { Multimap } from './multimap.ts';
import { SharedParts } from './shared-parts.ts';

/**
 * The grants, uses and users known so far, in memory. What it answers does not depend on the order of `add`, and
 * adding the same record again changes nothing.
 */
export class KnownGrants implements GrantIndex {
  readonly #byKey = new Multimap<string, Grant>();
  readonly #bySession = new Multimap<SessionKey, Grant>();
  /** Grants without a key, by the ids that copies share: one name may have thousands. */
  readonly #keylessById = new Multimap<string, Grant>();
  readonly #byIdentityCenter = new Multimap<SessionKey, Grant>();
  readonly #uses = new Multimap<string, Use>();
  readonly #useIds = new Set<string>();
  readonly #users = new Map<string, KnownUser>();
  readonly #userNames = new Set<string>();
  readonly #unsorted = new Set<SessionKey>();
  readonly #shared = new SharedParts();
  #size = 0;

  /** How many grants are known, each call counted once. */
  get size(): number {
    return this.#size;
  }

  add(facts: TrailFacts): void {
    if (facts.grant !== undefined) this.#addGrant(facts.grant);
    if (facts.use !== undefined) this.#addUse(facts.use);
    if (facts.user !== undefined) this.#addUser(facts.user);
  }

  grantsOfKey(accessKeyId: string): readonly Grant[] {
    return this.#byKey.get(accessKeyId);
  }

  usesOfKey(accessKeyId: string): readonly Use[] {
    return this.#uses.get(accessKeyId);
  }

  grantsOfSession(key: SessionKey): readonly Grant[] {
    if (this.#unsorted.delete(key)) this.#bySession.sort(key, byIssue);
    return this.#bySession.get(key);
  }

  identityCenterGrantsOfSession(key: SessionKey): readonly Grant[] {
    return this.#byIdentityCenter.get(key);
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
    const copies = this.#copiesOf(added);
    if (copies.some((copy) => saysAllOf(copy, added))) return;
    let grant = this.#shared.of(added);
    for (const copy of copies) {
      grant = mergeCopies(grant, copy);
      this.#forget(copy);
    }
    this.#size += 1;
    if (grant.accessKeyId !== undefined) this.#byKey.add(grant.accessKeyId, grant);
    else for (const id of idsOf(grant)) this.#keylessById.add(id, grant);
    const session = sessionKeyOf(grant);
    if (session === undefined) return;
    if (this.#bySession.add(session, grant)) this.#unsorted.add(session);
    if (grant.byIdentityCenter) this.#byIdentityCenter.add(session, grant);
  }

  /** Copies of a call issued the same key, if any, and share an id. */
  #copiesOf(grant: Grant): readonly Grant[] {
    const others =
      grant.accessKeyId === undefined
        ? new Set(idsOf(grant).flatMap((id) => this.#keylessById.get(id)))
        : this.#byKey.get(grant.accessKeyId);
    return [...others].filter((other) => isSameCall(grant, other));
  }

  #forget(grant: Grant): void {
    this.#size -= 1;
    if (grant.accessKeyId !== undefined) this.#byKey.delete(grant.accessKeyId, grant);
    else for (const id of idsOf(grant)) this.#keylessById.delete(id, grant);
    const session = sessionKeyOf(grant);
    if (session === undefined) return;
    this.#bySession.delete(session, grant);
    this.#byIdentityCenter.delete(session, grant);
  }

  #addUse(use: Use): void {
    const { accessKeyId, principalId, accountId, began, role } = use;
    const known = this.#uses.first(accessKeyId);
    if (known !== undefined && saysTheSame(known, use)) return;
    const id = `${accessKeyId} ${accountId} ${began} ${role?.accountId} ${role?.roleName} ${principalId}`;
    if (this.#useIds.has(id)) return;
    this.#useIds.add(id);
    this.#uses.add(accessKeyId, use);
  }

  #addUser(user: KnownUser): void {
    this.#userNames.add(user.name);
    if (user.principalId === undefined) return;
    const known = this.#users.get(user.principalId);
    this.#users.set(user.principalId, known === undefined ? user : laterName(known, user));
  }
}

function idsOf(grant: Grant): readonly string[] {
  return [...grant.eventIds, ...sharedIdsOf(grant).map((id) => `shared ${id}`)];
}

function saysTheSame(a: Use, b: Use): boolean {
  return (
    a.principalId === b.principalId &&
    a.accountId === b.accountId &&
    a.began === b.began &&
    a.role?.accountId === b.role?.accountId &&
    a.role?.roleName === b.role?.roleName
  );
}

/** Oldest first; grants of one moment by key, event id and all else, so that the order of arrival does not matter. */
export function byIssue(a: Grant, b: Grant): number {
  if (a.issuedAt !== b.issuedAt) return a.issuedAt - b.issuedAt;
  return (
    compareTexts(a.accessKeyId ?? '', b.accessKeyId ?? '') ||
    compareTexts(a.copyId, b.copyId) ||
    compareTexts(JSON.stringify(a), JSON.stringify(b))
  );
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
