import type { Sessions } from './sessions.ts';
import { Timetable } from './timetable.ts';

/** A list of due claims, in which those of an account that invents sessions and those of the others take turns. */
export class DueSessions {
  readonly #others = new Timetable<Sessions>();
  readonly #forged = new Timetable<Sessions>();
  readonly #hasTurns: boolean;
  #isForgedNext = false;

  constructor(hasTurns: boolean) {
    this.#hasTurns = hasTurns;
  }

  put(at: number, sessions: Sessions): void {
    const table = this.#hasTurns && sessions.isForged === true ? this.#forged : this.#others;
    table.put(at, sessions);
  }

  /** Returns the time of the next one; undefined if none is due. */
  firstAt(now: number): number | undefined {
    const at = this.#table(now).firstAt();
    return at === undefined || at > now ? undefined : at;
  }

  next(now: number): { readonly at: number; readonly what: Sessions } | undefined {
    const table = this.#table(now);
    this.#isForgedNext = table === this.#others;
    return table.next();
  }

  entries(): readonly { readonly at: number; readonly what: Sessions }[] {
    return [...this.#others.entries(), ...this.#forged.entries()];
  }

  #table(now: number): Timetable<Sessions> {
    const isDue = (table: Timetable<Sessions>) => (table.firstAt() ?? Number.POSITIVE_INFINITY) <= now;
    const [first, second] = this.#isForgedNext ? [this.#forged, this.#others] : [this.#others, this.#forged];
    return isDue(first) || !isDue(second) ? first : second;
  }
}
