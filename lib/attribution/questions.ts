import type { IssuedToken } from '../audit/issued-token.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import type { NameSighting } from '../cloudtrail/known-user.ts';
import type { ProviderChange } from '../cloudtrail/provider-change.ts';
import type { AgentOfSignIn } from '../cloudtrail/record.ts';
import { roleOf, type Use } from '../cloudtrail/use.ts';
import type { AccessKeyId } from '../identity/access-key.ts';
import type { RoleId, RoleRef } from '../identity/arn.ts';
import type { ClusterKey } from '../identity/cluster.ts';
import type { SessionKey } from '../identity/session-key.ts';
import type { EpochMillis } from '../time.ts';
import type { GrantIndex, NameHolders, SessionPart } from './grant-index.ts';
import type { KnownGrants } from './known-grants.ts';
import { rolesOfPrincipal, sessionKeysOf } from './session-claim.ts';
import type { StartedSession } from './session-start.ts';
import type { Silence } from './silence.ts';

/** A question of the rules. It goes to a source that has the records. */
export type Question =
  | { readonly kind: 'grants-of-key'; readonly accessKeyId: AccessKeyId }
  | { readonly kind: 'grants-of-token'; readonly tokenId: string }
  | UsesQuestion
  | SessionQuestion
  | UnnamedQuestion
  | { readonly kind: 'role-of-id'; readonly roleId: RoleId }
  /** Asks for all IDs that roles of this name have had. The rules do not ask this, and no claim waits for it. Only people ask. */
  | { readonly kind: 'ids-of-role'; readonly accountId: string; readonly roleName: string }
  /** Asks for the names of a user by ID. `only` says that the latest name is enough. */
  | { readonly kind: 'user-of-id'; readonly userId: string; readonly only?: 'latest' }
  /** Asks for the holders of a name. The name has the form of `comparableName`. */
  | { readonly kind: 'user-of-name'; readonly name: string }
  | { readonly kind: 'changes-of-provider'; readonly providerArn: string }
  | { readonly kind: 'agent-of-sign-in'; readonly signInSession: string }
  /** Asks about one cluster, so that other clusters cannot make the answer long. */
  | { readonly kind: 'tokens-issued'; readonly credentialId: string; readonly clusterKey: ClusterKey }
  | { readonly kind: 'silences-of-account'; readonly accountId: string }
  /**
   * Asks about one account on one day in UTC, such as `2026-03-10`, so that other accounts cannot make the answer long.
   * The rules do not ask this, and no claim waits for it. Only reports ask.
   */
  | { readonly kind: 'cluster-changes'; readonly day: string; readonly accountId: string }
  /** Asks for one change of each account that has changes on the day. */
  | { readonly kind: 'accounts-with-changes'; readonly day: string }
  /** Asks for an object by its uid, in one cluster. The rules do not ask this, and no claim waits for it. Only `related` asks. */
  | { readonly kind: 'object-created'; readonly uid: string; readonly clusterKey: ClusterKey };

/** Asks for grants to services without a role ID, by the session name as it was read. */
export interface UnnamedQuestion {
  readonly kind: 'unnamed-service-grants';
  readonly name: string;
  /**
   * The account of the role, so that other accounts cannot make the answer long. An event always states it, but a
   * pasted principal ID may not.
   */
  readonly accountId?: string | undefined;
  readonly weak?: true;
}

export interface UsesQuestion {
  readonly kind: 'uses-of-key';
  readonly accessKeyId: AccessKeyId;
  /** Present if the owner of the session is known. Then only what its uses state about others matters. */
  readonly only?: 'statements';
}

export interface SessionQuestion {
  readonly kind: 'grants-of-session';
  readonly key: SessionKey;
  /** The session name as it was read. */
  readonly name: string;
  /** Whether the name was only guessed from a username. A `neighbour` can never decide. */
  readonly guess: boolean | 'neighbour';
  /** The part of the session's grants that can matter. Absent if all can. */
  readonly only?: SessionPart;
  /** Present if a `-` in the name may have been an `@`. Then all names that differ only in these match. */
  readonly dashed?: true;
  /** The times of beginning that the rules search for under the key of a role's name. Absent if they search by name. */
  readonly began?: readonly EpochMillis[];
}

/** Returns a text for the question. Equal questions have equal texts. */
export function questionId(question: Question): string {
  return JSON.stringify(question);
}

/**
 * Answers the rules from the grants that are known, and notes their questions. The caller then looks up the new
 * questions, adds the facts, and lets the rules decide again, until there are no new questions. So the rules need no
 * access to a source.
 */
export class AskingIndex implements GrantIndex {
  readonly #known: KnownGrants;
  readonly #dashed: ReadonlySet<SessionKey>;
  readonly #beginnings: Beginnings;
  readonly #questionIds = new Set<string>();
  #new: Question[] = [];

  /** @param dashed the sessions whose names were read with `-` for `@`. */
  constructor(known: KnownGrants, dashed: ReadonlySet<SessionKey>) {
    this.#known = known;
    this.#beginnings = new Beginnings(known);
    this.#dashed = dashed;
  }

  /** Returns the questions since the last call, without repeated ones. They have all session starts that the rules have used so far. */
  takeNew(): readonly Question[] {
    const questions = this.#new;
    this.#new = [];
    return questions.map((question) => {
      const began = question.kind === 'grants-of-session' ? this.#beginnings.of(question.key) : [];
      return began.length === 0 ? question : { ...question, began };
    });
  }

  grantsOfKey(accessKeyId: AccessKeyId): readonly Grant[] {
    this.#note({ kind: 'grants-of-key', accessKeyId });
    return this.#shown(this.#known.grantsOfKey(accessKeyId));
  }

  grantsOfToken(tokenId: string): readonly Grant[] {
    this.#note({ kind: 'grants-of-token', tokenId });
    return this.#shown(this.#known.grantsOfToken(tokenId));
  }

  usesOfKey(accessKeyId: AccessKeyId, only?: 'statements'): readonly Use[] {
    const isNoted = this.#questionIds.has(questionId({ kind: 'uses-of-key', accessKeyId }));
    if (only === undefined || !isNoted) this.#note({ kind: 'uses-of-key', accessKeyId, ...(only && { only }) });
    const uses = this.#known.usesOfKey(accessKeyId);
    this.#beginnings.addUses(uses);
    return uses;
  }

  grantsOfSession(key: SessionKey, name: string, only?: SessionPart): readonly Grant[] {
    this.#noteSession(key, name, { guess: false, only });
    return this.#shown(this.#known.grantsOfSession(key));
  }

  identityCenterGrantsOfSession(key: SessionKey, name: string): readonly Grant[] {
    this.#noteSession(key, name, { guess: false, only: 'identity-center' });
    return this.#shown(this.#known.identityCenterGrantsOfSession(key));
  }

  grantsOfGuess(key: SessionKey, name: string, neighbour: boolean): readonly Grant[] {
    this.#noteSession(key, name, { guess: neighbour ? 'neighbour' : true });
    return this.#shown(this.#known.grantsOfGuess(key));
  }

  sightingsOf(userId: string, only?: 'latest'): readonly NameSighting[] {
    const isNoted = this.#questionIds.has(questionId({ kind: 'user-of-id', userId }));
    if (only === undefined || !isNoted) this.#note({ kind: 'user-of-id', userId, ...(only && { only }) });
    return this.#known.sightingsOf(userId);
  }

  holdersOf(name: string): NameHolders {
    this.#note({ kind: 'user-of-name', name });
    return this.#known.holdersOf(name);
  }

  unnamedServiceGrants(name: string, accountId: string | undefined, weak: boolean): readonly Grant[] {
    this.#note({ kind: 'unnamed-service-grants', name, accountId, ...(weak && { weak }) });
    return this.#shown(this.#known.unnamedServiceGrants(name, accountId));
  }

  rolesOf(roleId: RoleId): readonly RoleRef[] {
    this.#note({ kind: 'role-of-id', roleId });
    return this.#known.rolesOf(roleId);
  }

  firstProviderChange(providerArn: string): ProviderChange | undefined {
    this.#note({ kind: 'changes-of-provider', providerArn });
    return this.#known.firstProviderChange(providerArn);
  }

  agentOf(signInSession: string): AgentOfSignIn | undefined {
    this.#note({ kind: 'agent-of-sign-in', signInSession });
    return this.#known.agentOf(signInSession);
  }

  tokensIssued(credentialId: string, clusterKey: ClusterKey): readonly IssuedToken[] {
    this.#note({ kind: 'tokens-issued', credentialId, clusterKey });
    return this.#known.tokensIssued(credentialId);
  }

  silencesOf(accountId: string): readonly Silence[] {
    this.#note({ kind: 'silences-of-account', accountId });
    return this.#known.silencesOf(accountId);
  }

  #shown(grants: readonly Grant[]): readonly Grant[] {
    this.#beginnings.addCallers(grants);
    return grants;
  }

  #noteSession(
    key: SessionKey,
    name: string,
    { guess, only }: { guess: SessionQuestion['guess']; only?: SessionPart | undefined },
  ): void {
    const dashed = this.#dashed.has(key) && !name.includes('@');
    const part = only === undefined ? {} : { only };
    this.#note({ kind: 'grants-of-session', key, name, guess, ...part, ...(dashed && { dashed }) });
  }

  #note(question: Question): void {
    const id = questionId(question);
    if (this.#questionIds.has(id)) return;
    this.#questionIds.add(id);
    this.#new.push(question);
  }
}

/** The session starts that the rules have used, by the key of the role's name. Questions are asked by no other start. */
class Beginnings {
  readonly #roles: Pick<GrantIndex, 'rolesOf'>;
  readonly #byKey = new Map<SessionKey, Set<EpochMillis>>();
  readonly #seen = new Set<readonly unknown[]>();

  constructor(roles: Pick<GrantIndex, 'rolesOf'>) {
    this.#roles = roles;
  }

  addUses(uses: readonly Use[]): void {
    if (!this.#isNew(uses)) return;
    for (const { principalId, began, role } of uses) if (began !== undefined) this.#add({ principalId, began, role });
  }

  /** Notes the starts of role sessions that called for these grants. Each such session can be the next link of a chain. */
  addCallers(grants: readonly Grant[]): void {
    if (!this.#isNew(grants)) return;
    for (const { caller } of grants) {
      const { kind, principalId, sessionBegan: began } = caller;
      if (kind !== 'assumed-role' || principalId === undefined || began === undefined) continue;
      this.#add({ principalId, began, role: roleOf(caller) });
    }
  }

  /** Returns the starts under a key. They are sorted, so that the question does not depend on the order of the records. */
  of(key: SessionKey): readonly EpochMillis[] {
    return [...(this.#byKey.get(key) ?? [])].sort((a, b) => a - b);
  }

  /** Returns whether the list was not passed before. The same list comes many times, and can have thousands of grants. */
  #isNew(list: readonly unknown[]): boolean {
    const { size } = this.#seen;
    return this.#seen.add(list).size > size;
  }

  #add({ principalId, began, role }: Omit<StartedSession, 'says'>): void {
    const roles = rolesOfPrincipal(principalId, role, this.#roles);
    for (const { key } of sessionKeysOf(principalId, roles).slice(1)) {
      const known = this.#byKey.get(key);
      if (known === undefined) this.#byKey.set(key, new Set([began]));
      else known.add(began);
    }
  }
}
