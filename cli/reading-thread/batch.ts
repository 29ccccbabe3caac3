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

/** In characters: what is sent at once, however much one line holds. */
const FULL = 512 * 1024;
/** What an object takes beside its texts, about. */
const OBJECT = 200;

/** Gathers what a source hands over, and sends it when it is enough. */
export class Batching implements ReadyEventSink {
  readonly #send: (batch: Batch) => void;
  #identities: string[] = [];
  #heads: string[] = [];
  #actions: Action[] = [];
  #ignored = new Map<Ignored, number>();
  #rejected: Rejected[] = [];
  #size = 0;

  constructor(send: (batch: Batch) => void) {
    this.#send = send;
  }

  event({ identity, head, action }: ReadyEvent): void {
    this.#identities.push(identity);
    this.#heads.push(head);
    this.#actions.push(action);
    this.#grow(head.length + OBJECT);
  }

  ignored(what: Ignored, count: number): void {
    this.#ignored.set(what, (this.#ignored.get(what) ?? 0) + count);
  }

  reject(rejected: Rejected): void {
    this.#rejected.push(rejected);
    this.#grow(rejected.sample.length + OBJECT);
  }

  /** Sends all that was gathered since the last time. */
  send(progress: ReadProgress | undefined): void {
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
    this.#send(batch);
  }

  #grow(size: number): void {
    this.#size += size;
    if (this.#size >= FULL) this.send(undefined);
  }
}

export function unpack({ identities, heads, actions, ignored, rejected }: Batch, sink: ReadyEventSink): void {
  for (const [what, count] of ignored) sink.ignored(what, count);
  for (const entry of rejected) sink.reject(entry);
  for (const [index, action] of (JSON.parse(actions) as readonly Action[]).entries()) {
    sink.event({ identity: identities[index] ?? '', head: heads[index] ?? '', action });
  }
}
