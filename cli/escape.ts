/** Control, format and bidirectional-override characters, and lone surrogates: they could forge what a terminal shows. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/gu;

/** The text as it may be shown to a person: what a terminal would obey is written out as `\u001b`. */
export function escapeForTerminal(text: string): string {
  return text.replace(UNSAFE, (character) => character.split('').map(escapedUnit).join(''));
}

/** As JSON writes it, so that a JSON text stays one. */
function escapedUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Like `escapeForTerminal`, line by line: its own line breaks stay. */
export function escapeLines(text: string): string {
  return text.split(/\r?\n/).map(escapeForTerminal).join('\n');
}

/** A CSV cell (RFC 4180); a cell that a spreadsheet would run as a formula begins with an apostrophe (OWASP, CSV injection). */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
