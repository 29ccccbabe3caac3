import { describe, expect, it } from 'vitest';
import { cutEvery, framed } from '../builders/framed.ts';

const EVENT = '{"auditID":"x","user":{}}';
const EXPORTED = `2026-03-10T08:10:00.123Z ${EVENT}`;

/** Returns what is read, each with its place. It is the same, however the bytes are cut. */
function read(content: string | Buffer): unknown[][] {
  const bytes = Buffer.from(content);
  const found = framed([Buffer.from(bytes)]) as unknown[][];
  for (const length of [1, 2, 7]) expect(framed(cutEvery(bytes, length))).toEqual(found);
  return found;
}

function kinds(content: string | Buffer): unknown[] {
  return read(content).map(([kind, what]) => (kind === 'reject' ? what : kind));
}

describe('a line that only looks like the beginning of a document does not swallow others', () => {
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
    '%j among lines of text, and each line is reported',
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

  it.each([
    '{"id":',
    '[{"id":',
    '{"a":{"b":',
    `{"Records":[{"id":`,
    `{"Records":[${EVENT},{"id":`,
    `[${EVENT},{"id":[`,
    `{"Records":[\n${EVENT},\n{"id":`,
    `{\n  "items": [\n    ${EVENT},\n    {\n      "id":`,
  ])('%j, cut where a value may begin, before good lines', (line) => {
    const good = ['{"auditID":"a","user":{}}', '{"auditID":"b","user":{}}', '{"auditID":"c","user":{}}'];
    for (const count of [1, 2, 3]) {
      const read = auditIds([line, ...good.slice(0, count), ''].join('\n')).filter((id) => id !== 'x');
      expect(read).toEqual(['a', 'b', 'c'].slice(0, count));
    }
  });

  it('but numbers at the beginning of a line are JSON', () => {
    expect(read('[\n2026,\n2026\n,-1e5\n,true,null,\nfalse]')).toEqual([
      ['value', [2026, 2026, -1e5, true, null, false], 'line 1'],
    ]);
  });

  it('and damage within an element loses that element', () => {
    const events = [{ a: 1 }, { a: 'GR' }, { a: 3 }];
    expect(kinds(JSON.stringify(events, null, 2).replace('"GR"', 'GR'))).toEqual([
      'element',
      'invalid-json',
      'element',
    ]);
  });
});

describe('damage on a line loses the value or the element around it', () => {
  const NOT_UTF_8 = '{"auditID":"\xff","user":{}}';
  it.each<[string, string, unknown[]]>([
    ['a record', `{"Records":[{"a":tru},${EVENT}]}`, ['invalid-json', 'element']],
    ['a record between two', `{"Records":[${EVENT},{bad},${EVENT}]}`, ['element', 'invalid-json', 'element']],
    ['an event of a list', `[${EVENT},{"a":},${EVENT}]`, ['element', 'invalid-json', 'element']],
    ['an event of an EventList', `{"kind":"EventList","items":[${EVENT},{bad}]}`, ['element', 'invalid-json']],
    ['a value between two', `${EVENT}{bad}${EVENT}`, ['value', 'invalid-json', 'value']],
    [
      'a damaged value, and all after it that does not follow at once',
      `${EVENT} {bad} x ${EVENT}`,
      ['value', 'invalid-json'],
    ],
    ['a value between tabs', `${EVENT}\t{bad\t${EVENT}`, ['value', 'invalid-json', 'value']],
    [
      'a value that was cut within a text, between tabs',
      `{"a":"cut\t${EVENT}\t${EVENT}`,
      ['invalid-json', 'value', 'value'],
    ],
    ['a record that is no UTF-8', `{"Records":[${NOT_UTF_8},${EVENT}]}`, ['invalid-utf-8', 'element']],
    ['an event that is no UTF-8', `[${NOT_UTF_8},${EVENT}]`, ['invalid-utf-8', 'element']],
    ['a value that is no UTF-8', `${EVENT}${NOT_UTF_8}${EVENT}`, ['value', 'invalid-utf-8', 'value']],
    ['text behind a value', `${EVENT} \xff`, ['value', 'invalid-utf-8']],
    ['a line that is no UTF-8', NOT_UTF_8, ['invalid-utf-8']],
    ['nothing, where NULs come first', `\0\0\0${EVENT}`, ['value']],
    ['a line of NULs', '\0\0\0', ['text']],
  ])('%s', (_, line, expected) => {
    expect(kinds(Buffer.from(`${line}\n${EVENT}\n`, 'latin1'))).toEqual([...expected, 'value']);
  });

  it('and the header of its payload is not lost', () => {
    const payload = `{"messageType":"DATA_MESSAGE","logGroup":"g","logEvents":[{"message":"a"},{bad},{"message":"b"}]}`;
    const header = [
      ['messageType', 'DATA_MESSAGE'],
      ['logGroup', 'g'],
    ];
    expect(read(payload)).toEqual([
      ['element', { message: 'a' }, 'logEvents', 0, header, 'line 1'],
      ['reject', 'invalid-json', 'line 1, logEvents[1]'],
      ['element', { message: 'b' }, 'logEvents', 2, header, 'line 1'],
    ]);
  });

  it('a list without its commas gives all of its events', () => {
    expect(kinds(`[${EVENT}\n${EVENT}\n${EVENT}]`)).toEqual(['element', 'cut-file', 'value', 'value', 'text']);
  });

  it('a list that is cut within an event gives those before it', () => {
    expect(kinds(`[${EVENT},${EVENT.slice(0, -1)}`)).toEqual(['element', 'cut-file']);
    expect(kinds(`[${EVENT},${EVENT}`)).toEqual(['element', 'element', 'cut-file']);
  });
});

/** A request's body is the caller's word: what it holds must never come out as an event of its own. */
describe('damage never turns a part of a body into an event', () => {
  const FORGED = '{"auditID":"forged","user":{}}';
  const REAL = '{"auditID":"real","user":{},"requestObject":';
  it.each<[string, string]>([
    [
      'behind a cut text, by tabs',
      `{"auditID":"1","user":{},"requestObject":{"a":"cut\t${REAL}{"a":"}}}","b":${FORGED}}}`,
    ],
    ['behind a cut text, glued', `{"auditID":"1","user":{},"requestObject":{"a":"cut${REAL}{"a":"}}}","b":${FORGED}}}`],
    ['behind a lost quote', `{"auditID":"1","user":{},"verb":list"}${REAL}{"a":"}}}","b":${FORGED}}}`],
    ['behind a lost quote, in a list', `[{"auditID":"1","verb":list"},${REAL}{"a":"}}]}","b":${FORGED}}}]`],
    ['as an entry of the body, in a list', `[{"auditID":"1","verb":list"},${REAL}["}},\\"",${FORGED}]}]`],
    ['as two entries of the body', `[{"auditID":"1","verb":list"},${REAL}["}},{",":1},\\"",${FORGED}]}]`],
    ['in an EventList', `{"items":[{"auditID":"1","verb":list"},${REAL}{"a":"}}]}","b":${FORGED}}}]}`],
    [
      'on the lines of a body',
      `[\n  {"auditID":"1",\n    "requestObject": [\n      }}",\n      ${FORGED},\n      ${FORGED}\n    ]\n  }\n]`,
    ],
    [
      'behind a lost quote, in an envelope of the body',
      `{"auditID":"1","verb":list","a":"}{\\"x","items":[${FORGED}]}`,
    ],
    [
      'in a pretty body',
      JSON.stringify({ a: ['QUOTE', { b: 1 }, JSON.parse(FORGED)], c: JSON.parse(FORGED) }, null, 2).replace(
        '"QUOTE',
        '}}',
      ),
    ],
    ['in text behind an event', `${EVENT} x ${FORGED}`],
    ['in text behind a tab', `${EVENT}\tI0310 12:00 x\t${FORGED}`],
    ['before the rest of an event whose beginning is lost', `${FORGED},"x":1}}`],
    ['before the end of an event whose beginning is lost', `${FORGED}}}`],
  ])('%s', (_, line) => {
    expect(auditIds(line)).not.toContain('forged');
    expect(values(`${line}\n${EVENT}`).at(-1)).toEqual(JSON.parse(EVENT));
  });

  it('but events after a line that was cut at a bracket are read', () => {
    const cut = '{"kind":"Event","auditID":"cut","sourceIPs":[';
    expect(auditIds(`${cut}\n${EVENT}\n${EVENT}\n`)).toEqual(['x', 'x']);
    expect(auditIds(`${cut}\n  ${FORGED}\n${EVENT}\n`)).toEqual(['x']);
  });

  it('but the events around it are read', () => {
    const list = `[\n  ${EVENT},\n  {"auditID":"1", "verb": list"},\n  ${EVENT}\n]`;
    expect(kinds(list)).toEqual(['element', 'invalid-json', 'element']);
    expect(kinds(`${EVENT},\n${EVENT},\n${EVENT}\n`)).toEqual(['value', 'text', 'value', 'text', 'value']);
  });

  it('and the rest of a document with two damaged elements is not read, which is reported', () => {
    expect(read(`[${EVENT},{bad},{bad},${EVENT}]`).slice(1)).toEqual([
      ['reject', 'invalid-json', 'line 1, [1]'],
      ['reject', 'invalid-json', 'line 1, [2], and all after it'],
    ]);
  });
});

function auditIds(content: string): unknown[] {
  return values(content).map((value) => (value as { auditID?: unknown }).auditID);
}

function values(content: string): unknown[] {
  return read(content).flatMap(([kind, value]) => (kind === 'value' || kind === 'element' ? [value] : []));
}
