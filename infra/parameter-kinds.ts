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
}

function reader<T>(schema: ValueSchema, read: (value: unknown) => Checked<T>): Reader<T> {
  return Object.assign(read, { schema });
}

const right = <T>(value: T): Checked<T> => ({ ok: true, value });
const wrong = (problem: string) => ({ ok: false, problems: [problem] }) as const;

/** `--param` gives texts, `serverless.yml` numbers and booleans too; absent, null and '' are the same. */
function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value).trim();
}

export function word<const W extends string>(words: readonly W[]): Reader<W> {
  return reader(enumOf(words), (value) => {
    const found = words.find((known) => known === textOf(value));
    return found === undefined ? wrong(`must be one of ${words.join(', ')}`) : right(found);
  });
}

/** YAML has a number where a word is of digits. */
function enumOf(words: readonly string[]): ValueSchema {
  return { enum: words.map((each) => (/^\d+$/.test(each) ? Number(each) : each)) };
}

export const flag: Reader<boolean> = reader({ type: 'boolean' }, (value) => {
  const read = word(['true', 'false'])(value);
  return read.ok ? right(read.value === 'true') : read;
});

export function text(shape: RegExp, meaning: string): Reader<string> {
  return reader(schemaOfText(shape, meaning), (value) =>
    shape.test(textOf(value)) ? right(textOf(value)) : wrong(`must be ${meaning}`),
  );
}

export function optionalText(shape: RegExp, meaning: string): Reader<string | undefined> {
  const { pattern, ...schema } = schemaOfText(shape, meaning);
  return reader({ ...schema, pattern: `^$|${pattern}` }, (value) =>
    textOf(value) === '' ? right(undefined) : text(shape, meaning)(value),
  );
}

/** Texts of digits too, which editors then want in quotes: as a number, an account's id may lose its zeros. */
function schemaOfText(shape: RegExp, description: string): ValueSchema {
  return { type: 'string', pattern: shape.source, description };
}

export function whole(least: number, most: number): Reader<number> {
  return reader({ type: 'integer', minimum: least, maximum: most }, (value) => {
    const number = Number(textOf(value) || Number.NaN);
    const fits = Number.isInteger(number) && number >= least && number <= most;
    return fits ? right(number) : wrong(`must be a whole number from ${least} to ${most}`);
  });
}

/** A YAML list, or texts with commas between; each once, in the order given. */
export function list(shape: RegExp, meaning: string): Reader<readonly string[]> {
  return reader({ type: 'array', items: schemaOfText(shape, meaning) }, (value) => {
    const entries = (Array.isArray(value) ? value : textOf(value).split(','))
      .map(textOf)
      .filter((entry) => entry !== '');
    const odd = entries.find((entry) => !shape.test(entry));
    return odd === undefined
      ? right([...new Set(entries)])
      : wrong(`must list ${meaning}; ${JSON.stringify(odd)} is none`);
  });
}

/** A list of which every entry is one of the words. */
export function words<const W extends string>(known: readonly W[]): Reader<readonly W[]> {
  return reader({ type: 'array', items: enumOf(known) }, (value) => {
    const read = list(/^/, '')(value);
    if (!read.ok) return read;
    const fits = known.filter((entry) => read.value.includes(entry));
    return fits.length === read.value.length ? right(fits) : wrong(`must list some of ${known.join(', ')}`);
  });
}

export const kmsKey = optionalText(
  /^arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
  'the ARN of a KMS key (arn:…:kms:…:key/…, no alias)',
);

/** Reads every parameter, so that whoever deploys hears of all mistakes at once. */
export function readAll<T>(
  readers: { readonly [K in keyof T]: Reader<T[K]> },
  given: Readonly<Record<string, unknown>>,
): Checked<T> {
  const problems: string[] = [];
  const values: Partial<T> = {};
  for (const name in readers) {
    const read = readers[name](given[name]);
    if (read.ok) values[name] = read.value;
    else problems.push(...read.problems.map((problem) => `${name}: ${problem}.`));
  }
  return problems.length === 0 ? right(values as T) : { ok: false, problems };
}
