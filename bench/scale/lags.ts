/** Delays in milliseconds, weighted by events, with their percentiles. */
export class Lags {
  readonly #entries: (readonly [millis: number, events: number])[] = [];
  #events = 0;

  note(millis: number, events: number): void {
    if (events <= 0) return;
    this.#entries.push([Math.max(0, millis), events]);
    this.#events += events;
  }

  get events(): number {
    return this.#events;
  }

  /** Returns the percentiles in seconds; undefined if nothing was noted. */
  percentiles(): { readonly p50: number; readonly p95: number; readonly p99: number } | undefined {
    if (this.#events === 0) return undefined;
    const sorted = this.#entries.toSorted(([a], [b]) => a - b);
    const at = (share: number) => {
      let passed = 0;
      for (const [millis, events] of sorted) {
        passed += events;
        if (passed >= share * this.#events) return Math.round(millis / 100) / 10;
      }
      return Math.round((sorted.at(-1)?.[0] ?? 0) / 100) / 10;
    };
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }
}
