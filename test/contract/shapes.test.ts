import { describe, expect, it } from 'vitest';
import { auditRecordShape } from '../../lib/adapters/dynamodb/record-shape.ts';
import {
  exactOptional,
  fieldsOf,
  instant,
  listOf,
  number,
  objectOf,
  optional,
  read,
  text,
} from '../../lib/adapters/dynamodb/shape.ts';
import type { EpochMillis } from '../../lib/time.ts';
import { grant } from '../builders/trail-records.ts';
import { storedRecord } from './stored-record.ts';

interface Person {
  readonly name: string;
  readonly born?: EpochMillis;
  readonly town?: string | undefined;
}

describe('the shape of a stored item', () => {
  const { record } = storedRecord({}, [grant()]);
  const { attribution, caller } = record;
  const [link] = attribution.chain ?? [];

  it.each([
    ['no record at all', undefined, 'no object at record.'],
    ['a list for a record', [record], 'no object at record.'],
    ['another version', { ...record, schemaVersion: 2 }, 'no schema version 1 at record.schemaVersion.'],
    ['no audit ID', { ...record, auditId: undefined }, 'no text at record.auditId.'],
    ['no caller', { ...record, caller: undefined }, 'no object at record.caller.'],
    ['a number for a name', { ...record, caller: { ...caller, username: 7 } }, 'no text at record.caller.username.'],
    [
      'a group that is none',
      { ...record, caller: { ...caller, groups: ['a', 1] } },
      'no text at record.caller.groups[1].',
    ],
    ['a text for a list', { ...record, source: { ips: '192.0.2.1' } }, 'no list at record.source.ips.'],
    ['a list for an object without required fields', { ...record, source: [] }, 'no object at record.source.'],
    [
      'an unknown status',
      { ...record, attribution: { ...attribution, status: 'likely' } },
      'no one of attributed, partial, ambiguous, unattributed, pending, system at record.attribution.status.',
    ],
    [
      'a hop without a time',
      { ...record, attribution: { ...attribution, chain: [link, { ...link, issuedAt: 0 }] } },
      'no text at record.attribution.chain[1].issuedAt.',
    ],
    [
      'a token whose account is missing',
      { ...record, attribution: { ...attribution, chain: [{ eventName: 'TokenRequest', eventIds: [] }] } },
      'no text at record.attribution.chain[0].serviceAccount.',
    ],
  ])('tells which field is not as it is to be: %s', (_, value, fault) => {
    const item = JSON.parse(JSON.stringify({ value }));
    expect(() => read(auditRecordShape, item.value, 'record')).toThrow(`A stored item has ${fault}`);
  });

  it('reports the item itself if it has no place', () => {
    const shape = fieldsOf({ revision: number, claims: listOf(text) });
    expect(() => read(shape, 'text')).toThrow('no object at the item.');
    expect(() => read(shape, {})).toThrow('no number at revision.');
    expect(() => read(shape, { revision: 1, claims: ['one', {}] })).toThrow('no text at claims[1].');
  });

  const name = text;
  const born = exactOptional(instant);
  const town = optional(text);

  it('reads the fields that it knows, and leaves out the rest', () => {
    const person = objectOf<Person>({ name, born, town });
    expect(read(person, { name: 'ana', born: 7, role: 'admin' })).toEqual({ name: 'ana', born: 7 });
    expect(Object.keys(read(person, { name: 'ana' }))).toEqual(['name']);
    expect(read(person, { name: 'ana', town: undefined }).town).toBeUndefined();
  });

  it('compiles only if it has exactly the fields of its type', () => {
    // @ts-expect-error A field of the type is missing, though it is optional there.
    const less = () => objectOf<Person>({ name, born });
    // @ts-expect-error The type has no such field.
    const more = () => objectOf<Person>({ name, born, town, role: text });
    // @ts-expect-error What the type needs must not be optional.
    const looser = () => objectOf<Person>({ name: exactOptional(text), born, town });
    // @ts-expect-error What the type may lack must be optional.
    const stricter = () => objectOf<Person>({ name, born, town: text });
    // @ts-expect-error The type does not say that it may be undefined.
    const undefinedToo = () => objectOf<Person>({ name, born: optional(instant), town });
    // @ts-expect-error Another type.
    const other = () => objectOf<Person>({ name, born, town: optional(instant) });
    for (const shape of [less, more, looser, stricter, undefinedToo, other]) expect(shape).not.toThrow();
  });
});
