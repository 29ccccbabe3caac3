import { actionOf, attribute } from '../../../attribution/attribute.ts';
import type { Attribution } from '../../../attribution/attribution.ts';
import { FLAGS, type Flag } from '../../../attribution/flags.ts';
import { KnownGrants } from '../../../attribution/known-grants.ts';
import { type AuditRecord, auditRecord } from '../../../attribution/record.ts';
import { isRole } from '../../../attribution/role-of-record.ts';
import { type AttributionSettings, DEFAULT_SETTINGS } from '../../../attribution/settings.ts';
import type { AuditEvent } from '../../../audit/audit-event.ts';
import type { KnownKind } from '../../../claims/known.ts';
import { mapConcurrently } from '../../../concurrency.ts';
import { roleRef } from '../../../identity/arn.ts';
import type { TimeRange } from '../../../ports/paging.ts';
import type { PastedEvent } from '../../../recognise/subject.ts';
import { type EpochMillis, epochMillis, parseInstant } from '../../../time.ts';
import { LONGEST_SESSION } from '../doubt.ts';
import { flawOf, type Matcher } from '../filter.ts';
import type { KnownRow } from '../known-query.ts';
import { cursorPages, pagesOf, type RecordPages } from '../pages.ts';
import { LONGEST_VALUE, QuestionError, questionOf, refusalOf } from '../question.ts';
import type { RecordsRequest } from '../records-request.ts';
import { callerAnswered, MOST_OF_ONE_ID, type WhoisQuery } from '../whois.ts';
import { callerOfQuestion, type WhoisQuestion } from '../whois-question.ts';
import { notKnown } from './anything.ts';
import { listed } from './at-moment.ts';
import { compared, type DescribedRequest } from './described-request.ts';
import { notSearched, placesToSearch } from './flagged-places.ts';
import type { Attributed, IsWhole, Outcome, Sessions } from './found.ts';
import type { Informant } from './informant.ts';
import { withNear } from './near-names.ts';
import { flagOfPerson, isByOther, tokenRequests, tokensLeft, tokenUses, type Values } from './others.ts';
import type { RecordedRequests } from './recorded-requests.ts';
import { recordOfEvent } from './same-event.ts';
import { together } from './sentences.ts';
import { sessionsOfRecords } from './sessions-of-records.ts';
import { spellingsOf } from './spellings.ts';
import { IMPERSONATED, isImpersonating, isInDirectory, isNamed, isSessionNamed, SHARED_NAME } from './usernames.ts';

interface Listed {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The service's own questions, as its API and its tables answer them. */
export interface ServiceQuestions {
  readonly records: RecordPages;
  known(asked: Listed & { readonly kind: KnownKind; readonly prefix: string }): Promise<{
    readonly known: readonly KnownRow[];
    readonly cursor?: string | undefined;
  }>;
  /** By a caller: there is always an answer. */
  whois(asked: WhoisQuery): Promise<Pick<Attributed, 'attribution' | 'caller'>>;
  /** Whether as much was asked as one question may ask. */
  readonly isSpent?: boolean;
}

/** Records that are read for the sessions of somebody. */
const PAGE = 500;
const MOST_PAGES = 4;
/** Of whom a quick answer is asked: one page of so many. */
const QUICK_PAGE = 200;
/** Of what is found by flags alone, for which each page may read some thousand records. */
const MOST_FLAGGED_PAGES = 2;
/** Whose use of tokens is looked for: anybody of another account is as many as his sessions. */
const MOST_ISSUERS = 50;
/** Subjects of one text; each takes a question or two, and an API answers within 30 seconds. */
const MOST_SUBJECTS = 25;
/** Entries of the directory that are looked through for a name in other letters. */
const KNOWN_PAGE = 1_000;
/** … and for namespaces, of which whoever reaches a cluster may invent some: as many as records are asked for over. */
const MOST_KNOWN_PAGES = 20;

const LEAST = { index: new KnownGrants(), settled: true };

/** How what is asked about is looked for. */
export interface InformantOptions extends Pick<WhoisQuery, 'lookback'> {
  /** When it happened, where whoever asks says so in place of the text. */
  readonly at?: EpochMillis | undefined;
  /** Of somebody's records a page alone is read. */
  readonly isQuick?: boolean;
}

/** Answers by what the service recorded, and by its `whois`. */
export class ServiceInformant implements Informant {
  readonly most = MOST_SUBJECTS;
  readonly elsewhere = {
    auditId: 'Ask by what the event says, or paste the event itself.',
    eventId: 'The service keeps none: ask CloudTrail itself, or its files with --cloudtrail.',
    name: 'Ask for a session, a key, or a request of it.',
  };
  readonly #service: ServiceQuestions;
  readonly #asked: InformantOptions;
  readonly #settings: AttributionSettings;

  /** `asked.lookback` is how far CloudTrail is asked, in milliseconds; `settings` are for what needs no grants. */
  constructor(
    service: ServiceQuestions,
    asked: InformantOptions = {},
    settings: AttributionSettings = DEFAULT_SETTINGS,
  ) {
    this.#service = service;
    this.#asked = asked;
    this.#settings = settings;
  }

  get isSpent(): boolean {
    return this.#service.isSpent === true;
  }

  async whois(question: WhoisQuestion, at: EpochMillis | undefined): Promise<Attributed> {
    try {
      const { attribution, caller } = await this.#service.whois({ ...question, at, lookback: this.#asked.lookback });
      return { kind: 'attributed', attribution, caller };
    } catch (error) {
      const refusal = refusalOf(error);
      const isTimeOfText = at !== undefined && this.#asked.at === undefined;
      if (!isTimeOfText || !(refusal instanceof QuestionError) || refusal.parameter !== 'at') throw error;
      return ofTimeAhead(question, at, this.#settings);
    }
  }

  /** Its record, where it is there; else by its caller, and by what the rules make of the event alone. */
  async event({ event, cluster }: PastedEvent, question: WhoisQuestion | undefined): Promise<Attributed> {
    const found = await this.recordsOf(event.auditId);
    const stored = found === 'too-many' ? undefined : recordOfEvent(event, found);
    if (stored !== undefined) return { ...ofRecord(stored), isStored: true };
    if (question === undefined || !isAwsSession(event)) {
      const answer = attribute(actionOf(event, cluster), { ...LEAST, settings: this.#settings });
      return ofRecord(auditRecord(event, answer, cluster));
    }
    const { attribution } = await this.whois(question, event.at);
    const answer = { attribution: event.impersonated === undefined ? attribution : impersonating(attribution) };
    return ofRecord(auditRecord(event, answer, cluster));
  }

  async recordsOf(auditId: string): Promise<readonly AuditRecord[] | 'too-many'> {
    const question = asking({ name: 'auditId', value: auditId });
    const { records, inOrder } = await this.#service.records({ question, limit: MOST_OF_ONE_ID });
    return inOrder === false ? 'too-many' : records;
  }

  async requestsLike(described: DescribedRequest): Promise<RecordedRequests> {
    const { told, range } = described;
    const cluster = wanted([['cluster', told.cluster]]);
    try {
      const { records, isWhole } = await this.#read([...cluster, ...askedOf(described)], MOST_PAGES, range);
      const fitting = records.filter((record) => compared(record, described).fits);
      const isCovered = fitting.length > 0 || (await this.#covers(cluster, described.times));
      return { records: fitting, isWhole, isCovered };
    } catch (error) {
      // Whoever invents so many namespaces that nothing can be looked for is not to decide who is named.
      if (refusalOf(error) === undefined) throw error;
      return { records: [], isWhole: false, isCovered: false };
    }
  }

  /** Whether there are records from before all of the times, and from after them. */
  async #covers(cluster: Values, times: readonly EpochMillis[]): Promise<boolean> {
    const [first, last] = [Math.min(...times), Math.max(...times)];
    const ranges: readonly TimeRange[] =
      times.length === 0 ? [{}] : [{ to: epochMillis(first) }, { from: epochMillis(last) }];
    const pages = await mapConcurrently(ranges, (range) =>
      this.#service.records({ question: { ...asking(...cluster), range }, limit: 1 }),
    );
    // What a page leaves to the next one may be such a record.
    return pages.every(({ records, cursor }) => records.length > 0 || cursor !== undefined);
  }

  async recordsOfKey(accessKeyId: string): Promise<readonly AuditRecord[]> {
    return (await this.#read([{ name: 'key', value: accessKeyId }])).records;
  }

  async ofUsername(username: string, at: EpochMillis | undefined): Promise<Outcome> {
    const found = await this.sessionsOfPerson(username, at);
    if (found.sessions.length > 0) return found;
    const flagged = await this.#flagged(['impersonation']);
    const sessions = sessionsIn(flagged.read, (record) => isImpersonating(record, username), at);
    const notes = [sessions.note, flagged.note];
    if (sessions.sessions.length > 0)
      return { ...sessions, note: together(IMPERSONATED, ...notes), isWhole: wholeOf(found, sessions, flagged) };
    const bearing = await this.#bearing(username, at);
    if (bearing.sessions.length > 0) return { ...bearing, isWhole: wholeOf(found, sessions, flagged, bearing) };
    const unsaid = bearing.note ?? 'No session bears this name.';
    const hint = together(...notes, unsaid, this.elsewhere.name);
    const isWhole = wholeOf(found, sessions, flagged, bearing);
    return notKnown(`Nothing is known of the username ${username}.`, hint, isWhole);
  }

  /** Sessions of that name, in the newest records, or those of the moment: no index leads to a session's name without its role. */
  async #bearing(sessionName: string, at: EpochMillis | undefined): Promise<Sessions> {
    const read = await this.#read([], MOST_PAGES, at === undefined ? {} : around(at));
    const found = sessionsIn([read], (record) => isSessionNamed(record, sessionName), at);
    if (found.sessions.length > 0) return { ...found, sessionName, note: together(SHARED_NAME, found.note) };
    return read.isWhole
      ? found
      : { ...found, note: `No session bears this name in the newest ${read.examined} records.` };
  }

  /** By flags, wherever it is: no index knows usernames. */
  async othersAs(username: string, at: EpochMillis | undefined): Promise<Sessions> {
    const person = flagOfPerson(username);
    const issued = await this.#tokensOf(username);
    const flagged = await this.#flagged(['impersonation', ...(person === undefined ? [] : [person])]);
    const found = sessionsIn([...flagged.read, ...issued.read], isByOther(username), at);
    const note = together(found.note, issued.note, flagged.note);
    return { ...found, note, isWhole: wholeOf(found, issued, flagged) };
  }

  /** Who had tokens of a service account issued, and what was done with them. */
  async #tokensOf(username: string): Promise<Noted> {
    const tokens = tokenRequests(username);
    if (tokens === undefined) return { read: [] };
    const issued = await this.#read(tokens);
    const uses = tokenUses(issued.records.filter(isByOther(username)));
    const read = await mapConcurrently(uses.slice(0, MOST_ISSUERS), async (values) =>
      this.isSpent ? [] : [await this.#read(values)],
    );
    const done = read.flat();
    const left = uses.length - done.length;
    return { read: [issued, ...done], note: tokensLeft(left), isWhole: left === 0 ? undefined : false };
  }

  /** What bears one of the flags: first where namespaces are proven to exist, since anybody can invent more. */
  async #flagged(flags: readonly Flag[]): Promise<Noted> {
    const { rows, isWhole } = await this.#known('namespace', '', MOST_KNOWN_PAGES);
    const { proven, others, all } = placesToSearch(rows);
    const bearing: Values = flags.map((value) => ({ name: 'flag', value }));
    const read: RecordsReading[] = [];
    let left = proven.reduce((sum, { count }) => sum + count, 0);
    for (const { values, count } of proven) {
      if (this.isSpent) break;
      read.push(await this.#read([...bearing, ...values], MOST_FLAGGED_PAGES));
      left -= count;
    }
    if (this.isSpent || !isWhole)
      return { read, note: notSearched({ proven: left, others, all, isWhole }), isWhole: false };
    return { read: [...read, await this.#read(bearing, MOST_FLAGGED_PAGES)] };
  }

  async roleIds({ arn }: { readonly arn: string }): Promise<readonly string[]> {
    const { rows: roles } = await this.#known('role', roleRef(arn)?.roleName ?? '');
    return roles.flatMap((role) => (role.id !== undefined && isRole(rolesArns(role), arn) ? role.id : []));
  }

  sessionsOfRole(role: string, at: EpochMillis | undefined): Promise<Sessions> {
    const asked = role.toLowerCase();
    const spelling = ({ id, arn = '' }: KnownRow) => {
      const isMeant = isRole({ roleId: id?.toLowerCase(), arns: [arn.toLowerCase()] }, asked);
      return isMeant ? (arn === '' ? id : arn) : undefined;
    };
    return this.#inAnyLetters({ kind: 'role', text: role, spelling, at });
  }

  sessionsOfPerson(person: string, at: EpochMillis | undefined): Promise<Sessions> {
    const asked = person.toLowerCase();
    const spelling = ({ name, arn, id }: KnownRow) =>
      [name, arn, id].find((text) => text?.toLowerCase() === asked) ??
      (isNamed(name, asked) || isInDirectory(name, asked) ? name : undefined);
    return this.#inAnyLetters({ kind: 'actor', text: person, spelling, at });
  }

  /** Records are asked for exactly; the directory knows in which letters people and roles are written. */
  async #inAnyLetters({ kind, text, spelling, at }: Spelt): Promise<Sessions> {
    const known = await this.#known(kind, '');
    const inDirectories = known.isWhole || kind !== 'actor' ? [] : await this.#inDirectories(text);
    const rows = [...known.rows, ...inDirectories];
    const first = known.isWhole ? undefined : known.rows.length;
    const spellings = spellingsOf(text, { rows, first }, spelling);
    const values = spellings.asked.map((value) => ({ name: kind, value }));
    const found = sessionsIn(await this.#readFor(values, at), () => true, at);
    const told = {
      ...found,
      note: together(...spellings.notes, found.note),
      isWhole: wholeOf(found, known, spellings),
    };
    return withNear(
      told,
      text,
      rows.map(({ name }) => name),
    );
  }

  /** Users of directories who are called so: whoever makes sessions by the thousand makes as many names that come before theirs. */
  async #inDirectories(text: string): Promise<readonly KnownRow[]> {
    const prefixes = [...new Set([text, text.toLowerCase()])].map((name) => `${name} (`);
    const pages = await mapConcurrently(prefixes, (prefix) => this.#known('actor', prefix, 1));
    return pages.flatMap(({ rows }) => rows);
  }

  trailRecord(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** The newest records of a question; where these are not all of them, also those of the sessions of that moment. */
  async #readFor(values: Values, at: EpochMillis | undefined): Promise<readonly RecordsReading[]> {
    const newest = await this.#read(values);
    if (at === undefined || newest.isWhole) return [newest];
    return [newest, await this.#read(values, MOST_PAGES, around(at))];
  }

  /** The newest records of a question. */
  async #read(values: Values, most = MOST_PAGES, range: TimeRange = {}): Promise<RecordsReading> {
    const records: AuditRecord[] = [];
    let [examined, isWhole] = [0, false];
    const [limit, last] = this.#asked.isQuick === true ? [QUICK_PAGE, 1] : [PAGE, most];
    const question = { ...asking(...values), range };
    for await (const page of pagesOf(question, this.#service.records, { limit, most: last })) {
      records.push(...page.records);
      examined += page.examined;
      isWhole = page.isLast;
      if (this.isSpent) break;
    }
    return { records, examined, isWhole };
  }

  async #known(
    kind: KnownKind,
    prefix: string,
    most = MOST_PAGES,
  ): Promise<{ readonly rows: readonly KnownRow[]; readonly isWhole: boolean }> {
    const rows: KnownRow[] = [];
    let isWhole = false;
    const ask = (cursor: string | undefined) => this.#service.known({ kind, prefix, limit: KNOWN_PAGE, cursor });
    for await (const page of cursorPages(ask, most)) {
      rows.push(...page.known);
      isWhole = page.cursor === undefined;
      if (this.isSpent) break;
    }
    return { rows, isWhole };
  }
}

/** Sessions of one name, in whatever letters it is written. */
interface Spelt {
  readonly kind: 'actor' | 'role';
  readonly text: string;
  /** How the directory's entry is asked for, where it is of that name. */
  spelling(known: KnownRow): string | undefined;
  readonly at: EpochMillis | undefined;
}

/** What sessions of that moment did. */
function around(at: EpochMillis): TimeRange {
  return { from: epochMillis(at - LONGEST_SESSION), to: epochMillis(at + LONGEST_SESSION) };
}

/** What leads to the requests of a description, as far as questions take it. */
function askedOf({ told: { request = {}, code }, verbs }: DescribedRequest): Values {
  const { uri, resource, subresource, namespace } = request;
  const type = subresource === undefined ? resource : `${resource}/${subresource}`;
  const byObject: readonly OptionalValue[] =
    uri === undefined
      ? [
          ['namespace', namespace],
          ['resource', type],
        ]
      : [];
  return wanted([
    ...verbs.map((verb): OptionalValue => ['verb', verb]),
    ['code', code === undefined ? undefined : String(code)],
    ...byObject,
  ]);
}

type OptionalValue = readonly [name: Values[number]['name'], value: string | undefined];

function wanted(values: readonly OptionalValue[]): Values {
  return values.flatMap(([name, value]) => {
    const isTaken = value !== undefined && value !== '' && value.length <= LONGEST_VALUE;
    return isTaken && flawOf(name, value) === undefined ? [{ name, value }] : [];
  });
}

interface RecordsReading {
  readonly records: readonly AuditRecord[];
  /** How many were read for them. */
  readonly examined: number;
  readonly isWhole: boolean;
}

/** What was read, and what was not. */
interface Noted {
  readonly read: readonly RecordsReading[];
  readonly note?: string | undefined;
  readonly isWhole?: IsWhole;
}

/** Whole where each of these is. */
function wholeOf(...parts: readonly { readonly isWhole?: boolean | undefined }[]): IsWhole {
  return parts.some(({ isWhole }) => isWhole === false) ? false : undefined;
}

/** The sessions of what was read, each record once. */
function sessionsIn(read: readonly RecordsReading[], isMeant: Matcher, at: EpochMillis | undefined): Sessions {
  const records = read.flatMap((each) => each.records).filter(isMeant);
  const each = [...new Map(records.map((record) => [JSON.stringify(record), record])).values()];
  const found = sessionsOfRecords(read.length > 1 ? each.toSorted(newestFirst) : each);
  const cut = read.filter(({ isWhole }) => !isWhole).reduce((sum, { examined }) => sum + examined, 0);
  const unread = cut === 0 ? undefined : `Only the newest ${cut} records were looked through.`;
  return { ...listed(found, at, unread), isWhole: wholeOf(...read) };
}

function newestFirst(a: AuditRecord, b: AuditRecord): number {
  return (parseInstant(b.time ?? '') ?? 0) - (parseInstant(a.time ?? '') ?? 0);
}

function asking(...values: Values): RecordsRequest['question'] {
  return questionOf(
    values.map((value) => ({ ...value, negated: false })),
    {},
  );
}

function rolesArns({ id, arn }: KnownRow) {
  return { roleId: id, arns: arn === undefined ? [] : [arn] };
}

/** Whether STS may stand behind the caller, so that grants say more than the event. */
function isAwsSession({ caller: { kind, roleId } }: AuditEvent): boolean {
  return roleId !== undefined || ['role-session', 'iam-user', 'root', 'federated-user'].includes(kind);
}

/** A text may tell a time that has not come for the service: nothing was granted then that could name anybody. */
function ofTimeAhead(question: WhoisQuestion, moment: EpochMillis, settings: AttributionSettings): Attributed {
  const { attribution, learnt } = attribute({ caller: callerOfQuestion(question), moment }, { ...LEAST, settings });
  const caller = callerAnswered(question, learnt, attribution);
  return { kind: 'attributed', attribution, caller, note: TIME_AHEAD };
}

const TIME_AHEAD =
  'The time in the text lies ahead of the service’s clock: no grant of that time is known to it. Say with --at when it happened.';

function ofRecord(record: AuditRecord): Attributed {
  return { kind: 'attributed', attribution: record.attribution, caller: record.caller, record };
}

/** `whois` is asked for the caller, and knows nothing of whom he acted for. */
function impersonating(attribution: Attribution): Attribution {
  return {
    ...attribution,
    flags: FLAGS.filter((flag) => flag === 'impersonation' || attribution.flags.includes(flag)),
  };
}
