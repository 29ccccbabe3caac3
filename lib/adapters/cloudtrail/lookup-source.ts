import { canHaveActed, type Moment } from '../../attribution/moment.ts';
import type { Question } from '../../attribution/questions.ts';
import { type AttributionSettings, SESSION_START_TOLERANCE } from '../../attribution/settings.ts';
import type { Grant } from '../../cloudtrail/grant.ts';
import { looksLikeTrailRecord, parseTrailRecord, type TrailFacts } from '../../cloudtrail/record.ts';
import { roleRef } from '../../identity/arn.ts';
import { namedRoleSessionKey, type SessionKey } from '../../identity/session-key.ts';
import { parseJson } from '../../json.ts';
import type { GrantSource } from '../../ports.ts';
import { type EpochMillis, HOUR } from '../../time.ts';
import { LookupFailure, lookupFailure } from './lookup-failure.ts';
import { type LookupRequest, type LookupScope, lookupPage } from './lookup-scope.ts';
import { type Lookup, lookupsOf } from './lookups.ts';
import type { Waiting } from './pacer.ts';

/** What the look-ups came to: said with every answer, since a Region that did not answer may hold the grant. */
export interface LookupReport {
  requests: number;
  /** By account and Region: what was wrong. */
  readonly failures: Map<string, LookupFailure>;
  /** Account and Region pairs whose events were too many to be read to the end. */
  readonly cutShort: Set<string>;
  /** Session names that could be meant as well, and were too many to be asked for. */
  unasked: number;
  readonly scopes: readonly string[];
}

export interface LookupSettings {
  readonly scopes: readonly LookupScope[];
  readonly attribution: AttributionSettings;
  /** How far before the moment a grant may have been issued, in milliseconds. */
  readonly lookback: number;
  readonly now: () => EpochMillis;
  readonly waiting: Waiting;
  readonly signal?: AbortSignal | undefined;
}

/** Pages of one look-up in one Region: at 2 a second this takes a minute. */
const MOST_PAGES = 120;
/** After the moment, how long a key may still sign: the longest role session. */
const LONGEST_USE = 12 * HOUR;

/**
 * CloudTrail's LookupEvents as a source of grants, over all its accounts and Regions side by side. A grant is found in
 * one request by its key or its `<roleId>:<sessionName>` as `ResourceName` (FACTS). Names that were only guessed are
 * asked for where they could decide, those that were read with `@` as `-` in each spelling that an e-mail address can
 * have; users' names cannot be asked for.
 */
export class LookupSource implements GrantSource {
  readonly #settings: LookupSettings;
  readonly report: LookupReport;

  constructor(settings: LookupSettings) {
    this.#settings = settings;
    const scopes = settings.scopes.map(scopeName);
    this.report = { requests: 0, failures: new Map(), cutShort: new Set(), unasked: 0, scopes };
  }

  /** How many names were left out so far. */
  get unasked(): number {
    return this.report.unasked;
  }

  async answer(questions: readonly Question[], moment: Moment): Promise<readonly TrailFacts[]> {
    const { lookups, unasked } = lookupsOf(questions);
    this.report.unasked += unasked;
    const found = await Promise.all(this.#settings.scopes.map((scope) => this.#answerIn(scope, lookups, moment)));
    this.#throwIfNobodyAnswered();
    return found.flat();
  }

  async #answerIn(scope: LookupScope, lookups: readonly Lookup[], moment: Moment): Promise<TrailFacts[]> {
    const found: TrailFacts[] = [];
    if (this.report.failures.has(scopeName(scope))) return found;
    try {
      for (const lookup of lookups) {
        if (this.#isFound(lookup, found, moment)) continue;
        found.push(...(await this.#lookUp(scope, lookup, moment)));
      }
    } catch (error) {
      this.#settings.signal?.throwIfAborted();
      this.report.failures.set(scopeName(scope), lookupFailure(error));
    }
    return found;
  }

  /** Whether the first way to a session led to the very grants that began it: a second way has nothing to add. */
  #isFound({ instead }: Lookup, found: readonly TrailFacts[], moment: Moment): boolean {
    if (instead === undefined || instead.began.length === 0) return false;
    const grants = found.flatMap(({ grant }) => grant ?? []);
    return instead.began.every((began) =>
      grants.some(
        (grant) => issuedSession(grant, instead.key, began) && canHaveActed(grant, moment, this.#settings.attribution),
      ),
    );
  }

  async #lookUp(scope: LookupScope, lookup: Lookup, moment: Moment): Promise<TrailFacts[]> {
    const request = this.#requestOf(lookup, moment);
    const found: TrailFacts[] = [];
    let token: string | undefined;
    for (let page = 1; ; page += 1) {
      this.report.requests += 1;
      const { records, nextToken } = await lookupPage(scope, request, token, this.#settings);
      const facts = records.flatMap(factsOf);
      found.push(...facts);
      token = nextToken;
      if (token === undefined || this.#isEnough(lookup, facts, moment)) return found;
      if (page === MOST_PAGES) {
        this.report.cutShort.add(scopeName(scope));
        return found;
      }
    }
  }

  #requestOf({ attribute, value, finds }: Lookup, moment: Moment): LookupRequest {
    const { now, lookback, attribution } = this.#settings;
    const at = typeof moment === 'number' ? moment : now();
    const after = finds === 'use' ? LONGEST_USE : attribution.beforeIssue;
    const to = Math.ceil(Math.min(now(), at + after));
    const from = Math.min(to, Math.floor(at - lookback)); // CloudTrail refuses a range that ends before it begins
    return { attribute, value, from: new Date(from), to: new Date(to) };
  }

  /** A key's grant, or a use of it, settles the question; other grants of a name may make it ambiguous. */
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
    throw new LookupFailure(first.code, `CloudTrail answered nowhere: ${first.message}.`, { cause: first });
  }
}

function issuedSession({ roleArn, sessionName, issuedAt }: Grant, key: SessionKey, began: EpochMillis): boolean {
  const role = roleRef(roleArn);
  if (role === undefined || sessionName === undefined) return false;
  return namedRoleSessionKey(role, sessionName) === key && Math.abs(issuedAt - began) <= SESSION_START_TOLERANCE;
}

function factsOf(text: string): TrailFacts[] {
  const parsed = parseJson(text);
  if (!parsed.ok || !looksLikeTrailRecord(parsed.value)) return [];
  const facts = parseTrailRecord(parsed.value);
  return typeof facts === 'string' ? [] : [facts];
}

export function scopeName({ account, region }: Pick<LookupScope, 'account' | 'region'>): string {
  return account === '' ? region : `${account} ${region}`;
}
