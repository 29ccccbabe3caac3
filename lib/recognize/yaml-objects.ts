import { type JsonObject, parseJson } from '../json.ts';
import { looksLikeKubernetesEvent, looksLikeKubernetesObject } from './kubernetes-events.ts';

/** The maximum number of lines that are read. */
const MOST_LINES = 10_000;

/**
 * Returns the Kubernetes objects in a YAML text from `kubectl get -o yaml`. Of each, it reads the fields and those one
 * level below. Undefined for any other text. Empty if the text has only Events that cannot be read.
 * Trust: whoever may create objects chose their texts. So the lines of a text over several lines are not read as
 * fields: they are indented deeper than its key.
 */
export function objectsOfYaml(text: string): readonly JsonObject[] | undefined {
  const kinds = new Set(Array.from(text.matchAll(KIND), ([, kind]) => kind));
  if (kinds.size === 0 || text.includes('audit.k8s.io')) return undefined;
  const objects = documentsOf(text.split(/\r?\n/, MOST_LINES)).map(objectOf);
  const read = objects.filter((each) => looksLikeKubernetesEvent(each) || looksLikeKubernetesObject(each));
  return read.length > 0 || kinds.has('Event') ? read : undefined;
}

const KIND = /^[ -]{0,8}kind: ["']?([A-Z]\w{1,62})["']?[ \r]*$/gm;

const ENTRY = /^( {0,8})- (?=[A-Za-z])/;

/**
 * Returns the lines of each document and, if a document is a list, of each of its entries. The first entry shows how
 * far entries are indented.
 */
function documentsOf(lines: readonly string[]): readonly (readonly string[])[] {
  const documents: string[][] = [[]];
  const indent = lines.map((line) => ENTRY.exec(line)?.[1]).find((each) => each !== undefined);
  const isList = lines.some((line) => /^items:\s*$/.test(line)) || ENTRY.test(lines[0] ?? '');
  for (const line of lines) {
    if (/^---\s*$/.test(line)) documents.push([]);
    else if (isList && ENTRY.exec(line)?.[1] === indent) documents.push([line.replace('- ', '  ')]);
    else documents.at(-1)?.push(line);
  }
  return documents;
}

const FIELD = /^( {0,40})([A-Za-z][\w.-]{0,60}):(?: +(.{0,4096}))?$/;

interface Field {
  readonly indent: number;
  readonly key: string;
  readonly value: string;
}

function fieldsIn(lines: readonly string[]): readonly Field[] {
  return lines.flatMap((line) => {
    const [, { length } = '', key, value = ''] = FIELD.exec(line.trimEnd()) ?? [];
    return key === undefined ? [] : { indent: length, key, value };
  });
}

/**
 * Returns the fields of a mapping, and those one level below. A field that occurs twice is left out, because it is not
 * clear which one counts.
 */
function objectOf(lines: readonly string[]): JsonObject {
  return mappingOf(fieldsIn(lines), (below) => mappingOf(below, () => ({})));
}

/**
 * Returns the fields with the same indent as the first one. If a field has no text, `inner` makes its value from the
 * deeper fields below it.
 */
function mappingOf(all: readonly Field[], inner: (below: readonly Field[]) => JsonObject): JsonObject {
  const base = all[0]?.indent ?? 0;
  const after = all.findIndex(({ indent }) => indent < base);
  const fields = after < 0 ? all : all.slice(0, after); // What follows is the rest of a list.
  const own = fields.flatMap((field, at) => (field.indent === base ? [at] : []));
  const entries = own.map((at, place) => {
    const field = fields[at] as Field;
    const below = fields.slice(at + 1, own[place + 1]);
    return [field.key, field.value === '' ? inner(below) : scalarOf(field.value)] as const;
  });
  const keys = entries.map(([key]) => key);
  return Object.fromEntries(entries.filter(([key], at) => keys.indexOf(key) === at && keys.lastIndexOf(key) === at));
}

function scalarOf(text: string): string {
  const parsed = text.startsWith('"') ? parseJson(text) : undefined;
  if (parsed?.ok && typeof parsed.value === 'string') return parsed.value;
  return /^'.*'$/.test(text) ? text.slice(1, -1).replaceAll("''", "'") : text;
}
