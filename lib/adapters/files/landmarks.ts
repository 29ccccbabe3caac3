import type { Effort } from './effort.ts';

const NEWLINE = 0x0a;

/**
 * Remembers positions ahead in a chunk. The framing looks at the rest of a chunk many times. So each position is
 * searched once, and the next one only after that.
 */
export class Landmarks {
  readonly #effort: Effort;
  readonly #newline = new Landmark();
  readonly #time = new Landmark();

  constructor(effort: Effort) {
    this.#effort = effort;
  }

  /**
   * Returns the position of the next line break in the rest of the chunk. If there is none, returns the length of the
   * rest.
   */
  newline(left: Buffer): number {
    return this.#newline.find(left, () => {
      const at = left.indexOf(NEWLINE);
      const end = at < 0 ? left.length : at;
      this.#effort.spend(end);
      return end;
    });
  }

  /**
   * Returns the position of the next line that begins with a time. At the end of the chunk, the start of a time is
   * enough. If there is no such line, returns the length of the rest.
   */
  time(left: Buffer, isAtLineStart: boolean): number {
    return this.#time.find(left, () => {
      const at = timeIn(left, isAtLineStart);
      this.#effort.spend(at);
      return at;
    });
  }
}

/** A position, as its distance from the end of the chunk. That does not change while the chunk is read. */
class Landmark {
  #fromEnd: number | undefined;

  find(left: Buffer, search: () => number): number {
    if (this.#fromEnd === undefined || this.#fromEnd > left.length) this.#fromEnd = left.length - search();
    return left.length - this.#fromEnd;
  }
}

export function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}

const TIME = '0000-00-00T';

/** Returns whether the bytes begin with a time, which JSON never does. */
export function beginsWithTime(bytes: Buffer): boolean {
  return timeLength(bytes, 0) === TIME.length;
}

/**
 * Returns the position of the first line that begins with a time. If the bytes end within a time, its start is
 * enough. If
 * there is none, returns the length of the bytes.
 */
export function timeIn(bytes: Buffer, isAtLineStart: boolean): number {
  let start = isAtLineStart ? 0 : bytes.indexOf(NEWLINE) + 1;
  while (isAtLineStart || start > 0) {
    const length = timeLength(bytes, start);
    if (length === TIME.length || start + length === bytes.length) return start;
    const newline = bytes.indexOf(NEWLINE, start);
    if (newline < 0) break;
    start = newline + 1;
  }
  return bytes.length;
}

/** Returns how many bytes match a time, beginning at `start`. */
function timeLength(bytes: Buffer, start: number): number {
  for (let at = 0; at < TIME.length; at += 1) {
    const byte = bytes[start + at] ?? 0;
    const isDigit = byte >= 0x30 && byte <= 0x39;
    if (TIME[at] === '0' ? !isDigit : byte !== TIME.charCodeAt(at)) return at;
  }
  return TIME.length;
}
