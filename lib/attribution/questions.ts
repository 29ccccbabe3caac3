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

/** A question of the rules, for a source that has the records elsewhere. */
export type Question =
  | { readonly kind: 'grants-of-key'; readonly accessKeyId: AccessKeyId }
  | { readonly kind: 'grants-of-token'; readonly tokenId: string }
  | UsesQuestion
  | SessionQuestion
  | UnnamedQuestion
  | { readonly kind: 'role-of-id'; readonly roleId: RoleId }
  /** Asks for the IDs that the roles of this name have had. No rule asks it, and no claim waits for it; only people do. */
  | { readonly kind: 'ids-of-role'; readonly accountId: string; readonly roleName: string }
  /** The names of a user. `only`: the latest is enough. */
  | { readonly kind: 'user-of-id'; readonly userId: string; readonly only?: 'latest' }
  /** Asks by name, in the form of `comparableName`. */
  | { readonly kind: 'user-of-name'; readonly name: string }
  | { readonly kind: 'changes-of-provider'; readonly providerArn: string }
  | { readonly kind: 'agent-of-sign-in'; readonly signInSession: string }
  /** Asks for one cluster, so that no other one can make the answer long. */
  | { readonly kind: 'tokens-issued'; readonly credentialId: string; readonly clusterKey: ClusterKey }
  | { readonly kind: 'silences-of-account'; readonly accountId: string }
  /**
   * Asks by day (UTC), `2026-03-10`, for one account, so that no other one can make the answer long. No rule asks it, and no claim waits for it;
   * only reports do.
   */
  | { readonly kind: 'cluster-changes'; readonly day: string; readonly accountId: string }
  /** Asks for a change of each account that has any on the day. */
  | { readonly kind: 'accounts-with-changes'; readonly day: string }
  /** Asks by uid, for one cluster. No rule asks it, and no claim waits for it; only `related` does. */
  | { readonly kind: 'object-created'; readonly uid: string; readonly clusterKey: ClusterKey };

/** Asks by the session name as it was read. */
export interface UnnamedQuestion {
  readonly kind: 'unnamed-service-grants';
  readonly name: string;
  /** The account of the role, so that no other one can make the answer long. An event always states it; a pasted principal ID may not. */
  readonly accountId?: string | undefined;
  readonly weak?: true;
}

export interface UsesQuestion {
  readonly kind: 'uses-of-key';
  readonly accessKeyId: AccessKeyId;
  /** Whether the session's owner is known, so that only what its uses state besides matters. */
  readonly only?: 'statements';
}

export interface SessionQuestion {
  readonly kind: 'grants-of-session';
  readonly key: SessionKey;
  /** The name as it was read. */
  readonly name: string;
  /** Whether it was only guessed from a username. A neighbour never decides. */
  readonly guess: boolean | 'neighbour';
  /** The part of the session's grants that can matter; absent if each of them can. */
  readonly only?: SessionPart;
  /** Whether a `-` of the name may have been an `@`, so that all names that look alike match. */
  readonly dashed?: true;
  /** The session starts that the rules look for under the key of a role's name; absent if they look by name. */
  readonly began?: readonly EpochMillis[];
}

/** Returns a text that is equal for equal questions. */
export function questionId(question: Question): string {
  return JSON.stringify(question);
}

/**
 * Answers the rules from the grants known so far, and notes their questions. Whoever uses it finds the answers to new questions,
 * adds them, and lets the rules decide again, until nothing new is asked. So the rules stay pure and in one place.
 */
export class AskingIndex implements GrantIndex {
  readonly #known: KnownGrants;
  readonly #dashed: ReadonlySet<SessionKey>;
  readonly #beginnings: Beginnings;
  readonly #questionIds = new Set<string>();
  #new: Question[] = [];

  /** `dashed`: the sessions whose names were read with `-` for `@`. */
  constructor(known: KnownGrants, dashed: ReadonlySet<SessionKey>) {
    this.#known = known;
    this.#beginnings = new Beginnings(known);
    this.#dashed = dashed;
  }

  /** Returns the questions since the last call, each once, with all session starts that the rules have used by now. */
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

/** The session starts that the rules have used, by the key of their role's name. Only these are ever queried by a start. */
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

  /** A role session that called for a grant is the next link of the chain, so its start is noted. */
  addCallers(grants: readonly Grant[]): void {
    if (!this.#isNew(grants)) return;
    for (const { caller } of grants) {
      const { kind, principalId, sessionBegan: began } = caller;
      if (kind !== 'assumed-role' || principalId === undefined || began === undefined) continue;
      this.#add({ principalId, began, role: roleOf(caller) });
    }
  }

  /** Returns the starts sorted, so that the order in which records came does not change the question. */
  of(key: SessionKey): readonly EpochMillis[] {
    return [...(this.#byKey.get(key) ?? [])].sort((a, b) => a - b);
  }

  /** Returns whether the list is new. The same list is passed again and again, and may have thousands of grants. */
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
