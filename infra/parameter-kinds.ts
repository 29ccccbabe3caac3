/** A parameter's value, or the reasons why it cannot be used. */
export type ReadResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * The schema of a value, in JSON Schema (draft-07). `description` is a noun phrase for people, such as "an AWS Region".
 */
export interface ValueSchema {
  readonly type?: 'string' | 'integer' | 'boolean' | 'array';
  readonly description?: string;
  readonly enum?: readonly (string | number)[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: ValueSchema;
}

/** A function that parses a parameter's value, with the schema of such values. */
export interface Reader<T> {
  (value: unknown): ReadResult<T>;
  readonly schema: ValueSchema;
  /** Returns whether a change from one value to the other takes something away from a stack. */
  readonly isLess: (before: unknown, after: unknown) => boolean;
  /** Whether an entry of a list may contain a comma. Such a list is a JSON array wherever a value must be a text. */
  readonly hasCommas?: boolean;
}

/** Returns whether the new value is empty. For most kinds of parameters, no other change takes something away. */
const isEmptied = (_: unknown, after: unknown): boolean => textOf(after) === '';

function reader<T>(schema: ValueSchema, read: (value: unknown) => ReadResult<T>, isLess = isEmptied): Reader<T> {
  return Object.assign(read, { schema, isLess });
}

const right = <T>(value: T): ReadResult<T> => ({ ok: true, value });
const wrong = (problem: string) => ({ ok: false, problems: [problem] }) as const;

/**
 * Returns a value as text. `--param` passes texts; YAML also has numbers and booleans. Absent, null and '' are the
 * same.
 */
function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value).trim();
}

/** Returns a reader of one of these words. */
export function word<const W extends string>(words: readonly W[]): Reader<W> {
  return reader({ enum: words }, (value) => {
    const found = words.find((known) => known === textOf(value));
    return found === undefined ? wrong(`must be one of ${words.join(', ')}`) : right(found);
  });
}

/** Returns a reader of one of these words, which are ordered from the least to the most. */
export function ladder<const W extends string>(words: readonly W[]): Reader<W> {
  const place = (value: unknown) => (words as readonly string[]).indexOf(textOf(value));
  return Object.assign(word(words), { isLess: (before: unknown, after: unknown) => place(after) < place(before) });
}

/** Reads true or false. */
export const flag: Reader<boolean> = reader(
  { type: 'boolean' },
  (value) => {
    const read = word(['true', 'false'])(value);
    return read.ok ? right(read.value === 'true') : read;
  },
  (before) => before === true,
);

/** A check of a text with its own syntax. Returns what is wrong with it, or undefined. */
export type Refusal = (text: string) => string | undefined;

/** Returns a reader of a text of this shape. `meaning` is a noun phrase for the error, such as "the name of a role". */
export function text(shape: RegExp, meaning: string, refusal: Refusal = () => undefined): Reader<string> {
  return reader(schemaOfText(shape, meaning), (value) => {
    const flaw = shape.test(textOf(value)) ? refusal(textOf(value)) : `must be ${meaning}`;
    return flaw === undefined ? right(textOf(value)) : wrong(flaw);
  });
}

/** Returns a reader of a text of this shape, or of an empty text, which counts as no value. */
export function optionalText(shape: RegExp, meaning: string): Reader<string | undefined> {
  const { pattern, ...schema } = schemaOfText(shape, meaning);
  return reader({ ...schema, pattern: `^$|${pattern}` }, (value) =>
    textOf(value) === '' ? right(undefined) : text(shape, meaning)(value),
  );
}

/**
 * Returns the schema of a text, even if it has only digits. Editors then ask for quotes; as a number, an account ID
 * could lose its zeros.
 */
function schemaOfText(shape: RegExp, description: string): ValueSchema {
  return { type: 'string', pattern: shape.source.replaceAll('\\/', '/'), description };
}

/** Returns a reader of a whole number within these limits. */
export function whole(least: number, most: number): Reader<number> {
  return reader({ type: 'integer', minimum: least, maximum: most }, (value) => {
    const number = numberIn(value);
    const fits = Number.isInteger(number) && number >= least && number <= most;
    return fits ? right(number) : wrong(`must be a whole number from ${least} to ${most}`);
  });
}

function numberIn(value: unknown): number {
  return Number(textOf(value) || Number.NaN);
}

const isFewer = (before: unknown, after: unknown): boolean => Number(after) < Number(before);

/** Returns a reader of a number of days. Fewer days take something away, because older data is deleted. */
export function days(least: number, most: number): Reader<number> {
  return Object.assign(whole(least, most), { isLess: isFewer });
}

/** Returns a reader of a number of days that must be one of these. */
export function someDays(numbers: readonly number[]): Reader<number> {
  const read = (value: unknown) => {
    const number = numberIn(value);
    return numbers.includes(number) ? right(number) : wrong(`must be one of ${numbers.join(', ')}`);
  };
  return reader({ enum: numbers }, read, isFewer);
}

const isShorter = (before: unknown, after: unknown): boolean =>
  Array.isArray(before) && before.some((entry) => !(Array.isArray(after) && after.includes(entry)));

/**
 * Returns a reader of a YAML list, or of a text with commas between the entries. Each entry is kept once, in the given
 * order.
 */
export function list(shape: RegExp, meaning: string, refusal?: Refusal): Reader<readonly string[]> {
  return reader(
    { type: 'array', items: schemaOfText(shape, meaning) },
    (value) => {
      const entries = entriesIn(value);
      const odd = entries.find((entry) => !shape.test(entry));
      if (odd !== undefined) return wrong(`must be a list of ${meaning}; ${JSON.stringify(odd)} does not fit`);
      const problems = refusal === undefined ? [] : entries.flatMap((entry) => refusal(entry) ?? []);
      return problems.length === 0 ? right(entries) : { ok: false, problems };
    },
    isShorter,
  );
}

function entriesIn(value: unknown): string[] {
  const entries = (Array.isArray(value) ? value : textOf(value).split(',')).map(textOf);
  return [...new Set(entries.filter((entry) => entry !== ''))];
}

/** Returns a reader of a list whose entries may contain commas. */
export function texts(shape: RegExp, meaning: string, refusal?: Refusal): Reader<readonly string[]> {
  return Object.assign(list(shape, meaning, refusal), { hasCommas: true });
}

/** Returns a reader of a list of some of these words. */
export function words<const W extends string>(known: readonly W[]): Reader<readonly W[]> {
  return reader(
    { type: 'array', items: { enum: known } },
    (value) => {
      const entries = entriesIn(value);
      const fits = known.filter((entry) => entries.includes(entry));
      return fits.length === entries.length ? right(fits) : wrong(`must be a list of some of ${known.join(', ')}`);
    },
    isShorter,
  );
}
