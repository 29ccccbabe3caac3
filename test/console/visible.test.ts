import { describe, expect, it } from 'vitest';
import { lookAlike, visiblePieces } from '../../console/page/core/visible.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';

/** Unicode's invisible characters, Default_Ignorable_Code_Point: Unicode Standard Annex 44. */
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

describe('a text from logs', () => {
  it('shows invisible characters, on the page and in a terminal', () => {
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

  it('escapes control and bidirectional characters, unusual spaces and lone surrogates', () => {
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

  it('shows all other characters unchanged, also beyond the Basic Multilingual Plane', () => {
    for (const text of ['ana.silva', 'josé', '田中', '𝒜', ''])
      expect(visiblePieces(text)).toEqual([{ text, isHidden: false }]);
  });

  it('escapes spaces that browsers drop: at the ends, and after another one', () => {
    const written = (text: string) => visiblePieces(text).map((piece) => (piece.isHidden ? [piece.text] : piece.text));
    expect(written('ana.silva ')).toEqual(['ana.silva', ['\\u0020']]);
    expect(written('  ana.silva')).toEqual([['\\u0020\\u0020'], 'ana.silva']);
    expect(written('ana  silva')).toEqual(['ana ', ['\\u0020'], 'silva']);
    expect(written('ana silva 3')).toEqual(['ana silva 3']);
    expect(written(' ')).toEqual([['\\u0020']]);
  });

  it('escapes stacks of combining marks, which could cover other text', () => {
    const heap = '\u0300\u0316'.repeat(30);
    expect(visiblePieces(`ana${heap}.silva`)).toEqual([
      { text: 'ana', isHidden: false },
      { text: '\\u0300\\u0316'.repeat(30), isHidden: true },
      { text: '.silva', isHidden: false },
    ]);
    expect(escapeForTerminal(`ana${heap}`)).not.toContain('\u0300');
    const ringed = '\u0300\u0316\u0300\u0316\u20dd'.repeat(12);
    expect(escapeForTerminal(`ana${ringed}`)).not.toContain('\u0300');
    for (const word of ['Việt', 'שָׁלוֹם', 'ที่นี่']) expect(visiblePieces(word.normalize('NFD'))).toHaveLength(1);
  });

  it('escapes adjacent characters in one piece', () => {
    expect(visiblePieces('\u200b'.repeat(1_000))).toHaveLength(1);
  });
});

describe('a name that looks like another', () => {
  it.each([
    ['one of several scripts', 'аna.silva'],
    ['one of another script alone', 'аӏісе'],
    ['one of another script alone, in capitals', 'АСЕ-1'],
    ['Greek and Cyrillic', 'ονас'],
    ['Cyrillic capitals whose small letters look like none', 'ТОМ'],
    ['Greek capitals', 'ΤΟΜ-ΒΗΖ'],
    ['a Cyrillic capital before small letters', 'Тор'],
    ['Hebrew among Latin', 'jסe'],
    ['full width', 'ａna'],
    ['a Roman numeral', 'ⅼena'],
    ['a Latin letter of phonetics', 'ɡrace'],
    ['small capitals', 'ᴀna'],
    ['a dot that is none', 'ana․silva'],
    ['a hyphen that is none', 'build‐bot'],
    ['a colon that is none', 'oidc∶ana'],
    ['a slash that is none', 'a∕b'],
    ['an at sign that is none', 'ana＠example.com'],
  ])('is marked: %s', (_, text) => {
    expect(lookAlike(text)).toBeDefined();
  });

  it.each([
    'ana.silva',
    'josé',
    '田中 Tanaka',
    'Анна',
    'Иванов',
    'Ελένη',
    'ΛΑΜΔΑ',
    'ДИМА',
    'Том',
    'Zoë',
    'ひらがな abc',
    '한 kim',
    '·',
    '',
  ])('is not: %s', (text) => {
    expect(lookAlike(text)).toBeUndefined();
  });
});
