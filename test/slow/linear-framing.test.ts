import { describe, expect, it } from 'vitest';
import { IS_SOAK } from '../builders/chance.ts';
import { looksPerByte, repeated } from '../builders/framed.ts';
import { good } from '../files/good.ts';

const KIBIBYTE = 1024;

/** Texts that the framing distinguishes: JSON's signs, blanks, and the beginnings of every form that it reads. */
const PIECES = [
  ...['{', '}', '[', ']', '"', '\\', ',', ':', ' ', '\t', '\n', '\r\n', '\0', 'x', '1', 'true', '\uFEFF', '\u00ff'],
  ...['{}', '{x}', '{"a"', '{"a":', '"a":', '\n{"a":1}', '\t{"a":1}', '"Records":[', '{"Records":[', 'I0310 12:00:00 '],
  ...['2026-', '2026-03-10T12:00:00Z ', '@message', '"\n"'],
];

/** Beginnings of a file that make the framing read it as a document, a list, a CSV or an export. */
const HEADS = [
  '',
  '{',
  '[',
  '{"Records":[',
  '{x,"Records":[',
  '@message,@log\n"',
  '2026-03-10T12:00:00Z {',
  '{"a":1,\n',
];

const SMALL = KIBIBYTE / 2;
const LARGE = 8 * SMALL;

/** Linear work is the same for each byte at any size; at eight times the size a quadratic shape takes eight times as much. */
const MOST_GROWTH = 2;
/** No more than this is ever needed: a line that is looked at eight times in vain, and then by its parts. */
const MOST_LOOKS = 40;

function* shapes(): Generator<string> {
  for (const first of PIECES) {
    yield first;
    for (const second of PIECES) {
      yield first + second;
      for (const third of PIECES) yield first + second + third;
    }
  }
}

/** One in so many of the shapes is tried: of any head, and of those that begin as a document, a list or an export. */
const [ONE_IN, ONE_IN_BEHIND_HEAD] = IS_SOAK ? [3, 31] : [31, 311];

/** The shapes of this head for which the framing looks at bytes again and again. */
function* quadratic(head: string, every: number): Generator<string> {
  let number = 0;
  for (const shape of shapes()) {
    number += 1;
    if (number % every !== 0) continue;
    const small = looksPerByte(head + repeated(shape, SMALL), 100);
    const large = looksPerByte(head + repeated(shape, LARGE), LARGE);
    if (large > MOST_LOOKS || large > MOST_GROWTH * Math.max(small, 4))
      yield `${JSON.stringify(shape)}: ${small}, ${large}`;
  }
}

describe('no input makes the framing read its bytes again and again', () => {
  it('of up to three pieces, over and over', () => {
    expect([...quadratic('', ONE_IN)]).toEqual([]);
  });

  it.each(HEADS.slice(1))('behind %j', (head) => {
    expect([...quadratic(head, ONE_IN_BEHIND_HEAD)]).toEqual([]);
  });

  it('of rows behind a quote that nothing closes', () => {
    const [half, whole] = [1_500, 3_000].map((rows) => {
      const lines = Array.from({ length: rows }, (_, at) => `x,"${good(`a${at}`).replaceAll('"', '""')}"`);
      return looksPerByte(['@timestamp,@message', 'x,"', ...lines].join('\n'), 256 * KIBIBYTE);
    });
    expect(whole).toBeLessThan(MOST_GROWTH * Number(half)); // were each row tried from the quote on, as much as twice
    expect(whole).toBeLessThan(MOST_LOOKS);
  });

  it.each(['{}', '{x}', '[1]', '{"a\t'].map((piece) => piece + ' '.repeat(60)))(
    'on a line that is too long to be held: %j',
    (piece) => {
      expect(looksPerByte(repeated(piece, 9 * KIBIBYTE * KIBIBYTE), 256 * KIBIBYTE)).toBeLessThan(MOST_LOOKS);
    },
  );
});
