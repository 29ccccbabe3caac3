import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RepeatedIds } from '../../lib/adapters/files/repeated-ids.ts';
import type { JsonObject } from '../../lib/json.ts';
import { auditEvent } from '../builders/audit-event.ts';

function mayRepeat(text: string, piece = 1 << 20): boolean {
  const ids = new RepeatedIds();
  const add = ids.ofText();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += piece) add(bytes.subarray(at, at + piece));
  add(Buffer.alloc(0));
  return ids.mayRepeat;
}

const line = (auditID: string, fields: JsonObject = {}) => JSON.stringify(auditEvent({ auditID, ...fields }));
const hidden = (auditID: string) => line(auditID).replace('auditID', 'audit\\u0049D');
const logs = (...messages: string[]) => JSON.stringify({ logEvents: messages.map((message) => ({ message })) });
const csv = (...messages: string[]) => messages.map((each) => `2026-03-10,"${each.replaceAll('"', '""')}"`).join('\n');

describe('an audit ID that occurs twice at one stage', () => {
  it.each([
    ['JSON lines', [line('a'), line('b'), line('a')].join('\n')],
    ['a list over many lines', JSON.stringify([auditEvent(), auditEvent()], null, 2)],
    ['messages of CloudWatch Logs', logs(line('a'), line('b'), line('a'))],
    ['messages within messages', logs(logs(line('a')), line('a'))],
    ['CSV', csv(line('a'), line('b'), line('a'))],
    ['a line and a message', `${line('a')}\n${logs(line('a'))}`],
    ['two orders of keys', `${line('a')}\n{"auditID":"a","level":"Metadata","stage":"ResponseComplete","user":{}}`],
    ['an escaped quote', `${line('a"b')}\n${line('a"b')}`],
    ['an escaped letter', `${line('ab')}\n${line('aX').replace('aX', 'a\\u0062')}`],
    ['escaped quotes', `${line('a')}\n${line('a').replaceAll('"', '\\u0022')}`],
    ['an escaped letter of the key', `${line('a')}\n${hidden('a')}`],
    ['an escaped letter of the key in messages', logs(line('a'), hidden('a'))],
    ['an escaped backslash in messages', logs(line('a'), hidden('a')).replace('\\\\u', '\\u005cu')],
    ['another alphabet', `${line('aé')}\n${line('aX').replace('aX', 'a\\u00e9')}`],
    ['long IDs that differ where records cut them', `${line(`${'x'.repeat(300)}1`)}\n${line(`${'x'.repeat(300)}2`)}`],
  ])('is found in %s, however the text is cut', (_, text) => {
    for (const piece of [1, 7, 100, 1 << 20]) expect(mayRepeat(text, piece), `pieces of ${piece}`).toBe(true);
  });
});

describe('audit IDs that occur once at each stage', () => {
  const stages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'].map((stage) =>
    line('a', { stage }),
  );
  it.each([
    ['JSON lines', [line('a'), line('b'), line('ab')].join('\n')],
    ['messages', logs(...stages)],
    ['CSV', csv(...stages)],
    [
      'a text with escapes of other characters',
      `${line('a').replace('delete', '\\u003c\\u0026\\u00fc')}\n${line('b')}`,
    ],
    ['a text that mentions the key', `${line('a', { userAgent: 'my auditID' })}\n${line('b')}`],
  ])('are none in %s', (_, text) => {
    for (const piece of [1, 100, 1 << 20]) expect(mayRepeat(text, piece), `pieces of ${piece}`).toBe(false);
  });

  it('are none among a hundred thousand', () => {
    const text = Array.from({ length: 100_000 }, (_, at) => `{"auditID":"${at}","stage":"Panic"}`).join('\n');
    expect(mayRepeat(text)).toBe(false);
    expect(mayRepeat(`${text}\n{"auditID":"77777","stage":"Panic"}`)).toBe(true);
  });
});

it('finds a repetition among any IDs, in any envelope, and among parsed events', () => {
  const id = fc.string({ unit: 'binary', minLength: 1 });
  fc.assert(
    fc.property(fc.array(id, { maxLength: 8 }), id, fc.integer({ min: 1, max: 300 }), (others, again, piece) => {
      expect(mayRepeat([again, ...others, again].map((each) => line(each)).join('\n'), piece)).toBe(true);
      expect(mayRepeat(logs(...[again, ...others].map((each) => line(each)), logs(line(again))), piece)).toBe(true);
    }),
    { numRuns: 30 },
  );
  const ids = new RepeatedIds();
  ids.ofText()(Buffer.from(`${line('a')}\n${line('b')}\n${' '.repeat(100)}`));
  ids.add('a', 'ResponseStarted');
  expect(ids.mayRepeat).toBe(false);
  ids.add('a', 'ResponseComplete');
  expect(ids.mayRepeat).toBe(true);
});
