import { type ReadRange, withRead } from '../../claims/read-range.ts';
import type { TrailFacts } from '../../cloudtrail/record.ts';
import { type EpochMillis, epochMillis, MINUTE, SECOND } from '../../time.ts';
import { isWorthRetrying, type LookupError } from './lookup-error.ts';

/** The age at which events count as delivered, in milliseconds. CloudTrail delivers within minutes (FACTS). */
export const DELIVERED_AFTER = 30 * MINUTE;

/**
 * How long a range is not read again, in milliseconds, although more of its events may be delivered. This is less than
 * the minute between two runs, so each run reads the range once.
 */
const FRESH_FOR = 50 * SECOND;

/**
 * How long an account and Region gets no requests after a failure, in milliseconds. This is less than the minute
 * between two runs. If failures cost time, the pause doubles with each of them.
 */
const HELD_FOR = 50 * SECOND;
const LONGEST_HELD = 15 * MINUTE;

/** Limits the look-ups that are remembered, a few hundred bytes each. A look-up that was forgotten is read again. */
const MOST_LOOKUPS = 20_000;
const MOST_FACTS = 20_000;

/**
 * A range that was read just now. If it ended at the time of reading, it counts as read up to the present. Nothing is
 * delivered within seconds.
 */
interface FreshRange {
  readonly range: ReadRange;
  readonly at: EpochMillis;
}

interface ScopeMemory {
  settled: readonly ReadRange[];
  fresh: readonly FreshRange[];
  /** The facts by their text, so that each is kept once. A range that is read again mostly has the same facts. */
  readonly facts: Map<string, TrailFacts>;
}

interface Outage {
  readonly failure: LookupError;
  readonly until: EpochMillis;
  readonly times: number;
}

/**
 * Remembers the results of a process's look-ups in CloudTrail. So claims with the same question share one answer. It
 * also remembers which accounts and Regions do not answer, so that not every claim waits for them.
 */
export class LookupMemory {
  readonly #lookups = new Map<string, ScopeMemory>();
  readonly #held = new Map<string, Outage>();
  readonly #freshFor: number;
  #facts = 0;

  constructor(freshFor = FRESH_FOR) {
    this.#freshFor = freshFor;
  }

  /** Returns those ranges of the look-up that were read, and the facts in them. */
  of(
    wanted: ReadRange,
    now: EpochMillis,
  ): { readonly read: readonly ReadRange[]; readonly facts: readonly TrailFacts[] } {
    const known = this.#lookups.get(idOf(wanted));
    if (known === undefined) return { read: [], facts: [] };
    known.fresh = known.fresh.filter(({ at }) => now - at < this.#freshFor);
    const upToNow = ({ range, at }: FreshRange) => (range.to >= at - SECOND ? { ...range, to: now } : range);
    return { read: [...known.settled, ...known.fresh.map(upToNow)], facts: [...known.facts.values()] };
  }

  /** Notes that a range was read, and which facts it has. Call it after the facts were stored. */
  note(range: ReadRange, facts: readonly TrailFacts[], now: EpochMillis): void {
    const id = idOf(range);
    const known = this.#lookups.get(id) ?? { settled: [], fresh: [], facts: new Map() };
    this.#lookups.delete(id); // The look-up noted last is forgotten last.
    this.#lookups.set(id, known);
    const to = Math.min(range.to, now - DELIVERED_AFTER);
    if (to >= range.from) known.settled = withRead(known.settled, { ...range, to: epochMillis(to) });
    known.fresh = [...known.fresh, { range, at: now }];
    const before = known.facts.size;
    for (const each of facts) known.facts.set(JSON.stringify(each), each);
    this.#facts += known.facts.size - before;
    this.#forget();
  }

  /** Returns why this account and Region gets no request now. Undefined if it may get one. */
  failureOf(scope: string, now: EpochMillis): LookupError | undefined {
    const held = this.#held.get(scope);
    return held !== undefined && now < held.until ? held.failure : undefined;
  }

  failed(scope: string, failure: LookupError, now: EpochMillis): void {
    const times = isWorthRetrying(failure) ? (this.#held.get(scope)?.times ?? 0) : 0;
    const until = epochMillis(now + Math.min(HELD_FOR * 2 ** Math.min(times, 10), LONGEST_HELD));
    this.#held.set(scope, { failure, until, times: times + 1 });
  }

  answered(scope: string): void {
    this.#held.delete(scope);
  }

  #forget(): void {
    for (const [id, { facts }] of this.#lookups) {
      if (this.#lookups.size <= MOST_LOOKUPS && this.#facts <= MOST_FACTS) return;
      this.#lookups.delete(id);
      this.#facts -= facts.size;
    }
  }
}

function idOf({ scope, lookup }: Pick<ReadRange, 'scope' | 'lookup'>): string {
  return `${scope} ${lookup}`;
}
