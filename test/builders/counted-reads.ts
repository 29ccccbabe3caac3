import type { KnownGrants } from '../../lib/attribution/known-grants.ts';

/** Counts how often any part of a value is read, at any depth. These are the steps of the code that uses it. */
export class Reads {
  count = 0;
  readonly #most: number;
  readonly #counted = new WeakMap<object, object>();

  /** Throws if there are more than `most` reads, so that the test ends. */
  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most;
  }

  of<T extends object>(value: T): T {
    const known = this.#counted.get(value);
    if (known !== undefined) return known as T;
    const counted = new Proxy(value, {
      get: (target, key, receiver) => {
        this.#add();
        const inner: unknown = Reflect.get(target, key, receiver);
        return typeof inner === 'object' && inner !== null && isFree(target, key) ? this.of(inner) : inner;
      },
    });
    this.#counted.set(value, counted);
    return counted;
  }

  #add(): void {
    this.count += 1;
    if (this.count > this.#most) throw new Error(`read more than ${this.#most} times`);
  }
}

/** Returns whether a property may be replaced. A frozen one may not. */
function isFree(target: object, key: PropertyKey): boolean {
  const property = Reflect.getOwnPropertyDescriptor(target, key);
  return property === undefined || property.configurable === true || property.writable === true;
}

/** Returns the index with every read of its lists counted. */
export function countedIndex(index: KnownGrants, reads: Reads): KnownGrants {
  return new Proxy(index, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key, target);
      if (typeof method !== 'function') return method;
      return (...parameters: unknown[]) => {
        const answer: unknown = Reflect.apply(method, target, parameters);
        return Array.isArray(answer) ? reads.of(answer) : answer;
      };
    },
  });
}
