import { isMap, type Pair } from 'yaml';
import { PARAMETER_NAMES, type ParameterName } from '../parameters.ts';
import { KEYS_AT_TOP, KEYS_OF_STAGE, type KeyCheck, knownKey, PLACE_READERS, stageKey } from './keys.ts';
import { isNothing, lineOf, textOf, wordFor } from './node-text.ts';
import type { ParameterFile, Problem, Section } from './parameter-file.ts';
import { type FileValue, type ReadValue, readValue, scalarIn } from './values.ts';

type Keys = ReadonlyMap<string, Pair>;

/** Reads the file's nodes one after the other, and keeps what is wrong with each. */
export class Reading {
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
