import type { KnownKind, KnownName } from '../../../lib/claims/known.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../../lib/json.ts';

/**
 * The part of a text that fits into one search (`q`), with the number of events or lines that are left out. Or what is
 * wrong with the text.
 */
export type QuestionFit = { readonly q: string; readonly left: number } | { readonly flaw: string };

/**
 * The maximum number of bytes of a search in an address. API Gateway accepts 10,240 with all headers, such as the
 * token. The service itself accepts 8,192 characters.
 */
export const LONGEST_QUESTION = 6_500;

/** Fields that are never sent, because addresses may be logged. */
const SECRET = /^(?:secretaccesskey|sessiontoken)$/i;
/** Fields that lib/recognize does not read, and that are most of a pasted text. */
const UNUSED = /^(?:requestobject|responseobject|managedfields|labels|tags|description|remediation|tlsdetails)$/i;

/**
 * Returns as much of a pasted or dropped text as fits into one search. Removes secrets always, and fields that are not
 * used if the text is too long.
 */
export function fitQuestion(text: string): QuestionFit {
  const bare = text.trim();
  const whole = parseJson(bare);
  if (whole.ok && typeof whole.value === 'object' && whole.value !== null) return fitJson(bare, whole.value);
  const lines = bare.split(/\r?\n/).map(withoutSecrets);
  if (fits(lines.join('\n'))) return { q: lines.join('\n'), left: 0 };
  const parts = lines.flatMap((line) => (line.trim() === '' ? [] : slimLine(line)));
  return firstOf(parts, (some) => some.join('\n')) ?? tooLong(bare);
}

function fitJson(text: string, value: object): QuestionFit {
  const open = without(value, SECRET);
  const safe = JSON.stringify(open) === JSON.stringify(value) ? text : JSON.stringify(open);
  if (fits(safe)) return { q: safe, left: 0 };
  const slim = without(open, UNUSED);
  const list = longestList(slim);
  return firstOf(list.items, list.within) ?? tooLong(text);
}

/** Returns the longest list in a value. `within` writes the value with only some items of that list. */
function longestList(value: unknown): { items: readonly unknown[]; within(items: readonly unknown[]): string } {
  if (Array.isArray(value)) return { items: value, within: (some) => JSON.stringify(some) };
  const lists = isJsonObject(value) ? Object.entries(value).filter(([, each]) => Array.isArray(each)) : [];
  const [longest] = lists.sort(([, a], [, b]) => JSON.stringify(b).length - JSON.stringify(a).length);
  if (longest === undefined || !isJsonObject(value) || isOneEvent(value))
    return { items: [value], within: ([only]) => JSON.stringify(only) };
  const [name, items] = longest;
  return { items: Array.isArray(items) ? items : [], within: (some) => JSON.stringify({ ...value, [name]: some }) };
}

/** Returns whether the value is one event. Its lists are parts of it, and are not cut. */
function isOneEvent(value: JsonObject): boolean {
  return ['auditID', 'eventID', 'Id', 'AwsAccountId', 'detail-type'].some((name) => typeof value[name] === 'string');
}

/** Returns as many of the first parts as fit, or undefined if the first part is too long. */
function firstOf<T>(parts: readonly T[], joined: (some: readonly T[]) => string): QuestionFit | undefined {
  let [least, most] = [0, parts.length];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (fits(joined(parts.slice(0, middle)))) least = middle;
    else most = middle - 1;
  }
  return least === 0 ? undefined : { q: joined(parts.slice(0, least)), left: parts.length - least };
}

function fits(text: string): boolean {
  return text.length <= LONGEST_QUESTION && encodedLength(text) <= LONGEST_QUESTION;
}

function encodedLength(text: string): number {
  return new URLSearchParams([['q', text]]).toString().length;
}

function withoutSecrets(line: string): string {
  return /secretAccessKey|sessionToken/i.test(line) ? filterLine(line, SECRET) : line;
}

function slimLine(line: string): string {
  return filterLine(line, UNUSED);
}

function filterLine(line: string, names: RegExp): string {
  const parsed = parseJson(line);
  return parsed.ok ? JSON.stringify(without(parsed.value, names)) : line;
}

const MOST_LEVELS = 60;

/** Returns the value without the fields of these names at any depth. */
function without(value: unknown, names: RegExp, level = 0): unknown {
  if (level > MOST_LEVELS) return null;
  if (Array.isArray(value)) return value.map((each) => without(each, names, level + 1));
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).filter(([name]) => !names.test(name));
  return Object.fromEntries(kept.map(([name, each]) => [name, without(each, names, level + 1)]));
}

function tooLong(text: string): QuestionFit {
  const count = new Intl.NumberFormat('en').format(text.length);
  return {
    flaw: `This text is too long to search for (${count} characters). Paste one event of it, or an ID, an ARN or a name.`,
  };
}

/** The name of a Kubernetes object, which may have colons in RBAC, or be shortened as in tables. */
const NAME = /^([a-z\d](?:[\w.:-]{0,251}[a-z\d-])?)(?:\*|…|\.\.\.)?$/i;
/** Addresses and ARNs, which are not names of objects. */
const OTHER = /^(?:\d{1,3}\.){3}\d{1,3}$|^arn:|^https?:/i;
const MOST_WORDS = 8;

/**
 * Returns the name of an object in a text that was typed or copied from kubectl. The name can stand alone, or after its
 * kind or namespace. It can also be quoted in a message, or begin a line of `kubectl get`. Undefined if there is none.
 *
 * @example objectNameOf('pod/payments-api-5f77') // 'payments-api-5f77'
 */
export function objectNameOf(text: string): string | undefined {
  const words = text.trim().split(/\s+/);
  if (words.length > MOST_WORDS) return undefined;
  const [first = '', second = ''] = words;
  const quoted = /^\S+ "([^"\s]+)"/.exec(text.trim())?.[1];
  if (quoted !== undefined) return nameIn(quoted);
  if (words.length === 1 || /^\d+\/\d+$/.test(second) || first.includes('/')) return nameIn(first);
  return words.length === 2 ? nameIn(second) : undefined;
}

function nameIn(word: string): string | undefined {
  if (OTHER.test(word) || /^[^:]*:.*\//.test(word)) return undefined;
  return NAME.exec(word.split('/').at(-1) ?? '')?.[1];
}

/** Returns the name without the random parts that a Deployment, a Job or a DaemonSet appends; the longest first. */
export function shorterBeginnings(name: string): readonly string[] {
  const parts = name.split('-');
  return [1, 2].flatMap((ends) => (parts.length > ends ? `${parts.slice(0, -ends).join('-')}-` : []));
}

/** A name in records, with what identifies it. */
export type Suggestion = Pick<
  KnownName,
  'kind' | 'name' | 'cluster' | 'clusterArn' | 'accountId' | 'origin' | 'arn' | 'id'
>;

const MOST_OFFERS = 8;
const LONGEST_PREFIX = 100;
/** Clusters and namespaces come first: many names of roles start with them. */
const ORDER: readonly KnownKind[] = ['cluster', 'namespace', 'actor', 'role'];

/** Returns the names that start with the text, then the names that contain it. */
export function completions(text: string, names: Iterable<Suggestion>): readonly Suggestion[] {
  const sought = text.trim().toLowerCase();
  if (sought === '' || sought.length > LONGEST_PREFIX) return [];
  const matches: { readonly named: Suggestion; readonly rank: number }[] = [];
  for (const named of names) {
    const at = named.name.toLowerCase().indexOf(sought);
    if (at >= 0) matches.push({ named, rank: (at > 0 ? ORDER.length : 0) + ORDER.indexOf(named.kind) });
  }
  return matches
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MOST_OFFERS)
    .map(({ named }) => named);
}
