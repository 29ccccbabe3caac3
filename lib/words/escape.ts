/**
 * Characters that could falsify what a terminal or page shows:
 * control, format and bidirectional-override characters, and lone surrogates;
 * invisible characters and unusual spaces, with which a name looks like another one;
 * five or more combining marks in a row, which cover the text around them.
 *
 * No language needs five combining marks (Unicode Technical Standard 39, 5.4). Source of `DI`: Unicode Standard Annex
 * 44, Default_Ignorable_Code_Point. U+2800 is the empty Braille pattern.
 */
export const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}\xa0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]|[\p{Mn}\p{Me}]{5,}/gu;

/** Returns the text for people. Characters that a terminal would interpret are escaped, for example as `\u001b`. */
export function escapeForTerminal(text: string): string {
  return text.replace(UNSAFE, writtenOut);
}

/** Returns whether the text has nothing to escape for a terminal. */
export function isPlain(text: string): boolean {
  return text.search(UNSAFE) < 0;
}

/** Escapes each UTF-16 code unit as JSON does, so that a JSON text stays valid JSON. */
export function writtenOut(text: string): string {
  return text.replace(/\S|\s/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Matches nearly all harmless texts. Testing it is cheaper than `UNSAFE`. */
const USUAL = /^[\n -~]*$/;

/**
 * Returns the value as JSON that looks the same wherever it is shown or stored. Unsafe characters become JSON escapes,
 * so the parsed value is the same.
 * @param indent the number of spaces for each level. If absent, the JSON is one line.
 */
export function plainJson(value: object, indent?: number): string {
  return plainJsonText(JSON.stringify(value, undefined, indent));
}

/** Escapes unsafe characters in a JSON text, as `plainJson` does. */
function plainJsonText(text: string): string {
  return USUAL.test(text) ? text : text.replace(UNSAFE, (signs) => (signs === '\n' ? signs : writtenOut(signs)));
}

/**
 * Returns YAML in which unsafe characters are escaped. They are always inside double quotes. Unlike JSON, YAML has an
 * escape of its own for characters above U+FFFF (YAML 1.2, 5.7).
 */
export function plainYaml(text: string): string {
  const escaped = (sign: string) => {
    const point = sign.codePointAt(0) ?? 0;
    return point > 0xffff ? `\\U${point.toString(16).padStart(8, '0')}` : writtenOut(sign);
  };
  return USUAL.test(text)
    ? text
    : text.replace(UNSAFE, (signs) => (signs === '\n' ? signs : Array.from(signs, escaped).join('')));
}

/** Escapes each line as `escapeForTerminal` does. Line breaks stay. */
export function escapeLines(text: string): string {
  return text.split(/\r?\n/).map(escapeForTerminal).join('\n');
}

/**
 * Matches the start of a formula in a spreadsheet: at the beginning of a cell, or after a `;`. In most of Europe, `;`
 * separates lists. Spreadsheets there split a cell at each `;`, even in quotes that do not begin the cell. Source:
 * OWASP, "CSV Injection".
 */
const FORMULA = /(^|;)([\s"']*)(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g;

/**
 * Returns a CSV cell (RFC 4180) that is safe in a spreadsheet. An apostrophe before each possible formula keeps it from
 * running. Control characters, line breaks and tabs are escaped as for a terminal, so each row is one line. JSON lines
 * have the original text (`plainJson`).
 */
export function csvCell(text: string): string {
  const safe = escapeForTerminal(text).replace(FORMULA, "$1$2'");
  return /[",;']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
