import type { Command } from 'commander';
import { escapeLines } from '../../lib/words/escape.ts';
import { wrongUsage } from '../failures/command-error.ts';
import type { HelpLength } from '../help/command-help.ts';
import { helpText } from '../help/help-text.ts';
import { usageErrorText } from '../help/usage-error.ts';
import { RepeatableOption } from './repeatable-option.ts';

interface Common {
  readonly helpLength?: HelpLength;
  /** Whether errors of usage are written to standard error. The default is true. */
  readonly reportsUsage?: boolean;
}

/**
 * Gives the command and its subcommands what every command has: help, errors of usage, and the refusal of repeated
 * options. Add an option of all commands here, with a hook before the action that applies it.
 */
export function withCommonOptions(
  command: Command,
  { helpLength = 'short', reportsUsage = true }: Common = {},
): Command {
  for (const each of allBelow(command)) {
    each
      .exitOverride()
      .showSuggestionAfterError(false) // `usageErrorText` has nearer ones
      .configureHelp({ formatHelp: (one, helper) => helpText(one, helper, helpLength) })
      .configureOutput({
        writeErr: (text) => void process.stderr.write(escapeLines(text)),
        outputError: (text, write) => void (reportsUsage && write(usageErrorText(each, text))),
      });
    refuseRepeated(each);
  }
  return command;
}

function allBelow(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(allBelow)];
}

/** Refuses a second value of an option that takes one. Commander would use the last one without a word. */
function refuseRepeated(command: Command): void {
  for (const option of command.options) {
    if (option.variadic || option.isBoolean() || option instanceof RepeatableOption) continue;
    let before: string | undefined;
    command.on(`option:${option.name()}`, (value: string) => {
      if (before !== undefined)
        throw wrongUsage(`${option.long} is given twice, ${before} and ${value}, but takes one value: leave one out.`);
      before = value;
    });
  }
}
