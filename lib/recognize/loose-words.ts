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
import { HTTP_DATE, httpDate, localTimesIn, withoutLocalTimes } from './written-times.ts';

/** What the known words of a text say about requests. */
export interface LooseWords {
  /** The statements about requests. Absent if they are too few to select requests (`statesRequest`). */
  readonly circumstances?: Circumstances;
  /** Sentences that say which words were used, and which were not. */
  readonly notes: readonly string[];
}

/** The maximum number of characters. A longer text is a document, in which a word can mean anything. */
const LONGEST = 2_000;
/**
 * Matches texts of programs: JSON, fields, ARNs, tokens. A word in them can belong to something else, for example to
 * the user of a container.
 */
const NO_PROSE = /[{}=|]|\barn:|eyJ[\w-]{4}|k8s-aws-v1\./;
/** Matches the header of a CSV. After it, the word behind `cluster` would be the first cell of a row, not the name of a cluster. */
const CSV_HEAD = /^[^\s,]+(?:,[^\s,]+){2,}\r?\n/;
/** The maximum number of words that a note repeats. `MOST_NAMES` is the maximum number of names that are compared with each request. */
const MOST_SHOWN = 20;
const MOST_NAMES = 5;

/** Words that say what the name after them belongs to. */
const LABELS: ReadonlyMap<string, 'namespace' | 'cluster' | 'name'> = new Map([
  ...['namespace', 'ns', '-n', '--namespace'].map((word) => [word, 'namespace'] as const),
  ['cluster', 'cluster'],
  ...['user', 'username', 'person', 'session', 'role', 'by', 'did', 'actor'].map((word) => [word, 'name'] as const),
]);
/** Words that are never a name, although they can be where a name is expected. */
const NO_NAMES = new Set(
  (
    'a an and any anybody anyone anything are at been by can cluster did do does everybody everyone everything for from get had has have he her him his how in into is it its me my name namespace ' +
    'no not of on or our out pod pods people role she so someone somebody something than that the their them then there they this to up us user username uses ' +
    'using was we were what when where which who why will with you your'
  ).split(' '),
);
/** Types of objects that are also plain English words. */
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
/** Types of objects that mean something else in a text without a name and a verb: `our job from 203.0.113.7`. */
const OFTEN_ENGLISH = /^(?:jobs?|leases?|bindings?|nodes?|secret|ingress|addons?|components?)$/i;

const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{N}_+=.:@/-]{0,251}[\p{L}\p{N}])?$/u;
/** Matches a word that is unusual in English: it has a letter, and within it a punctuation mark or a digit. */
const UNUSUAL = /^(?=.*\p{L})(?=.*(?:[\p{L}\p{N}][-_.@:][\p{L}\p{N}]|\d))/u;
/** Matches an IP address or a CIDR block. */
const ADDRESS =
  /^(?:(?:\d{1,3}\.){3}\d{1,3}(?:\/(?:[12]?\d|3[0-2]))?|(?=.*:.*:)[0-9a-f:]{3,45}(?:\/(?:\d{1,2}|1[01]\d|12[0-8]))?)$/i;
/** Matches numbers and ages such as `12h` or `4m12s`. */
const NUMBER_OR_AGE = /^(?:[\d:-]+|(?:\d{1,5}[smhdy]){1,3})$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const CLOCK = /^~?([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?Z?$/;

/** What a word of a text can state. The values are the words for that in notes. */
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
/** A meaning that only one word of a text can have. */
type Part = Exclude<Meaning, 'time' | 'names'>;

/** Collects what the words of one text state. If two words give one part different values, the part does not count. */
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

  /** Marks a word as used. A word that only describes the word beside it has no meaning of its own. */
  use(word: string, meaning?: Meaning): void {
    if (meaning !== undefined || !this.#used.has(word)) this.#used.set(word, meaning);
  }

  /** Removes a type of object if it can be a plain English word, and neither a name nor a verb shows that the type was meant. */
  dropEnglish(): void {
    const typed = [...this.#used].filter(([, meaning]) => meaning === 'resource').map(([word]) => word);
    const isMeant =
      this.#parts.has('name') || this.#parts.has('deed') || !typed.every((word) => OFTEN_ENGLISH.test(word));
    if (isMeant) return;
    for (const word of typed) this.#used.delete(word);
    for (const part of ['resource', 'apiGroup'] as const) this.#parts.delete(part);
  }

  /** Returns whether the word was used, and no other word contradicts it. */
  isUsed(word: string): boolean {
    const found = [word, word.toLowerCase()].find((each) => this.#used.has(each));
    const meaning = this.#used.get(found ?? '');
    return found !== undefined && (meaning === undefined || !this.#doubtful.has(meaning));
  }

  get isEmpty(): boolean {
    return this.#used.size === 0;
  }

  /** Returns the used words with their meanings: `deleted (verb)`, `pod web-0 (object)`. */
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
 * Returns what the words of a text say about requests: source IP, time, cluster, namespace, verb, object, and names of
 * any kind. Undefined if no word says any of this, or if the text is not a sentence. This is tried last, so that a
 * sentence with some known words is not refused. Trust: none. The answer to such a text names no single caller.
 */
export function looseWords(written: string): LooseWords | undefined {
  if (written.length > LONGEST) return undefined;
  const localTimes = localTimesIn(written);
  const whole = withoutTags(withoutLocalTimes(written));
  const text = withoutHeader(whole);
  if (NO_PROSE.test(text) || CSV_HEAD.test(text)) return undefined;
  const phrase = timePhraseIn(text, dayIn(text));
  const [all, read] = [wordsIn(text), wordsIn(phrase?.rest ?? text)];
  const words = new Words();
  readWords(read, words);
  words.dropEnglish();
  const { circumstances: time = {}, notes = [], unused: unusedTimes } = phrase ?? {};
  const unread = localTimes.length === 0 ? notes : [...notes, `${NO_ZONE} ${listOf(localTimes)}.`];
  const ofTime = Object.keys(time).length === 0 ? [] : all.filter((word) => !read.includes(word));
  for (const word of ofTime) words.use(word, 'time');
  const circumstances = circumstancesOf(words, { ...time, unusedTimes });
  if (words.isEmpty) return undefined;
  if (!statesRequest(circumstances))
    return { notes: [`Words that were recognized: ${words.understood.join(', ')}. ${TOO_FEW}`, ...unread] };
  return { circumstances, notes: [...notesOn(wordsIn(whole.replaceAll('|', ' ')), words), ...unread] };
}

/** Matches the header of a chat's message, with text below it: `GuardDuty Finding | eu-central-1 | Account: 111122223333`. A table has more such lines. */
const HEADER = /^[^|\n]*\|[^\n]*\n(?=\s*\S)(?![\s\S]*\|)/;

/** Returns the text without the header of a chat's message. The account and the Region in it are those of the finding. */
function withoutHeader(text: string): string {
  return text.replace(HEADER, '');
}

/** Matches tags of Datadog in a title: `{host:i-0a1b}`. They describe the monitor, not the request. */
const TAGS = /\{[\w.-]{1,40}:[^{}\s]{1,200}\}/g;
/** Matches the state of an alert, which Alertmanager puts into the title of a message. Source: Alertmanager, `default.tmpl`. */
const STATE = /\[(?:FIRING|RESOLVED)(?::\d{1,6})?\]/g;
const CLUSTER_TAG = /(?<!\S)(?:kube_cluster_name|cluster_name|eks_cluster-name):(?=[\w-])/g;

/** Returns the text without tags and states of tools. A tag of a cluster becomes `cluster NAME`, and dates become RFC 3339. */
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

/** Reads the name after `in` as a namespace. If the text already has another namespace, reads it as a name, which can be a cluster's. */
function readPlace(word: string, hasNamespace: boolean, to: Words): void {
  if (hasNamespace) addName(word, to);
  else to.set('namespace', word, word);
}

/** Returns whether the word comes after `namespace` or `ns`, and so is one: `ns shop`. */
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

/** Words that make the name after `in` a namespace. Types of objects and verbs do so too. */
const OF_PLACES = new Set('happened do did done changes something anything everything things it them'.split(' '));
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Returns whether the word is a namespace, as in `pod web-1 in payments` and `deleted in payments`. In `exec in web-1` it is a pod. */
function isPlace(all: readonly string[], at: number, known: Words): boolean {
  const [what = '', preposition = '', word = ''] = all.slice(Math.max(0, at - 2), at + 1);
  if (at < 2 || !['in', 'from'].includes(preposition.toLowerCase())) return false;
  if (!NAMESPACE.test(word) || !isName(word) || isType(word) || LABELS.has(word) || word === 'cluster') return false;
  const deed = deedOfWord(what);
  const isDeed = deed !== undefined && !['exec', 'attach', 'portforward'].includes(deed.subresource ?? '');
  return isDeed || isType(what) || OF_PLACES.has(what.toLowerCase()) || known.of('name') === what;
}

/**
 * Returns whether something was done to the namespace itself: `delete the namespace shop`. If the text also names
 * another type of object, the namespace is only the place.
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

/** Adds an account ID as a name. It matches requests by anybody in the account. */
function addAccount(word: string, before: string, to: Words): void {
  if (before === 'account') to.use(before);
  addName(word, to);
}

/** Reads an object (`pod web-0`, `pod/web-0`) or a type of objects. Returns whether the word was one of these. */
function readObject(word: string, after: string, to: Words): boolean {
  const slashed = word.includes('/') ? objectIn(word) : undefined;
  if (slashed?.resource !== undefined) {
    setObject(slashed, word, to);
    return true;
  }
  if (!isType(word)) return false;
  if (isInstanceId(after) && builtInResource(word) === 'nodes') {
    to.use(word);
    addName(after, to); // The session name of a node is its instance ID. The Node object has the name of the host instead.
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

/** Returns the day that the text names, as `03-10` for `10 March`. Undefined if it names none or several. */
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

/** Returns the time that the text states in everyday words. Used for lines that state no time themselves. */
export function roughTimeIn(written: string): Pick<Circumstances, 'at' | 'since' | 'clock' | 'unusedTimes'> {
  const text = withoutLocalTimes(written);
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

/** Replaces `delete` by `remove`, which in questions stands for every way to delete an object. */
function removalOf(deed: Deed): Deed {
  return deed.verb === 'delete' ? { verb: 'remove' } : deed;
}

/**
 * Returns whether the words select requests (CONTRACT, 12.36). A source IP or a name is enough. A resource or a
 * namespace also needs a verb, a subresource or a time.
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

const NO_ZONE = 'Kibana shows the local times of its reader, so these were not compared:';
const TOO_FEW = 'They do not select any requests. Add an object, a name or a source IP.';

function listOf(words: readonly string[], separator = ', '): string {
  const more = words.length - MOST_SHOWN;
  return [...words.slice(0, MOST_SHOWN), ...(more > 0 ? [`${more} more`] : [])].join(separator);
}
