interface Waiter {
  readonly begin: () => void;
}

/**
 * Limits the requests at one time, in all and for each host. So a Region that does not answer can use only a part of
 * them. Hosts take turns, and the requests to one host keep their order.
 */
export class Slots {
  readonly #most: number;
  readonly #mostOfHost: number;
  readonly #taken = new Map<string, number>();
  /** The waiting requests by host. The hosts are in the order of their turns. */
  readonly #waiting = new Map<string, Set<Waiter>>();
  #all = 0;

  constructor({ most, mostOfHost }: { readonly most: number; readonly mostOfHost: number }) {
    this.#most = most;
    this.#mostOfHost = mostOfHost;
  }

  /**
   * Runs the work when there is a free slot.
   * @throws the signal's reason if it aborts first, or the errors of the work.
   */
  async run<T>(host: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    await this.#take(host, signal);
    try {
      return await work();
    } finally {
      this.#give(host);
    }
  }

  async #take(host: string, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#isFree(host)) return this.#count(host, 1);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { begin: resolve };
    const abort = () => {
      this.#waiting.get(host)?.delete(waiter);
      reject(signal?.reason);
    };
    this.#waiting.set(host, (this.#waiting.get(host) ?? new Set()).add(waiter));
    signal?.addEventListener('abort', abort, { once: true });
    await promise.finally(() => signal?.removeEventListener('abort', abort));
  }

  #give(host: string): void {
    this.#count(host, -1);
    for (const [next, waiters] of this.#waiting) {
      const [waiter] = waiters;
      if (waiter === undefined) this.#waiting.delete(next);
      if (waiter === undefined || !this.#isFree(next)) continue;
      waiters.delete(waiter);
      this.#waiting.delete(next);
      if (waiters.size > 0) this.#waiting.set(next, waiters); // It goes behind the other hosts.
      this.#count(next, 1);
      return waiter.begin();
    }
  }

  #isFree(host: string): boolean {
    return this.#all < this.#most && (this.#taken.get(host) ?? 0) < this.#mostOfHost;
  }

  #count(host: string, more: number): void {
    this.#all += more;
    this.#taken.set(host, (this.#taken.get(host) ?? 0) + more);
  }
}
