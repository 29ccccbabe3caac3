import { filledIn, type ItemPattern } from './item-patterns.ts';

/** An item to be put: what it is made by, and of which values. */
export interface Put {
  readonly pattern: ItemPattern;
  readonly values: readonly string[];
}

/**
 * Whether the sessions table would keep the later of two in one place: what has a rank only in the place of a larger one, all
 * else always.
 */
export function isKept(later: Put, earlier: Put): boolean {
  return rankOf(later) === undefined || (rankOf(later) ?? '') < (rankOf(earlier) ?? '');
}

function rankOf({ pattern: { rank }, values }: Put): string | undefined {
  return rank === undefined ? undefined : filledIn(rank, values);
}

/**
 * The puts of a stream of records, of those in one place only what the table would keep: a user is seen in nearly each record. Of
 * what is added at once, the first in a place is put. A place that is not put into again is forgotten, and may come once more.
 */
export class LatestPuts {
  #places = new Map<string, { put: Put; addition: number }>();
  readonly #forget: (put: Put) => void;

  /** @param forget takes each put, in the order in which those of one place are made. */
  constructor(forget: (put: Put) => void) {
    this.#forget = forget;
  }

  /** @param addition the number of what is added at once; it only grows. */
  put(put: Put, addition: number): void {
    const { pattern, values } = put;
    if (pattern.isItsOwn) return this.#forget(put);
    const place = [pattern.partition, pattern.at, pattern.same].map((part) => filledIn(part, values)).join('\n');
    const earlier = this.#places.get(place);
    const stays = earlier !== undefined && (isFirst(earlier.addition, addition, pattern) || !isKept(put, earlier.put));
    this.#places.set(place, { put: stays ? earlier.put : put, addition });
  }

  /** Forgets the places that were last put into before this addition. */
  forgetBefore(addition: number): void {
    for (const [place, latest] of this.#places) {
      if (latest.addition >= addition) continue;
      this.#places.delete(place);
      this.#forget(latest.put);
    }
  }
}

function isFirst(earlier: number, addition: number, { rank }: ItemPattern): boolean {
  return rank === undefined && earlier === addition;
}
