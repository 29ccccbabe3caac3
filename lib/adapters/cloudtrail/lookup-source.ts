import { canHaveActed, type Moment } from '../../attribution/moment.ts';
import type { Question } from '../../attribution/questions.ts';
import { isBeginningOf } from '../../attribution/session-start.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import type { LookupGap } from '../../claims/lookup-gap.ts';
import type { ReadRange } from '../../claims/read-range.ts';
import { callersAccounts, type Grant, statesCaller } from '../../cloudtrail/grant.ts';
import type { TrailFacts } from '../../cloudtrail/record.ts';
import { roleRef } from '../../identity/arn.ts';
import { namedRoleSessionKey, type SessionKey } from '../../identity/session-key.ts';
import type { ClaimLookups } from '../../ports/lookups.ts';
import { type EpochMillis, HOUR } from '../../time.ts';
import { asLookupError, LookupError } from './lookup-error.ts';
import { gapsOf, type LookupReport } from './lookup-report.ts';
import { type LookupRequest, type LookupScope, scopeName } from './lookup-scope.ts';
import { type Lookup, lookupsOf } from './lookups.ts';
import type { OrganizationAccounts } from './organization-accounts.ts';
import { PagedReading, type ReadingSettings } from './paged-reading.ts';

export interface LookupSettings extends ReadingSettings {
  readonly scopes: readonly LookupScope[];
  /**
   * The accounts of an organization. Look-ups also search such an account if `noteAccount` or a found record points to
   * it.
   */
  readonly organization?: OrganizationAccounts | undefined;
  readonly attribution: AttributionSettings;
  /** How long before the moment of the question grants are looked up, in milliseconds. */
  readonly lookback: number;
}

/**
 * The age of a claim up to which claims share one reading, in milliseconds. The reading goes up to now. So it answers
 * all claims of the last hour that have the same session name.
 */
const SHARED_WITHIN = HOUR;

/** How long after the moment a key can still sign, in milliseconds. This is the length of the longest role session. */
const LONGEST_USE = 12 * HOUR;

/**
 * Limits the organization's accounts that are asked for one claim or question. These are the caller's own, and those of
 * a chain of roles.
 */
const MOST_ACCOUNTS = 8;

/**
 * A source of grants that calls CloudTrail's LookupEvents, in all its accounts and Regions at once. One request finds
 * a
 * grant by its access key, or by its `<roleId>:<sessionName>` as `ResourceName` (FACTS). Guessed names are looked up
 * only if they could decide. If a name may have `-` in place of `@`, each spelling of an email address is looked up.
 * LookupEvents cannot search for user names.
 */
export class LookupSource implements ClaimLookups {
  readonly #settings: LookupSettings;
  readonly #reading: PagedReading;
  /** The accounts of the organization to ask, the caller's own first. */
  readonly #accounts = new Set<string>();
  readonly #scopes: string[];
  readonly report: LookupReport;

  constructor(settings: LookupSettings) {
    this.#settings = settings;
    this.#scopes = settings.scopes.map(scopeName);
    this.report = { requests: 0, failures: new Map(), cutShort: new Set(), notSearched: 0, scopes: this.#scopes };
    this.#reading = new PagedReading(settings, this.report);
  }

  /** The ranges that were read. A later look-up does not read them again. */
  get read(): readonly ReadRange[] {
    return this.#reading.read;
  }

  get requests(): number {
    return this.report.requests;
  }

  get gaps(): readonly LookupGap[] {
    return gapsOf(this.report);
  }

  /** The number of possible names that were not looked up, because there were too many. */
  get notSearched(): number {
    return this.report.notSearched;
  }

  canAsk(questions: readonly Question[]): boolean {
    return lookupsOf(questions).lookups.length > 0;
  }

  async answer(questions: readonly Question[], moment: Moment): Promise<readonly TrailFacts[]> {
    const { lookups, notSearched } = lookupsOf(questions);
    this.report.notSearched += notSearched;
    const searched = new Set<string>();
    const own = await this.#answerInOrganization(lookups, moment, searched);
    if (own.length > 0 && lookups.every((lookup) => isSettled(lookup, own))) return own;
    const others = await this.#answerInAll(this.#settings.scopes, lookups, moment);
    this.#noteCallers(others);
    const further = await this.#answerInOrganization(lookups, moment, searched);
    if (this.#settings.progress === undefined) this.#throwIfNobodyAnswered();
    return [...own, ...others, ...further];
  }

  noteAccount(account: string | undefined): void {
    if (account === undefined || this.#settings.organization?.isOne(account) !== true) return;
    if (this.#accounts.size < MOST_ACCOUNTS) this.#accounts.add(account);
    else if (!this.#accounts.has(account)) this.report.cutShort.add(account);
  }

  /**
   * Notes the accounts of the callers in these facts. Their CloudTrail may have the caller's own grant, or a fuller
   * copy of the record.
   */
  #noteCallers(facts: readonly TrailFacts[]): void {
    for (const account of callersAccounts(facts)) this.noteAccount(account);
  }

  /** Asks the organization's accounts that were noted. Their answers can add further accounts, which are asked too. */
  async #answerInOrganization(
    lookups: readonly Lookup[],
    moment: Moment,
    searched: Set<string>,
  ): Promise<readonly TrailFacts[]> {
    const found: TrailFacts[] = [];
    if (lookups.length === 0) return found;
    for (const account of this.#accounts) {
      if (searched.has(account)) continue;
      searched.add(account);
      const facts = await this.#answerInAll(await this.#scopesOf(account), lookups, moment);
      this.#noteCallers(facts); // The loop then visits these accounts too.
      found.push(...facts);
    }
    return found;
  }

  /** Returns the account's scopes. Returns none if the account cannot be asked. The report then has the reason. */
  async #scopesOf(account: string): Promise<readonly LookupScope[]> {
    const { organization, signal, progress } = this.#settings;
    if (organization === undefined || this.report.failures.has(account)) return [];
    try {
      const scopes = await organization.scopesOf(account, signal);
      if (scopes === undefined) this.report.cutShort.add(account);
      this.#noteScopes(scopes?.map(scopeName) ?? [account]);
      return scopes ?? [];
    } catch (error) {
      if (progress === undefined) signal?.throwIfAborted();
      if (signal?.aborted) this.report.cutShort.add(account);
      else this.report.failures.set(account, asLookupError(error));
      this.#noteScopes([account]);
      return [];
    }
  }

  #noteScopes(names: readonly string[]): void {
    this.#scopes.push(...names.filter((name) => !this.#scopes.includes(name)));
  }

  async #answerInAll(
    scopes: readonly LookupScope[],
    lookups: readonly Lookup[],
    moment: Moment,
  ): Promise<readonly TrailFacts[]> {
    const found = await Promise.all(scopes.map((scope) => this.#answerIn(scope, lookups, moment)));
    return found.flat();
  }

  async #answerIn(scope: LookupScope, lookups: readonly Lookup[], moment: Moment): Promise<TrailFacts[]> {
    const found: TrailFacts[] = [];
    const { memory, now } = this.#settings;
    const held = memory?.failureOf(scopeName(scope), now());
    if (held !== undefined && lookups.length > 0) this.report.failures.set(scopeName(scope), held);
    if (this.report.failures.has(scopeName(scope))) return found;
    for (const lookup of lookups) {
      if (this.#isFound(lookup, found, moment)) continue;
      const request = this.#requestOf(lookup, moment);
      const isEnough = (facts: readonly TrailFacts[]) => this.#isEnough(lookup, facts, moment);
      if (!(await this.#reading.readInto(found, { scope, request, isEnough }))) break;
    }
    return found;
  }

  /**
   * Returns whether the first look-up of a session found a grant for every start of the session. If so, the second
   * look-up would add nothing.
   */
  #isFound({ instead }: Lookup, found: readonly TrailFacts[], moment: Moment): boolean {
    if (instead === undefined || instead.began.length === 0) return false;
    const grants = found.flatMap(({ grant }) => grant ?? []);
    return instead.began.every((began) =>
      grants.some(
        (grant) => issuedSession(grant, instead.key, began) && canHaveActed(grant, moment, this.#settings.attribution),
      ),
    );
  }

  #requestOf({ attribute, value, finds }: Lookup, moment: Moment): LookupRequest {
    const { now, lookback, attribution, memory } = this.#settings;
    const at = typeof moment === 'number' ? moment : now();
    const after = finds === 'use' ? LONGEST_USE : attribution.beforeIssue;
    const end = Math.min(now(), at + after);
    const to = Math.ceil(memory !== undefined && finds === 'session' && now() - end <= SHARED_WITHIN ? now() : end);
    const from = Math.min(to, Math.floor(at - lookback)); // CloudTrail refuses a range that ends before it begins.
    return { attribute, value, from: new Date(from), to: new Date(to) };
  }

  /**
   * Returns whether the facts settle the look-up. A key's grant or use settles it. Nothing settles the look-up of a
   * name, because other grants may make it ambiguous.
   */
  #isEnough({ finds }: Lookup, facts: readonly TrailFacts[], moment: Moment): boolean {
    const { attribution } = this.#settings;
    if (finds === 'use') return facts.some(({ use }) => use !== undefined);
    if (finds !== 'key') return false;
    return facts.some(({ grant }) => grant !== undefined && canHaveActed(grant, moment, attribution));
  }

  #throwIfNobodyAnswered(): void {
    const { failures, scopes } = this.report;
    const [first] = failures.values();
    if (first === undefined || failures.size < scopes.length) return;
    throw new LookupError(first.gap, `CloudTrail did not answer in any account or Region: ${first.message}.`, {
      cause: first,
    });
  }
}

/**
 * Returns whether the facts have the grant of the key, and this grant states its caller. If so, no other account can
 * add anything.
 */
function isSettled({ finds, value }: Lookup, facts: readonly TrailFacts[]): boolean {
  return finds === 'key' && facts.some(({ grant }) => grant?.accessKeyId === value && statesCaller(grant));
}

function issuedSession(grant: Grant, key: SessionKey, began: EpochMillis): boolean {
  const { roleArn, sessionName } = grant;
  const role = roleRef(roleArn);
  if (role === undefined || sessionName === undefined) return false;
  return namedRoleSessionKey(role, sessionName) === key && isBeginningOf(grant, began);
}
