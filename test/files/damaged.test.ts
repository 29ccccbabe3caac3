import { describe, expect, it } from 'vitest';
import { cutEvery, framed } from '../builders/framed.ts';

const EVENT = '{"auditID":"x","user":{}}';
const EXPORTED = `2026-03-10T08:10:00.123Z ${EVENT}`;

/** What comes out, each with its place; however the bytes are cut, the same. */
function read(content: string | Buffer): unknown[][] {
  const bytes = Buffer.from(content);
  const found = framed([Buffer.from(bytes)]) as unknown[][];
  for (const length of [1, 2, 7]) expect(framed(cutEvery(bytes, length))).toEqual(found);
  return found;
}

function kinds(content: string | Buffer): unknown[] {
  return read(content).map(([kind, what]) => (kind === 'reject' ? what : kind));
}

describe('a line that only looks like the beginning of a document swallows nothing', () => {
  it.each(['[unclosed text', '[', '{', '\t[', '[true', '[{', '[tests went on', '["text', '{"a":{'])(
    '%j among the lines of an export',
    (line) => {
      expect(kinds([EXPORTED, line, EXPORTED, EXPORTED].join('\n'))).toEqual([
        'text',
        expect.stringMatching(/^(?:cut-file|invalid-json)$/),
        'text',
        'text',
      ]);
    },
  );

  it.each(['[unclosed text', '[tests went on', '[12 13', '["a" "b"', '["text'])(
    '%j among lines of text, of which each is told',
    (line) => {
      expect(kinds(['hello', line, 'I0310 12:00', 'world', EVENT].join('\n'))).toEqual([
        'text',
        'cut-file',
        'text',
        'text',
        'value',
      ]);
    },
  );

  it('not even after 8 MiB', () => {
    const lines = Array.from({ length: 100 }, () => `"${'x'.repeat(100_000)}",`);
    const found = framed([Buffer.from(['[', ...lines, EXPORTED, EXPORTED].join('\n'))]) as unknown[][];
    expect(found.slice(-3).map(([kind]) => kind)).toEqual(['reject', 'text', 'text']);
  });

  it('while numbers at the beginning of a line are JSON', () => {
    expect(read('[\n2026,\n2026\n,-1e5\n,true,null,\nfalse]')).toEqual([
      ['value', [2026, 2026, -1e5, true, null, false], 'line 1'],
    ]);
  });

  it('and damage within an element costs that element', () => {
    const events = [{ a: 1 }, { a: 'GR' }, { a: 3 }];
    expect(kinds(JSON.stringify(events, null, 2).replace('"GR"', 'GR'))).toEqual([
      'element',
      'invalid-json',
      'element',
    ]);
  });
});
