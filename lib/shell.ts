/**
 * One argument of a command line for a POSIX shell (IEEE 1003.1, "Shell Command Language", 2.2 Quoting), for a person to
 * copy. Names and patterns come from whoever is looked at: what the shell would read otherwise stands in single quotes.
 */
export function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : singleQuoted(argument);
}

/**
 * `quoted`, as what a command is given behind its options: a text that begins with a hyphen would be read as one of them
 * (POSIX, Utility Syntax Guidelines, 10).
 */
export function operand(argument: string): string {
  return quoted(argument).replace(/^'?-/, '-- $&');
}

/**
 * The text in single quotes, between which a POSIX shell reads nothing; control characters but line breaks as `$'\003'` (POSIX.1-2024,
 * 2.2.4): pasted as they are the terminal itself would take them for keys, which end the line and begin another command.
 */
export function singleQuoted(text: string): string {
  const safe = text.replaceAll("'", "'\\''").replace(/(?!\n)\p{Cc}/gu, (sign) => `'$'${octal(sign.charCodeAt(0))}''`);
  return `'${safe}'`;
}

/** A control character's bytes in UTF-8. */
function octal(code: number): string {
  return `${code < 128 ? '\\' : '\\302\\'}${code.toString(8).padStart(3, '0')}`;
}
