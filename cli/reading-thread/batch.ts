import type { Action } from '../../lib/attribution/attribute.ts';
import type { ReadProgress, ReadyEvent, ReadyEventSink, Rejected } from '../../lib/ports.ts';

/** What the reading thread is told: workers' data is cloned. */
export interface ReadingOrder {
  readonly paths: readonly string[];
  readonly cluster: string | undefined;
}

type Ignored = Parameters<ReadyEventSink['ignored']>[0];

/**
 * What one piece of input held, on its way from the reading thread: in columns, and the actions as one JSON text, since
 * texts are cloned much faster than objects.
 */
export interface Batch {
  readonly identities: readonly string[];
  readonly heads: readonly string[];
  readonly actions: string;
  readonly ignored: ReadonlyMap<Ignored, number>;
  readonly rejected: readonly Rejected[];
  readonly progress: ReadProgress | undefined;
  /** About how many characters it holds. */
  readonly size: number;
}

/** Gathers what a source hands over until it is packed. */
export class Batching implements ReadyEventSink {
  #identities: string[] = [];
  #heads: string[] = [];
  #actions: Action[] = [];
  #ignored = new Map<Ignored, number>();
  #rejected: Rejected[] = [];
  #size = 0;

  event({ identity, head, action }: ReadyEvent): void {
    this.#identities.push(identity);
    this.#heads.push(head);
    this.#actions.push(action);
    this.#size += head.length;
  }

  ignored(what: Ignored, count: number): void {
    this.#ignored.set(what, (this.#ignored.get(what) ?? 0) + count);
  }

  reject(rejected: Rejected): void {
    this.#rejected.push(rejected);
    this.#size += rejected.sample.length;
  }

  /** All that was gathered since the last time. */
  pack(progress: ReadProgress | undefined): Batch {
    const actions = JSON.stringify(this.#actions);
    const batch = {
      identities: this.#identities,
      heads: this.#heads,
      actions,
      ignored: this.#ignored,
      rejected: this.#rejected,
      progress,
      size: this.#size + actions.length,
    };
    this.#identities = [];
    this.#heads = [];
    this.#actions = [];
    this.#ignored = new Map();
    this.#rejected = [];
    this.#size = 0;
    return batch;
  }
}

export function unpack({ identities, heads, actions, ignored, rejected }: Batch, sink: ReadyEventSink): void {
  for (const [what, count] of ignored) sink.ignored(what, count);
  for (const entry of rejected) sink.reject(entry);
  for (const [index, action] of (JSON.parse(actions) as readonly Action[]).entries()) {
    sink.event({ identity: identities[index] ?? '', head: heads[index] ?? '', action });
  }
}
