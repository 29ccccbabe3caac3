import { ascii, CLOSE_ARRAY, CLOSE_OBJECT, COMMA, hasAt, JsonBytes, OPEN_OBJECT } from './json-bytes.ts';

const BEGIN = ascii('{"Records":[');
/** Of what is shorter all can be held at once. */
const WORTH_IT = 16 * 1024;

/**
 * Where the elements of a CloudTrail file stand, `{"Records":[…]}` on one line, as AWS writes it: two numbers each. Taken one
 * by one they are gone before the next is read; a thousand at once are kept by the collector of garbage, and parsed in two
 * bytes a character, for one that is not Latin-1 in any of them. Undefined where the bytes are none, or not surely JSON.
 */
export function recordsIn(bytes: Uint8Array): readonly number[] | undefined {
  if (bytes.length < WORTH_IT || !hasAt(bytes, 0, BEGIN)) return undefined;
  const json = new JsonBytes();
  json.begin(bytes);
  json.at = BEGIN.length;
  const ends: number[] = [];
  let next = COMMA;
  while (next === COMMA) {
    const from = json.at;
    if (json.next() !== OPEN_OBJECT || !json.skip()) return undefined;
    ends.push(from, json.at);
    next = json.next();
    json.at += 1;
  }
  const isWhole = next === CLOSE_ARRAY && json.next() === CLOSE_OBJECT && json.at + 1 === bytes.length;
  return isWhole ? ends : undefined;
}
