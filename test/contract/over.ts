import type { Clock } from '../../lib/ports/clock.ts';
import { DAY, type EpochMillis, epochMillis } from '../../lib/time.ts';
import { NOW } from './now.ts';

/** How long the suites' stores keep an item. */
export const KEEP = { records: 90 * DAY, sessions: 97 * DAY };

/** A clock that can be put to where all that was written before is over. */
export class LongClock {
  #at: EpochMillis = NOW;

  readonly now: Clock = () => this.#at;

  pass(millis: number): void {
    this.#at = epochMillis(this.#at + millis);
  }

  passAll(): void {
    this.#at = epochMillis(this.#at + 4_000 * DAY);
  }
}
