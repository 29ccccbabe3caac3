import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLParseError } from 'yaml';
import { documentOf } from '../../lib/kubeconfig/document.ts';
import { nearest } from '../../lib/nearness.ts';
import { isPlain } from '../../lib/words/escape.ts';
import { type Checked, type Reader, text as textReader, type ValueSchema } from '../parameter-kinds.ts';
import { PARAMETER_NAMES, type ParameterName, parameter } from '../parameters.ts';

/** A parameter as the file has it: texts as they stand there, which the parameter's reader takes. */
export type FileValue = string | readonly string[];

/** What the file says at its top, or for one stage. */
export interface Section {
  readonly region?: string;
  readonly parameters: ReadonlyMap<ParameterName, FileValue>;
  /** In which line of the file each key stands. */
  readonly lines: ReadonlyMap<string, number>;
}

/** `eks-whois.yaml`: what a stage is deployed with where the command line does not say otherwise. */
export interface ParameterFile {
  readonly path: string;
  readonly stage?: string;
  /** What counts for every stage. */
  readonly common: Section;
  /** What counts before that, by stage. */
  readonly stages: ReadonlyMap<string, Section>;
}

/** A mistake in the file, and its line, from 1 on. */
interface Problem {
  readonly line: number;
  readonly says: string;
}

/**
 * Reads the text of such a file. Its values are texts as they stand there: YAML's numbers would cost an account's id its zeros.
 * What is wrong is told all at once, each with its line; the words may be the file's own, so escape them for a terminal.
 * @throws KubeconfigError where YAML is nested too deeply to be read.
 */
export function parseParameterFile(path: string, text: string): Checked<ParameterFile> {
  const document = documentOf(path, text);
  const faults = faultsOf(document);
  if (faults.length > 0)
    return told(
      path,
      faults.map((fault) => ({ line: lineAt(text, fault.pos[0]), says: reasonOf(fault) })),
    );
  const reading = new Reading(text);
  const file = { path, ...reading.top(document.contents) };
  return reading.problems.length === 0 ? { ok: true, value: file } : told(path, reading.problems);
}

function told(path: string, problems: readonly Problem[]): Checked<never> {
  const inOrder = [...problems].sort((a, b) => a.line - b.line);
  return { ok: false, problems: inOrder.map(({ line, says }) => `${path}:${line}: ${ended(says)}`) };
}

function ended(sentence: string): string {
  return /[.?]$/.test(sentence) ? sentence : `${sentence}.`;
}

type Fault = Pick<YAMLParseError, 'code' | 'message' | 'pos'>;

/** One that is open makes others of what follows. */
const MOST_FAULTS = 3;
const TOO_DEEP = 'Maximum call stack';

/** What is no YAML. Keys that stand twice are told with the other mistakes, by their names. */
function faultsOf({ errors, warnings }: Document): readonly Fault[] {
  const faults = [...errors, ...warnings].filter(({ code }) => code !== 'DUPLICATE_KEY');
  const isTooDeep = faults.some(({ message }) => message.startsWith(TOO_DEEP));
  return faults.slice(0, isTooDeep ? 1 : MOST_FAULTS);
}

function reasonOf({ code, message }: Fault): string {
  if (code === 'MULTIPLE_DOCS') return 'here begins another document: a file is one';
  if (code === 'TAB_AS_INDENT') return 'a tab is not allowed as indentation: write spaces';
  if (message.startsWith(TOO_DEEP)) return 'this is nested too deeply to be read';
  const [line = ''] = message.split('\n');
  return `this cannot be read as YAML: ${line.replace(/ at line \d+, column \d+:?$/, '')}`;
}

type Keys = ReadonlyMap<string, Pair>;

/** Reads the file's nodes one after the other, and keeps what is wrong with each. */
class Reading {
  readonly problems: Problem[] = [];
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  top(contents: unknown): Omit<ParameterFile, 'path'> {
    const keys = this.#keysOf(contents, 'the file', knownKey('the file', KEYS_AT_TOP));
    const stage = this.#place(keys, 'stage');
    const stages = this.#stages(keys.get('stages'));
    return { ...(stage === undefined ? {} : { stage }), common: this.#section(keys), stages };
  }

  #stages(pair: Pair | undefined): ReadonlyMap<string, Section> {
    if (pair === undefined || isNothing(pair.value)) return new Map();
    const named = [...this.#keysOf(pair.value, 'stages', stageKey)];
    return new Map(named.map(([name, { value }]) => [name, this.#section(this.#stage(`stages.${name}`, value))]));
  }

  #stage(where: string, node: unknown): Keys {
    return isNothing(node) ? new Map() : this.#keysOf(node, where, knownKey(where, KEYS_OF_STAGE));
  }

  #section(keys: Keys): Section {
    const region = this.#place(keys, 'region');
    const parameters = new Map<ParameterName, FileValue>();
    for (const name of PARAMETER_NAMES) {
      const value = this.#value(keys, name, (node) => readValue(name, node));
      if (value !== undefined) parameters.set(name, value);
    }
    const lines = new Map([...keys].map(([name, { key }]) => [name, lineOf(this.#text, key)]));
    return { ...(region === undefined ? {} : { region }), parameters, lines };
  }

  #place(keys: Keys, name: keyof typeof PLACE_READERS): string | undefined {
    const value = this.#value(keys, name, (node) => scalarIn(PLACE_READERS[name], node));
    return value === undefined ? undefined : String(value);
  }

  #value(keys: Keys, name: string, readNode: (node: unknown) => ReadValue): FileValue | undefined {
    const pair = keys.get(name);
    if (pair === undefined) return undefined;
    const read = readNode(pair.value);
    if ('value' in read) return read.value;
    for (const { node, says } of read.flaws) this.#tell(node ?? pair.key, `${name}: ${says}`);
    return undefined;
  }

  /** The entries of a mapping, by their keys; what is wrong with a key is told, and it is left out. */
  #keysOf(node: unknown, where: string, flawOf: KeyCheck): Keys {
    const found = new Map<string, Pair>();
    if (!isMap(node)) this.#tell(node, `${where} is ${wordFor(node)}: write keys with values, key: value`);
    for (const pair of isMap(node) ? node.items : []) {
      const key = textOf(pair.key);
      const flaw = key === undefined ? 'a key must be a text' : (flawOf(key) ?? this.#repetition(key, found.get(key)));
      if (flaw !== undefined) this.#tell(pair.key, flaw);
      else if (key !== undefined) found.set(key, pair);
    }
    return found;
  }

  #repetition(key: string, first: Pair | undefined): string | undefined {
    if (first === undefined) return undefined;
    return `${key}: stands twice, first in line ${lineOf(this.#text, first.key)}: take one out`;
  }

  #tell(node: unknown, says: string): void {
    this.problems.push({ line: lineOf(this.#text, node), says });
  }
}

/** As osls takes the name of a stage (`stage-pattern.js`). */
export const STAGE = /^[a-zA-Z0-9-]+$/;

/** The keys that say which stack is meant, and are no parameters of it. */
export const PLACE_READERS = {
  stage: textReader(STAGE, 'the name of a stage, of letters, digits and -'),
  region: textReader(/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/, 'an AWS Region'),
} as const;

const KEYS_OF_STAGE: readonly string[] = ['region', ...PARAMETER_NAMES];
const KEYS_AT_TOP: readonly string[] = ['stage', 'region', 'stages', ...PARAMETER_NAMES];

/** What is wrong with a key of such a mapping. */
type KeyCheck = (key: string) => string | undefined;

/** One of these keys; `where` is the mapping, as a sentence names it. */
function knownKey(where: string, known: readonly string[]): KeyCheck {
  return (key) => {
    if (known.includes(key)) return undefined;
    const name = /^[\w-]{1,64}$/.test(key) ? key : shown(key);
    if (KEYS_AT_TOP.includes(key)) return `${name}: stands at the top of the file only`;
    const [near] = nearest(key, known);
    return `${name}: ${where} has no such key. ${near === undefined ? ALL : `Did you mean ${near}?`}`;
  };
}

const ALL = `There are stage, region, stages, and ${PARAMETER_NAMES.length} parameters: eks-whois.schema.json has them`;

const stageKey: KeyCheck = (key) =>
  STAGE.test(key) ? undefined : `stages has ${shown(key)}, which is no name of a stage`;

/** A mistake, and the node of the file in which it is. */
interface Flaw {
  readonly node: unknown;
  readonly says: string;
}

type ReadValue = { readonly value: FileValue } | { readonly flaws: readonly Flaw[] };

/** Reads the value of a parameter out of its node: a list entry by entry, so that each mistake has its line. */
function readValue(name: ParameterName, node: unknown): ReadValue {
  const { reads: reader } = parameter(name);
  if (isNothing(node)) return flawed(node, `has no value: ${howToSayNone(reader.schema)}, or leave the line out`);
  return reader.schema.type === 'array' ? listIn(reader, node) : scalarIn(reader, node);
}

function howToSayNone({ type, pattern = '' }: ValueSchema): string {
  if (type === 'array') return 'write [] for none';
  return new RegExp(pattern).test('') && pattern !== '' ? 'write "" for none' : 'write one';
}

const flawed = (node: unknown, says: string): ReadValue => ({ flaws: [{ node, says }] });

/** A text that a reader takes. */
function scalarIn(reader: Reader<unknown>, node: unknown): ReadValue {
  const text = textOf(node);
  if (text === undefined) return flawed(node, `is ${wordFor(node)}: ${advice(reader.schema)}`);
  const flaw = flawOfText(text) ?? refusal(reader(text), text, reader.schema);
  return flaw === undefined ? { value: text } : flawed(node, flaw);
}

function listIn(reader: Reader<unknown>, node: unknown): ReadValue {
  if (!isSeq(node)) return flawed(node, `is ${wordFor(node)}: write a list, ${exampleOf(node)}`);
  const flaws = node.items.flatMap((item) => {
    const says = flawOfEntry(reader, item);
    return says === undefined ? [] : [{ node: item, says }];
  });
  return flaws.length > 0 ? { flaws } : { value: node.items.map((item) => textOf(item) ?? '') };
}

function exampleOf(node: unknown): string {
  const text = textOf(node);
  return text === undefined ? 'a line for each entry: - …' : JSON.stringify(text.split(',').map((each) => each.trim()));
}

function flawOfEntry(reader: Reader<unknown>, item: unknown): string | undefined {
  const text = textOf(item);
  const { items = {} } = reader.schema;
  if (text === undefined) return `has an entry that is ${wordFor(item)}: ${advice(items)}`;
  if (text.trim() === '') return 'has an entry that is empty: take it out';
  return flawOfText(text) ?? refusal(reader([text]), text, items);
}

function refusal(read: Checked<unknown>, text: string, schema: ValueSchema): string | undefined {
  if (read.ok) return undefined;
  const [problem = ''] = read.problems;
  const near = nearest(text, (schema.enum ?? []).map(String))[0];
  const says = problem.includes(JSON.stringify(text)) ? problem : `${problem}; it is ${shown(text)}`;
  return near === undefined ? says : `${says}. Did you mean ${near}?`;
}

function flawOfText(text: string): string | undefined {
  if (!isPlain(text)) return `holds a character that cannot be seen: ${shown(text)}`;
  // What osls and CloudFormation would put something else in the place of.
  if (text.includes('${')) return `holds \${, which no parameter may: ${shown(text)}`;
  return undefined;
}

/** `{{SessionName}}` without quotes is a mapping to YAML. */
function advice({ description, enum: words }: ValueSchema): string {
  if (words !== undefined) return `write one of ${words.join(', ')}`;
  return description === undefined
    ? 'write one value'
    : `write ${description} as a text, in quotes where { begins it or ": " is in it`;
}

/** What YAML calls nothing: `key:`, `key: ~`, `key: null`; not `key: ""`. */
function isNothing(node: unknown): boolean {
  if (node === null || node === undefined) return true;
  return isScalar(node) && node.type === 'PLAIN' && /^(?:|~|null|Null|NULL)$/.test(String(node.value));
}

/** The text of a scalar, as it stands in the file; undefined for anything else. */
function textOf(node: unknown): string | undefined {
  if (!isScalar(node)) return undefined;
  return typeof node.value === 'symbol' ? node.source : String(node.value); // a merge key, <<
}

/** What else than a text it is, for a sentence. */
function wordFor(node: unknown): string {
  if (isNothing(node)) return 'empty';
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return 'a list';
  return isAlias(node) ? `an alias, *${node.source}` : 'a text';
}

/** A value as it is quoted in a sentence: enough to find it. */
function shown(text: string): string {
  return JSON.stringify(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}

const LONGEST = 80;

/** In which line of the text a node begins, from 1 on. */
function lineOf(text: string, node: unknown): number {
  const [start = 0] = (node as Partial<Node> | null)?.range ?? [];
  return lineAt(text, start);
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
