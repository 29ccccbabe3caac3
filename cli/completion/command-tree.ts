import type { Argument, Command, Option } from 'commander';

/** What can be written where a value is wanted. */
export type Values =
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  | { readonly kind: 'files' | 'folders' | 'text' };

export interface CompletedOption {
  /** With their dashes, the long one first. */
  readonly names: readonly string[];
  readonly says: string;
  /** Absent for an option that takes no value. */
  readonly values?: Values;
  /** What the value is called. */
  readonly valueName: string;
  /** Whether several values may follow it. */
  readonly isVariadic: boolean;
}

/** A command as shells complete it. */
export interface CompletedCommand {
  /** The words that call it, behind the program's own name; none for the program itself. */
  readonly path: readonly string[];
  readonly says: string;
  readonly options: readonly CompletedOption[];
  /** What its arguments may be, in their order. */
  readonly arguments: readonly Values[];
  readonly commands: readonly CompletedCommand[];
}

/** Reads the definitions of the command line itself, so that a completion offers what there is. */
export function commandTree(command: Command, path: readonly string[] = []): CompletedCommand {
  const help = command.createHelp();
  return {
    path,
    says: command.summary() || oneLine(command.description()),
    options: help.visibleOptions(command).map(completedOption),
    arguments: command.registeredArguments.map((argument: Argument) => valuesOf(argument.name(), argument.argChoices)),
    commands: help.visibleCommands(command).map((one) => commandTree(one, [...path, one.name()])),
  };
}

/** The command and all below it. */
export function allCommands(command: CompletedCommand): readonly CompletedCommand[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

function completedOption(option: Option): CompletedOption {
  const valueName = /[<[]([^>\].]+)/.exec(option.flags)?.[1] ?? '';
  return {
    names: [option.long, option.short].filter((name) => typeof name === 'string'),
    says: oneLine(option.description),
    valueName,
    isVariadic: option.variadic,
    ...((option.required || option.optional) && { values: valuesOf(valueName, option.argChoices) }),
  };
}

/** What an option or argument takes is told by what its value is called. */
function valuesOf(name: string, choices: readonly string[] | undefined): Values {
  if (choices !== undefined) return { kind: 'choices', choices };
  if (/^(?:file|path)$/.test(name)) return { kind: 'files' };
  return { kind: name === 'folder' ? 'folders' : 'text' };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
