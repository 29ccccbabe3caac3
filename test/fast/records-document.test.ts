import { expect, it } from 'vitest';
import { recordsIn } from '../../lib/fast/records-document.ts';
import { type JsonObject, parseJson } from '../../lib/json.ts';
import { cases } from '../builders/thoroughness.ts';
import { grant } from '../builders/trail-records.ts';
import { drawFrom } from '../oracle/draw.ts';
import { mutated } from './mutations.ts';

const RECORDS = Array.from({ length: 24 }, (_, at) =>
  grant({ id: `e${at}`, roleSessionName: 'session – \u202f' } as never),
);
const DOCUMENT = JSON.stringify({ Records: RECORDS });

function elementsOf(text: string): unknown[] | undefined {
  const bytes = Buffer.from(text);
  const document = recordsIn(bytes);
  return (
    document &&
    Array.from({ length: document.count }, (_, at) =>
      JSON.parse(bytes.toString('utf8', document.startOf(at), document.endOf(at))),
    )
  );
}

it('the records of a CloudTrail file are taken one by one', () => {
  expect(DOCUMENT.length).toBeGreaterThan(16 * 1024);
  expect(elementsOf(DOCUMENT)).toEqual(RECORDS);
});

it('a document that is no JSON, or has anything beside its records, is left alone', () => {
  for (const text of [
    DOCUMENT.slice(0, -1),
    `${DOCUMENT} `,
    `${DOCUMENT}}`,
    DOCUMENT.replace(']}', '],"a":1}'),
    DOCUMENT.replace('[', '[ '),
  ]) {
    expect(elementsOf(text), text.slice(-20)).toBe(undefined);
  }
});

it('a document of records of next to nothing is left alone: what is noted of each would take many times its room', () => {
  const nothing = (count: number) => JSON.stringify({ Records: Array.from({ length: count }, () => ({})) });
  expect(elementsOf(nothing(200_000))).toBe(undefined);
  expect(elementsOf(DOCUMENT.replace(']}', `,${Array(900).fill('{}').join(',')}]}`))).toHaveLength(
    RECORDS.length + 900,
  );
});

it('whatever is changed in a document, its records are what they are when all of it is parsed, or none', () => {
  const draw = drawFrom(5);
  let taken = 0;
  for (let tried = 0; tried < cases(80, 20_000); tried += 1) {
    const text = mutated(DOCUMENT, draw);
    const elements = elementsOf(text);
    if (elements === undefined) continue;
    taken += 1;
    const parsed = parseJson(text);
    expect(parsed.ok, text).toBe(true);
    if (parsed.ok) expect(elements).toEqual((parsed.value as JsonObject).Records);
  }
  expect(taken).toBeGreaterThan(2);
});
