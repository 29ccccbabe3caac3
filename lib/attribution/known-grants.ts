import { earliestOf, type IssuedToken } from '../audit/issued-token.ts';
import type { ClusterChange } from '../cloudtrail/cluster-change.ts';
import { isSameCall, mergeCopies, sharedIdsOf, statesAllOf } from '../cloudtrail/copies.ts';
import { accountOfUnnamed, type Grant, sessionKeyOf } from '../cloudtrail/grant.ts';
import type { KnownRole } from '../cloudtrail/known-role.ts';
import type { NameSighting } from '../cloudtrail/known-user.ts';
import type { ProviderChange } from '../cloudtrail/provider-change.ts';
import type { AgentOfSignIn } from '../cloudtrail/record.ts';
import { isBetterRecord, type Use } from '../cloudtrail/use.ts';
import type { AccessKeyId } from '../identity/access-key.ts';
import { isSameRole, pathlessRoleArn, type RoleId, type RoleRef } from '../identity/arn.ts';
import type { SessionKey } from '../identity/session-key.ts';
import { dashed } from '../identity/session-name.ts';
import type { Facts } from './facts.ts';
import type { GrantIndex, NameHolders, SessionPart } from './grant-index.ts';
import { Interning, isSame } from './interning.ts';
import { KnownNames } from './known-names.ts';
import { Multimap } from './multimap.ts';
import { MOST_WAYS } from './settings.ts';
import type { Silence } from './silence.ts';

/**
 * All grants, uses and other facts that are known so far, in memory. Its answers do not depend on the order in which
 * facts are added. Adding the same record again changes nothing.
 */
export class KnownGrants implements GrantIndex {
  readonly #byKey = new Multimap<string, Grant>();
  readonly #bySession = new Multimap<SessionKey, Grant>();
  /** Grants of web identity tokens, by token ID. */
  readonly #byToken = new Multimap<string, Grant>();
  /** Grants without an access key, by the IDs that copies of one call share. A name can have thousands of these grants. */
  readonly #keylessById = new Multimap<string, Grant>();
  readonly #byIdentityCenter = new Multimap<SessionKey, Grant>();
  readonly #unnamed = new Multimap<string, Grant>();
  readonly #roles = new Multimap<string, RoleRef>();
  /** The first change of each provider. Only the first one matters. */
  readonly #providerChanges = new Map<string, ProviderChange>();
  /** Changes of clusters, by their whole content, so that a forged copy cannot replace the true one. */
  readonly #clusterChanges = new Map<string, ClusterChange>();
  /** Agents, by their sign-in session. */
  readonly #agents = new Map<string, AgentOfSignIn>();
  readonly #tokens = new Multimap<string, IssuedToken>();
  /** Silences, by account and then by Region and beginning. */
  readonly #silences = new Map<string, Map<string, Silence>>();
  readonly #uses = new Multimap<string, Use>();
  /** Uses, by their whole content. The first use of each key is left out, because most keys have no other. */
  readonly #usesById = new Map<string, Use>();
  readonly #names = new KnownNames();
  readonly #unsorted = new Set<SessionKey>();
  readonly #shared = new Interning();
  #size = 0;

  /** The number of known grants. Copies of one call count once, unless they contradict each other. */
  get size(): number {
    return this.#size;
  }

  add(facts: Facts): void {
    const { grant, use, roles, agent, providerChange, clusterChange, token, silence } = facts;
    if (grant !== undefined) this.#addGrant(grant);
    if (use !== undefined) this.#addUse(use);
    this.#names.add(facts);
    if (roles !== undefined) for (const role of roles) this.#addRole(role);
    if (agent !== undefined) this.#addAgent(agent);
    if (providerChange !== undefined) this.#addChange(providerChange);
    if (token !== undefined) this.#addToken(token);
    if (silence !== undefined) this.#addSilence(silence);
    if (clusterChange !== undefined) this.#clusterChanges.set(JSON.stringify(clusterChange), clusterChange);
  }

  /** Yields every known grant, in no particular order. */
  *grants(): Generator<Grant> {
    yield* this.#byKey.values();
    yield* new Set(this.#keylessById.values());
  }

  /** Returns the IDs that a role has had, from records. */
  idsOfRole(role: RoleRef): readonly string[] {
    return [...this.#roles.entries()].flatMap(([id, roles]) =>
      roles.some((each) => isSameRole(each, role)) ? id : [],
    );
  }

  grantsOfKey(accessKeyId: AccessKeyId): readonly Grant[] {
    return this.#byKey.get(accessKeyId);
  }

  grantsOfToken(tokenId: string): readonly Grant[] {
    return this.#byToken.get(tokenId);
  }

  usesOfKey(accessKeyId: AccessKeyId): readonly Use[] {
    return this.#uses.get(accessKeyId);
  }

  grantsOfSession(key: SessionKey, _name?: string, only?: SessionPart): readonly Grant[] {
    if (only !== 'whether-any' && this.#unsorted.delete(key)) this.#bySession.sort(key, byIssue);
    return this.#bySession.get(key);
  }

  identityCenterGrantsOfSession(key: SessionKey): readonly Grant[] {
    return this.#byIdentityCenter.get(key);
  }

  grantsOfGuess(key: SessionKey): readonly Grant[] {
    return this.grantsOfSession(key);
  }

  sightingsOf(userId: string): readonly NameSighting[] {
    return this.#names.sightingsOf(userId);
  }

  holdersOf(name: string): NameHolders {
    return this.#names.holdersOf(name);
  }

  unnamedServiceGrants(name: string, accountId: string | undefined): readonly Grant[] {
    return this.#unnamed.get(unnamedPlace(name, accountId));
  }

  rolesOf(roleId: RoleId): readonly RoleRef[] {
    const roles = this.#roles.get(roleId);
    return roles.length < 2 ? roles : roles.toSorted(byArn); // There are several only if records are forged. Sorting makes their order irrelevant.
  }

  firstProviderChange(providerArn: string): ProviderChange | undefined {
    return this.#providerChanges.get(providerArn);
  }

  /** Returns the changes of clusters, in no particular order. */
  clusterChanges(): readonly ClusterChange[] {
    return [...this.#clusterChanges.values()];
  }

  agentOf(signInSession: string): AgentOfSignIn | undefined {
    return this.#agents.get(signInSession);
  }

  tokensIssued(credentialId: string): readonly IssuedToken[] {
    return this.#tokens.get(credentialId);
  }

  silencesOf(accountId: string): readonly Silence[] {
    return [...(this.#silences.get(accountId)?.values() ?? [])];
  }

  #addGrant(added: Grant): void {
    const copies = this.#copiesOf(added);
    if (copies.some((copy) => statesAllOf(copy, added))) return;
    const shared = this.#shared.of(added);
    for (const copy of copies) this.#forget(copy);
    if (copies.length === 0) this.#keep(shared);
    else for (const grant of mergeCopies([shared, ...copies])) this.#keep(grant);
  }

  #keep(grant: Grant): void {
    this.#size += 1;
    if (grant.accessKeyId !== undefined) this.#byKey.add(grant.accessKeyId, grant);
    else for (const id of idsOf(grant)) this.#keylessById.add(id, grant);
    if (grant.issuedTokenId !== undefined) this.#byToken.add(grant.issuedTokenId, grant);
    const session = sessionKeyOf(grant);
    if (session === undefined) return;
    if (this.#bySession.add(session, grant)) this.#unsorted.add(session);
    if (grant.byIdentityCenter) this.#byIdentityCenter.add(session, grant);
    for (const place of unnamedPlaces(grant)) this.#unnamed.add(place, grant);
  }

  /** Returns the known grants that can be copies of the same call. Copies have the same access key, if there is one, and share an ID. */
  #copiesOf(grant: Grant): readonly Grant[] {
    if (grant.accessKeyId !== undefined) {
      const issued = this.#byKey.get(grant.accessKeyId);
      return issued.length === 0 ? issued : issued.filter((other) => isSameCall(grant, other));
    }
    const others = new Set(idsOf(grant).flatMap((id) => this.#keylessById.get(id)));
    return [...others].filter((other) => isSameCall(grant, other));
  }

  #forget(grant: Grant): void {
    this.#size -= 1;
    if (grant.accessKeyId !== undefined) this.#byKey.delete(grant.accessKeyId, grant);
    else for (const id of idsOf(grant)) this.#keylessById.delete(id, grant);
    if (grant.issuedTokenId !== undefined) this.#byToken.delete(grant.issuedTokenId, grant);
    const session = sessionKeyOf(grant);
    if (session === undefined) return;
    this.#bySession.delete(session, grant);
    this.#byIdentityCenter.delete(session, grant);
    for (const place of unnamedPlaces(grant)) this.#unnamed.delete(place, grant);
  }

  #addUse(use: Use): void {
    const { accessKeyId } = use;
    const first = this.#uses.first(accessKeyId);
    if (first === undefined) return void this.#uses.add(accessKeyId, use);
    if (first === use) return;
    const isFirst = isSame(first, use, 'record');
    if (isFirst && !isBetterRecord(use.record, first.record)) return;
    const id = JSON.stringify({ ...use, record: undefined });
    const known = isFirst ? first : this.#usesById.get(id);
    if (known !== undefined && !isBetterRecord(use.record, known.record)) return;
    if (known !== undefined) this.#uses.delete(accessKeyId, known);
    this.#usesById.set(id, use);
    this.#uses.add(accessKeyId, use);
  }

  #addAgent(agent: AgentOfSignIn): void {
    const known = this.#agents.get(agent.signInSession);
    if (known === undefined || isBetterRecord(agent.record, known.record)) this.#agents.set(agent.signInSession, agent);
  }

  #addRole({ roleId, role }: KnownRole): void {
    const { partition, accountId, roleName } = role;
    const known = this.#roles.get(roleId);
    if (known.some((each) => isSameRole(each, role))) return;
    this.#roles.add(roleId, { partition, accountId, roleName });
  }

  /**
   * Adds a token. Of several for one service account in one cluster, the earliest counts, because an admission policy
   * can write the same ID beside every token. Contradicting copies of the earliest are kept, one more than are
   * followed: this shows that there are too many.
   */
  #addToken(token: IssuedToken): void {
    const { credentialId, serviceAccount, clusterKey, handedOverBy } = token;
    const known = this.#tokens
      .get(credentialId)
      .filter(
        (other) =>
          other.serviceAccount === serviceAccount &&
          other.clusterKey === clusterKey &&
          other.handedOverBy === handedOverBy,
      );
    const kept = earliestOf([...known, token], MOST_WAYS + 1);
    for (const other of known) if (!kept.includes(other)) this.#tokens.delete(credentialId, other);
    if (kept.includes(token) && !known.includes(token)) this.#tokens.add(credentialId, token);
  }

  /** Adds a silence. If two silences begin at the same time, the shorter one was learned later, when its end was heard. */
  #addSilence(silence: Silence): void {
    const { accountId, region, from, to = Number.POSITIVE_INFINITY } = silence;
    const known = this.#silences.get(accountId) ?? new Map<string, Silence>();
    const before = known.get(`${region} ${from}`);
    if (before === undefined || to < (before.to ?? Number.POSITIVE_INFINITY)) known.set(`${region} ${from}`, silence);
    this.#silences.set(accountId, known);
  }

  #addChange(change: ProviderChange): void {
    const known = this.#providerChanges.get(change.providerArn);
    if (known === undefined || change.at < known.at) this.#providerChanges.set(change.providerArn, change);
  }
}

/** Returns the keys under which a grant to a service without a role ID is found: one for the account of its role, one for all accounts. */
function unnamedPlaces(grant: Grant): readonly string[] {
  const account = accountOfUnnamed(grant);
  return account === undefined ? [] : [account, undefined].map((each) => unnamedPlace(grant.sessionName ?? '', each));
}

function unnamedPlace(name: string, accountId: string | undefined): string {
  return `${accountId ?? ''} ${dashed(name)}`;
}

function idsOf(grant: Grant): readonly string[] {
  return [...grant.eventIds, ...sharedIdsOf(grant).map((id) => `shared ${id}`)];
}

/**
 * Sorts grants by the time of their issue, oldest first. Grants of the same time are sorted by key, event ID and all
 * other fields, so that the order of arrival does not matter.
 */
export function byIssue(a: Grant, b: Grant): number {
  if (a.issuedAt !== b.issuedAt) return a.issuedAt - b.issuedAt;
  return (
    compareTexts(a.accessKeyId ?? '', b.accessKeyId ?? '') ||
    compareTexts(a.copyId, b.copyId) ||
    compareTexts(JSON.stringify(a), JSON.stringify(b))
  );
}

function byArn(a: RoleRef, b: RoleRef): number {
  return compareTexts(pathlessRoleArn(a), pathlessRoleArn(b));
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
