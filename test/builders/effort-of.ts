import { Effort } from '../../lib/adapters/files/effort.ts';
import { cutEvery, framed } from './framed.ts';

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
