import { quoted } from '../../lib/shell.ts';

/**
 * Returns a command that looks up a text, for a person to copy. Anybody can choose a pasted text or an audit ID. A text
 * that begins with a hyphen would be read as an option. So it is put after `--` (POSIX, Utility Syntax Guidelines, 10).
 */
export function lookupCommand(command: string, text: string, words: readonly string[]): string {
  const rest = text.startsWith('-') ? [...words, '--', quoted(text)] : [quoted(text), ...words];
  return [command, ...rest].join(' ');
}
