/** What a parameter turned out to be, or in words why it can't be used. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly string[] };

/** What a value may be, in the words of JSON schema (draft-07); `description` is how a person would call it. */
export interface ValueSchema {
  readonly type?: 'string' | 'integer' | 'boolean' | 'array';
  readonly description?: string;
  readonly enum?: readonly (string | number)[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: ValueSchema;
}

/** Reads a parameter, and says for the schema of `eks-whois.yaml` what it takes. */
export interface Reader<T> {
  (value: unknown): Checked<T>;
  readonly schema: ValueSchema;
  /** Whether a stack has less of something after a change from one value to the other. */
  readonly isLess: (before: unknown, after: unknown) => boolean;
  /** Of a list: whether an entry may hold a comma, so that lists are texts of JSON where there are only texts. */
  readonly hasCommas?: boolean;
}

/** Of most kinds, a value that was there and is gone. */
const isGone = (_: unknown, after: unknown): boolean => textOf(after) === '';

function reader<T>(schema: ValueSchema, read: (value: unknown) => Checked<T>, isLess = isGone): Reader<T> {
  return Object.assign(read, { schema, isLess });
}

const right = <T>(value: T): Checked<T> => ({ ok: true, value });
const wrong = (problem: string) => ({ ok: false, problems: [problem] }) as const;

/** `--param` gives texts, YAML numbers and booleans too; absent, null and '' are the same. */
function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value).trim();
}

export function word<const W extends string>(words: readonly W[]): Reader<W> {
  return reader({ enum: words }, (value) => {
    const found = words.find((known) => known === textOf(value));
    return found === undefined ? wrong(`must be one of ${words.join(', ')}`) : right(found);
  });
}

/** Words from the least to the most. */
export function ladder<const W extends string>(words: readonly W[]): Reader<W> {
  const place = (value: unknown) => (words as readonly string[]).indexOf(textOf(value));
  return Object.assign(word(words), { isLess: (before: unknown, after: unknown) => place(after) < place(before) });
}

export const flag: Reader<boolean> = reader(
  { type: 'boolean' },
  (value) => {
    const read = word(['true', 'false'])(value);
    return read.ok ? right(read.value === 'true') : read;
  },
  (before) => before === true,
);

/** Why a text in a language of its own is none of it. */
export type Refusal = (text: string) => string | undefined;

export function text(shape: RegExp, meaning: string, refusal: Refusal = () => undefined): Reader<string> {
  return reader(schemaOfText(shape, meaning), (value) => {
    const flaw = shape.test(textOf(value)) ? refusal(textOf(value)) : `must be ${meaning}`;
    return flaw === undefined ? right(textOf(value)) : wrong(flaw);
  });
}

export function optionalText(shape: RegExp, meaning: string): Reader<string | undefined> {
  const { pattern, ...schema } = schemaOfText(shape, meaning);
  return reader({ ...schema, pattern: `^$|${pattern}` }, (value) =>
    textOf(value) === '' ? right(undefined) : text(shape, meaning)(value),
  );
}

/** Texts of digits too, which editors then want in quotes: as a number, an account's id may lose its zeros. */
function schemaOfText(shape: RegExp, description: string): ValueSchema {
  return { type: 'string', pattern: shape.source.replaceAll('\\/', '/'), description };
}

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

/** What is older is deleted. */
export function days(least: number, most: number): Reader<number> {
  return Object.assign(whole(least, most), { isLess: isFewer });
}

/** Days, of which there are only these numbers. */
export function someDays(numbers: readonly number[]): Reader<number> {
  const read = (value: unknown) => {
    const number = numberIn(value);
    return numbers.includes(number) ? right(number) : wrong(`must be one of ${numbers.join(', ')}`);
  };
  return reader({ enum: numbers }, read, isFewer);
}

const isShorter = (before: unknown, after: unknown): boolean =>
  Array.isArray(before) && before.some((entry) => !(Array.isArray(after) && after.includes(entry)));

/** A YAML list, or texts with commas between; each once, in the order given. */
export function list(shape: RegExp, meaning: string, refusal?: Refusal): Reader<readonly string[]> {
  return reader(
    { type: 'array', items: schemaOfText(shape, meaning) },
    (value) => {
      const entries = entriesIn(value);
      const odd = entries.find((entry) => !shape.test(entry));
      if (odd !== undefined) return wrong(`must list ${meaning}; ${JSON.stringify(odd)} is none`);
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

/** A list whose entries may hold commas. */
export function texts(shape: RegExp, meaning: string, refusal?: Refusal): Reader<readonly string[]> {
  return Object.assign(list(shape, meaning, refusal), { hasCommas: true });
}

/** A list of which every entry is one of the words. */
export function words<const W extends string>(known: readonly W[]): Reader<readonly W[]> {
  return reader(
    { type: 'array', items: { enum: known } },
    (value) => {
      const entries = entriesIn(value);
      const fits = known.filter((entry) => entries.includes(entry));
      return fits.length === entries.length ? right(fits) : wrong(`must list some of ${known.join(', ')}`);
    },
    isShorter,
  );
}
