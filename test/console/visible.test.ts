import { describe, expect, it } from 'vitest';
import { visiblePieces } from '../../console/page/core/visible.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';

/** Unicode's Default_Ignorable_Code_Point, of which nothing is drawn: Unicode Standard Annex 44. */
const IGNORED: readonly (readonly [from: number, to: number])[] = [
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfff8],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff],
];
const signs = IGNORED.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, at) => from + at)).map((each) =>
  String.fromCodePoint(each),
);

describe('a text that somebody else chose', () => {
  it('hides nothing of which nothing is drawn, in the page and in a terminal alike', () => {
    const differing = signs.filter((sign) => {
      const written = escapeForTerminal(sign);
      const pieces = JSON.stringify(visiblePieces(`ana${sign}silva`).map(({ text, isHidden }) => [text, isHidden]));
      const whole = [
        ['ana', false],
        [written, true],
        ['silva', false],
      ];
      return !/^(?:\\u[\da-f]{4}){1,2}$/.test(written) || pieces !== JSON.stringify(whole);
    });
    expect(differing).toEqual([]);
  });

  it('writes out control and bidirectional characters, odd blanks and lone surrogates', () => {
    for (const sign of [
      '\0',
      '\x1b',
      '\x7f',
      '\u202e',
      '\u2028',
      '\xa0',
      '\u1680',
      '\u2003',
      '\u2800',
      '\u3000',
      '\ud800',
    ])
      expect(visiblePieces(`${sign}root`)).toEqual([
        { text: escapeForTerminal(sign), isHidden: true },
        { text: 'root', isHidden: false },
      ]);
  });

  it('shows all else as it is, letters beyond the Basic Multilingual Plane among it', () => {
    for (const text of ['ana.silva', 'josé', '田中', '𝒜', ''])
      expect(visiblePieces(text)).toEqual([{ text, isHidden: false }]);
  });
});
