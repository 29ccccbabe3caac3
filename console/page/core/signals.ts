import { Component, type Options, options, type VNode } from 'preact';
import { useMemo } from 'preact/hooks';

/**
 * A value that may change: what reads `value` while it is drawn is drawn again where it did. It is the part of
 * `@preact/signals` that the console needs, by its names, in 2,358 bytes less (docs/decisions/0030); `preact/hooks` stands above since its
 * own hooks, within which effects run, come first.
 */
export interface Signal<T> {
  value: T;
  /** The value, without being told of the next one. */
  peek(): T;
}

/** What is told where one of its sources changes. */
interface Reader {
  readonly sources: Set<Set<Reader>>;
  changed(): void;
}

/** Who reads at the moment. */
let reader: Reader | undefined;

/** Readers are told at once, in the order in which they came; the same value again tells nobody. */
export function signal<T>(initial: T): Signal<T> {
  const readers = new Set<Reader>();
  let now = initial;
  return {
    get value() {
      if (reader !== undefined) {
        readers.add(reader);
        reader.sources.add(readers);
      }
      return now;
    },
    set value(next) {
      if (next === now) return;
      now = next;
      for (const each of [...readers]) each.changed();
    },
    peek: () => now,
  };
}

/** Does it, and again whenever what it read changes, for as long as the page is open. */
export function effect(act: () => void): void {
  const self: Reader = {
    sources: new Set(),
    changed: () => {
      const outer = reader;
      forget(self);
      reader = self;
      try {
        act();
      } finally {
        reader = outer;
      }
    },
  };
  self.changed();
}

/** What follows from other signals: worked out when they change, so that it holds as soon as they do. */
export function computed<T>(of: () => T): Readonly<Signal<T>> {
  const kept = signal<T | undefined>(undefined);
  effect(() => {
    kept.value = of();
  });
  return kept as Signal<T>;
}

/** A component's own. */
export function useSignal<T>(initial: T): Signal<T> {
  return useMemo(() => signal(initial), []);
}

function forget(self: Reader): void {
  for (const readers of self.sources) readers.delete(self);
  self.sources.clear();
}

const readerOf = new WeakMap<Component, Reader>();

/** Preact's hooks around drawing, by the names that its build gives them: before what is below, before, and after. */
type Hook = '__b' | '__r' | 'diffed' | 'unmount';
type Drawn = VNode & { readonly __c: Component | null };
const hooks: Options & { [H in Hook]?: (drawn: VNode) => void } = options;

function also(hook: Hook, act: (component: Component | null) => void): void {
  const before = hooks[hook];
  hooks[hook] = (drawn) => {
    before?.(drawn);
    act((drawn as Drawn).__c);
  };
}

function endReading(): void {
  reader = undefined;
}

also('__b', endReading);
also('diffed', endReading);
also('__r', (component) => {
  if (component === null) return;
  const self = readerOf.get(component) ?? { sources: new Set(), changed: () => component.setState({}) };
  readerOf.set(component, self);
  forget(self);
  reader = self;
});
also('unmount', (component) => {
  const self = component && readerOf.get(component);
  if (self) forget(self);
});

/** What reads signals is drawn for a change of them, or of what it is given; all else always. */
Component.prototype.shouldComponentUpdate = function isDueAgain(
  this: Component,
  given: object,
  state: object,
): boolean {
  if (!readerOf.get(this)?.sources.size || state !== this.state) return true;
  const [next, was] = [Object.entries(given), new Map(Object.entries(this.props))];
  return next.length !== was.size || next.some(([name, value]) => !was.has(name) || was.get(name) !== value);
};
