import { Effort } from '../../lib/adapters/files/effort.ts';
import { Framing } from '../../lib/adapters/files/framing.ts';

/** Returns everything that the framing yields, in order, with its place. */
export function framed(chunks: Iterable<Buffer>, effort = new Effort()): unknown[] {
  const found: unknown[] = [];
  const framing = new Framing(
    {
      value: (value, { place }) => found.push(['value', value, place()]),
      element: (value, { key, index, header }, { place }) =>
        found.push(['element', value, key, index, [...header], place()]),
      text: (text, { place }, isLine) => found.push(['text', text, place(), isLine]),
      row: (row, { place }) => found.push(['row', row, place()]),
      reject: (reason, { place }) => found.push(['reject', reason, place()]),
    },
    effort,
  );
  for (const chunk of chunks) {
    framing.push(chunk);
    chunk.fill('x'); // whoever reads a file may use the buffer again
  }
  framing.end();
  return found;
}

/** Returns the bytes cut at these places, each piece in its own buffer. */
export function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1))), bytes.length].sort((a, b) => a - b);
  return ends.map((end, at) => Buffer.from(bytes.subarray(ends[at - 1] ?? 0, end)));
}

/** Returns pieces with this number of bytes. */
export function cutEvery(bytes: Buffer, length: number): Buffer[] {
  return cutAt(
    bytes,
    Array.from({ length: Math.floor(bytes.length / length) }, (_, at) => (at + 1) * length),
  );
}

/**
 * Returns how often the framing reads each byte, on average. If it is linear, the number is the same for every length.
 */
export function looksPerByte(text: string, chunk = text.length * 3): number {
  const bytes = Buffer.from(text);
  const effort = new Effort();
  framed(cutEvery(bytes, chunk), effort);
  return effort.bytes / bytes.length;
}

/** Returns at least this number of bytes: one piece, repeated. */
export function repeated(piece: string, bytes: number): string {
  return piece.repeat(Math.ceil(bytes / Buffer.byteLength(piece)));
}
