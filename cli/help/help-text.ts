import type { Argument, Command, Help, Option } from 'commander';
import { brokenAtBlanks, widthOf } from '../terminal/width.ts';
import { type CommandHelp, type Example, GROUPS, type HelpLength, helpOf, type Topic } from './command-help.ts';

/** The width in columns, if the width of the screen is not known. */
const USUAL_WIDTH = 80;
/** A narrower screen gets lines of this width. */
const LEAST_WIDTH = 40;
/** The longest term, in columns, that has its description on the same line. */
const LONGEST_TERM = 28;
/** The minimum width, in columns, at which descriptions stand beside their terms. */
const TWO_COLUMNS = 60;
/** The maximum number of values of an option that the short help lists. */
const MOST_CHOICES = 8;
const EXAMPLES = 3;

/** Returns the help of a command in lines of the terminal's width, broken at blanks only. */
export function helpText(command: Command, helper: Help, length: HelpLength): string {
  const width = Math.max(helper.helpWidth ?? USUAL_WIDTH, LEAST_WIDTH);
  const help = helpOf(command);
  const options = optionsOf(command, helper);
  const shown = options.filter((option) => length === 'all' || isCommon(option, help));
  const sections = [
    hanging(usageText(command, helper), width, ''),
    paragraphs(command.description(), width),
    list('Arguments:', helper.visibleArguments(command).map(argumentItem), width),
    ...grouped(shown, groupOfOption).map(([heading, group]) => list(heading, group.map(optionItem(length)), width)),
    ...grouped(commandsOf(command, helper), (one) => one.helpGroup() || 'Commands:').map(([heading, group]) =>
      list(heading, group.map(commandItem), width),
    ),
    ...(help === undefined ? [] : endOf(help, length, width)),
    moreOf(command, help, { length, width, left: options.length - shown.length }),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

/**
 * Returns the usage line with arguments before options, since an option with several values takes the words after it.
 */
export function usageText(command: Command, helper: Help): string {
  return `Usage: ${helper.commandUsage(command).replace(/ \[options\]((?: (?!\[command\])[<[]\S+)+)$/, '$1 [options]')}`;
}

function optionsOf(command: Command, helper: Help): readonly Option[] {
  return helper.visibleOptions(command).filter(({ long }) => long !== '--help'); // the reader has just used it
}

function commandsOf(command: Command, helper: Help): readonly Command[] {
  return helper.visibleCommands(command).filter((one) => one.name() !== 'help');
}

function isCommon({ long }: Option, help: CommandHelp | undefined): boolean {
  return help?.common === undefined || help.common.includes(long ?? '');
}

function endOf(
  { hint = '', notes = '', topics = [], examples, exitStatus }: CommandHelp,
  length: HelpLength,
  width: number,
) {
  const shown = length === 'all' ? examples : examples.slice(0, EXAMPLES);
  return [
    paragraphs(length === 'short' ? hint : '', width),
    paragraphs(notes, width),
    ...(length === 'all' ? topics : []).map((topic) => topicText(topic, width)),
    `Examples:\n${shown.map((example) => exampleText(example, width)).join('')}`,
    hanging(`Exit status: ${exitStatus}`, width, '  '),
  ];
}

/** Says where the rest is, if the short help leaves something out. */
function moreOf(
  command: Command,
  help: CommandHelp | undefined,
  { length, width, left }: { length: HelpLength; width: number; left: number },
): string {
  const name = commandPath(command);
  const below =
    command.commands.length === 0 ? '' : hanging(`Help for a command: ${name} <command> --help`, width, '  ');
  const isMore = left > 0 || (help?.topics ?? []).length > 0 || (help?.examples.length ?? 0) > EXAMPLES;
  if (length === 'all' || !isMore) return below;
  const options = left === 0 ? 'All details' : `${left} more option${left === 1 ? '' : 's'}, and all details`;
  return below + hanging(`${options}: ${name} --help --all`, width, '  ');
}

/** Returns the words that call the command: `eks-whois clusters list`. */
export function commandPath(command: Command): string {
  return command.parent === null ? command.name() : `${commandPath(command.parent)} ${command.name()}`;
}

/** Returns the items by heading: own headings first, then those of `GROUPS` in their order. */
function grouped<Item>(items: readonly Item[], headingOf: (item: Item) => string): [string, Item[]][] {
  const order: readonly string[] = Object.values(GROUPS);
  return [...Map.groupBy(items, headingOf)].toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b));
}

function groupOfOption({ helpGroupHeading }: Option): string {
  return helpGroupHeading ?? 'Options:';
}

/** A term and its description. */
type Item = readonly [term: string, says: string];

function optionItem(length: HelpLength): (option: Option) => Item {
  return (option) => [option.flags, sentences(option.description, optionFacts(option, length))];
}

function argumentItem(argument: Argument): Item {
  const facts = argument.argChoices === undefined ? [] : [`One of: ${argument.argChoices.join(', ')}.`];
  return [argument.name(), sentences(argument.description, facts)];
}

function commandItem(command: Command): Item {
  return [command.name(), sentences(command.summary() || command.description(), [])];
}

function optionFacts({ argChoices = [], ...option }: Option, length: HelpLength): readonly string[] {
  const isListed = length === 'all' || argChoices.length <= MOST_CHOICES;
  const choices = isListed
    ? `One of: ${argChoices.join(', ')}.`
    : `--help --all lists its ${argChoices.length} values.`;
  const value: unknown = option.defaultValueDescription ?? option.defaultValue;
  return [
    ...(argChoices.length === 0 ? [] : [choices]),
    ...(value === undefined || typeof value === 'boolean' ? [] : [`Default: ${String(value)}.`]),
  ];
}

/** Returns the text as sentences: each begins with a capital, unless with a name, and ends with a full stop. */
function sentences(text: string, facts: readonly string[]): string {
  const first = /^[a-z]+(?=[ ,:;'-])/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return [/[.?…]$/.test(first) ? first : `${first}.`, ...facts].join(' ');
}

function list(heading: string, items: readonly Item[], width: number): string {
  if (items.length === 0) return '';
  const longest = Math.max(...items.map(([term]) => term.length));
  const column = width < TWO_COLUMNS ? 0 : Math.min(longest, LONGEST_TERM);
  return `${hanging(heading, width, '')}${items.map((item) => itemText(item, column, width)).join('')}`;
}

function itemText([term, says]: Item, column: number, width: number): string {
  const indent = ' '.repeat(column === 0 ? 6 : column + 4);
  const lines = brokenAtBlanks(says, width - indent.length);
  const isBeside = term.length <= column;
  const [first = '', ...others] = lines;
  const head = isBeside ? `  ${term.padEnd(column)}  ${first}` : `  ${term}`;
  const rest = (isBeside ? others : lines).map((line) => indent + line);
  return [head, ...rest].map((line) => `${line}\n`).join('');
}

function topicText({ heading, text }: Topic, width: number): string {
  return `${hanging(heading, width, '')}${paragraphs(text, width - 2).replace(/^(?=.)/gm, '  ')}`;
}

/** Returns the paragraphs in lines of that width. Lines that begin with two spaces stay lines. */
function paragraphs(text: string, width: number): string {
  if (text === '') return '';
  return text
    .replace(/^\n+|\n+$/g, '')
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.replace(/\n(?! {2})/g, ' ').split('\n'))
    .map((lines) => lines.map((line) => hanging(line, width, line.startsWith('  ') ? '      ' : '')).join(''))
    .join('\n');
}

/** Returns the text in lines of that width; all but the first begin with the indent. */
function hanging(text: string, width: number, indent: string): string {
  const [lead = ''] = /^ */.exec(text) ?? [];
  const room = width - Math.max(lead.length, indent.length);
  const [first = '', ...others] = brokenAtBlanks(text.slice(lead.length), room);
  return [lead + first, ...others.map((line) => indent + line.trimStart())]
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function exampleText({ asks, command }: Example, width: number): string {
  return `${hanging(`  ${asks}`, width, '  ')}${brokenCommand(command, width)}`;
}

const NEXT_LINE = ' \\';

/**
 * Returns the command line as a shell takes it, continued where the line ends. An option keeps its value, and no quoted
 * text is broken.
 */
function brokenCommand(command: string, width: number): string {
  const words = command.match(/(?:-[\w-]+ (?!-))?(?:'[^']*'|"[^"]*"|[^\s'"]+)+/g) ?? [];
  const lines: string[] = [];
  for (const [at, word] of words.entries()) {
    const longer = `${lines.at(-1)} ${word}`;
    const room = width - (at === words.length - 1 ? 0 : NEXT_LINE.length);
    if (lines.length > 0 && widthOf(longer) <= room) lines[lines.length - 1] = longer;
    else lines.push(`${lines.length === 0 ? '    ' : '      '}${word}`);
  }
  return `${lines.join(`${NEXT_LINE}\n`)}\n`;
}
