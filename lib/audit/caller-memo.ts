import type { JsonObject } from '../json.ts';
import { RecentMap } from '../recent-map.ts';
import { type Caller, parseCaller } from './caller.ts';

/**
 * Number of callers remembered: about those of a busy quarter of an hour. With 20,000, the memo costs more than it
 * saves.
 */
export const MOST_CALLERS = 1_024;

/**
 * Memo that gives equal callers one shared object, so that results computed for a caller can be found by the object.
 */
export class CallerMemo {
  readonly #callers = new RecentMap<string, Caller>(MOST_CALLERS);

  /** Returns the result of `parseCaller` for an event's own `user`. */
  read(user: JsonObject): Caller {
    const caller = parseCaller(user);
    const text = JSON.stringify(caller); // what was read is flat; the block itself may be nested too deep for this
    const known = this.#callers.get(text);
    if (known !== undefined) return known;
    this.#callers.set(text, caller);
    return caller;
  }
}
