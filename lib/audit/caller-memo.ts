import type { JsonObject } from '../json.ts';
import { RecentMap } from '../recent-map.ts';
import { type Caller, parseCaller } from './caller.ts';

/** How many callers are remembered: those of a busy quarter of an hour. With 20,000 the memo costs more than it saves. */
export const MOST_CALLERS = 1_024;

/**
 * Gives callers of whom all the same was read one object, so that whatever was made of it can be found again by it.
 */
export class CallerMemo {
  readonly #callers = new RecentMap<string, Caller>(MOST_CALLERS);

  /** Returns what `parseCaller` reads of an event's own `user`. */
  read(user: JsonObject): Caller {
    const caller = parseCaller(user);
    const text = JSON.stringify(caller); // what was read is flat; the block itself may be nested too deep for this
    const known = this.#callers.get(text);
    if (known !== undefined) return known;
    this.#callers.set(text, caller);
    return caller;
  }
}
