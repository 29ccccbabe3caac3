import type { AuditRequest } from '../audit/audit-event.ts';
import { builtInResource } from '../audit/resource-words.ts';
import { isAccountId } from '../identity/arn.ts';
import { isInstanceId } from '../identity/session-name.ts';
import { present } from '../json.ts';
import { givenCircumstances } from './events.ts';
import { objectIn } from './objects.ts';
import { type Deed, deedOfWord, requestOf } from './short-questions.ts';
import type { Circumstances } from './subject.ts';
import { timePhraseIn } from './time-phrases.ts';
import { HTTP_DATE, httpDate } from './written-times.ts';

/** The statements about requests that the known words of a text make. */
export interface LooseWords {
  /** The statements about requests. Undefined if they do not select any (`statesRequest`). */
  readonly circumstances?: Circumstances;
  /** Sentences that say which words were used, and which were not. */
  readonly notes: readonly string[];
}

/** The longest text that is read, in characters. A longer one is a document, in which a word can mean anything. */
const LONGEST = 2_000;
/** Matches texts of programs: JSON, fields, ARNs, tokens. A word in these can be that of something else, such as the user of a container. */
const NO_PROSE = /[{}=|]|\barn:|eyJ[\w-]{4}|k8s-aws-v1\./;
/** Matches the names of columns in the first line of a CSV. The word behind `cluster` is then the first cell of the next row. */
const CSV_HEAD = /^[^\s,]+(?:,[^\s,]+){2,}\r?\n/;
/** Limits the words that a note repeats, and the names that are compared with each request. */
const MOST_SHOWN = 20;
const MOST_NAMES = 5;

/** Words before a name that say what has it. */
const LABELS: ReadonlyMap<string, 'namespace' | 'cluster' | 'name'> = new Map([
  ...['namespace', 'ns', '-n', '--namespace'].map((word) => [word, 'namespace'] as const),
  ['cluster', 'cluster'],
  ...['user', 'username', 'person', 'session', 'role', 'by', 'did', 'actor'].map((word) => [word, 'name'] as const),
]);
/** Words that name nothing, although they can stand where a name does. */
const NO_NAMES = new Set(
  (
    'a an and any anybody anyone anything are at been by can cluster did do does everybody everyone everything for from get had has have he her him his how in into is it its me my name namespace ' +
    'no not of on or our out pod pods people role she so someone somebody something than that the their them then there they this to up us user username uses ' +
    'using was we were what when where which who why will with you your'
  ).split(' '),
);
/** Types of objects whose words are English too. */
const ENGLISH = new Set([
  'role',
  'roles',
  'event',
  'events',
  'service',
  'services',
  'limits',
  'quota',
  'endpoint',
  'endpoints',
]);
/** Types of objects whose words mean something else in a text with neither a name nor a verb: `our job from 203.0.113.7`. */
const OFTEN_ENGLISH = /^(?:jobs?|leases?|bindings?|nodes?|secret|ingress|addons?|components?)$/i;

const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{N}_+=.:@/-]{0,251}[\p{L}\p{N}])?$/u;
/** Matches a word that is not a plain English word: it has a letter, and a punctuation mark or a digit within. */
const UNUSUAL = /^(?=.*\p{L})(?=.*(?:[\p{L}\p{N}][-_.@:][\p{L}\p{N}]|\d))/u;
/** Matches an IP address or a CIDR block. */
const ADDRESS =
  /^(?:(?:\d{1,3}\.){3}\d{1,3}(?:\/(?:[12]?\d|3[0-2]))?|(?=.*:.*:)[0-9a-f:]{3,45}(?:\/(?:\d{1,2}|1[01]\d|12[0-8]))?)$/i;
/** Matches numbers, and how long ago something was: `12h`, `4m12s`. */
const NUMBER_OR_AGE = /^(?:[\d:-]+|(?:\d{1,5}[smhdy]){1,3})$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const CLOCK = /^~?([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?Z?$/;

/** The statements that words of a text can make, as the notes name them. */
const MEANINGS = {
  deed: 'verb',
  resource: 'object',
  apiGroup: 'object',
  name: 'object',
  namespace: 'namespace',
  cluster: 'cluster',
  ip: 'source IP',
  time: 'time',
  names: 'name',
} as const;

type Meaning = keyof typeof MEANINGS;
/** A meaning that a text has once. */
type Part = Exclude<Meaning, 'time' | 'names'>;

/** Collects what the words of one text state. A part that two words state differently does not count. */
class Words {
  readonly names = new Set<string>();
  readonly #used = new Map<string, Meaning | undefined>();
  readonly #parts = new Map<Part, string>();
  readonly #doubtful = new Set<Meaning>();

  set(part: Part, value: string, word: string): void {
    const known = this.#parts.get(part);
    if (known !== undefined && known !== value) this.#doubtful.add(part);
    this.#parts.set(part, value);
    this.use(word, part);
  }

  /** Marks a word as used. It has no meaning of its own if it only says what the word beside it is. */
  use(word: string, meaning?: Meaning): void {
    if (meaning !== undefined || !this.#used.has(word)) this.#used.set(word, meaning);
  }

  /** Removes a type of object that can be a plain English word, if nothing says that it was meant. */
  dropEnglish(): void {
    const typed = [...this.#used].filter(([, meaning]) => meaning === 'resource').map(([word]) => word);
    const isMeant =
      this.#parts.has('name') || this.#parts.has('deed') || !typed.every((word) => OFTEN_ENGLISH.test(word));
    if (isMeant) return;
    for (const word of typed) this.#used.delete(word);
    for (const part of ['resource', 'apiGroup'] as const) this.#parts.delete(part);
  }

  /** Returns whether the word was used, and did not contradict another one. */
  isUsed(word: string): boolean {
    const found = [word, word.toLowerCase()].find((each) => this.#used.has(each));
    const meaning = this.#used.get(found ?? '');
    return found !== undefined && (meaning === undefined || !this.#doubtful.has(meaning));
  }

  get isEmpty(): boolean {
    return this.#used.size === 0;
  }

  /** Returns the used words with what they were used as: `deleted (verb)`, `pod web-0 (object)`. */
  get understood(): readonly string[] {
    const used = [...this.#used].flatMap(([word, meaning]) =>
      meaning === undefined || !this.isUsed(word) ? [] : [{ word, meaning: MEANINGS[meaning] }],
    );
    const texts = Map.groupBy(used, ({ meaning }) => meaning);
    return [...texts].map(
      ([meaning, of]) =>
        `${listOf(
          of.map(({ word }) => word),
          ' ',
        )} (${meaning})`,
    );
  }

  of(part: Part): string | undefined {
    return this.#doubtful.has(part) ? undefined : this.#parts.get(part);
  }
}

/**
 * Returns what the words of a text state about requests: source IP, time, cluster, namespace, verb, object, and names
 * of any kind. Undefined if no word states any of these, or if the text is no prose. It is the last resort, so that a
 * sentence with known parts is not refused. Trust: none. The answer to such a text names no single caller.
 */
export function looseWords(written: string): LooseWords | undefined {
  if (written.length > LONGEST) return undefined;
  const text = withoutTags(written);
  if (NO_PROSE.test(text) || CSV_HEAD.test(text)) return undefined;
  const phrase = timePhraseIn(text, dayIn(text));
  const [all, read] = [wordsIn(text), wordsIn(phrase?.rest ?? text)];
  const words = new Words();
  readWords(read, words);
  words.dropEnglish();
  const { circumstances: time = {}, notes: unread = [], unused: unusedTimes } = phrase ?? {};
  const ofTime = Object.keys(time).length === 0 ? [] : all.filter((word) => !read.includes(word));
  for (const word of ofTime) words.use(word, 'time');
  const circumstances = circumstancesOf(words, { ...time, unusedTimes });
  if (words.isEmpty) return undefined;
  if (!statesRequest(circumstances))
    return { notes: [`Words that were recognized: ${words.understood.join(', ')}. ${TOO_FEW}`, ...unread] };
  return { circumstances, notes: [...notesOn(all, words), ...unread] };
}

/** Matches tags of Datadog in a title: `{host:i-0a1b}`. They are those of the monitor. */
const TAGS = /\{[\w.-]{1,40}:[^{}\s]{1,200}\}/g;
/** Matches the state of an alert in the title of Alertmanager's messages. Source: Alertmanager, `default.tmpl`. */
const STATE = /\[(?:FIRING|RESOLVED)(?::\d{1,6})?\]/g;
const CLUSTER_TAG = /(?<!\S)(?:kube_cluster_name|cluster_name|eks_cluster-name):(?=[\w-])/g;

/** Returns the text of a tool's message without tags and states, with `cluster NAME` for a tag of a cluster, and with dates in RFC 3339. */
function withoutTags(text: string): string {
  return text
    .replaceAll(TAGS, ' ')
    .replaceAll(STATE, ' ')
    .replaceAll(CLUSTER_TAG, 'cluster ')
    .replaceAll(HTTP_DATE, (date) => httpDate(date));
}

function readWords(all: readonly string[], to: Words): void {
  const hasNamespace = all.some((_, at) => isLabeledNamespace(all, at));
  for (const [at, word] of all.entries()) {
    if (isPlace(all, at, to)) {
      to.use(all[at - 1] ?? '');
      readPlace(word, hasNamespace, to);
    } else if (isDoneNamespace(all, at)) {
      to.use(all[at - 1] ?? '');
      setObject({ resource: 'namespaces', name: word }, word, to);
    } else readWord(word, all[at - 1]?.toLowerCase() ?? '', all[at + 1] ?? '', to);
  }
}

/** Reads NAME of `in NAME` as a namespace. If the text states another namespace, reads it as any name: it can be the cluster's. */
function readPlace(word: string, hasNamespace: boolean, to: Words): void {
  if (hasNamespace) addName(word, to);
  else to.set('namespace', word, word);
}

/** Returns whether the word before says that this one is a namespace: `ns shop`. */
function isLabeledNamespace(all: readonly string[], at: number): boolean {
  return LABELS.get(all[at - 1]?.toLowerCase() ?? '') === 'namespace' && isName(all[at] ?? '');
}

const SPACES = /[\s"'`“”„‘’«»,;()[\]{}<>]+/;

function wordsIn(text: string): readonly string[] {
  return text
    .split(SPACES)
    .map((word) => word.replace(/^[*_]+|[*_.:!?]+$/g, ''))
    .filter((word) => word !== '');
}

/** Words before `in NAME` that make it a namespace, besides objects and what was done. */
const OF_PLACES = new Set('happened do did done changes something anything everything things it them'.split(' '));
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Returns whether the word is a namespace: `pod web-1 in payments`, `deleted in payments`. In `exec in web-1` it is a pod. */
function isPlace(all: readonly string[], at: number, known: Words): boolean {
  const [what = '', preposition = '', word = ''] = all.slice(Math.max(0, at - 2), at + 1);
  if (at < 2 || !['in', 'from'].includes(preposition.toLowerCase())) return false;
  if (!NAMESPACE.test(word) || !isName(word) || isType(word) || LABELS.has(word) || word === 'cluster') return false;
  const deed = deedOfWord(what);
  const isDeed = deed !== undefined && !['exec', 'attach', 'portforward'].includes(deed.subresource ?? '');
  return isDeed || isType(what) || OF_PLACES.has(what.toLowerCase()) || known.of('name') === what;
}

/**
 * Returns whether the word is the namespace to which something was done: `delete the namespace shop`. If the text names another type of
 * object, the namespace only says where it was.
 */
function isDoneNamespace(all: readonly string[], at: number): boolean {
  const [deed = '', label = ''] = all
    .slice(0, at)
    .filter((word) => word.toLowerCase() !== 'the')
    .slice(-2);
  const isOnly = !all.some((word) => isType(word));
  return isOnly && label.toLowerCase() === 'namespace' && deedOfWord(deed) !== undefined && isName(all[at] ?? '');
}

function readWord(word: string, before: string, after: string, to: Words): void {
  const label = LABELS.get(before);
  if (ADDRESS.test(word)) to.set('ip', word, word);
  else if (isAccountId(word)) addAccount(word, before, to);
  else if (INSTANT.test(word)) return;
  else if (label !== undefined && isName(word) && !(label === 'name' && deedOfWord(word) !== undefined))
    readNamed(label, word, before, to);
  else if (after.toLowerCase() === 'namespace' && isName(word) && !isType(word)) to.set('namespace', word, word);
  else if (!readObject(word, after, to)) readOther(word, to);
}

function readNamed(label: 'namespace' | 'cluster' | 'name', word: string, before: string, to: Words): void {
  to.use(before);
  if (label === 'name') addName(word, to);
  else to.set(label, word, word);
}

function addName(word: string, to: Words): void {
  if (to.names.size >= MOST_NAMES) return;
  to.names.add(word);
  to.use(word, 'names');
}

/** Adds the ID of an account as a name. Requests by anybody of the account have it. */
function addAccount(word: string, before: string, to: Words): void {
  if (before === 'account') to.use(before);
  addName(word, to);
}

/** Reads `pod web-0`, `pod/web-0`, or a type alone. Returns whether it was one of these. */
function readObject(word: string, after: string, to: Words): boolean {
  const slashed = word.includes('/') ? objectIn(word) : undefined;
  if (slashed?.resource !== undefined) {
    setObject(slashed, word, to);
    return true;
  }
  if (!isType(word)) return false;
  if (isInstanceId(after) && builtInResource(word) === 'nodes') {
    to.use(word);
    addName(after, to); // The session with the node's credentials has this name. The node object has the name of its host.
    return true;
  }
  const spaced = isName(after) && UNUSUAL.test(after) ? objectIn(`${word} ${after}`) : undefined;
  const [resource = '', ...group] = (builtInResource(word) ?? '').split('.');
  setObject(spaced ?? { resource, ...(group.length > 0 && { apiGroup: group.join('.') }) }, word, to);
  if (spaced !== undefined) to.use(after, 'name');
  return true;
}

function setObject({ resource, name, apiGroup }: Partial<AuditRequest>, word: string, to: Words): void {
  if (resource !== undefined) to.set('resource', resource, word);
  if (apiGroup !== undefined) to.set('apiGroup', apiGroup, word);
  if (name !== undefined) to.set('name', name, word);
}

function isType(word: string): boolean {
  return (
    word.length > 2 &&
    !ENGLISH.has(word.toLowerCase()) &&
    !LABELS.has(word.toLowerCase()) &&
    builtInResource(word) !== undefined
  );
}

function isName(word: string): boolean {
  return NAME.test(word) && !NO_NAMES.has(word.toLowerCase()) && !CLOCK.test(word) && !NUMBER_OR_AGE.test(word);
}

function readOther(word: string, to: Words): void {
  const deed = deedOfWord(word);
  if (deed !== undefined) to.set('deed', JSON.stringify(deed), word);
  else if (!to.isUsed(word) && isName(word) && UNUSUAL.test(word) && !word.includes('/')) addName(word, to);
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAY_AND_MONTH = /\b(\d{1,2})(?:st|nd|rd|th)? ([A-Za-z]{3,9})\b|\b([A-Za-z]{3,9}) (\d{1,2})(?:st|nd|rd|th)?\b/g;

/** Returns the only day of a month that the text names: `10 March` as `03-10`. */
function dayIn(text: string): string | undefined {
  const days = new Set(
    [...text.matchAll(DAY_AND_MONTH)].flatMap(([, day, month, otherMonth, otherDay]) => {
      const index = MONTHS.indexOf((month ?? otherMonth ?? '').slice(0, 3).toLowerCase()) + 1;
      const number = Number(day ?? otherDay);
      return index > 0 && number >= 1 && number <= 31
        ? [`${String(index).padStart(2, '0')}-${String(number).padStart(2, '0')}`]
        : [];
    }),
  );
  const [only, ...others] = days;
  return others.length === 0 ? only : undefined;
}

/** Returns the time that a text states in everyday words, for a line of it that states none. */
export function roughTimeIn(text: string): Pick<Circumstances, 'at' | 'since' | 'clock' | 'unusedTimes'> {
  const { circumstances, unused } = (text.length > LONGEST ? undefined : timePhraseIn(text, dayIn(text))) ?? {};
  return { ...circumstances, ...(unused && { unusedTimes: unused }) };
}

function circumstancesOf(words: Words, time: Circumstances): Circumstances {
  const deed = words.of('deed');
  const object = present<AuditRequest>({
    verb: undefined,
    uri: undefined,
    subresource: undefined,
    apiGroup: words.of('apiGroup'),
    resource: words.of('resource'),
    namespace: words.of('namespace'),
    name: words.of('name'),
  });
  const request = deed === undefined ? object : requestOf(removalOf(JSON.parse(deed) as Deed), object);
  const ip = words.of('ip');
  const names = [...words.names].filter((name) => name !== object.name && name !== words.of('cluster'));
  return givenCircumstances({
    ...time,
    cluster: words.of('cluster'),
    request: Object.keys(request).length === 0 ? undefined : request,
    sourceIps: ip === undefined ? undefined : [ip],
    names: names.length === 0 ? undefined : names,
    isPartlyRead: true,
  });
}

/** Replaces `delete` by `remove`, as in a question: the verb for whatever deleted an object. */
function removalOf(deed: Deed): Deed {
  return deed.verb === 'delete' ? { verb: 'remove' } : deed;
}

/**
 * Returns whether the words select requests (CONTRACT, 12.36). A source IP or a name does. A resource or a namespace does only together
 * with a verb, a subresource or a time.
 */
export function statesRequest({ sourceIps, names, request, at }: Circumstances): boolean {
  const { verb, subresource, resource, namespace, name } = request ?? {};
  if ((sourceIps ?? names ?? name) !== undefined) return true;
  return (resource ?? namespace) !== undefined && (verb ?? subresource ?? at) !== undefined;
}

function notesOn(all: readonly string[], words: Words): readonly string[] {
  const left = [...new Set(all.filter((word) => !words.isUsed(word)))];
  return [
    `Searched for: ${words.understood.join(', ')}.`,
    ...(left.length === 0 ? [] : [`Words that were not used: ${listOf(left)}.`]),
  ];
}

const TOO_FEW = 'They do not select any requests. Add an object, a name or a source IP.';

function listOf(words: readonly string[], separator = ', '): string {
  const more = words.length - MOST_SHOWN;
  return [...words.slice(0, MOST_SHOWN), ...(more > 0 ? [`${more} more`] : [])].join(separator);
}
