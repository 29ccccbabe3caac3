import { isSeq } from 'yaml';
import { nearest } from '../../lib/nearness.ts';
import { isPlain } from '../../lib/words/escape.ts';
import type { Checked, Reader, ValueSchema } from '../parameter-kinds.ts';
import { type ParameterName, parameter } from '../parameters.ts';
import { isNothing, shown, textOf, wordFor } from './node-text.ts';

/** A parameter as the file has it: texts as they stand there, which the parameter's reader takes. */
export type FileValue = string | readonly string[];

/** A mistake, and the node of the file in which it is. */
export interface Flaw {
  readonly node: unknown;
  readonly says: string;
}

export type ReadValue = { readonly value: FileValue } | { readonly flaws: readonly Flaw[] };

/** Reads the value of a parameter out of its node: a list entry by entry, so that each mistake has its line. */
export function readValue(name: ParameterName, node: unknown): ReadValue {
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
export function scalarIn(reader: Reader<unknown>, node: unknown): ReadValue {
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
