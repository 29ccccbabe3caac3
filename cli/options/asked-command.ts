import { quoted } from '../../lib/shell.ts';

/**
 * A command that asks about a text, for a person to copy. What was pasted, or an audit id, is anybody's word: one that begins with
 * a hyphen would be read as an option, so that it stands behind `--`, where none is (POSIX, Utility Syntax Guidelines, 10).
 */
export function askedCommand(command: string, text: string, words: readonly string[]): string {
  const asked = text.startsWith('-') ? [...words, '--', quoted(text)] : [quoted(text), ...words];
  return [command, ...asked].join(' ');
}
