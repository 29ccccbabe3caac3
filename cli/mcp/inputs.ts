import type { Command, Option } from 'commander';
import * as z from 'zod';
import { STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import type { JsonObject } from '../../lib/json.ts';
import { optionOf } from '../options/option-name.ts';
import { RepeatableOption } from '../options/repeatable-option.ts';
import { MOST_RECORDS, type Tool, type ToolArgument } from './tools.ts';

/** One input of a tool, with its option of the command. An argument has no option; arguments follow all options. */
interface Input {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly flag?: string;
  readonly isList?: boolean;
}

/** The words of a command line. */
interface Words {
  readonly options: readonly string[];
  readonly operands: readonly string[];
}

/** Returns the schema of a tool's inputs, made from the options of its command. */
export function inputSchema(tool: Tool): z.ZodObject {
  return z.strictObject(Object.fromEntries(inputsOf(tool).map(({ name, schema }) => [name, schema])));
}

/** Returns the call as words of the command line. If it is invalid, returns sentences that say why. */
export function inputWords(tool: Tool, given: JsonObject): Words | string {
  const inputs = inputsOf(tool);
  const lists = new Set(inputs.flatMap(({ name, isList }) => (isList ? name : [])));
  const asLists = Object.entries(given).map(([name, value]) => [name, lists.has(name) ? [value].flat() : value]);
  const read = inputSchema(tool).safeParse(Object.fromEntries(asLists));
  if (!read.success) return read.error.issues.map(issueText).join('\n');
  const values = { ...tool.unless?.[read.data.summary === true ? 'summed' : 'listed'], ...read.data };
  const worded = inputs.map((input) => ({ ...input, words: wordsOf(values[input.name], input.flag) }));
  return {
    options: worded.flatMap(({ flag, words }) => (flag === undefined ? [] : words)),
    operands: worded.flatMap(({ flag, words }) => (flag === undefined ? words : [])),
  };
}

/** Returns the words of one input. A value follows a `=`, so that it is never read as an option. */
function wordsOf(value: unknown, flag: string | undefined): readonly string[] {
  if (value === undefined || value === false) return [];
  if (flag === undefined) return [String(value)];
  return value === true ? [flag] : [value].flat().map((each) => `${flag}=${each}`);
}

/** Returns an issue of the schema in words, for example `verb[0]: Invalid input: expected string, received number.` */
function issueText({ path, message }: { readonly path: readonly PropertyKey[]; readonly message: string }): string {
  const place = path.map((key) => (typeof key === 'number' ? `[${key}]` : String(key))).join('');
  return `${place === '' ? '' : `${place}: `}${message}.`;
}

function inputsOf({ command, operands, options }: Tool): readonly Input[] {
  const defined = command();
  const choices = (at: number) => defined.registeredArguments[at]?.argChoices;
  return [
    ...operands.map((each, at) => operandInput(each, choices(at))),
    ...options.map((name) => optionInput(name, optionNamed(name, defined))),
  ];
}

function optionNamed(name: string, command: Command): Option {
  const option = command.options.find(({ long }) => long === optionOf(name));
  if (option === undefined) throw new Error(`${command.name()} has no option ${optionOf(name)}.`);
  return option;
}

function operandInput({ name, says, isRequired }: ToolArgument, choices: readonly string[] | undefined): Input {
  const schema = textSchema(choices)
    .refine((value) => value !== STANDARD_INPUT, 'Give the text itself')
    .describe(says);
  return { name, schema: isRequired ? schema : schema.optional() };
}

function optionInput(name: string, option: Option): Input {
  const flag = optionOf(name);
  const number = NUMBERS[name];
  const isList = option.variadic || option instanceof RepeatableOption;
  const says = number?.description ?? saysOf(option);
  return { name, flag, isList, schema: (number ?? valueSchema(option, isList)).describe(says).optional() };
}

function valueSchema(option: Option, isList: boolean): z.ZodType {
  if (option.isBoolean() || option.negate) return z.boolean();
  const one = textSchema(option.argChoices);
  return isList ? z.array(one).min(1) : one;
}

function textSchema(choices: readonly string[] | undefined): z.ZodType {
  return choices === undefined ? z.string() : z.enum(choices);
}

/** The schemas of options with numbers. Commander does not state which options these are. */
const NUMBERS: Readonly<Record<string, z.ZodType>> = {
  limit: z.int().min(1).max(MOST_RECORDS).describe('the maximum number to list (default: 50; with summary: all)'),
  maxPages: z
    .int()
    .min(1)
    .max(MOST_RECORDS)
    .describe(
      'the maximum number of pages of 1,000 records to read (default: 10; with summary: 100). The answer says if there may be more',
    ),
  lookback: z.number().positive().max(2_160),
};

/**
 * Returns the description from the command's help, with the names of inputs in place of options. Times are always UTC
 * here.
 */
function saysOf({ description }: Option): string {
  return description.replace(', unless --local', '').replace(/--[a-z-]+[a-z]/g, nameOf);
}

/** Returns the option's name as the API has it, for example `userAgent` for `--user-agent`. */
function nameOf(flag: string): string {
  return flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
