import type { Command } from 'commander';
import { nearest } from '../../lib/nearness.ts';
import { quoted } from '../../lib/shell.ts';
import { commandOfOption } from '../options/bare-word.ts';
import { ownCommand } from '../options/own-command.ts';
import { commandPath, usageText } from './help-text.ts';
import { recordsInstead } from './records-instead.ts';

/** The errors of commander, and the sentences that replace them: what is wrong, and what to do. */
const SENTENCES: readonly (readonly [RegExp, (command: Command, ...parts: string[]) => string])[] = [
  [/^unknown option '([^']*)'/, unknownOption],
  [/^unknown command '([^']*)'/, unknownCommand],
  [/^missing required argument '([^']*)'/, missingArgument],
  [/^option '([^']*)' argument missing/, (_, flags) => `${flagOf(flags)} needs a value: ${flags}.`],
  [/^required option '([^']*)' not specified/, missingOptions],
  [
    /^option '([^']*)' cannot be used with option '([^']*)'/,
    (_, one, other) => `${flagOf(one)} and ${flagOf(other)} exclude each other: leave one of them out.`,
  ],
  [/^too many arguments.* Expected (\d+) arguments? but got (\d+): ([\s\S]*)\.$/, tooManyArguments],
  [
    /^option '([^']*)' argument '([\s\S]*)' is invalid\. ?([\s\S]*)$/,
    (_, flags, value, advice) => `${flagOf(flags)} cannot be ${valueText(value)}. ${adviceText(advice)}`.trim(),
  ],
  [
    /^command-argument value '([\s\S]*)' is invalid for argument '([^']*)'\. ?([\s\S]*)$/,
    (command, value, name, advice) =>
      `<${name}> cannot be ${valueText(value)}. ${adviceText(advice)}${kindText(command, value)}`.trim(),
  ],
];

/** Returns what commander found wrong with the usage of a command, as this program words it. */
export function usageErrorText(command: Command, text: string): string {
  const message = text.replace(/^error: /, '').trim();
  const found = SENTENCES.find(([form]) => form.test(message));
  const sentence = found === undefined ? message : found[1](command, ...(found[0].exec(message) ?? []).slice(1));
  return `eks-whois: ${sentence}\nHelp: ${commandPath(command)} --help\n`;
}

function unknownOption(command: Command, word = ''): string {
  const [flag = word] = word.split('=', 1);
  const help = command.createHelp();
  const flags = help.visibleOptions(command).flatMap(({ long }) => long ?? []);
  const records = rootOf(command).commands.find((one) => one.name() === 'records');
  const instead = command.name() === 'whois' && records !== undefined ? recordsInstead(command, records) : undefined;
  const advice =
    instead === undefined ? `${takersText(command, flag)}${didYouMean(nearest(flag, flags))}` : ` Run ${instead}`;
  return `${commandPath(command)} has no option ${flag}.${advice}`;
}

/** The maximum number of commands that an error names. */
const MOST_TAKERS = 3;

/**
 * Returns a sentence that names commands with the option. If subcommands of this command have it, names only these,
 * because a word was left out. Empty if no command has it.
 */
function takersText(command: Command, flag: string): string {
  const has = (one: Command) => one.options.some(({ long, short }) => long === flag || short === flag);
  const below = command.commands.filter(has);
  const takers = below.length > 0 ? below : rootOf(command).commands.filter((one) => one !== command && has(one));
  if (takers.length === 0) return '';
  const names = takers.slice(0, MOST_TAKERS).map((one) => ownCommand(commandPath(one).replace(/^\S+ /, '')));
  const more = takers.length > MOST_TAKERS ? ' and others' : '';
  return ` It is an option of ${names.join(', ')}${more}.`;
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

/**
 * Returns a sentence that names all missing options, because Commander names only the first. If an option is unknown,
 * reports that instead: it may be a mistyped one of them.
 */
function missingOptions(command: Command): string {
  const unknown = command.args.find((word) => /^-./.test(word)); // Commander checks for missing options first.
  if (unknown !== undefined) return unknownOption(command, unknown);
  const missing = command.options.filter(
    (option) => option.mandatory && command.getOptionValue(option.attributeName()) === undefined,
  );
  const [flags, forms] = [missing.map(({ flags }) => flagOf(flags)), missing.map(({ flags }) => flags)];
  return `${flags.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing. Give ${forms.join(' ')}.`;
}

function unknownCommand(command: Command, word = ''): string {
  const names = command.createHelp().visibleCommands(command);
  const near = nearest(
    word,
    names.map((one) => one.name()),
  );
  const isName = command.parent === null;
  const name = isName ? `\nTo look up this name: ${ownCommand(`whois ${quoted(word)}`)}` : '';
  const option = isName ? commandOfOption(word) : undefined;
  const advice = option === undefined ? didYouMean(near) : ` Did you mean ${ownCommand(option)}?`;
  return `${commandPath(command)} has no command ${word}.${advice}${name}`;
}

function didYouMean(near: readonly string[]): string {
  return near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
}

function missingArgument(command: Command, name = ''): string {
  const { argChoices = [] } = command.registeredArguments.find((argument) => argument.name() === name) ?? {};
  const advice = argChoices.length === 0 ? usageOf(command) : `Give one of ${argChoices.join(', ')}.`;
  const taker = command.options.find(
    (option) => option.variadic && command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  const order =
    taker === undefined
      ? ''
      : ` Put <${name}> before the options, since ${flagOf(taker.flags)} takes all values after it.`;
  return `<${name}> is missing.${order} ${advice}`;
}

function tooManyArguments(command: Command, expected = '', received = '', words = ''): string {
  const most = expected === '0' ? 'no arguments' : expected === '1' ? 'one argument' : `${expected} arguments`;
  const advice =
    expected === '0' && received === '1' ? adviceForName(command, words) : 'Add the missing option name or quotes.';
  return `${commandPath(command)} takes ${most}, but got ${received}: ${words}. ${advice}`;
}

/** Returns advice for a name that was given to a command without arguments: the commands that take it. */
function adviceForName(command: Command, name: string): string {
  const anybody = ownCommand(`whois ${quoted(name)}`); // A word alone can count as a mistyped command.
  const hasActor = command.options.some(({ long }) => long === '--actor');
  return hasActor
    ? `Did you mean ${ownCommand(`${command.name()} --actor ${quoted(name)}`)}? To look up this name: ${anybody}`
    : `To look up this name: ${anybody}`;
}

function usageOf(command: Command): string {
  return usageText(command, command.createHelp());
}

/** Returns the long flag alone: `--output` of `-o, --output <format>`. */
function flagOf(flags = ''): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags;
}

/**
 * Returns advice about an unknown kind: a similar kind. If none is similar, the value may be a name without a kind
 * before it. Then the advice is the command that lists the name. Empty if neither applies.
 */
function kindText(command: Command, value = ''): string {
  const [argument] = command.registeredArguments;
  const near = nearest(value, argument?.argChoices ?? []);
  if (near.length > 0) return didYouMean(near);
  const isOfKinds = argument?.name() === 'kind' && value.trim() !== '';
  return isOfKinds ? ` Did you mean ${ownCommand(`${command.name()} actors ${quoted(value)}`)}?` : '';
}

function valueText(value = ''): string {
  return value.trim() === '' ? 'empty' : value;
}

/** Returns the advice, with commander's own words for choices replaced. */
function adviceText(advice = ''): string {
  return advice.replace(/^Allowed choices are /, 'Give one of ');
}
