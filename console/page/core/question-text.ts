import type { KnownKind, KnownName } from '../../../lib/claims/known.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../../lib/json.ts';

/** What of a text is asked about, and how many of its parts (events, lines) are left out; or why nothing is. */
export type QuestionFit = { readonly q: string; readonly left: number } | { readonly flaw: string };

/**
 * So many bytes a question may have in an address: API Gateway takes 10,240 with all headers, a token among them. The service
 * itself takes 8,192 characters.
 */
export const LONGEST_QUESTION = 6_500;

/** Never sent: an address may be logged. */
const SECRET = /^(?:secretaccesskey|sessiontoken)$/i;
/** Never read to recognise somebody (lib/recognise), and the longest part of what is pasted. */
const BALLAST = /^(?:requestobject|responseobject|managedfields|labels|tags|description|remediation|tlsdetails)$/i;

/** What was pasted or dropped, as far as one question has room for it. Nothing that is read of it is lost where it is short. */
export function fitQuestion(text: string): QuestionFit {
  const bare = text.trim();
  const whole = parseJson(bare);
  if (whole.ok && typeof whole.value === 'object' && whole.value !== null) return fittedJson(bare, whole.value);
  const lines = bare.split(/\r?\n/).map(withoutSecrets);
  if (fits(lines.join('\n'))) return { q: lines.join('\n'), left: 0 };
  const parts = lines.flatMap((line) => (line.trim() === '' ? [] : slimLine(line)));
  return firstOf(parts, (some) => some.join('\n')) ?? tooLong(bare);
}

function fittedJson(text: string, value: object): QuestionFit {
  const open = without(value, SECRET);
  const safe = JSON.stringify(open) === JSON.stringify(value) ? text : JSON.stringify(open);
  if (fits(safe)) return { q: safe, left: 0 };
  const slim = without(open, BALLAST);
  const list = longestList(slim);
  return firstOf(list.items, list.within) ?? tooLong(text);
}

/** The longest list of a value, or of an object's field, and the value with some of its items alone. */
function longestList(value: unknown): { items: readonly unknown[]; within(items: readonly unknown[]): string } {
  if (Array.isArray(value)) return { items: value, within: (some) => JSON.stringify(some) };
  const lists = isJsonObject(value) ? Object.entries(value).filter(([, each]) => Array.isArray(each)) : [];
  const [longest] = lists.sort(([, a], [, b]) => JSON.stringify(b).length - JSON.stringify(a).length);
  if (longest === undefined || !isJsonObject(value) || isOneThing(value))
    return { items: [value], within: ([only]) => JSON.stringify(only) };
  const [name, items] = longest;
  return { items: Array.isArray(items) ? items : [], within: (some) => JSON.stringify({ ...value, [name]: some }) };
}

/** Lists within an event are parts of it: without them it would be another one. */
function isOneThing(value: JsonObject): boolean {
  return ['auditID', 'eventID', 'Id', 'AwsAccountId', 'detail-type'].some((name) => typeof value[name] === 'string');
}

/** As many of the first parts as fit; undefined where the first alone is too long. */
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
  return /secretAccessKey|sessionToken/i.test(line) ? changedLine(line, SECRET) : line;
}

function slimLine(line: string): string {
  return changedLine(line, BALLAST);
}

function changedLine(line: string, names: RegExp): string {
  const parsed = parseJson(line);
  return parsed.ok ? JSON.stringify(without(parsed.value, names)) : line;
}

const MOST_LEVELS = 60;

/** The value without the fields of these names, however deep they stand. */
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

/** A name of something in Kubernetes, RBAC's with colons among them; perhaps shortened, as tables show it. */
const NAME = /^([a-z\d](?:[\w.:-]{0,251}[a-z\d-])?)(?:\*|…|\.\.\.)?$/i;
/** Addresses and ARNs are names of another kind. */
const OTHER = /^(?:\d{1,3}\.){3}\d{1,3}$|^arn:|^https?:/i;
const MOST_WORDS = 8;

/**
 * The name of an object in what somebody typed or copied from kubectl: by itself, behind its kind or namespace, quoted in a
 * message, or at the beginning of a line of `kubectl get`. Undefined where there is none.
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

/** What a Deployment, a Job or a DaemonSet put in front of the random end of a name; the longest first. */
export function shorterBeginnings(name: string): readonly string[] {
  const parts = name.split('-');
  return [1, 2].flatMap((ends) => (parts.length > ends ? `${parts.slice(0, -ends).join('-')}-` : []));
}

/** Something that records name, with what says which one it is. */
export type KnownThing = Pick<KnownName, 'kind' | 'name' | 'cluster' | 'arn' | 'id'>;

const MOST_OFFERS = 8;
const LONGEST_PREFIX = 100;
/** Namespaces first: they are short words, which many names of roles begin with. */
const ORDER: readonly KnownKind[] = ['cluster', 'namespace', 'actor', 'role'];

/** The known names that a text may be the beginning of, then those that hold it; each once. */
export function completions(text: string, names: Iterable<KnownThing>): readonly KnownThing[] {
  const sought = text.trim().toLowerCase();
  if (sought === '' || sought.length > LONGEST_PREFIX) return [];
  const found: { readonly named: KnownThing; readonly rank: number }[] = [];
  for (const named of names) {
    const at = named.name.toLowerCase().indexOf(sought);
    if (at >= 0) found.push({ named, rank: (at > 0 ? ORDER.length : 0) + ORDER.indexOf(named.kind) });
  }
  return found
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MOST_OFFERS)
    .map(({ named }) => named);
}
