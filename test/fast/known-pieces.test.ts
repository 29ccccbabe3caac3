import { expect, it } from 'vitest';
import { KnownPieces } from '../../lib/fast/known-pieces.ts';
import { PayloadBytes } from '../../lib/fast/payload-bytes.ts';

function told(pieces: readonly string[], places: number, room: number) {
  const text = pieces.join('');
  const made: string[] = [];
  const known = new KnownPieces(new PayloadBytes(text, Buffer.from(text)), places, room, (piece) => {
    made.push(piece);
    return { piece };
  });
  let at = 0;
  for (const piece of pieces) {
    expect(known.of(at, at + piece.length).piece).toBe(piece);
    at += piece.length;
  }
  return made;
}

it('what came before is not made again', () => {
  const pieces = ['', 'a', 'ab', 'abc', 'abcd', 'abcde', 'abcdefgh', 'abcdefghi', 'abcdXfghi', 'abcdefghX'];
  expect(told([...pieces, ...pieces, ...pieces], 64, 1_024)).toEqual(pieces);
});

it('pieces that lead to one place are told apart, as many as are remembered there', () => {
  const pieces = Array.from({ length: 60 }, (_, number) => `name ${number}${'x'.repeat(number % 9)}`);
  const made = told([...pieces, ...pieces], 2, 4_096);
  expect(made.length).toBe(120 - 16);
});

it('what finds no room is made each time', () => {
  expect(told(['12345678', '1234', '12345678', '1234', '1', '1'], 16, 8)).toEqual([
    '12345678',
    '1234',
    '1234',
    '1',
    '1',
  ]);
});
