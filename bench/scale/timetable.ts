/** A queue of future steps in the order of time; steps of the same time keep their order of insertion. */
export class Timetable<T> {
  readonly #heap: { readonly at: number; readonly order: number; readonly what: T }[] = [];
  #order = 0;

  put(at: number, what: T): void {
    const heap = this.#heap;
    const entry = { at, order: this.#order++, what };
    let place = heap.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, entry)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = entry;
  }

  next(): { readonly at: number; readonly what: T } | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (last !== undefined && first !== last) this.#sink(last);
    return first;
  }

  firstAt(): number | undefined {
    return this.#heap[0]?.at;
  }

  /** Returns all steps still to come, in no order. */
  entries(): Iterable<{ readonly at: number; readonly what: T }> {
    return this.#heap;
  }

  #sink(entry: { readonly at: number; readonly order: number; readonly what: T }): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      const [left, right] = [heap[2 * place + 1], heap[2 * place + 2]];
      if (left === undefined) break;
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (isBefore(entry, child)) break;
      heap[place] = child;
      place = 2 * place + (isRight ? 2 : 1);
    }
    heap[place] = entry;
  }
}

interface PlacedDelivery {
  readonly at: number;
  readonly order: number;
}

function isBefore(a: PlacedDelivery, b: PlacedDelivery): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
