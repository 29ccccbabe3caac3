import { Effort } from '../../lib/adapters/files/effort.ts';
import { Framing } from '../../lib/adapters/files/framing.ts';

/** All that came out of the framing, in order, with its place. */
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

/** The bytes cut at these places, each piece in a buffer of its own. */
export function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1))), bytes.length].sort((a, b) => a - b);
  return ends.map((end, at) => Buffer.from(bytes.subarray(ends[at - 1] ?? 0, end)));
}

/** Pieces of this many bytes. */
export function cutEvery(bytes: Buffer, length: number): Buffer[] {
  return cutAt(
    bytes,
    Array.from({ length: Math.floor(bytes.length / length) }, (_, at) => (at + 1) * length),
  );
}

/** How often the framing looks at a byte of these, on the average: the same for every length where it is linear. */
export function looksPerByte(text: string, chunk = text.length * 3): number {
  const bytes = Buffer.from(text);
  const effort = new Effort();
  framed(cutEvery(bytes, chunk), effort);
  return effort.bytes / bytes.length;
}

/** So many bytes, or a few more, of one piece over and over. */
export function repeated(piece: string, bytes: number): string {
  return piece.repeat(Math.ceil(bytes / Buffer.byteLength(piece)));
}
