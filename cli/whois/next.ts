import type { Actor } from '../../lib/attribution/actor.ts';
import { exactName } from '../../lib/attribution/actor-names.ts';
import { isSessionPrincipal } from '../../lib/claims/identity.ts';
import { isAccessKeyId } from '../../lib/identity/access-key.ts';
import { roleRef } from '../../lib/identity/arn.ts';
import { textAt } from '../../lib/json.ts';
import { type EpochMillis, epochMillis, formatInstant, parseInstant, startOfDay } from '../../lib/time.ts';
import { windowAround } from '../../lib/usecases/incident/incident.ts';
import {
  type AnythingAnswer,
  isUndecided,
  type Outcome,
  requestOf,
  type SessionFound,
  type SubjectAnswer,
} from '../../lib/usecases/query/anything/found.ts';
import { flawOf } from '../../lib/usecases/query/filter.ts';
import { type GivenValue, LONGEST_VALUE, questionOf } from '../../lib/usecases/query/question.ts';
import { lookupCommand } from '../options/lookup-command.ts';
import { ownCommand } from '../options/own-command.ts';
import { ruleWords } from '../options/rule-options.ts';
import { withValues } from '../options/with-values.ts';
import { doctor, placeWords, recordsText, UNKNOWN_TIME } from './command-texts.ts';
import type { NamedThing } from './named-things.ts';
import type { WhoisOptions } from './usage.ts';

/** Where it was asked, and what else there is. */
export interface NextContext {
  readonly options: WhoisOptions;
  /** As it was given. */
  readonly text: string;
  /** The commands that there are. */
  readonly commands: readonly string[];
  /** What the text is the name of, where it is nobody's. */
  readonly things: readonly NamedThing[];
}

/** People of one text for whom a command is shown. */
const MOST_PEOPLE = 2;
/** A text that is longer is not written out again. */
const LONGEST_TEXT = 120;

/** The two or three commands that come next, for a person to copy; shown escaped. None where nothing is known of it at all. */
export function nextCommands(answer: AnythingAnswer, asked: NextContext): readonly string[] {
  if (answer.found.every(({ outcome }) => outcome.kind === 'not-known'))
    return asked.things.map((thing) => requestsOfThing(thing, answer, asked.options));
  const roles = rolesOf(answer);
  const people = roles.length > 0 ? [] : actorsOf(answer).slice(0, MOST_PEOPLE);
  const done = [
    ...roles.map((role) => everythingBy({ name: 'role', value: role }, answer, asked.options)),
    ...ownUsernames(answer).map((username) => requestsUnder(username, answer, asked.options)),
    ...people.map((actor) => everythingBy({ name: 'actor', value: actor }, answer, asked.options)),
  ];
  const undecided = undecidedSessions(answer);
  const evidence =
    undecided.length > 0
      ? undecided.flatMap((session) => aboutSession(session, answer, asked.options))
      : answer.found.flatMap(({ outcome }) => firstSession(outcome, asked.options)).slice(0, 1);
  const unnamed = answer.found.find(isUnnamed);
  const mended =
    unnamed === undefined ? [] : [...requestsOfUnnamed(unnamed, answer, asked.options), doctor(asked.options)];
  const very = requestsById(answer, asked.options);
  const all = [
    ...evidence,
    ...very,
    ...statedRequests(answer, asked.options),
    ...done,
    ...mended,
    ...incident(answer, asked),
  ];
  return [...new Set(all)];
}

/** So many audit ids are written into one command; more are found by what the people did. */
const MOST_IDS = 10;

/**
 * The records of the requests whose audit ids a text tells without being the event: a row of chosen columns, a line of a
 * log. Of an event, and of its record, the answer is that of the request itself.
 */
function requestsById(answer: AnythingAnswer, options: WhoisOptions): readonly string[] {
  const ids = answer.found.flatMap(({ subject, outcome }) => {
    const isRecord = outcome.kind === 'attributed' && outcome.record !== undefined;
    return isRecord || subject.by === 'audit-id' ? [] : (subject.circumstances.auditId ?? []);
  });
  const asked = [...new Set(ids)].filter((id) => flawOf('auditId', id) === undefined);
  if (asked.length === 0 || asked.length > MOST_IDS) return [];
  const given = asked.map((value): GivenValue => ({ name: 'auditId', value, negated: false }));
  return [recordsText(questionOf(given, {}), options)];
}

/**
 * What a line of an error or a finding says was asked, as the audit log may have it: there it has its time, its address and its
 * key. A finding that tells no resource tells the address. A pasted event is the request itself.
 */
function statedRequests(answer: AnythingAnswer, options: WhoisOptions): readonly string[] {
  const [found] = answer.found;
  const request = answer.isOne && found !== undefined ? requestOf(found) : undefined;
  if (found === undefined || request?.auditId !== undefined || request?.code === undefined) return [];
  const { verb, resource, subresource, namespace, name, code, cluster } = request;
  const ip = request.ips?.at(-1);
  if (verb === undefined || (resource === undefined && ip === undefined)) return [];
  const { subject } = found;
  const values: readonly (readonly [GivenValue['name'], string | undefined])[] = [
    ['role', subject.by === 'session' ? subject.role : undefined],
    ['cluster', cluster],
    ['namespace', namespace],
    ['verb', verb],
    ['resource', resource === undefined || subresource === undefined ? resource : `${resource}/${subresource}`],
    ['object', name],
    ['code', String(code)],
    ['ip', resource === undefined ? ip : undefined],
  ];
  const given = values.flatMap(([field, value]) =>
    value === undefined || flawOf(field, value) !== undefined ? [] : [{ name: field, value, negated: false }],
  );
  return [recordsText(questionOf(given, { from: dayOf(answer) }), options)];
}

/** Who is behind the latest session of a list, with the evidence. */
function firstSession(outcome: Outcome, options: WhoisOptions): readonly string[] {
  const [latest] = outcome.kind === 'sessions' ? outcome.sessions : [];
  return latest === undefined ? [] : whoisOf(latest, options);
}

function whoisOf({ accessKeyId, session, from }: SessionFound, options: WhoisOptions): readonly string[] {
  const asked = accessKeyId ?? session;
  if (asked === undefined) return [];
  const at = from === undefined ? [] : ['--at', from];
  return [lookupCommand(ownCommand(), asked, [...at, ...placeWords(options)])];
}

/** So many of those who can have made a request are asked about, each by a command of its own. */
const MOST_UNDECIDED = 5;

/** Those who can have made a request, none of whom is to stand out but the ones that nobody can name: they come first. */
function undecidedSessions({ found }: AnythingAnswer): readonly SessionFound[] {
  const sessions = found.flatMap(({ outcome }) =>
    outcome.kind === 'sessions' && isUndecided(outcome) ? outcome.sessions : [],
  );
  return sessions
    .toSorted((a, b) => Number(a.attribution.actor !== undefined) - Number(b.attribution.actor !== undefined))
    .slice(0, MOST_UNDECIDED);
}

/** By its key or its session, else by the username, which is all that is known of it. */
function aboutSession(session: SessionFound, answer: AnythingAnswer, options: WhoisOptions): readonly string[] {
  const asked = whoisOf(session, options);
  if (asked.length > 0) return asked;
  const { username } = session;
  return username === undefined || flawOf('username', username) !== undefined
    ? []
    : [requestsUnder(username, answer, options)];
}

const UNNAMED: readonly string[] = ['unattributed', 'ambiguous', 'pending'];

function isUnnamed({ outcome }: SubjectAnswer): boolean {
  if (outcome.kind === 'attributed') return UNNAMED.includes(outcome.attribution.status);
  return (
    outcome.kind === 'sessions' && outcome.sessions.every(({ attribution }) => UNNAMED.includes(attribution.status))
  );
}

/**
 * Of a role that was asked about, the name by which it is asked for: all its requests, whoever of its sessions' people made them.
 * Records are asked for in the very letters that sessions show.
 */
function rolesOf({ found }: AnythingAnswer): readonly string[] {
  return found.slice(0, 1).flatMap(({ subject, outcome }) => {
    if (subject.by !== 'role' || outcome.kind !== 'sessions') return [];
    const arns = outcome.sessions.flatMap(({ role }) => (roleRef(role) === undefined ? [] : (role ?? [])));
    const [arn] = arns;
    return [arn !== undefined && new Set(arns).size === 1 ? arn : subject.role];
  });
}

/** The name by which each actor alone is asked for, in the order of the answers; of several who can be meant nobody's. */
function actorsOf({ found }: AnythingAnswer): readonly string[] {
  const attributions = found.flatMap(({ outcome }) => {
    if (outcome.kind === 'attributed') return [outcome.attribution];
    return outcome.kind === 'sessions' && !isUndecided(outcome)
      ? outcome.sessions.map(({ attribution }) => attribution)
      : [];
  });
  const actors = attributions.flatMap(({ actor }): Actor[] => (actor === undefined ? [] : [actor]));
  return [...new Set(actors.flatMap((actor) => exactName(actor) ?? []))];
}

/** Under which names of the cluster's own the requests lie that nobody's name leads to: a service account's, a node's. */
function ownUsernames({ found }: AnythingAnswer): readonly string[] {
  const usernames = found.flatMap(({ subject, outcome }) => {
    if (outcome.kind === 'attributed') {
      const [kind, username] = ['kind', 'username'].map((field) => textAt({ ...outcome.caller }, field));
      const { status } = outcome.attribution;
      const isOwn = status === 'system' || (kind === 'kubernetes-service-account' && status !== 'attributed');
      return isOwn && username !== undefined ? [username] : [];
    }
    return outcome.kind === 'sessions' && subject.by === 'username' ? [subject.username] : [];
  });
  const own = usernames.filter((name) => /^(?:system|eks):/.test(name) && name.length <= LONGEST_VALUE);
  return [...new Set(own)].slice(0, MOST_PEOPLE);
}

/** A service is to be told a time or a cluster, too, since nothing leads to a username: a day, where none is known. */
function requestsUnder(value: string, answer: AnythingAnswer, options: WhoisOptions): string {
  const [request] = answer.found.flatMap((each) => requestOf(each) ?? []);
  const isOfFiles = options.api === undefined && options.table === undefined;
  const sessions = isOfFiles ? undefined : dayOfSessions(answer);
  const from = dayOf(answer) ?? (options.at === undefined ? sessions : epochMillis(startOfDay(options.at)));
  const { cluster } = isOfFiles ? {} : { ...request };
  const text = recordsText(
    questionOf(
      [
        { name: 'username', value, negated: false },
        ...(cluster === undefined ? [] : [{ name: 'cluster', value: cluster, negated: false } as const]),
      ],
      { from },
    ),
    options,
  );
  return isOfFiles || from !== undefined || cluster !== undefined ? text : `${text} --since 24h`;
}

function everythingBy(
  value: Pick<GivenValue, 'name' | 'value'>,
  answer: AnythingAnswer,
  options: WhoisOptions,
): string {
  return recordsText(questionOf([{ ...value, negated: false }], { from: dayOf(answer) }), options);
}

/** The day of the earliest session, of which somebody asked without a time. */
function dayOfSessions({ found }: AnythingAnswer): EpochMillis | undefined {
  const times = found.flatMap(({ outcome }) =>
    outcome.kind === 'sessions' ? outcome.sessions.flatMap(({ from }) => parseInstant(from ?? '') ?? []) : [],
  );
  return earliestDay(times);
}

/** The day of the earliest request, since who did one thing may have done another before. */
function dayOf({ found }: AnythingAnswer): EpochMillis | undefined {
  const times = found.flatMap((each) => {
    const request = requestOf(each);
    return parseInstant(request?.since ?? request?.time ?? '') ?? [];
  });
  return earliestDay(times);
}

function earliestDay(times: readonly EpochMillis[]): EpochMillis | undefined {
  return times.length === 0 ? undefined : epochMillis(startOfDay(Math.min(...times)));
}

/** Of the session, else of the username, which is all that an old cluster tells of a caller. */
function requestsOfUnnamed(found: SubjectAnswer, answer: AnythingAnswer, options: WhoisOptions): readonly string[] {
  const session = sessionOf(found);
  if (session !== undefined) return [everythingBy({ name: 'session', value: session }, answer, options)];
  const username = usernameOf(found);
  return username === undefined ? [] : [requestsUnder(username, answer, options)];
}

/** Of a list, of the latest session. */
function usernameOf({ outcome }: SubjectAnswer): string | undefined {
  if (outcome.kind === 'not-known' || (outcome.kind === 'sessions' && isUndecided(outcome))) return undefined;
  const username =
    outcome.kind === 'sessions' ? outcome.sessions[0]?.username : textAt({ ...outcome.caller }, 'username');
  return username === undefined || flawOf('username', username) !== undefined ? undefined : username;
}

function requestsOfThing({ field, name, cluster, from }: NamedThing, answer: AnythingAnswer, options: WhoisOptions) {
  const given: readonly GivenValue[] = [
    { name: field, value: name, negated: false },
    ...(cluster === undefined ? [] : [{ name: 'cluster', value: cluster, negated: false } as const]),
  ];
  return recordsText(questionOf(given, { from: from ?? dayOf(answer) }), options);
}

/** By the key, which one session has; else by `AROA…:<name>`. */
function sessionOf({ outcome }: SubjectAnswer): string | undefined {
  if (outcome.kind !== 'attributed') return undefined;
  const caller = { ...outcome.caller };
  const [key, roleId, account, name] = ['accessKeyId', 'roleId', 'accountId', 'sessionName'].map((each) =>
    textAt(caller, each),
  );
  if (key !== undefined && isAccessKeyId(key)) return key;
  const session = `${roleId ?? account ?? ''}:${name ?? ''}`;
  return isSessionPrincipal(session) ? session : undefined;
}

/** A report for the ticket, of the same thing at the same time. */
function incident(answer: AnythingAnswer, { text, commands, options }: NextContext): readonly string[] {
  const [first] = answer.found;
  const isSame = text.length <= LONGEST_TEXT && !/[\r\n]/.test(text);
  const same = isSame ? text : first && shortOf(first, options);
  if (first === undefined || same === undefined || !commands.includes('incident')) return [];
  const told = isSame || same === requestOf(first)?.auditId ? undefined : requestOf(first)?.time;
  const isTold = windowAround(answer, options.at, 0) !== undefined;
  const at = options.at === undefined ? (told ?? (isTold ? undefined : UNKNOWN_TIME)) : formatInstant(options.at);
  const words = [
    ...withValues('--at', at === undefined ? [] : [at]),
    ...placeWords(options),
    ...ruleWords(options),
    ...withValues('--log-group', options.logGroup),
  ];
  return [lookupCommand(ownCommand('incident'), same, words)];
}

/** A long text in a word: its audit id, where somebody knows the records; else its session. */
function shortOf(found: SubjectAnswer, { api, table, audit }: WhoisOptions): string | undefined {
  const hasRecords = (api ?? table ?? audit) !== undefined;
  return (hasRecords ? requestOf(found)?.auditId : undefined) ?? sessionOf(found);
}
