import { parseJson } from '../json.ts';
import { type Field, fieldOfLabel } from './field-names.ts';

/** The name and the value of a field in a text. */
export interface Pair {
  readonly name: string;
  readonly value: string;
  /** What the name means, if that is not clear from the name alone. */
  readonly field?: Field;
}

/** The fields that were found in the lines of a text. */
export interface Layout {
  /** The fields with known names. */
  readonly pairs: readonly Pair[];
  /** Lines without a field. Lines with a field of an unknown name are left out. */
  readonly others: readonly string[];
  /** How many of the known fields have their value in the line below the name. */
  readonly below: number;
}

/** Matches marks before the name of a field: bullets, quotes, table borders, headings, numbers, check boxes and emoji. */
export const MARKS =
  /^(?:[\s>|*#+\u2022\u2023\u25a0-\u25ff\u2013\u2014\u00b7-]|\p{Extended_Pictographic}|[\ufe0f\u200d]|\d{1,3}[.)]\s|:[a-z0-9_+-]{2,40}:\s|\[[ x]\]\s){1,20}/u;
const NAME = '(@?[A-Za-z](?:[\\w./@{}-]| (?! )){0,60}?)';
/** Patterns for what can be between a name and its value, the most reliable first. */
const BETWEEN = [':(?=\\s|$|["\'])\\s*', '=\\s*', '(?:->|=>|\\u2192|\\u21d2)\\s*', '\\.{3,}\\s*', '\\|{1,2}\\s*'];
export const FIELD = new RegExp(
  `^"?${NAME}"?(?:\\s*(?:${BETWEEN.join('|')})|\\s[-\\u2013\\u2014]\\s|\\t\\s*|\\s{2,})(.*)$`,
);
/** Matches a name of any kind and its value, with a tab or a colon between them. Such a line is not the value of a heading above it. */
const IN_COLUMNS = new RegExp(`^${NAME}(?:\\t|:\\s)\\s*\\S`);
export const NAME_ALONE = new RegExp(`^${NAME}\\s*:?$`);
/** Matches a field of a log line within a value. If there is one, the whole line is read as a log line instead. */
const OF_LOG = /(?:^|\s)[\w.@-]{1,60}=\S/;
/** Matches the beginning of a line with tags of Datadog: `tags: name:value name:value`. */
const TAGS_OF_DATADOG = /^tags:/i;
/** Matches what can be between two fields in one line. */
const BETWEEN_FIELDS =
  /(?:[,;]|\s[|\u00b7\u2022])\s+(?=[*`"]{0,3}@?[A-Za-z][\w ./@-]{0,60}[*`"]{0,3}(?::\s|\s?=))|\s(?=(?:First|Last) seen:\s)/i;
const LONGEST_LINE = 4_096;

/**
 * Returns the fields of a text, in any layout with one field in each line, or with a list of fields in one line: `Name:
 * value`, `Name = value`, two columns, `| name | value |`, or a name above its value. Fields of unknown names are left
 * out. The names of YAML mappings are put before the names of the fields in them. It takes time linear in the length of
 * the lines.
 */
export function layoutOf(lines: readonly string[]): Layout {
  const reading = new LayoutReading();
  const filled = lines.filter((line) => line.length <= LONGEST_LINE).flatMap(plainLine);
  for (let at = 0; at < filled.length; )
    at += reading.read(filled[at] as PlainLine, filled[at + 1], filled[at + 2]?.text);
  return reading;
}

/** Collects the fields of lines, one line after another. */
class LayoutReading implements Layout {
  readonly pairs: Pair[] = [];
  readonly others: string[] = [];
  below = 0;
  /** The names of the YAML mappings that the present line is in, the outermost first. */
  readonly #parents: { readonly indent: number; readonly name: string }[] = [];

  /** Reads a line. `next` and `after` are the two lines below it. Returns the number of lines that were read. */
  read({ text, indent }: PlainLine, next: PlainLine | undefined, after: string | undefined): number {
    while ((this.#parents.at(-1)?.indent ?? -1) >= indent) this.#parents.pop();
    const path = this.#parents.map(({ name }) => `${name}.`).join('');
    const found = fieldsOf(text, path);
    this.pairs.push(...found);
    if (found.length > 0) return 1;
    const name = NAME_ALONE.exec(text)?.[1];
    if (name !== undefined && next !== undefined) {
      if (isMapping(text, indent, next)) this.#parents.push({ indent, name });
      else if (isKnown(name) && isValue(next.text, after)) {
        this.pairs.push({ name: `${path}${name}`, value: bareValue(next.text) });
        this.below += 1;
        return 2;
      }
    }
    if (!FIELD.test(text) || OF_LOG.test(text) || TAGS_OF_DATADOG.test(text)) this.others.push(text);
    return 1;
  }
}

function isMapping(text: string, indent: number, next: PlainLine): boolean {
  return text.endsWith(':') && next.indent > indent && FIELD.test(next.text);
}

interface PlainLine {
  readonly text: string;
  readonly indent: number;
}

/** Returns the line without marks, and its indent. Empty if nothing else is in the line. */
function plainLine(line: string): readonly PlainLine[] {
  const unmarked = line.replace(MARKS, '').replaceAll(/[*`]/g, '').trimEnd();
  const text = unmarked.replace(/\|{1,2}$/, '').trimEnd();
  return text === '' ? [] : [{ text, indent: line.search(/[^\s-]/) }];
}

function isKnown(name: string): boolean {
  return fieldOfLabel(name) !== undefined;
}

/** Returns whether a line is the value of the name above it. A line that looks like a name is a value only if another name follows. */
function isValue(text: string, after: string | undefined): boolean {
  const isName = (line: string) => isKnown(NAME_ALONE.exec(line)?.[1] ?? '');
  if (fieldsOf(text, '').length > 0 || IN_COLUMNS.test(text)) return false;
  return !isName(text) || (!text.endsWith(':') && (after === undefined || isName(after)));
}

/** Returns the known fields of a line. */
function fieldsOf(text: string, path: string): readonly Pair[] {
  const isQuoted = /[:=]\s*"[^"]*"$/.test(text) && text.split('"').length === 3;
  const cells = (isQuoted ? [text] : text.split(BETWEEN_FIELDS)).map((cell) => fieldOf(cell, path));
  if (cells.length > 1 && cells.every((cell) => cell !== undefined)) return cells.filter(({ name }) => isKnown(name));
  const whole = fieldOf(text, path);
  return whole !== undefined && whole.value !== '' && isKnown(whole.name) ? [whole] : [];
}

/** Returns the field in a text. Undefined if the text is not a field. */
function fieldOf(text: string, path: string): Pair | undefined {
  const [, name, value = ''] = FIELD.exec(text) ?? [];
  return name === undefined || OF_LOG.test(value) ? undefined : { name: `${path}${name}`, value: bareValue(value) };
}

/** Removes the quotes, brackets and commas around a value. */
function bareValue(text: string): string {
  const bare = text.trim().replace(/[,;]$/, '');
  const [, inner] = /^\[\s*"?([^",[\]]*)"?\s*\]$/.exec(bare) ?? [];
  return (inner ?? bare).replace(/^(["'])(.*)\1$/, '$2').trim();
}

export const TAGS = /<(?:\/(?:td|th|tr|b|strong|p|div|li|span|dd|table)|br\s?\/?)>/i;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' };

/**
 * Removes markup. From an HTML mail, returns the text, with a tab between two cells. A link of Slack or
 * Markdown becomes its title, except in JSON.
 */
export function withoutMarkup(text: string): string {
  const isDocument = /^\s*[[{]/.test(text);
  if (isDocument && parseJson(text).ok) return text; // A caller can have written links into its fields.
  const linked = text
    .replaceAll(/<(?:https?:|mailto:)[^|<>\s]{1,2048}\|([^<>|]{1,2048})>/g, '$1')
    .replaceAll(/\[([^[\]\n]{1,512})\]\((?:https?:|mailto:)[^()\s]{1,2048}\)/g, '$1');
  if (isDocument || !TAGS.test(text)) return linked;
  return linked
    .replaceAll(/<\/(?:td|th|dt)>\s{0,40}<(?:td|th|dd)\b[^<>]{0,500}>/gi, '\t')
    .replaceAll(/<(?:br\s?\/?|\/(?:tr|p|div|li|dd|h\d))>/gi, '\n')
    .replaceAll(/<[/!a-z][^<>]{0,500}>/gi, '')
    .replaceAll(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name: string) => ENTITIES[name] ?? '');
}
