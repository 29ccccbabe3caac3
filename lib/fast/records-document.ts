import { ascii, CLOSE_ARRAY, CLOSE_OBJECT, COMMA, hasAt, OPEN_OBJECT } from './json-bytes.ts';
import { TRAIL_NUMBERS, TrailBytes } from './trail-bytes.ts';

const BEGIN = ascii('{"Records":[');
/** Of what is shorter all can be held at once. */
const WORTH_IT = 16 * 1024;

/** A row of numbers a record: where it begins and ends, whether its fields were read, and where they stand. */
const FIRST_FIELD = 3;
const ROW = FIRST_FIELD + TRAIL_NUMBERS;
const FIRST_ROWS = 1_024;
/** In bytes: so long is a record on the average at least, else the rows would take many times the room of the bytes. */
const SHORTEST_RECORD = 64;

/**
 * Where the elements of a CloudTrail file stand, `{"Records":[…]}` on one line, as AWS writes it. Taken one by one they are
 * gone before the next is read; a thousand at once are kept by the collector of garbage, and parsed in two bytes a character,
 * for one that is not Latin-1 in any of them.
 */
export class RecordsDocument {
  readonly bytes: Uint8Array;
  readonly #numbers: Int32Array;
  readonly count: number;

  constructor(bytes: Uint8Array, numbers: Int32Array) {
    this.bytes = bytes;
    this.#numbers = numbers;
    this.count = numbers.length / ROW;
  }

  startOf(record: number): number {
    return this.#numbers[record * ROW] ?? 0;
  }

  endOf(record: number): number {
    return this.#numbers[record * ROW + 1] ?? 0;
  }

  /** Fills in where the record's fields stand; false where it is to be read in the plain way. */
  fieldsOf(record: number, trail: TrailBytes): boolean {
    const row = record * ROW;
    if (this.#numbers[row + 2] === 0) return false;
    trail.load(this.bytes, this.#numbers, row + FIRST_FIELD);
    return true;
  }
}

/** Undefined where the bytes are no such document, or not surely JSON. */
export function recordsIn(bytes: Uint8Array): RecordsDocument | undefined {
  if (bytes.length < WORTH_IT || !hasAt(bytes, 0, BEGIN)) return undefined;
  const trail = new TrailBytes();
  const { json } = trail;
  json.begin(bytes);
  json.at = BEGIN.length;
  const most = FIRST_ROWS + bytes.length / SHORTEST_RECORD;
  let numbers: Int32Array | undefined = new Int32Array(FIRST_ROWS * ROW);
  let row = 0;
  for (let next = COMMA; next === COMMA; row += ROW) {
    numbers = withRoom(numbers, row, most);
    if (numbers === undefined || !readElement(trail, numbers, row)) return undefined;
    next = json.next();
    json.at += 1;
    if (next !== COMMA && next !== CLOSE_ARRAY) return undefined;
  }
  const isWhole = json.next() === CLOSE_OBJECT && json.at + 1 === bytes.length;
  return isWhole ? new RecordsDocument(bytes, numbers.subarray(0, row)) : undefined;
}

function readElement(trail: TrailBytes, numbers: Int32Array, row: number): boolean {
  const { json } = trail;
  const from = json.at;
  if (json.next() !== OPEN_OBJECT) return false;
  const isTaken = trail.read();
  if (isTaken) trail.store(numbers, row + FIRST_FIELD);
  else {
    json.at = from;
    if (!json.skip()) return false;
  }
  numbers[row] = from;
  numbers[row + 1] = json.at;
  numbers[row + 2] = isTaken ? 1 : 0;
  return true;
}

/** Undefined where there are more rows than there may be. */
function withRoom(numbers: Int32Array, row: number, most: number): Int32Array | undefined {
  if (row + ROW <= numbers.length) return numbers;
  if (row > most * ROW) return undefined;
  const more = new Int32Array(numbers.length * 2);
  more.set(numbers);
  return more;
}
