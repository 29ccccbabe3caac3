/** In characters: what may wait to be attributed. */
const MOST_AHEAD = 4 * 1024 * 1024;

/** How far the reading thread is ahead, in memory that both threads share. */
export class Backpressure {
  /** To be handed to the other thread. */
  readonly memory: SharedArrayBuffer;
  readonly #ahead: Int32Array;

  constructor(memory = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#ahead = new Int32Array(memory);
  }

  /** Blocks the thread until there is room: one line may hold millions of pieces, and come out of a few kilobytes. */
  take(size: number): void {
    let ahead = Atomics.add(this.#ahead, 0, size) + size;
    while (ahead >= MOST_AHEAD) {
      Atomics.wait(this.#ahead, 0, ahead);
      ahead = Atomics.load(this.#ahead, 0);
    }
  }

  giveBack(size: number): void {
    Atomics.sub(this.#ahead, 0, size);
    Atomics.notify(this.#ahead, 0);
  }
}
