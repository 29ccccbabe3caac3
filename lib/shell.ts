/**
 * Quotes one argument of a command for a POSIX shell, for people to copy. Source: IEEE 1003.1, "Shell Command
 * Language", 2.2 Quoting. Attackers may choose names and patterns. So everything that the shell would interpret is in
 * single quotes.
 */
export function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : singleQuoted(argument);
}

/**
 * Quotes an argument that is not an option. If it begins with a hyphen, no command reads the result as an option
 * (POSIX, Utility Syntax Guidelines, 10).
 */
export function operand(argument: string): string {
  return quoted(argument).replace(/^'?-/, '-- $&');
}

/**
 * Puts the text in single quotes, in which a POSIX shell interprets nothing. Control characters except line breaks
 * become `$'\003'` (POSIX.1-2024, 2.2.4). A terminal would read them as keys that end the line and start another
 * command.
 */
export function singleQuoted(text: string): string {
  const safe = text.replaceAll("'", "'\\''").replace(/(?!\n)\p{Cc}/gu, (sign) => `'$'${octal(sign.charCodeAt(0))}''`);
  return `'${safe}'`;
}

/** Returns the UTF-8 bytes of a control character as octal escapes. */
function octal(code: number): string {
  return `${code < 128 ? '\\' : '\\302\\'}${code.toString(8).padStart(3, '0')}`;
}
