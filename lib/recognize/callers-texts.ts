import { isJsonObject, type JsonObject, parseJson } from '../json.ts';
import { columnsOf, FIELD_NAME, isInsightsCsv, LEAST_FIELDS, RULE, rowsOf, tableRows } from './csv.ts';
import { unfenced } from './edges.ts';
import { errorForm, errorWithinQuotes } from './errors.ts';
import { type Field, fieldOfLabel, isChosenByCallers, OF_OUTPUT } from './field-names.ts';
import { areAlertFields } from './fields.ts';
import { closingBrace } from './json-values.ts';
import { FIELD, MARKS, NAME_ALONE, TAGS } from './layouts.ts';
import { wordForms } from './loose-ids.ts';
import { tokenForm } from './tokens.ts';
import { objectsOfYaml } from './yaml-objects.ts';

/** A text without the values that callers wrote into it. */
export interface OwnText {
  readonly text: string;
  /** The names of the fields whose values were removed. */
  readonly removed: readonly string[];
}

/** Stands for a value that was removed. As the value of a field it means that there is none. */
export const NONE = '-';

const OF_CALLER: readonly (Field | undefined)[] = [
  ...(['uid', 'username', 'arn', 'role', 'accessKeyId', 'sessionName', 'principalId'] as const),
  ...(['auditId', 'eventId'] as const),
];
const OF_REQUEST: readonly (Field | undefined)[] = [
  ...OF_CALLER,
  ...(['verb', 'resource', 'namespace', 'cluster', 'sourceIp', 'code', 'severity', 'requested'] as const),
];
const OF_OBJECT: readonly (Field | undefined)[] = ['name', 'pod', 'namespace', 'userAgent', 'uri', 'command'];

/**
 * Removes the values of fields that callers write (`isChosenByCallers`), in any layout: labels, lists in one line,
 * tables, CSV, and values over several lines. A value is removed if it could be read as something else than such a
 * value: if it has an ID, an error, JSON, markup or a field that names a caller. If nothing shows where the value ends,
 * the rest of its line counts as a part of it. JSON stays as it is unless `isJsonRead`. It takes time linear in the
 * length of the text.
 */
export function withoutCallersTexts(text: string, isJsonRead = false): OwnText {
  if (!isJsonRead && isDocument(unfenced(text))) return { text, removed: [] };
  return new Cleaner(text, isJsonRead).clean();
}

/** Returns whether the text is a document that is read by its own rules: JSON, an event, an export of a query, or objects in YAML. */
function isDocument(text: string): boolean {
  if (/^\s*[[{"'\\]/.test(text) || OF_EVENT.every((name) => name.test(text))) return true;
  return isInsightsCsv(text) || (tableRows(text)?.length ?? 0) > 0 || objectsOfYaml(text) !== undefined;
}

/** Match the names of two fields of an audit event in YAML. */
const OF_EVENT = [/^[ \t-]{0,20}auditID:/m, /^[ \t-]{0,20}(?:user|(?:request|response)Object):/m];

/** Matches the name of a field with up to three words, and what separates it from its value. */
const LABEL =
  /(["']?)(@?[A-Za-z][\w.@{}-]{0,60}(?: [A-Za-z][\w.-]{0,30}){0,2}?)(?:\{\})?["'*`_]{0,4}(?:\s{0,8}(?:[:=]|->|=>|\u2192|\u21d2|\.{3,80}|\|{1,2})|\t|\s{2,80}(?=\S)|\s[-\u2013\u2014](?=\s))[*`_]{0,3}[ \t]{0,80}/y;
const QUOTED = /"(?:[^"\\]|\\.)*"/sy;
const QUOTED_TEXTS = /"(?:[^"\\]|\\.)*"/gs;
const QUOTED_FIELDS = /([\w.@-]{1,60})="(?:[^"\\]|\\.)*"/gs;
const OBJECT_NAME = /[\w.:/-]+(?=[\s,;|)]|$)/y;
const PATH = /\/\S*/y;
const WORD = /[\w.@/-]+|\s+|./suy;
/** Matches a line that can have the name of a field that callers write. */
const MAY_HAVE_LABEL =
  /agent|ur[il]|path|query|header|refer|command|cmd|arg|output|std|host|env|annotation|image|impersonat|request|response|name|browser|object|pod/i;
/** Matches what can be the end of a quoted value. */
const AFTER_QUOTES = /^(?:\s|[,;)}\]|*`]|$)/;
const OF_FIELDS = /(?:^|[\s,;|(&?"'[{<>])@?([A-Za-z][\w.-]{0,40}(?: [A-Za-z]\w{0,20}){0,2})["'*`]{0,3}\s{0,8}[:=|]/g;
const JSON_INSIDE = /[{[]\s{0,20}\\{0,15}"/;

/** Returns whether the text has a field that names a caller. */
function namesCaller(text: string): boolean {
  return labelsIn(text).some((field) => OF_CALLER.includes(field));
}

/**
 * Returns whether the fields behind the name of an object can be a part of that name, because they name a caller. One
 * user alone is read, as in `ns=shop user=ana`, and so is a field that stands before the name too.
 */
function hasForgedCaller(rest: string, before: string): boolean {
  const stated = labelsIn(before);
  const fields = labelsIn(rest.replaceAll(QUOTED_TEXTS, '""')).filter(
    (field) => OF_CALLER.includes(field) && !stated.includes(field),
  );
  return fields.length > 1 || fields.some((field) => field !== 'username' && field !== 'arn');
}

/** Returns whether a value that a caller wrote could be read as something else. `isWhole`: whether it is clear where it ends. */
function isHarmful(value: string, isWhole: boolean): boolean {
  if (JSON_INSIDE.test(value) || TAGS.test(value)) return true;
  if (!isWhole && namesCaller(value)) return true;
  const plain = value.replaceAll(/\\(["\\/])/g, '$1');
  if ((errorForm(value) ?? errorForm(plain) ?? errorWithinQuotes(value) ?? tokenForm(value)) !== undefined) return true;
  return wordForms(value).some((each) => each !== undefined);
}

function labelsIn(text: string): readonly (Field | undefined)[] {
  return Array.from(text.matchAll(OF_FIELDS), ([, name = '']) => fieldOfWords(name));
}

/** Matches the name of a field that stands beside its value in JSON: `{"name": "User", "value": …}`. */
const NAME_IN_JSON = /"(?:key|name|field|title)"\s{0,8}:\s{0,8}"([\w .-]{1,60})"/g;

/** Returns the field that the last words of a text name. */
function fieldOfWords(text: string): Field | undefined {
  return endsOf(text)
    .map(fieldOfLabel)
    .find((each) => each !== undefined);
}

/** Returns a text of up to three words, and the texts without its first words. */
function endsOf(text: string): readonly string[] {
  const words = text.split(' ');
  return words.map((_, at) => words.slice(at).join(' '));
}

/** Reads a text from its beginning to its end, and collects it without what callers wrote. */
class Cleaner {
  readonly #text: string;
  readonly #isJsonRead: boolean;
  readonly #isAlert: boolean;
  readonly #isAbove: boolean;
  readonly #kept: string[] = [];
  readonly #removed = new Set<string>();
  /** The names of the YAML mappings that the present line is in, the outermost first. */
  readonly #parents: { readonly name: string; readonly indent: number }[] = [];
  /** The last line that is not empty. */
  #above = '';
  #at = 0;
  /** Before this position, no JSON is searched. */
  #noJsonBefore = 0;

  constructor(text: string, isJsonRead: boolean) {
    this.#text = text;
    this.#isJsonRead = isJsonRead;
    const lines = text.split('\n', MOST_LINES);
    const alone = lines.map((line) => fieldOfLabel(nameAlone(line) ?? FIELD.exec(plainLine(line))?.[1] ?? ''));
    const inJson = Array.from(text.slice(0, MOST_READ).matchAll(NAME_IN_JSON), ([, name = '']) => fieldOfLabel(name));
    const stated = [
      ...inJson,
      ...labelsIn(text.slice(0, MOST_READ)),
      ...alone,
      ...lines.slice(0, MOST_HEADS).flatMap(fieldsOfHead),
    ];
    this.#isAlert = new Set(stated.filter((field) => field !== undefined && OF_REQUEST.includes(field))).size > 1;
    this.#isAbove =
      lines.filter((line) => /:\s*$/.test(line) && fieldOfLabel(nameAlone(line) ?? '') !== undefined).length > 1;
  }

  clean(): OwnText {
    while (this.#at < this.#text.length) if (!this.#readTable()) this.#readLine();
    return { text: this.#kept.join(''), removed: [...this.#removed] };
  }

  /** Returns the rest of the line at this position, without its end. */
  #lineAt(at: number): string {
    const end = this.#text.indexOf('\n', at);
    return this.#text.slice(at, end < 0 ? undefined : end);
  }

  #readLine(): void {
    const line = this.#lineAt(this.#at);
    const from = this.#at;
    this.#at += line.length + 1;
    const end = this.#at <= this.#text.length ? '\n' : '';
    this.#setParents(line);
    if (!MAY_HAVE_LABEL.test(line) && !line.includes('{')) return void this.#kept.push(line, end);
    const open = this.#readLabels(line, from);
    if (open === undefined) return;
    this.#kept.push(open.kept, end);
    if (open.value !== undefined) this.#readMore(line, from, open.value);
  }

  /** Keeps the names of the YAML mappings that the line is in. */
  #setParents(line: string): void {
    if (line.trim() === '') return;
    while ((this.#parents.at(-1)?.indent ?? Number.NEGATIVE_INFINITY) >= indentOf(line)) this.#parents.pop();
    const before = /:\s*$/.test(this.#above) ? nameAlone(this.#above) : undefined;
    if (before !== undefined && indentOf(this.#above) < indentOf(line))
      this.#parents.push({ name: before, indent: indentOf(this.#above) });
    this.#above = line;
  }

  /** Reads the labels of a line. Returns what is kept of it, and the last value, which can go on in other lines. Undefined if JSON was read. */
  #readLabels(line: string, from: number): ReadLine | undefined {
    const alone = nameAlone(line) ?? '';
    if (this.#isChosen(alone)) return { kept: line, value: { name: alone, at: line.length, isAlone: true } };
    let read: ReadLine = { kept: '' };
    for (let at = 0; at < line.length; ) {
      if (line[at] === '{' && this.#readJson(read.kept, from + at)) return undefined;
      const label = labelAt(line, at);
      const name = this.#chosenName(label.name);
      const exact =
        name === undefined ? line.slice(label.begin, label.next) : exactValue(line, at, label, isOfObject(name));
      if (exact === undefined) return this.#openValue(line, read.kept, at, { ...label, name: name ?? '' });
      read = { ...read, ...this.#exactValue(line, read.kept, at, { ...label, name }, exact) };
      at = label.begin + exact.length;
    }
    return read;
  }

  #exactValue(line: string, before: string, at: number, { name, begin }: OwnLabel, value: string): ReadLine {
    const kept = before + line.slice(at, begin) + (name === undefined ? value : this.#ofValue(name, value));
    const isLast = /^[\s,;]*$/.test(line.slice(begin + value.length));
    return name === undefined || !isLast ? { kept } : { kept, value: { name, at: begin, isAlone: false } };
  }

  #openValue(line: string, kept: string, at: number, { name, begin }: Label): ReadLine {
    const rest = line.slice(begin);
    const value = { name, at: begin, isAlone: rest.trim() === '' };
    if (!isHarmful(rest, false)) return { kept: kept + line.slice(at), value };
    this.#removed.add(name);
    return { kept: `${kept}${line.slice(at, begin)}${NONE}`, value };
  }

  /** Returns a value whose end is clear, or what stands for it if it is removed. */
  #ofValue(name: string, value: string): string {
    if (!isHarmful(value, true)) return value;
    this.#removed.add(name);
    return value.startsWith('"') ? `"${NONE}"` : NONE;
  }

  /** Reads JSON that begins at this position. Returns whether there is any. */
  #readJson(before: string, at: number): boolean {
    if (at < this.#noJsonBefore) return false;
    const end = closingBrace(this.#text, at);
    const parsed = end === undefined ? undefined : parseJson(this.#text.slice(at, end + 1));
    if (end === undefined || parsed?.ok !== true) {
      this.#noJsonBefore = end === undefined ? this.#text.length : end;
      return false;
    }
    const own = this.#isJsonRead ? JSON.stringify(this.#ofJson(parsed.value, [])) : this.#text.slice(at, end + 1);
    this.#kept.push(before, own);
    this.#at = end + 1;
    return true;
  }

  /** Returns a JSON value without the fields that callers write. */
  #ofJson(value: unknown, path: readonly string[]): unknown {
    if (path.length > MOST_LEVELS) return undefined;
    if (Array.isArray(value)) return value.map((each) => this.#ofJson(each, path));
    if (isJsonObject(value)) return this.#ofObject(value, path);
    if (typeof value !== 'string' || !(MAY_HAVE_LABEL.test(value) || value.includes('{'))) return value;
    const { text, removed } = withoutCallersTexts(value, true);
    for (const name of removed) this.#removed.add(name);
    return text;
  }

  #ofObject(value: JsonObject, path: readonly string[]): JsonObject {
    const stated = [value.key, value.name, value.field, value.title].filter((each) => typeof each === 'string');
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, each]) => {
        const names = key === 'value' || key === 'values' ? stated : [...path.slice(-1), key];
        if (!this.#isChosenPath(names)) return [[key, this.#ofJson(each, [...path, key])] as const];
        this.#removed.add(names.at(-1) ?? key);
        return [];
      }),
    );
  }

  #isChosenPath(path: readonly string[]): boolean {
    const isOutput = OF_OUTPUT.test(path.at(-1) ?? '');
    return isChosenByCallers(path) && (this.#isAlert || !isOutput);
  }

  /** Returns the name of a field that callers write, if the words end with one. Words that name another field together do not. */
  #chosenName(words: string): string | undefined {
    const name = endsOf(words).find((each) => this.#isChosen(each) || fieldOfLabel(each) !== undefined);
    return name !== undefined && this.#isChosen(name) ? name : undefined;
  }

  #isChosen(name: string): boolean {
    const path = [...this.#parents.map((parent) => parent.name), name];
    return this.#isChosenPath(path) || (this.#isAlert && OF_OBJECT.includes(fieldOfLabel(path.join('.'))));
  }

  /** Reads the lines into which a value goes on: deeper lines, quotes, JSON, a block of code, or the lines below its name. */
  #readMore(line: string, from: number, value: OpenValue): void {
    const end = this.#endOfMore(from + value.at, from + line.length);
    if (end !== undefined) {
      this.#removed.add(value.name);
      this.#at = end;
      return;
    }
    const more = this.#linesOfMore(line, value);
    const kept = more.map(({ text }) => text);
    const isBad =
      kept.some((each) => isHarmful(each, false)) ||
      isHarmful([line.slice(value.at), ...kept.map((each) => each.trim())].join(' '), false);
    if (more.length > 0 && isBad) this.#removed.add(value.name);
    this.#kept.push(...more.flatMap(({ text, isBlank }) => (isBad && !isBlank ? [`${NONE}\n`] : [text, '\n'])));
    this.#at += kept.reduce((sum, { length }) => sum + length + 1, 0);
  }

  /** Returns the lines into which a value goes on. */
  #linesOfMore(line: string, { isAlone }: OpenValue): readonly MoreLine[] {
    const isBelow = isAlone && (!/:\W*$/.test(line) || this.#isAbove);
    const lines: MoreLine[] = [];
    let isFirst = isAlone;
    for (let at = this.#at; at < this.#text.length && lines.length < MOST_MORE; ) {
      const text = this.#lineAt(at);
      at += text.length + 1;
      const isBlank = text.replace(MARKS, '').trim() === '';
      if (isBlank ? !isFirst : !(indentOf(text) > indentOf(line) || this.#isMore(text, isFirst, isBelow))) break;
      lines.push({ text, isBlank });
      isFirst &&= isBlank;
    }
    return lines;
  }

  /** Returns whether a value goes on in a line that is not indented. A line below the name of a field is its first one. */
  #isMore(text: string, isFirst: boolean, isBelow: boolean): boolean {
    if (isFirst) return !isKnownName(text) && (isBelow || !isAnyField(text));
    return this.#isAlert && !isAnyField(text) && !this.#isChosen(nameAlone(text) ?? '');
  }

  /** Returns where a value ends that begins with an open quote or bracket, or is a block of code. Undefined for any other value. */
  #endOfMore(begin: number, end: number): number | undefined {
    const value = this.#text.slice(begin, end).trimStart();
    if (/^```/.test(value === '' ? this.#lineAt(this.#at).trim() : value)) return this.#endOfCode(begin);
    const start = end - value.length;
    const last = this.#endOfBrackets(value, start);
    return last !== undefined && last > end && !/\n[ \t]*\n/.test(this.#text.slice(start, last)) ? last + 1 : undefined;
  }

  #endOfCode(begin: number): number | undefined {
    const open = this.#text.indexOf('```', begin);
    const close = this.#text.indexOf('```', open + 3);
    const end = close < 0 ? this.#text.length : close + 3;
    return isHarmful(this.#text.slice(open, end), false) ? end : undefined;
  }

  #endOfBrackets(value: string, start: number): number | undefined {
    if (/^\[?\{/.test(value)) return closingBrace(this.#text, this.#text.indexOf('{', start));
    return value.startsWith('"') ? start + (matchAt(QUOTED, this.#text, start)?.[0].length ?? 0) : undefined;
  }

  /** Reads a table with a column that callers write, up to the next empty line. Returns whether there is one. */
  #readTable(): boolean {
    const isAtLine = this.#at === 0 || this.#text[this.#at - 1] === '\n';
    const head = this.#lineAt(this.#at);
    const columns = isAtLine ? columnsIn(head) : undefined;
    if (columns === undefined || !columns.names.some((name) => isChosenColumn(name))) return false;
    const begin = this.#at + head.length + 1;
    const blank = /\n[\s|>]*?\n/g;
    blank.lastIndex = begin - 1;
    const isWhole = this.#at === 0 && typeof columns.separator === 'string' && columns.separator !== '|';
    const end = isWhole ? this.#text.length : (blank.exec(this.#text)?.index ?? this.#text.length);
    this.#kept.push(head, '\n');
    for (const row of rowsIn(this.#text.slice(begin, end), columns.separator))
      this.#kept.push(this.#ofRow(row, columns, isWhole), '\n');
    this.#at = end + 1;
    return true;
  }

  #ofRow(cells: readonly string[], { names, separator }: Columns, isFirst: boolean): string {
    const join = typeof separator === 'string' ? separator : '  ';
    if (cells.length === 1 && RULE.test(cells[0] ?? '')) return cells[0] ?? '';
    if (cells.length !== names.length) {
      for (const name of names) if (isChosenColumn(name)) this.#removed.add(name);
      return NONE;
    }
    const kept = cells.map((cell, at) => {
      const name = names[at] ?? '';
      if (!isChosenColumn(name) || !isHarmful(cell, isFirst && areAlertFields(names))) return inCell(cell, join);
      this.#removed.add(name);
      return NONE;
    });
    return join === '|' ? `|${kept.join('|')}|` : kept.join(join);
  }
}

const MOST_LINES = 10_000;
const MOST_READ = 65_536;
const MOST_HEADS = 50;
const MOST_LEVELS = 12;
const LONGEST_HEAD = 8_192;
const MOST_MORE = 200;

/** What is kept of a line, and the value of its last field that callers write. */
interface ReadLine {
  readonly kept: string;
  readonly value?: OpenValue;
}

interface MoreLine {
  readonly text: string;
  readonly isBlank: boolean;
}

interface OpenValue {
  readonly name: string;
  /** Where the value begins in its line. */
  readonly at: number;
  readonly isAlone: boolean;
}

interface Columns {
  readonly names: readonly string[];
  readonly separator: string | RegExp;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/** A label and the position of its value. `next` is the position after it, or after something else that is not a label. */
interface Label {
  readonly name: string;
  readonly begin: number;
  readonly next: number;
  /** What separates the label from its value. */
  readonly mark: string;
  readonly quote: string;
}

/** A label, with the name of the field if callers write it. */
interface OwnLabel extends Omit<Label, 'name'> {
  readonly name: string | undefined;
}

/** Returns whether the field has the name of an object. */
function isOfObject(name: string): boolean {
  return ['name', 'pod', 'namespace'].includes(fieldOfLabel(name) ?? '');
}

function labelAt(line: string, at: number): Label {
  const [whole = '', quote = '', name = ''] = matchAt(LABEL, line, at) ?? [];
  const begin = at + whole.length;
  const quoted = line[begin] === '"' ? matchAt(QUOTED, line, begin)?.[0] : undefined;
  const next = whole !== '' || quoted !== undefined ? begin + (quoted?.length ?? 0) : nextOf(line, at);
  return { name, begin, next, mark: whole, quote };
}

/** Returns the value of a label if it is clear where the value ends. */
function exactValue(line: string, at: number, label: Label, isOfObject: boolean): string | undefined {
  const { begin, mark, quote } = label;
  const quoted = line[begin] === '"' ? matchAt(QUOTED, line, begin)?.[0] : undefined;
  if (quoted !== undefined && isEndOfValue(line, begin + quoted.length, mark, quote, line.slice(0, at))) return quoted;
  if (quoted !== undefined) return undefined;
  if (line[begin] === '/') return matchAt(PATH, line, begin)?.[0];
  const isWhole = !/=[ \t]*$/.test(mark) && line.slice(0, at).replace(MARKS, '').trim() === '';
  const rest = line.slice(begin);
  const name = isOfObject ? matchAt(OBJECT_NAME, line, begin)?.[0] : undefined;
  if (name === undefined || hasForgedCaller(rest, line.slice(0, at))) return undefined;
  if (errorForm(withoutQuotedTexts(rest)) !== undefined) return undefined;
  return isWhole && isHarmful(rest, false) ? undefined : name;
}

/** Returns a text without quoted values of fields that callers write. Each of these values is read by itself later. */
function withoutQuotedTexts(text: string): string {
  return text.replaceAll(QUOTED_FIELDS, (whole, name: string) => (isChosenByCallers([name]) ? `${name}=""` : whole));
}

function nextOf(line: string, at: number): number {
  if (line[at] === '/') return at + (matchAt(PATH, line, at)?.[0].length ?? 1);
  return at + (matchAt(WORD, line, at)?.[0].length ?? 1);
}

/** Returns whether the quotes of a value are its writer's, so that it ends with them. In `name: "…" …` a caller can have written them. */
function isEndOfValue(line: string, after: number, label: string, quote: string, before: string): boolean {
  if (!AFTER_QUOTES.test(line.slice(after, after + 1))) return false;
  const isOfLog = /\w["'*`]?=$/.test(label) || quote === '"';
  return isOfLog || (line.slice(after).trim() === '' && before.replace(MARKS, '').trim() === '');
}

function plainLine(line: string): string {
  return line.slice(0, LONGEST_HEAD).replace(MARKS, '').replaceAll(/[*`]/g, '').trim();
}

function nameAlone(line: string): string | undefined {
  return line.length > 200 ? undefined : NAME_ALONE.exec(plainLine(line).replace(/\s*[|>]-?$/, ''))?.[1];
}

function isKnownName(line: string): boolean {
  return fieldOfLabel(nameAlone(line) ?? '') !== undefined;
}

function isAnyField(line: string): boolean {
  return isKnownName(line) || FIELD.test(plainLine(line));
}

function indentOf(line: string): number {
  return line.replace(/^[ \t]*>[ \t]?/, '').search(/[^\s-]/);
}

const SEPARATORS: readonly (string | RegExp)[] = ['\t', ';', '|', ',', /\s{2,}/];

/** Returns the columns of a table whose first line this is. Undefined for any other line. */
function columnsIn(line: string): Columns | undefined {
  if (line.length > LONGEST_HEAD) return undefined;
  const plain = withoutFrame(line);
  for (const separator of SEPARATORS) {
    const names = columnsOf(
      typeof separator === 'string' ? rowsOf(plain, separator)[0] : plain.trim().split(separator),
    );
    const isHead = names.length >= LEAST_FIELDS && names.every((name) => FIELD_NAME.test(name));
    if (isHead && names.filter((name) => fieldOfLabel(name) !== undefined || isChosenColumn(name)).length > 1)
      return { names, separator };
  }
  return undefined;
}

function fieldsOfHead(line: string): readonly (Field | undefined)[] {
  return columnsIn(line)?.names.map(fieldOfLabel) ?? [];
}

function isChosenColumn(name: string): boolean {
  return isChosenByCallers([name]) || OF_OBJECT.includes(fieldOfLabel(name));
}

function rowsIn(text: string, separator: string | RegExp): readonly (readonly string[])[] {
  if (typeof separator === 'string' && separator !== '|') return rowsOf(text, separator);
  return text.split(/\r?\n/).map((line) => (RULE.test(line) ? [line] : withoutFrame(line).split(separator)));
}

function withoutFrame(line: string): string {
  return line.trim().replace(/^\|{1,2}|\|{1,2}$/g, '');
}

function inCell(cell: string, separator: string): string {
  const isPlain = !/["\n]/.test(cell) && !cell.includes(separator);
  return isPlain || separator === '|' || separator === '  ' ? cell : `"${cell.replaceAll('"', '""')}"`;
}
