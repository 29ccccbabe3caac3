import { describe, expect, it } from 'vitest';
import { longRecords } from '../../lib/adapters/files/long-records.ts';
import { readInput } from '../../lib/adapters/files/read-input.ts';
import { parseJson } from '../../lib/json.ts';

/** CloudTrail writes a file as one line. A long one is read record by record, and nothing that comes out may show it. */

const record = (more: object = {}) => ({ eventVersion: '1.11', eventName: 'AssumeRole', eventSource: 's', ...more });
/** Together longer than `longRecords` leaves to others. U+202F is what Java writes before AM and PM. */
const MANY = Array.from({ length: 700 }, (_, at) => record({ at, pad: `7:24:00\u202fPM ${'x'.repeat(1_500)}` }));
const fileOf = (...records: readonly object[]) => JSON.stringify({ Records: [...MANY, ...records] });

describe('a long file of CloudTrail', () => {
  it.each([
    ['as it is', fileOf()],
    ['with a text that looks like the next record', fileOf(record({ text: '},{"eventVersion":1}' }))],
    ['with blanks around its records', fileOf().replace('[{', '[ {').replace('}]}', '} ]}')],
  ])('is read in pieces, %s', (_, text) => {
    expect(longRecords(Buffer.from(text))).toEqual(JSON.parse(text));
  });

  it.each([
    ['with a list of records in a record', fileOf(record({ list: [{}, record()] }))],
    ['with blanks between two records', fileOf().replace('},{', '} ,{')],
    ['with a record of another form', fileOf({ other: 1 })],
    ['with a record that is damaged', fileOf(record({ flaw: 'here' })).replace('"here"', 'here')],
    ['with a comma too many', fileOf().replace(/\]\}$/, ',]}')],
    ['with an empty place', fileOf().replace('},{', '},,{')],
    ['with more after its list', fileOf().replace(/\}$/, ',"more":[]}')],
    ['that was cut', fileOf().slice(0, -1)],
    ['of another envelope', fileOf().replace('Records', 'Events')],
    ['that is short', JSON.stringify({ Records: [record()] })],
  ])('is left to the parser of the whole, %s', (_, text) => {
    expect(longRecords(Buffer.from(text))).toBeUndefined();
  });

  it('is read in pieces only where the whole is the same', () => {
    const text = fileOf();
    for (let at = 0; at < text.length; at += Math.ceil(text.length / 60)) {
      const damaged = Buffer.from(text.slice(0, at) + '{}[],":\\ '[at % 9] + text.slice(at + 1));
      const whole = parseJson(damaged.toString());
      const pieces = longRecords(damaged);
      if (pieces !== undefined) expect(whole).toEqual({ ok: true, value: pieces });
    }
  });

  it('has the places of its records', async () => {
    const places: string[] = [];
    const nothing = () => undefined;
    const pieces = async function* () {
      yield { bytes: Buffer.from(fileOf()), read: 0 };
    };
    await readInput(
      { file: 'f', counted: [], bytes: pieces() },
      { trail: (_, { place }) => places.push(place()), audit: nothing, ignored: nothing, reject: nothing },
      nothing,
    );
    expect(places).toEqual(MANY.map((_, at) => `line 1, Records[${at}]`));
  });
});
