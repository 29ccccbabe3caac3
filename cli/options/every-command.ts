import type { Command } from 'commander';
import { nearest } from '../../lib/nearness.ts';
import { quoted } from '../../lib/shell.ts';
import { escapeLines } from '../../lib/words/escape.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { ownCommand } from './own-command.ts';
import { RepeatableOption } from './repeatable-option.ts';

/**
 * Gives the command, and each below it, what every command of the program has: how it says what is wrong with its usage, and the
 * values of an option that may be given once. An option of all commands is added to each of them here, with a hook before the
 * action that heeds it.
 */
export function withCommonOptions(command: Command): Command {
  for (const each of allBelow(command)) {
    each
      .exitOverride()
      .showHelpAfterError('(add --help for what there is)')
      .showSuggestionAfterError(false) // commander's own are far-fetched
      .configureOutput({
        writeErr: (text) => void process.stderr.write(escapeLines(text)),
        outputError: (text, write) => write(`${text}${suggestion(each, text)}`),
      });
    refuseRepeated(each);
  }
  return command;
}

function allBelow(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(allBelow)];
}

/** What may have been meant, where something is near what was written. */
function suggestion(command: Command, text: string): string {
  const [, kind, wrong = ''] = /^error: unknown (option|command) '([^']*)'/.exec(text) ?? [];
  if (kind === undefined) return '';
  const help = command.createHelp();
  const options = help.visibleOptions(command).flatMap(({ long }) => long ?? []);
  const near = nearest(wrong, kind === 'option' ? options : help.visibleCommands(command).map((one) => one.name()));
  const meant = near.length === 0 ? '' : `Did you mean ${near.join(' or ')}?\n`;
  const isName = kind === 'command' && command.parent === null;
  return isName ? `${meant}To ask about somebody of this name: ${ownCommand(`whois ${quoted(wrong)}`)}\n` : meant;
}

/** Of an option that takes one value the last would count in silence, and the answer be about that alone. */
function refuseRepeated(command: Command): void {
  for (const option of command.options) {
    if (option.variadic || option.isBoolean() || option instanceof RepeatableOption) continue;
    let before: string | undefined;
    command.on(`option:${option.name()}`, (value: string) => {
      if (before !== undefined)
        throw wrongUsage(`${option.long} is given twice, ${before} and ${value}: it takes one value.`);
      before = value;
    });
  }
}
