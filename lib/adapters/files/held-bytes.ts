import { LONGEST_VALUE } from './limits.ts';

/**
 * Buffers that are free to use. Files are read one after another, and a new buffer for each file costs more than
 * reading the file.
 */
const spareRooms: Buffer[] = [];
const MOST_SPARE = 2;
const FIRST_ROOM = 1024 * 1024;
/** The largest buffer that is kept. Few documents need larger ones. */
const LARGEST_SPARE = 2 * LONGEST_VALUE;

/** Holds bytes until the rest of their piece comes. Added bytes are copied. */
export class HeldBytes {
  #room: Buffer | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(bytes: Buffer): void {
    const length = this.#length + bytes.length;
    bytes.copy(this.#roomFor(length), this.#length);
    this.#length = length;
  }

  /**
   * Passes all bytes to `read`, and lets them go. They are valid only until `read` returns, because their buffer is
   * used again.
   */
  take<T>(read: (bytes: Buffer) => T): T {
    const room = this.#roomFor(0);
    const bytes = room.subarray(0, this.#length);
    this.#room = undefined;
    this.#length = 0;
    try {
      return read(bytes);
    } finally {
      if (spareRooms.length < MOST_SPARE && room.length <= LARGEST_SPARE) spareRooms.push(room);
    }
  }

  /** Passes all bytes to `read`, and keeps them. They are valid only until `read` returns. */
  look<T>(read: (bytes: Buffer) => T): T {
    return read(this.#roomFor(0).subarray(0, this.#length));
  }

  clear(): void {
    this.#length = 0;
  }

  /** Returns a copy of the held bytes, followed by the given ones. */
  followedBy(bytes: Buffer): Buffer {
    return Buffer.concat([this.#roomFor(0).subarray(0, this.#length), bytes]);
  }

  #roomFor(length: number): Buffer {
    const room = this.#room ?? spareRooms.pop() ?? Buffer.allocUnsafe(FIRST_ROOM);
    this.#room = room;
    if (length <= room.length) return room;
    const larger = Buffer.allocUnsafe(Math.max(length, 2 * room.length));
    room.copy(larger, 0, 0, this.#length);
    this.#room = larger;
    return larger;
  }
}
