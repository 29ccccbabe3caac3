import type { Argument, Command, Option } from 'commander';
import { STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import type { JsonObject } from '../../lib/json.ts';
import { optionOf } from '../options/option-name.ts';
import { RepeatableOption } from '../options/repeatable-option.ts';
import { MOST_RECORDS, type Tool } from './tools.ts';

/** One input of a tool: its JSON schema, and the words of the command that say it. */
interface Input {
  readonly name: string;
  readonly schema: JsonObject;
  readonly isRequired: boolean;
  /** Whether it is one of the command's arguments, behind all options. */
  readonly isArgument: boolean;
  /** Undefined where it is none of the schema's. */
  words(value: unknown): readonly string[] | undefined;
}

/** The JSON schema of what a tool is called with, as its command defines it. */
export function inputSchema(tool: Tool): JsonObject {
  const inputs = inputsOf(tool);
  const required = inputs.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(inputs.map(({ name, schema }) => [name, schema])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

export type ReadInputs =
  | { readonly ok: true; readonly options: readonly string[]; readonly asked: readonly string[] }
  | { readonly ok: false; readonly why: string };

/** What a call says, as words of the command; or what is wrong with it, for whoever called. */
export function readInputs(tool: Tool, given: JsonObject): ReadInputs {
  const inputs = inputsOf(tool);
  const meant = { ...tool.unless?.[given.summary === true ? 'summed' : 'listed'], ...given };
  const unknown = Object.keys(given).find((name) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined)
    return { ok: false, why: `There is no ${unknown}; there are ${inputs.map(({ name }) => name).join(', ')}.` };
  const words: { [kind in 'options' | 'asked']: string[] } = { options: [], asked: [] };
  for (const input of inputs) {
    const value = Object.hasOwn(meant, input.name) ? meant[input.name] : undefined;
    if (value === undefined && !input.isRequired) continue;
    const said = input.words(value);
    if (said === undefined) return { ok: false, why: `${input.name}: give ${wantedText(input.schema)}.` };
    words[input.isArgument ? 'asked' : 'options'].push(...said);
  }
  return { ok: true, ...words };
}

function inputsOf({ command, asked, options }: Tool): readonly Input[] {
  const defined = command();
  const ofArguments = asked.map((each, at) => argumentInput(each, defined.registeredArguments[at]));
  return [...ofArguments, ...options.map((name) => optionInput(name, optionNamed(name, defined)))];
}

function optionNamed(name: string, command: Command): Option {
  const option = command.options.find(({ long }) => long === optionOf(name));
  if (option === undefined) throw new Error(`${command.name()} has no option ${optionOf(name)}.`);
  return option;
}

function argumentInput({ name, says, isRequired }: Tool['asked'][number], argument: Argument | undefined): Input {
  const schema = textSchema(argument?.argChoices, says);
  const words = (value: unknown) => (isTextOf(schema, value) && value !== STANDARD_INPUT ? [value] : undefined);
  return { name, schema, isRequired, isArgument: true, words };
}

/** Values stand behind a `=`, so that none is read as an option. */
function optionInput(name: string, option: Option): Input {
  const flag = optionOf(name);
  const says = NUMBERS[name]?.says ?? saysOf(option);
  const input = { name, isRequired: false, isArgument: false };
  if (option.isBoolean() || option.negate) {
    const words = (value: unknown) => (typeof value === 'boolean' ? [flag].filter(() => value) : undefined);
    return { ...input, schema: { type: 'boolean', description: says }, words };
  }
  if (NUMBERS[name] !== undefined) {
    const schema = { ...NUMBERS[name].schema, description: says };
    return { ...input, schema, words: (value) => (isNumberOf(schema, value) ? [`${flag}=${value}`] : undefined) };
  }
  const one = textSchema(option.argChoices);
  if (!option.variadic && !(option instanceof RepeatableOption))
    return {
      ...input,
      schema: { ...one, description: says },
      words: (value) => (isTextOf(one, value) ? [`${flag}=${value}`] : undefined),
    };
  const words = (value: unknown) => {
    const values: readonly unknown[] = [value].flat();
    return values.every((each) => isTextOf(one, each)) ? values.map((each) => `${flag}=${each}`) : undefined;
  };
  return { ...input, schema: { type: 'array', items: one, minItems: 1, description: says }, words };
}

interface NumberSchema {
  readonly type: 'integer' | 'number';
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum: number;
}

/** The options whose values are numbers, which commander does not tell. */
const NUMBERS: Readonly<Record<string, { readonly schema: NumberSchema; readonly says?: string }>> = {
  limit: {
    schema: { type: 'integer', minimum: 1, maximum: MOST_RECORDS },
    says: 'at most so many records (50 unless given; with summary all)',
  },
  maxPages: {
    schema: { type: 'integer', minimum: 1, maximum: MOST_RECORDS },
    says: 'read at most so many pages of a thousand records (10 unless given; with summary 100); the answer says where there may be more',
  },
  lookback: { schema: { type: 'number', exclusiveMinimum: 0, maximum: 2_160 } },
};

function textSchema(choices: readonly string[] | undefined, description?: string): JsonObject {
  return { type: 'string', ...(choices && { enum: choices }), ...(description !== undefined && { description }) };
}

function isTextOf({ enum: choices }: JsonObject, value: unknown): value is string {
  return typeof value === 'string' && (!Array.isArray(choices) || choices.includes(value));
}

function isNumberOf({ type, minimum, exclusiveMinimum = 0, maximum }: NumberSchema, value: unknown): boolean {
  if (typeof value !== 'number' || (type === 'integer' && !Number.isInteger(value))) return false;
  return value > exclusiveMinimum && value >= (minimum ?? value) && value <= maximum;
}

/** In words, what a schema takes. */
function wantedText({ type, enum: choices, items, maximum }: JsonObject): string {
  if (typeof items === 'object' && items !== null) return `a list, each ${wantedText({ ...items })}`;
  if (Array.isArray(choices)) return `one of ${choices.join(', ')}`;
  if (type === 'boolean') return 'true or false';
  if (type === 'integer') return `a whole number from 1 to ${maximum}`;
  return type === 'number' ? `a number above 0, at most ${maximum}` : 'a text';
}

/** As the command's help says it, but that other options have the names of inputs, and times are UTC whatever is given. */
function saysOf({ description }: Option): string {
  return description.replace(', unless --local', '').replace(/--[a-z-]+[a-z]/g, nameOf);
}

/** `--user-agent` as the API calls it. */
function nameOf(flag: string): string {
  return flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
