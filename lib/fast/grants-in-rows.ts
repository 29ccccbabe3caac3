import type { Facts } from '../attribution/facts.ts';
import type { GrantIndex, SessionPart } from '../attribution/grant-index.ts';
import type { KnownGrants } from '../attribution/known-grants.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { type AccessKeyId, accessKeyId } from '../identity/access-key.ts';
import type { SessionKey } from '../identity/session-key.ts';
import { type GrantRow, GrantRows } from './grant-rows.ts';
import { decoded } from './utf-8.ts';

/**
 * What is known, most of its grants as rows. The rules are answered by `KnownGrants`, into which a row goes as soon as they
 * ask for what it may be; whoever needs no rules looks at the rows (`AnswersByKey`).
 */
export class GrantsInRows implements GrantIndex {
  readonly rows: GrantRows;
  readonly #known: KnownGrants;

  /** @param seed of the rows' hashes (`TextHash`). */
  constructor(known: KnownGrants, seed = 0) {
    this.#known = known;
    this.rows = new GrantRows(seed);
  }

  /** How many grants are known, each call counted once. */
  get size(): number {
    return this.#known.size + this.rows.size;
  }

  add(facts: Facts): void {
    if (facts.grant?.accessKeyId !== undefined) this.#takeKey(facts.grant.accessKeyId);
    this.#known.add(facts);
  }

  /** Keeps the grant as a row; false where it is to be added as a grant: it is no plain one, or another issued its key. */
  addRow(row: GrantRow): boolean {
    if (!GrantRows.fits(row)) return false;
    const key = accessKeyId(decoded(row.bytes, row.key.from, row.key.to));
    if (key === undefined || this.rows.ofKey(key) >= 0 || this.#known.grantsOfKey(key).length > 0) return false;
    this.rows.add(row);
    return true;
  }

  grantsOfKey(key: AccessKeyId): readonly Grant[] {
    this.#takeKey(key);
    return this.#known.grantsOfKey(key);
  }

  /** Of thousands of rows one is enough for who asks whether there is any. */
  grantsOfSession(key: SessionKey, name: string, only?: SessionPart): readonly Grant[] {
    if (only === 'whether-any') return this.#anyOfSession(key, name);
    this.#takeSession(key);
    return this.#known.grantsOfSession(key);
  }

  grantsOfGuess(key: SessionKey): readonly Grant[] {
    this.#takeSession(key);
    return this.#known.grantsOfGuess(key);
  }

  #anyOfSession(key: SessionKey, name: string): readonly Grant[] {
    const known = this.#known.grantsOfSession(key, name, 'whether-any');
    if (known.some(({ granted, sessionName }) => granted === 'role' && sessionName === name)) return known;
    const one = this.rows.ofSession(key).find((row) => this.rows.isNamed(row, name));
    if (one === undefined) this.#takeSession(key);
    else this.#take(one);
    return this.#known.grantsOfSession(key, name, 'whether-any');
  }

  #takeKey(key: string): void {
    const row = this.rows.ofKey(key);
    if (row >= 0) this.#take(row);
  }

  #takeSession(key: SessionKey): void {
    for (const row of this.rows.ofSession(key)) this.#take(row);
    this.rows.dropSession(key);
  }

  #take(row: number): void {
    this.#known.add({ grant: this.rows.take(row) });
  }

  // No row is of these: what they ask for is known, or is no plain grant.

  identityCenterGrantsOfSession: GrantIndex['identityCenterGrantsOfSession'] = (key) =>
    this.#known.identityCenterGrantsOfSession(key);
  usesOfKey: GrantIndex['usesOfKey'] = (key) => this.#known.usesOfKey(key);
  unnamedServiceGrants: GrantIndex['unnamedServiceGrants'] = (name) => this.#known.unnamedServiceGrants(name);
  rolesOf: GrantIndex['rolesOf'] = (roleId) => this.#known.rolesOf(roleId);
  userOf: GrantIndex['userOf'] = (principalId) => this.#known.userOf(principalId);
  isKnownUser: GrantIndex['isKnownUser'] = (name) => this.#known.isKnownUser(name);
  firstProviderChange: GrantIndex['firstProviderChange'] = (providerArn) =>
    this.#known.firstProviderChange(providerArn);
  agentOf: GrantIndex['agentOf'] = (signInSession) => this.#known.agentOf(signInSession);
  tokensIssued: GrantIndex['tokensIssued'] = (credentialId) => this.#known.tokensIssued(credentialId);
}
