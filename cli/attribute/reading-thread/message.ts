import type { S3Reading } from '../../../lib/adapters/s3/path-source.ts';
import type { Action } from '../../../lib/attribution/answer.ts';
import type { CountedGroup } from '../../../lib/envelopes/counted-group.ts';
import type { ReadProgress, ReadyEvent, ReadyEventSink, Rejected } from '../../../lib/ports/input.ts';
import { increment } from '../../../lib/usecases/counting/run-counts.ts';

/** What the reading thread is told: workers' data is cloned. */
export interface ReadingOrder {
  readonly paths: readonly string[];
  readonly cluster: string | undefined;
  readonly counted: readonly CountedGroup[];
  readonly s3: S3Reading;
}

type Ignored = Parameters<ReadyEventSink['ignored']>[0];

/**
 * What one piece of input held, on its way from the reading thread: in columns, and the actions as one JSON text, since
 * texts are cloned much faster than objects.
 */
export interface ReadMessage {
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

/** What was gathered and not sent yet. */
class Gathered {
  readonly identities: string[] = [];
  readonly heads: string[] = [];
  readonly actions: Action[] = [];
  readonly ignored = new Map<Ignored, number>();
  readonly rejected: Rejected[] = [];
  size = 0;
}

/** Gathers what a source hands over, and sends it when it is enough. */
export class Batching implements ReadyEventSink {
  readonly #send: (batch: ReadMessage) => void;
  #gathered = new Gathered();

  constructor(send: (batch: ReadMessage) => void) {
    this.#send = send;
  }

  event({ identity, head, action }: ReadyEvent): void {
    this.#gathered.identities.push(identity);
    this.#gathered.heads.push(head);
    this.#gathered.actions.push(action);
    this.#grow(head.length + OBJECT);
  }

  ignored(what: Ignored, count: number): void {
    increment(this.#gathered.ignored, what, count);
  }

  reject(rejected: Rejected): void {
    this.#gathered.rejected.push(rejected);
    this.#grow(rejected.sample.length + OBJECT);
  }

  /** Sends all that was gathered since the last time. */
  send(progress: ReadProgress | undefined): void {
    const gathered = this.#gathered;
    this.#gathered = new Gathered();
    const actions = JSON.stringify(gathered.actions);
    this.#send({ ...gathered, actions, progress, size: gathered.size + actions.length });
  }

  #grow(size: number): void {
    this.#gathered.size += size;
    if (this.#gathered.size >= FULL) this.send(undefined);
  }
}

export function unpack({ identities, heads, actions, ignored, rejected }: ReadMessage, sink: ReadyEventSink): void {
  for (const [what, count] of ignored) sink.ignored(what, count);
  for (const entry of rejected) sink.reject(entry);
  for (const [index, action] of (JSON.parse(actions) as readonly Action[]).entries()) {
    sink.event({ identity: identities[index] ?? '', head: heads[index] ?? '', action });
  }
}
