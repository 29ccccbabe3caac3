import fc from 'fast-check';
import { expect, it } from 'vitest';
import { auditEvent } from '../builders/audit-event.ts';
import { cases } from '../builders/chance.ts';
import { cutAt, cutEvery, framed } from '../builders/framed.ts';
import { grant } from '../builders/trail-records.ts';

const EVENT = auditEvent();
const SMALL = { auditID: 'x', user: {}, text: 'a"\\[{}],:\n' };
const line = fc.oneof(
  fc.constantFrom(
    JSON.stringify(EVENT),
    JSON.stringify(SMALL),
    JSON.stringify(SMALL, null, 2),
    JSON.stringify([SMALL, SMALL], null, '\t'),
    JSON.stringify({ Records: [grant({ id: 'e1' })] }),
    JSON.stringify({ Records: [SMALL, SMALL] }, null, 1),
    JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents: [SMALL] }).slice(0, 60),
    JSON.stringify(EVENT).slice(0, 250),
    '2026-03-10T12:00:00Z {"auditID":"x","user":{}}',
    '@timestamp,@message',
    '"2026","{""auditID"":""x"",\n""user"":{}}"',
    'a "quoted, text',
    '\uFEFF{"auditID":"x","user":{}}',
    'I0310 12:00:00 text',
    '{"Records":[',
    ']}',
    '{',
    '[',
    '',
    '  ',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.json(),
);
const file = fc
  .tuple(
    fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\n\n')), { maxLength: 12 }),
    fc.uint8Array({ maxLength: 8 }),
  )
  .map(([lines, bytes]) => Buffer.concat([...lines.map(([text, end]) => Buffer.from(text + end)), bytes]));

it('no bytes make the framing throw, and cutting them into other pieces never changes the result', () => {
  fc.assert(
    fc.property(file, fc.array(fc.nat(), { maxLength: 20 }), (bytes, places) => {
      expect(framed(cutAt(bytes, places))).toEqual(framed([Buffer.from(bytes)]));
    }),
    { numRuns: cases(3_000) },
  );
});

it('bytes that come one by one give the same pieces', () => {
  fc.assert(
    fc.property(file, (bytes) => {
      expect(framed(cutEvery(bytes, 1))).toEqual(framed([Buffer.from(bytes)]));
    }),
    { numRuns: cases(500) },
  );
});

const mebibyte = 1024 * 1024;
const events = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ auditID: `a${at}`, user: {}, pad: 'x'.repeat(9_000) }));

/** Longer than what is held as a whole: 8 MiB. */
it.each<[string, string]>([
  ['a document on one line', JSON.stringify({ Records: events(1_500) })],
  ['a document over many lines', JSON.stringify({ Records: events(1_500) }, null, 2)],
  [
    'a list over many lines, and lines behind it',
    `${JSON.stringify(events(1_500), null, 1)}\n${JSON.stringify(SMALL)}\n{"cut`,
  ],
  [
    'events over many lines, one after the other',
    events(1_500)
      .map((event) => JSON.stringify(event, null, 2))
      .join('\n'),
  ],
  ['a line of text, and lines behind it', `${'x'.repeat(12 * mebibyte)}\n${JSON.stringify(SMALL)}\nnothing`],
  [
    'an event on one line, and lines behind it',
    `${JSON.stringify({ auditID: 'a', user: {}, pad: 'x'.repeat(12 * mebibyte) })}\n${JSON.stringify(SMALL)}\nnothing`,
  ],
])('the same holds for values that are too long to keep: %s', (_, text) => {
  const bytes = Buffer.from(text);
  const once = framed([Buffer.from(bytes)]);
  for (const length of [65_536, mebibyte, 3_333_333]) expect(framed(cutEvery(bytes, length))).toEqual(once);
});
