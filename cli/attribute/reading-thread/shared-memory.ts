import { PackedEvents, type PackedSize, packedBytes } from '../../../lib/fast/packed-events.ts';

/** One piece: what is sent at once. */
export const PIECE: PackedSize = { headBytes: 768 * 1024, senderBytes: 512 * 1024, events: 1_024 };
/** How far the reading thread is ahead at most. */
const PIECES = 5;

const FREE = 0;
const SENT = 1;

/** The memory of both threads: the pieces are filled in turn, and each again once the other thread is through with it. */
export class SharedMemory {
  /** To be handed to the other thread. */
  readonly memory: SharedArrayBuffer;
  readonly #states: Int32Array;
  readonly #pieces: readonly PackedEvents[];
  #next = 0;

  constructor(memory = new SharedArrayBuffer(PIECES * (packedBytes(PIECE) + 4) + 64)) {
    this.memory = memory;
    const each = Math.ceil(packedBytes(PIECE) / 8) * 8;
    this.#pieces = Array.from({ length: PIECES }, (_, piece) => new PackedEvents(memory, PIECE, piece * each));
    this.#states = new Int32Array(memory, PIECES * each, PIECES);
  }

  /** The next piece to fill; blocks the thread until it is free. */
  take(): { readonly piece: number; readonly events: PackedEvents } {
    const piece = this.#next;
    while (Atomics.load(this.#states, piece) === SENT) Atomics.wait(this.#states, piece, SENT);
    const events = this.at(piece);
    events.clear();
    return { piece, events };
  }

  /** The piece that was taken is the other thread's. */
  sent(): void {
    Atomics.store(this.#states, this.#next, SENT);
    this.#next = (this.#next + 1) % PIECES;
  }

  giveBack(piece: number): void {
    Atomics.store(this.#states, piece, FREE);
    Atomics.notify(this.#states, piece);
  }

  at(piece: number): PackedEvents {
    const events = this.#pieces[piece];
    if (events === undefined) throw new Error(`The shared memory has no piece ${piece}.`);
    return events;
  }
}
