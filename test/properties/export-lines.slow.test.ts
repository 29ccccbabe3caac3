import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Framing } from '../../lib/adapters/files/framing.ts';
import type { Spot } from '../../lib/adapters/files/framing-sink.ts';
import { ExportLines } from '../../lib/adapters/files/read-input.ts';
import { unwrap, unwrapElement } from '../../lib/envelopes/unwrap.ts';
import { cases } from '../builders/chance.ts';
import { cutEvery } from '../builders/framed.ts';
import { piecesTaken } from '../builders/pieces.ts';
import { GRANT, good, goodEvent } from '../files/good.ts';

const TIME = '2026-03-10T12:00:00.000Z';
const FORGED = good('forged');
const PIECES = [
  FORGED,
  GRANT,
  JSON.stringify(goodEvent('forged'), null, 2),
  JSON.stringify(FORGED),
  `${TIME} `,
  `${TIME} kube-apiserver-audit-0123 `,
  '{"Records":[',
  '{"messageType":"DATA_MESSAGE","logEvents":[',
  '@message\n',
  '{"cut":"',
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\',
  ',',
  '\n',
  '\n\t',
  '\r\n',
  ' ',
  '\t',
  '\0',
  'x',
] as const;

/** Text that somebody sent to a component that logs it unchanged. No line begins with a time. */
const continued = fc
  .array(fc.constantFrom(...PIECES), { maxLength: 14 })
  .map((pieces) => pieces.join('').replaceAll(/(^|\n)(?=\d{4}-)/g, '$1\t'));

/** The events of a file, read in chunks of this many bytes. */
function eventsOf(text: string, chunk: number) {
  return piecesTaken([], (to) => {
    const others = {
      value: (value: unknown, { place }: Spot) => unwrap(value, place, to),
      element: (...[value, array, { place }]: Parameters<ExportLines['element']>) =>
        unwrapElement(value, array, place, to),
      row: (row: { readonly [column: string]: string }, { place }: Spot) => unwrap(row, place, to),
      text: () => undefined,
      reject: () => undefined,
    };
    const framing = new Framing(new ExportLines(others, () => to));
    for (const bytes of cutEvery(Buffer.from(text), chunk)) framing.push(bytes);
    framing.end();
  });
}

it('an export contains no evidence except its own messages, whatever a component logs over several lines', () => {
  const lines = (texts: readonly string[]) =>
    texts.map((text, at) => `${TIME} I0310 12:00:00 1 x.go:1] body=<\n${text}\n${TIME} ${good(`${at}`)}\n`).join('');
  fc.assert(
    fc.property(
      fc.array(continued, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(7, 100, 65_536),
      (texts, chunk) => {
        const { audit, trail } = eventsOf(lines(texts), chunk);
        expect(trail).toEqual([]);
        expect(audit.map(({ event }) => event.auditID)).toEqual(texts.map((_, at) => `${at}`));
      },
    ),
    { numRuns: cases(4_000) },
  );
});
