import { canHaveActed, type Moment } from '../../attribution/moment.ts';
import type { Question } from '../../attribution/questions.ts';
import { isBeginningOf } from '../../attribution/session-start.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import type { LookupGap } from '../../claims/lookup-gap.ts';
import type { ReadRange } from '../../claims/read-range.ts';
import type { Grant } from '../../cloudtrail/grant.ts';
import type { TrailFacts } from '../../cloudtrail/record.ts';
import { roleRef } from '../../identity/arn.ts';
import { namedRoleSessionKey, type SessionKey } from '../../identity/session-key.ts';
import type { ClaimLookups } from '../../ports/lookups.ts';
import { type EpochMillis, HOUR } from '../../time.ts';
import { LookupError } from './lookup-error.ts';
import { gapsOf, type LookupReport } from './lookup-report.ts';
import { type LookupRequest, type LookupScope, scopeName } from './lookup-scope.ts';
import { type Lookup, lookupsOf } from './lookups.ts';
import { PagedReading, type ReadingSettings } from './paged-reading.ts';

export interface LookupSettings extends ReadingSettings {
  readonly scopes: readonly LookupScope[];
  readonly attribution: AttributionSettings;
  /** How far before the moment a grant may have been issued, in milliseconds. */
  readonly lookback: number;
}

/** Claims of the last hour that ask for one name are answered by one reading of it, up to now. */
const SHARED_WITHIN = HOUR;

/** After the moment, how long a key may still sign: the longest role session. */
const LONGEST_USE = 12 * HOUR;

/**
 * CloudTrail's LookupEvents as a source of grants, over all its accounts and Regions side by side. A grant is found in
 * one request by its key or its `<roleId>:<sessionName>` as `ResourceName` (FACTS). Names that were only guessed are
 * asked for where they could decide, those that were read with `@` as `-` in each spelling that an e-mail address can
 * have; users' names cannot be asked for.
 */
export class LookupSource implements ClaimLookups {
  readonly #settings: LookupSettings;
  readonly #reading: PagedReading;
  readonly report: LookupReport;

  constructor(settings: LookupSettings) {
    this.#settings = settings;
    const scopes = settings.scopes.map(scopeName);
    this.report = { requests: 0, failures: new Map(), cutShort: new Set(), unasked: 0, scopes };
    this.#reading = new PagedReading(settings, this.report);
  }

  /** What was read to go on with later. */
  get read(): readonly ReadRange[] {
    return this.#reading.read;
  }

  get requests(): number {
    return this.report.requests;
  }

  get gaps(): readonly LookupGap[] {
    return gapsOf(this.report);
  }

  /** How many names were left out so far. */
  get unasked(): number {
    return this.report.unasked;
  }

  canAsk(questions: readonly Question[]): boolean {
    return lookupsOf(questions).lookups.length > 0;
  }

  async answer(questions: readonly Question[], moment: Moment): Promise<readonly TrailFacts[]> {
    const { lookups, unasked } = lookupsOf(questions);
    this.report.unasked += unasked;
    const found = await Promise.all(this.#settings.scopes.map((scope) => this.#answerIn(scope, lookups, moment)));
    if (this.#settings.progress === undefined) this.#throwIfNobodyAnswered();
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

  #requestOf({ attribute, value, finds }: Lookup, moment: Moment): LookupRequest {
    const { now, lookback, attribution, memory } = this.#settings;
    const at = typeof moment === 'number' ? moment : now();
    const after = finds === 'use' ? LONGEST_USE : attribution.beforeIssue;
    const end = Math.min(now(), at + after);
    const to = Math.ceil(memory !== undefined && finds === 'session' && now() - end <= SHARED_WITHIN ? now() : end);
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
    throw new LookupError(first.gap, `CloudTrail answered nowhere: ${first.message}.`, { cause: first });
  }
}

function issuedSession(grant: Grant, key: SessionKey, began: EpochMillis): boolean {
  const { roleArn, sessionName } = grant;
  const role = roleRef(roleArn);
  if (role === undefined || sessionName === undefined) return false;
  return namedRoleSessionKey(role, sessionName) === key && isBeginningOf(grant, began);
}
