import type { Argument, Command, Option } from 'commander';
import { FIELD_NAMES, fieldOf } from '../../lib/usecases/query/filter.ts';
import { RepeatableOption } from '../options/repeatable-option.ts';
import { NAMES_OF, type NameKind } from './name-kinds.ts';

/** The values that an option or an argument takes. */
export type Values =
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  /**
   * Names that the script gets from the program. `as-first-argument` means names of the kind that the first argument
   * names.
   */
  | { readonly kind: 'names'; readonly of: NameKind | 'as-first-argument' }
  | { readonly kind: 'files' | 'folders' | 'text' };

export interface CompletedOption {
  /** The option's names with their dashes, the long one first. */
  readonly names: readonly string[];
  readonly says: string;
  /** The possible values. Absent for an option without a value. */
  readonly values?: Values;
  /** The name of the value in the help. */
  readonly valueName: string;
  /** Whether several values may follow it. */
  readonly isVariadic: boolean;
  /** Whether it may be given again. */
  readonly isRepeatable: boolean;
}

/** A command as shells complete it. */
export interface CompletedCommand {
  /** The words that call it, without the name of the program. Empty for the program itself. */
  readonly path: readonly string[];
  readonly says: string;
  readonly options: readonly CompletedOption[];
  /** The options that its help does not list. */
  readonly hiddenOptions: readonly CompletedOption[];
  /** The values of its arguments, in their order. */
  readonly arguments: readonly Values[];
  readonly commands: readonly CompletedCommand[];
}

/** Reads the definitions of the command line itself, so that a completion offers what there is. */
export function commandTree(command: Command, path: readonly string[] = []): CompletedCommand {
  const help = command.createHelp();
  const asksService = command.options.some(({ long }) => long === '--service');
  return {
    path,
    says: command.summary() || oneLine(command.description()),
    options: help.visibleOptions(command).map((option) => completedOption(option, asksService)),
    hiddenOptions: command.options.filter(({ hidden }) => hidden).map((option) => completedOption(option, asksService)),
    arguments: argumentsOf(command, path.length === 0),
    commands: help.visibleCommands(command).map((one) => commandTree(one, [...path, one.name()])),
  };
}

/** Returns the command and all below it. */
export function allCommands(command: CompletedCommand): readonly CompletedCommand[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

function completedOption(option: Option, asksService: boolean): CompletedOption {
  const valueName = /[<[]([^>\].]+)/.exec(option.flags)?.[1] ?? '';
  const named = namesOf(option, asksService);
  return {
    names: [option.long, option.short].filter((name) => typeof name === 'string'),
    says: oneLine(option.description),
    valueName,
    isVariadic: option.variadic,
    isRepeatable: option.variadic || option instanceof RepeatableOption,
    ...((option.required || option.optional) && { values: named ?? valuesOf(valueName, option.argChoices) }),
  };
}

const OF_MACHINE: Readonly<Record<string, NameKind>> = { '--service': 'services', '--profile': 'profiles' };

/** Returns which names an option takes. Names from records need a command that queries a service. */
function namesOf({ long }: Option, asksService: boolean): Values | undefined {
  const flag = long?.replace(/^--not-/, '--') ?? '';
  const field = FIELD_NAMES.find((name) => flag === `--${name}`);
  const known = asksService && field !== undefined ? fieldOf(field).known : undefined;
  const of = OF_MACHINE[flag] ?? (known && NAMES_OF[known]);
  return of && { kind: 'names', of };
}

/** Returns the values of the arguments. The program itself takes pasted text in place of a command. */
function argumentsOf(command: Command, isProgram: boolean): readonly Values[] {
  const takesPasted = command.commands.some(({ registeredArguments: [first] }) => first?.name() === 'anything');
  if (isProgram && takesPasted) return [{ kind: 'names', of: 'pasted' }];
  return command.registeredArguments.map(argumentValues);
}

const OF_ARGUMENT: Readonly<Record<string, NameKind | 'as-first-argument'>> = {
  anything: 'anybody',
  prefix: 'as-first-argument',
  service: 'services',
};

function argumentValues(argument: Argument): Values {
  const of = OF_ARGUMENT[argument.name()];
  return of === undefined ? valuesOf(argument.name(), argument.argChoices) : { kind: 'names', of };
}

/** Returns what an option or argument takes, by the name of its value. */
function valuesOf(name: string, choices: readonly string[] | undefined): Values {
  if (choices !== undefined) return { kind: 'choices', choices };
  if (/^(?:file|path)$/.test(name)) return { kind: 'files' };
  return { kind: name === 'folder' ? 'folders' : 'text' };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
