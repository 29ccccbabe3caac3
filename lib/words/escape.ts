/**
 * Control, format and bidirectional-override characters, and lone surrogates: they could forge what a terminal shows. What is
 * drawn as nothing, and blanks other than the usual one: a name with one of them looks like another's. Source: Unicode
 * Standard Annex 44, Default_Ignorable_Code_Point (`DI`); U+2800 is the empty pattern of Braille. And marks that are heaped
 * upon a letter, which cover what stands around it: no language needs five (Unicode Technical Standard 39, 5.4).
 */
export const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}\xa0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]|[\p{Mn}\p{Me}]{5,}/gu;

/** The text as it may be shown to a person: what a terminal would obey is written out as `\u001b`. */
export function escapeForTerminal(text: string): string {
  return text.replace(UNSAFE, writtenOut);
}

/** Whether nothing in it is written out for a terminal. */
export function isPlain(text: string): boolean {
  return text.search(UNSAFE) < 0;
}

/** Every sign of it as JSON writes it, so that a JSON text stays one. */
export function writtenOut(text: string): string {
  return text.replace(/\S|\s/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Nearly every text. */
const USUAL = /^[\n -~]*$/;

/**
 * Returns the value as JSON that is the same wherever it is shown, piped or kept: what a terminal would obey, or would draw
 * as another text, stands there as JSON's own escapes, which change nothing of what it says.
 *
 * @param indent by how many blanks each level is indented; one line without.
 */
export function plainJson(value: object, indent?: number): string {
  return plainJsonText(JSON.stringify(value, undefined, indent));
}

/** Returns a JSON text as `plainJson` writes it. */
function plainJsonText(text: string): string {
  return USUAL.test(text) ? text : text.replace(UNSAFE, (signs) => (signs === '\n' ? signs : writtenOut(signs)));
}

/**
 * Returns YAML in which all that is not plain stands within double quotes, with that written out: other than in JSON, a sign
 * beyond 16 bits has an escape of its own there (YAML 1.2, 5.7).
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

/** Like `escapeForTerminal`, line by line: its own line breaks stay. */
export function escapeLines(text: string): string {
  return text.split(/\r?\n/).map(escapeForTerminal).join('\n');
}

/**
 * What a spreadsheet takes for a formula's first sign, at the beginning of a cell or of what it makes a cell of: where the
 * list separator is `;`, as in most of Europe, it splits at each one, also within quotes that do not begin the cell.
 * Source: OWASP, "CSV Injection".
 */
const FORMULA = /(^|;)([\s"']*)(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g;

/**
 * A CSV cell (RFC 4180) for a spreadsheet, wherever it is opened: no part of it is run as a formula, since an apostrophe
 * stands before that, and control characters, line breaks and tabs among them, are written out as in a terminal. So a row
 * is a line, and nothing in it turns around what is shown. JSON lines say what the text was (`plainJson`).
 */
export function csvCell(text: string): string {
  const safe = escapeForTerminal(text).replace(FORMULA, "$1$2'");
  return /[",;']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
