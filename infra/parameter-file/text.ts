import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLParseError } from 'yaml';
import { documentOf } from '../../lib/kubeconfig/document.ts';
import { nearest } from '../../lib/nearness.ts';
import { isPlain } from '../../lib/words/escape.ts';
import { type Reader, type ReadResult, text as textReader, type ValueSchema } from '../parameter-kinds.ts';
import { PARAMETER_NAMES, type ParameterName, parameter } from '../parameters.ts';

/** A parameter's value in the file: its text as written there, for the parameter's reader. */
export type FileValue = string | readonly string[];

/** The settings at the top of the file, or of one stage. */
export interface Section {
  readonly region?: string;
  readonly parameters: ReadonlyMap<ParameterName, FileValue>;
  /** The line of each key in the file, from 1. */
  readonly lines: ReadonlyMap<string, number>;
}

/** The content of `eks-whois.yaml`: the parameters of each stage, unless the command line overrides them. */
export interface ParameterFile {
  readonly path: string;
  readonly stage?: string;
  /** The settings for every stage. */
  readonly common: Section;
  /** The settings of one stage, which override those for every stage. */
  readonly stages: ReadonlyMap<string, Section>;
}

/** A mistake in the file, and its line, from 1. */
interface Problem {
  readonly line: number;
  readonly says: string;
}

/**
 * Parses the text of a parameter file. Values stay texts as written, because a YAML number would lose the leading zeros
 * of an account ID. Returns the file, or all mistakes at once, each with its line. Mistakes may quote the file, so
 * escape them for a terminal.
 * @throws KubeconfigError if the YAML is nested too deeply to be read.
 */
export function parseParameterFile(path: string, text: string): ReadResult<ParameterFile> {
  const document = documentOf(path, text);
  const faults = faultsOf(document);
  if (faults.length > 0)
    return refuse(
      path,
      faults.map((fault) => ({ line: lineAt(text, fault.pos[0]), says: reasonOf(fault) })),
    );
  const reading = new NodeReader(text);
  const file = { path, ...reading.top(document.contents) };
  return reading.problems.length === 0 ? { ok: true, value: file } : refuse(path, reading.problems);
}

function refuse(path: string, problems: readonly Problem[]): ReadResult<never> {
  const inOrder = [...problems].sort((a, b) => a.line - b.line);
  return { ok: false, problems: inOrder.map(({ line, says }) => `${path}:${line}: ${endSentence(says)}`) };
}

function endSentence(sentence: string): string {
  return /[.?]$/.test(sentence) ? sentence : `${sentence}.`;
}

type Fault = Pick<YAMLParseError, 'code' | 'message' | 'pos'>;

/** The number of YAML faults to report. An open bracket or quote causes further faults in the text after it. */
const MOST_FAULTS = 3;
const TOO_DEEP = 'Maximum call stack';

/** Returns what is not valid YAML, except duplicate keys, which are reported by name with the other mistakes. */
function faultsOf({ errors, warnings }: Document): readonly Fault[] {
  const faults = [...errors, ...warnings].filter(({ code }) => code !== 'DUPLICATE_KEY');
  const isTooDeep = faults.some(({ message }) => message.startsWith(TOO_DEEP));
  return faults.slice(0, isTooDeep ? 1 : MOST_FAULTS);
}

function reasonOf({ code, message }: Fault): string {
  if (code === 'MULTIPLE_DOCS') return 'another YAML document begins here. Keep one document in the file';
  if (code === 'TAB_AS_INDENT') return 'a tab is not allowed as indentation. Use spaces';
  if (message.startsWith(TOO_DEEP)) return 'this is nested too deeply to be read. Remove levels';
  const [line = ''] = message.split('\n');
  const fault = line.replace(/ at line \d+, column \d+:?$/, '').replace(/\.$/, '');
  return `this cannot be read as YAML: ${fault}. Correct it there`;
}

type Keys = ReadonlyMap<string, Pair>;

/** A reader of the file's nodes, which collects their mistakes. */
class NodeReader {
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
    for (const { node, says } of read.flaws) this.#report(node ?? pair.key, `${name}: ${says}`);
    return undefined;
  }

  /** Returns the entries of a mapping, by key. Reports a wrong key and leaves it out. */
  #keysOf(node: unknown, where: string, flawOf: KeyCheck): Keys {
    const found = new Map<string, Pair>();
    if (!isMap(node)) this.#report(node, `${where} ${keylessWords(node)}. Write keys with values, key: value`);
    for (const pair of isMap(node) ? node.items : []) {
      const key = textOf(pair.key);
      const flaw = key === undefined ? 'a key must be text' : (flawOf(key) ?? this.#repetition(key, found.get(key)));
      if (flaw !== undefined) this.#report(pair.key, flaw);
      else if (key !== undefined) found.set(key, pair);
    }
    return found;
  }

  #repetition(key: string, first: Pair | undefined): string | undefined {
    if (first === undefined) return undefined;
    return `${key}: this key is used twice, first in line ${lineOf(this.#text, first.key)}. Remove one`;
  }

  #report(node: unknown, says: string): void {
    this.problems.push({ line: lineOf(this.#text, node), says });
  }
}

/** The names that osls accepts for a stage (`stage-pattern.js`). */
export const STAGE = /^[a-zA-Z0-9-]+$/;

/** The readers of the keys that identify the stack. They are not parameters. */
export const PLACE_READERS = {
  stage: textReader(STAGE, 'the name of a stage (letters, digits and -)'),
  region: textReader(/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/, 'an AWS Region'),
} as const;

const KEYS_OF_STAGE: readonly string[] = ['region', ...PARAMETER_NAMES];
const KEYS_AT_TOP: readonly string[] = ['stage', 'region', 'stages', ...PARAMETER_NAMES];

/** A check of a key. Returns what is wrong with it, or undefined. */
type KeyCheck = (key: string) => string | undefined;

/** Returns a check for one of these keys. `where` is the mapping as a sentence names it. */
function knownKey(where: string, known: readonly string[]): KeyCheck {
  return (key) => {
    if (known.includes(key)) return undefined;
    const name = /^[\w-]{1,64}$/.test(key) ? key : quoteShort(key);
    if (KEYS_AT_TOP.includes(key)) return `${name}: allowed only at the top of the file. Move it there`;
    const [near] = nearest(key, known);
    return `${name}: unknown key in ${where}. ${near === undefined ? ALL : `Did you mean ${near}?`}`;
  };
}

const ALL = `Use stage, region, stages or one of ${PARAMETER_NAMES.length} parameters, which eks-whois.schema.json lists`;

const stageKey: KeyCheck = (key) =>
  STAGE.test(key) ? undefined : `stages: ${quoteShort(key)} is not a stage name. Use letters, digits and -`;

/** A mistake, and its node in the file. */
interface Flaw {
  readonly node: unknown;
  readonly says: string;
}

type ReadValue = { readonly value: FileValue } | { readonly flaws: readonly Flaw[] };

/** Reads the value of a parameter from its node. Reads a list entry by entry, so that each mistake has its line. */
function readValue(name: ParameterName, node: unknown): ReadValue {
  const { reads: reader } = parameter(name);
  if (isNothing(node)) return flawWith(node, `has no value. ${howToSayNone(reader.schema)}, or remove the line`);
  return reader.schema.type === 'array' ? listIn(reader, node) : scalarIn(reader, node);
}

function howToSayNone({ type, pattern = '' }: ValueSchema): string {
  if (type === 'array') return 'Write [] for none';
  return new RegExp(pattern).test('') && pattern !== '' ? 'Write "" for none' : 'Write one';
}

const flawWith = (node: unknown, says: string): ReadValue => ({ flaws: [{ node, says }] });

/** Reads a text with the reader. */
function scalarIn(reader: Reader<unknown>, node: unknown): ReadValue {
  const text = textOf(node);
  if (text === undefined) return flawWith(node, `is ${wordFor(node)}. ${advice(reader.schema)}`);
  const flaw = flawOfText(text) ?? refusal(reader(text), text, reader.schema);
  return flaw === undefined ? { value: text } : flawWith(node, flaw);
}

function listIn(reader: Reader<unknown>, node: unknown): ReadValue {
  if (!isSeq(node)) return flawWith(node, `is ${wordFor(node)}. Write a list: ${exampleOf(node)}`);
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
  if (text === undefined) return `has an entry that is ${wordFor(item)}. ${advice(items)}`;
  if (text.trim() === '') return 'has an empty entry. Remove it';
  return flawOfText(text) ?? refusal(reader([text]), text, items);
}

function refusal(read: ReadResult<unknown>, text: string, schema: ValueSchema): string | undefined {
  if (read.ok) return undefined;
  const [problem = ''] = read.problems;
  const near = nearest(text, (schema.enum ?? []).map(String))[0];
  const says = problem.includes(JSON.stringify(text)) ? problem : `${problem}; it is ${quoteShort(text)}`;
  return near === undefined ? says : `${says}. Did you mean ${near}?`;
}

function flawOfText(text: string): string | undefined {
  if (!isPlain(text)) return `has an invisible character: ${quoteShort(text)}. Remove it`;
  // osls and CloudFormation would replace it.
  if (text.includes('${'))
    return `contains \${, which osls and CloudFormation would replace: ${quoteShort(text)}. Remove it`;
  return undefined;
}

/** Returns what to write instead. YAML reads `{{SessionName}}` without quotes as a mapping. */
function advice({ description, enum: words }: ValueSchema): string {
  if (words !== undefined) return `Write one of ${words.join(', ')}`;
  return description === undefined
    ? 'Write one value'
    : `Write ${description} as text. Use quotes if it begins with { or contains ": "`;
}

/** Returns whether YAML reads the node as null: `key:`, `key: ~`, `key: null`, but not `key: ""`. */
function isNothing(node: unknown): boolean {
  if (node === null || node === undefined) return true;
  return isScalar(node) && node.type === 'PLAIN' && /^(?:|~|null|Null|NULL)$/.test(String(node.value));
}

/** Returns the text of a scalar as written in the file, or undefined for any other node. */
function textOf(node: unknown): string | undefined {
  if (!isScalar(node)) return undefined;
  return typeof node.value === 'symbol' ? node.source : String(node.value); // A merge key (<<) has a symbol as value.
}

/** Returns the kind of a node as a sentence names it. */
function wordFor(node: unknown): string {
  if (isNothing(node)) return 'empty';
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return 'a list';
  return isAlias(node) ? `an alias, *${node.source}` : 'text';
}

/** Says what stands where keys were expected. */
function keylessWords(node: unknown): string {
  const word = wordFor(node);
  return word === 'text' ? 'has text, but no keys' : `is ${word}`;
}

/** Returns a value in quotes, shortened, long enough to find it in the file. */
function quoteShort(text: string): string {
  return JSON.stringify(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}

const LONGEST = 80;

/** Returns the line in which a node begins, from 1. */
function lineOf(text: string, node: unknown): number {
  const [start = 0] = (node as Partial<Node> | null)?.range ?? [];
  return lineAt(text, start);
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
