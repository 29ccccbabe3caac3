import { type Actor, podsOfActor } from '../../lib/attribution/actor.ts';
import { homeOfId, isActorId } from '../../lib/attribution/actor-id.ts';
import { exactName, filedName, namesOfActor } from '../../lib/attribution/actor-names.ts';
import type { Attribution } from '../../lib/attribution/attribution.ts';
import { instanceSession, lastGrant } from '../../lib/attribution/role-of-record.ts';
import { isSessionPrincipal } from '../../lib/claims/identity.ts';
import { isAccessKeyId } from '../../lib/identity/access-key.ts';
import { roleRef } from '../../lib/identity/arn.ts';
import { serviceAccountOf } from '../../lib/identity/service-account.ts';
import { objectAt, textAt } from '../../lib/json.ts';
import { verbsIn } from '../../lib/recognize/subject.ts';
import { type EpochMillis, epochMillis, formatInstant, parseInstant, startOfDay } from '../../lib/time.ts';
import { windowAround } from '../../lib/usecases/incident/incident.ts';
import { verbsOf } from '../../lib/usecases/query/anything/described-request.ts';
import {
  type AnythingAnswer,
  isUndecided,
  type Outcome,
  requestOf,
  type SessionFound,
  type SubjectAnswer,
} from '../../lib/usecases/query/anything/outcomes.ts';
import { flawOf } from '../../lib/usecases/query/filter.ts';
import { type GivenValue, LONGEST_VALUE, questionOf } from '../../lib/usecases/query/question.ts';
import { lookupCommand } from '../options/lookup-command.ts';
import { ownCommand } from '../options/own-command.ts';
import { forRecords, placeWords } from '../options/place-words.ts';
import { withValues } from '../options/with-values.ts';
import { doctor, recordsText, requestsAbout } from './command-texts.ts';
import type { NamedThing } from './named-things.ts';
import type { WhoisOptions } from './usage.ts';

/** The context of an answer: the options, the text and all commands. */
export interface NextContext {
  readonly options: WhoisOptions;
  /** The text as it was given. */
  readonly text: string;
  /** The names of all commands. */
  readonly commands: readonly string[];
  /** Things with the name, if no person and no role has it. */
  readonly things: readonly NamedThing[];
}

/** The maximum number of people of one text for whom a command is shown. */
const MOST_PEOPLE = 2;
/** The longest text that a command repeats. */
const LONGEST_TEXT = 120;

/** Returns the next commands to copy, escaped. Empty if nothing is known about the text. */
export function nextCommands(answer: AnythingAnswer, context: NextContext): readonly string[] {
  if (answer.found.every(({ outcome }) => outcome.kind === 'not-known'))
    return context.things.map((thing) => requestsOfThing(thing, answer, context.options));
  const roles = rolesOf(answer);
  const people = roles.length > 0 ? [] : actorsOf(answer).slice(0, MOST_PEOPLE);
  const done = [
    ...roles.map((role) => everythingBy({ name: 'role', value: role }, answer, context.options)),
    ...ownUsernames(answer).map((username) => requestsUnder(username, answer, context.options)),
    ...commandsInPods(answer, context.options),
    ...people.map((filter) => everythingBy(filter, answer, context.options)),
  ];
  const undecided = undecidedSessions(answer);
  const evidence =
    undecided.length > 0
      ? undecided.flatMap((session) => aboutSession(session, answer, context.options))
      : answer.found.flatMap(({ outcome }) => firstSession(outcome, context.options)).slice(0, 1);
  const unnamed = answer.found.find(isUnnamed);
  const mended =
    unnamed === undefined
      ? []
      : [
          ...requestsOfUnnamed(unnamed, answer, context.options),
          ...(isForDoctor(unnamed) ? [doctor(context.options)] : []),
        ];
  const very = requestsById(answer, context.options);
  const all = [
    ...answer.found.flatMap((found) => earlierSessionsOf(found, context)),
    ...evidence,
    ...very,
    ...statedRequests(answer, context.options),
    ...requestsOfTrace(answer, context.options),
    ...done,
    ...mended,
    ...related(answer, context),
    ...incident(answer, context),
  ];
  return [...new Set(all)];
}

/**
 * Returns the command that looks up the name at the time when it was last seen. Returns none if the answer's time range
 * has sessions.
 */
function earlierSessionsOf(found: SubjectAnswer, { text, options }: NextContext): readonly string[] {
  const last = lastOfEarlier(found);
  if (last === undefined) return [];
  const name = nameIn(found) ?? text;
  if (name.length > LONGEST_TEXT || /[\r\n]/.test(name)) return [];
  const words = [...withValues('--at', [last]), ...placeWords(options)];
  return [lookupCommand(ownCommand(), name, words)];
}

/** Returns when the name was last seen, if the answer's time range has no sessions. */
function lastOfEarlier({ outcome }: SubjectAnswer): string | undefined {
  return outcome.kind === 'sessions' && outcome.sessions.length === 0 ? outcome.earlier?.last : undefined;
}

function nameIn({ subject }: SubjectAnswer): string | undefined {
  if (subject.by === 'person') return subject.person;
  if (subject.by === 'role') return subject.role;
  return subject.by === 'username' ? subject.username : undefined;
}

/**
 * The maximum number of audit IDs in one command. If there are more, the commands about the people find the requests.
 */
const MOST_IDS = 10;

/**
 * Returns the command for the requests whose audit IDs the text contains. Such a text is a row of chosen columns, or a
 * line of a log. Returns none for a pasted event or its record, because the answer itself is about that request.
 */
function requestsById(answer: AnythingAnswer, options: WhoisOptions): readonly string[] {
  const ids = answer.found.flatMap(({ subject, outcome }) => {
    const isRecord = outcome.kind === 'attributed' && outcome.record !== undefined;
    return isRecord || subject.by === 'audit-id' ? [] : (subject.circumstances.auditId ?? []);
  });
  const usable = [...new Set(ids)].filter((id) => flawOf('auditId', id) === undefined);
  if (usable.length === 0 || usable.length > MOST_IDS) return [];
  const given = usable.map((value): GivenValue => ({ name: 'auditId', value, negated: false }));
  return [recordsText(questionOf(given, {}), options)];
}

/**
 * Returns the command for the request that an error message or a finding describes. The audit log may have the request,
 * with its time, source IP and key. If a finding has no resource, the command searches by source IP. Returns none for a
 * pasted event, which is the request itself.
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
    ...verbsOf(verb).map((each) => ['verb', each] as const),
    ['resource', resource === undefined || subresource === undefined ? resource : `${resource}/${subresource}`],
    ['object', name],
    // If there are several requests of a time range, the code is only that of the latest.
    ['code', request.since === undefined ? String(code) : undefined],
    ['ip', resource === undefined ? ip : undefined],
  ];
  const each = values.flatMap(([field, value]) =>
    field === 'verb' && value !== undefined
      ? verbsIn(value).map((verb) => [field, verb] as const)
      : [[field, value] as const],
  );
  const given = each.flatMap(([field, value]) =>
    value === undefined || flawOf(field, value) !== undefined ? [] : [{ name: field, value, negated: false }],
  );
  return [recordsText(questionOf(given, { from: dayOf(answer) }), options)];
}

/**
 * Returns the command that lists the requests of a source IP, a user agent or an object. Returns none if anything else
 * was pasted.
 */
function requestsOfTrace({ found }: AnythingAnswer, options: WhoisOptions): readonly string[] {
  const [first] = found;
  if (first?.subject.by !== 'request') return [];
  const { sourceIps: [ip] = [], userAgent, request, names = [] } = first.subject.circumstances;
  const named = namedActors(first, names).map((value) => ({ name: 'actor', value, negated: false }) as const);
  const { namespace } = request ?? {};
  const inNamespace = namespace === undefined ? [] : [{ name: 'namespace', value: namespace, negated: false } as const];
  if (named.length > 0) return named.map((actor) => recordsText(questionOf([actor, ...inNamespace], {}), options));
  if (ip !== undefined) return [requestsAbout('ip', ip, options)];
  if (userAgent !== undefined && request === undefined) return [requestsAbout('userAgent', userAgent, options)];
  return request?.name === undefined ? [] : [requestsAbout('object', request.name, options)];
}

/** Returns those of the names in the text that an actor of the answer has. */
function namedActors({ outcome }: SubjectAnswer, names: readonly string[]): readonly string[] {
  const groups = outcome.kind === 'sessions' ? (outcome.inLog?.groups ?? []) : [];
  return names.filter((name) =>
    groups.some(({ attribution: { actor } }) => actor && namesOfActor(actor).includes(name)),
  );
}

/**
 * Returns the command that shows who is behind the first session of a list, with the evidence. Lists begin with the
 * most suspicious session. Empty if the list shows what one access key itself did.
 */
function firstSession(outcome: Outcome, options: WhoisOptions): readonly string[] {
  if (outcome.kind === 'not-known') return [];
  const ofKey = outcome.kind === 'attributed' ? textAt({ ...outcome.caller }, 'accessKeyId') : undefined;
  const sessions = outcome.kind === 'sessions' ? outcome.sessions : (outcome.used ?? []);
  const [first] = sessions.filter(({ accessKeyId }) => accessKeyId === undefined || accessKeyId !== ofKey);
  return first === undefined ? [] : whoisOf(first, options);
}

function whoisOf({ accessKeyId, session, from }: SessionFound, options: WhoisOptions): readonly string[] {
  const named = accessKeyId ?? session;
  if (named === undefined) return [];
  const at = from === undefined ? [] : ['--at', from];
  return [lookupCommand(ownCommand(), named, [...at, ...placeWords(options)])];
}

/** The maximum number of possible callers of a request that get a command each. */
const MOST_UNDECIDED = 5;

/**
 * Returns the sessions that could have made the request, unidentified ones first. Otherwise they are not ordered, so
 * that none looks like the answer.
 */
function undecidedSessions({ found }: AnythingAnswer): readonly SessionFound[] {
  const sessions = found.flatMap(({ outcome }) =>
    outcome.kind === 'sessions' && isUndecided(outcome)
      ? [...outcome.sessions, ...(outcome.similar ?? [])]
      : outcome.kind === 'attributed'
        ? [...(outcome.unidentified ?? []), ...(outcome.similar ?? [])]
        : [],
  );
  return sessions
    .toSorted((a, b) => Number(a.attribution.actor !== undefined) - Number(b.attribution.actor !== undefined))
    .slice(0, MOST_UNDECIDED);
}

/** Returns the command about a session, by its key or its principal. If neither is known, uses the username. */
function aboutSession(session: SessionFound, answer: AnythingAnswer, options: WhoisOptions): readonly string[] {
  const command = whoisOf(session, options);
  if (command.length > 0) return command;
  const { username } = session;
  return username === undefined || flawOf('username', username) !== undefined
    ? []
    : [requestsUnder(username, answer, options)];
}

const UNNAMED: readonly string[] = ['unattributed', 'ambiguous', 'pending'];

/** Returns whether a missing or unknown log can be the cause. It is not if somebody used a node's credentials. */
function isForDoctor({ outcome }: SubjectAnswer): boolean {
  const all = outcome.kind === 'attributed' ? [outcome] : outcome.kind === 'sessions' ? outcome.sessions : [];
  return all.some(({ attribution: { reason } }) => reason !== 'node-credentials-used');
}

function isUnnamed({ outcome }: SubjectAnswer): boolean {
  if (outcome.kind === 'attributed') return UNNAMED.includes(outcome.attribution.status);
  return (
    outcome.kind === 'sessions' &&
    outcome.sessions.length > 0 &&
    outcome.sessions.every(({ attribution }) => UNNAMED.includes(attribution.status))
  );
}

/**
 * Returns the role in the question, for a command that lists the requests of everybody with that role. If the sessions
 * show exactly one ARN, returns that, because records are searched by the exact text.
 */
function rolesOf({ found }: AnythingAnswer): readonly string[] {
  return found.slice(0, 1).flatMap(({ subject, outcome }) => {
    if (subject.by !== 'role' || outcome.kind !== 'sessions') return [];
    const arns = outcome.sessions.flatMap(({ role }) => (roleRef(role) === undefined ? [] : (role ?? [])));
    const [arn] = arns;
    return [arn !== undefined && new Set(arns).size === 1 ? arn : subject.role];
  });
}

/** The filter that finds what somebody did. */
interface WhoFilter {
  readonly name: 'actor' | 'session';
  readonly value: string;
}

/**
 * Returns the filter for each actor, in the order of the answers. Leaves out requests with several possible actors.
 * Keeps an actor ID of the question, because the operator can have joined several IDs to one person.
 */
function actorsOf({ found }: AnythingAnswer): readonly WhoFilter[] {
  const [first] = found;
  if (first?.subject.by === 'person' && isActorId(first.subject.person))
    return [{ name: 'actor', value: first.subject.person }];
  const filters = found.flatMap(({ outcome }) => {
    if (outcome.kind === 'attributed') return searchFilters(outcome.attribution, outcome.isStored === true);
    if (outcome.kind === 'not-known' || isUndecided(outcome)) return [];
    return outcome.sessions.flatMap(({ attribution }) => searchFilters(attribution, true));
  });
  return [...new Map(filters.map((filter) => [JSON.stringify(filter), filter])).values()];
}

/**
 * Returns the filter that finds the actor's records. It is the actor's ID, with two exceptions. A user of the cluster
 * is searched by name. Their ID contains the cluster, which is not known exactly without a record. An instance is
 * searched by its session, because requests of an instance that is a node have no actor.
 */
function searchFilters(attribution: Pick<Attribution, 'actor' | 'chain'>, isOfRecord: boolean): readonly WhoFilter[] {
  const { actor } = attribution;
  if (actor === undefined || accountOfActor(actor) !== undefined) return [];
  if (podsOfActor(actor) !== undefined && !isOfRecord) return [];
  const instance = instanceSession(attribution);
  if (instance !== undefined) return [{ name: 'session', value: instance }];
  const isExact = isOfRecord || homeOfId(actor.id)?.kind !== 'cluster';
  return [{ name: 'actor', value: isExact ? exactName(actor) : (filedName(actor) ?? actor.id) }];
}

/**
 * Returns usernames of the cluster's own, such as those of service accounts and nodes. Their requests are found by no
 * actor's name.
 */
function ownUsernames({ found }: AnythingAnswer): readonly string[] {
  const usernames = found.flatMap(({ subject, outcome }) => {
    if (outcome.kind === 'attributed') {
      const [kind, username] = ['kind', 'username'].map((field) => textAt({ ...outcome.caller }, field));
      const { status } = outcome.attribution;
      const isOwn = status === 'system' || (kind === 'kubernetes-service-account' && status !== 'attributed');
      return isOwn && username !== undefined ? [username] : (accountOfActor(outcome.attribution.actor) ?? []);
    }
    return outcome.kind === 'sessions' && subject.by === 'username' ? [subject.username] : [];
  });
  const own = usernames.filter((name) => /^(?:system|eks):/.test(name) && name.length <= LONGEST_VALUE);
  return [...new Set(own)].slice(0, MOST_PEOPLE);
}

/**
 * Returns the username of the service account that assumed a role by its token. In the audit log no actor has its name.
 */
function accountOfActor(actor: Actor | undefined): string | undefined {
  const isAccount = actor?.kind === 'web-identity-user' && serviceAccountOf(actor.name) !== undefined;
  return isAccount ? actor.name : undefined;
}

/**
 * Returns the command that lists who ran commands in the pod, or in pods of the namespace. They could use its role too.
 */
function commandsInPods(answer: AnythingAnswer, options: WhoisOptions): readonly string[] {
  const pods = answer.found.flatMap(({ outcome }) => {
    const { actor } = outcome.kind === 'attributed' ? outcome.attribution : {};
    return (actor && podsOfActor(actor)) ?? [];
  });
  const texts = pods.map(({ namespace, pod }) =>
    recordsText(
      questionOf(
        [
          { name: 'namespace', value: namespace, negated: false },
          ...(pod === undefined
            ? [{ name: 'resource', value: 'pods/exec', negated: false } as const]
            : [{ name: 'object', value: pod, negated: false } as const]),
        ],
        { from: dayOf(answer) },
      ),
      options,
    ),
  );
  return [...new Set(texts)].slice(0, MOST_PEOPLE);
}

/**
 * Returns the command for the requests of a username. A service also needs a time or a cluster, because no index leads
 * to usernames. Without either, the last day is searched.
 */
function requestsUnder(value: string, answer: AnythingAnswer, options: WhoisOptions): string {
  const [request] = answer.found.flatMap((each) => requestOf(each) ?? []);
  const isOfFiles = options.api === undefined && options.table === undefined;
  const sessions = isOfFiles ? undefined : dayOfSessions(answer);
  const given = options.at === undefined ? sessions : epochMillis(startOfDay(options.at));
  const from = dayOf(answer) ?? given ?? (isOfFiles ? undefined : dayOfGrants(answer));
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

/**
 * Returns the day on which the earliest of the possible sessions was issued. If its grant is not known, returns the day
 * of its first use.
 */
function dayOfGrants({ found }: AnythingAnswer): EpochMillis | undefined {
  const times = found.flatMap(({ outcome }) => {
    if (outcome.kind !== 'attributed') return [];
    const { chain, candidates = [] } = outcome.attribution;
    const issued = [chain, ...candidates.map((each) => each.chain)].map((links) => lastGrant(links)?.issuedAt);
    const used = (outcome.unidentified ?? []).map(({ from }) => from);
    return [...issued, ...used].flatMap((time) => parseInstant(time ?? '') ?? []);
  });
  return earliestDay(times);
}

/** Returns the day of the earliest session, for a question without a time. */
function dayOfSessions({ found }: AnythingAnswer): EpochMillis | undefined {
  const times = found.flatMap(({ outcome }) =>
    outcome.kind === 'sessions' ? outcome.sessions.flatMap(({ from }) => parseInstant(from ?? '') ?? []) : [],
  );
  return earliestDay(times);
}

/** Returns the day of the earliest request. The same caller may have done something else before it. */
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

/**
 * Returns the command for the requests of an unidentified caller, by its session. Without a session, uses the username,
 * which is all that an old cluster records.
 */
function requestsOfUnnamed(found: SubjectAnswer, answer: AnythingAnswer, options: WhoisOptions): readonly string[] {
  const session = sessionOf(found);
  if (session !== undefined) return [everythingBy({ name: 'session', value: session }, answer, options)];
  const username = usernameOf(found);
  return username === undefined ? [] : [requestsUnder(username, answer, options)];
}

/** Returns the username of the caller. For a list of sessions, returns that of the latest one. */
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

/** Returns the access key, which only one session has, or else `AROA…:<name>`. */
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

/** Returns the command that shows who acted through a service account, if the event states its pod. */
function related({ found }: AnythingAnswer, { commands, options }: NextContext): readonly string[] {
  const [first] = found;
  const isInPod = first?.outcome.kind === 'attributed' && objectAt({ ...first.outcome.caller }, 'pod') !== undefined;
  const auditId = isInPod ? requestOf(first)?.auditId : undefined;
  const hasRecords = (options.api ?? options.table ?? options.audit) !== undefined;
  if (auditId === undefined || !hasRecords || !commands.includes('related')) return [];
  return [lookupCommand(ownCommand('related'), auditId, placeWords(forRecords(options)))];
}

/** Returns the command for a report about the same text and time. */
function incident(answer: AnythingAnswer, { text, commands, options }: NextContext): readonly string[] {
  const [first] = answer.found;
  const isSame = text.length <= LONGEST_TEXT && !/[\r\n]/.test(text);
  const same = isSame ? text : first && shortOf(first, options);
  if (first === undefined || same === undefined || !commands.includes('incident')) return [];
  const stated = isSame || same === requestOf(first)?.auditId ? lastOfEarlier(first) : requestOf(first)?.time;
  const hasTime = windowAround(answer, options.at, 0) !== undefined;
  if (!hasTime && stated === undefined) return [];
  const at = options.at === undefined ? stated : formatInstant(options.at);
  const words = [...withValues('--at', at === undefined ? [] : [at]), ...placeWords(options)];
  return [lookupCommand(ownCommand('incident'), same, words)];
}

/** Returns a word for a long text: its audit ID if the records are at hand, or else its session. */
function shortOf(found: SubjectAnswer, { api, table, audit }: WhoisOptions): string | undefined {
  const hasRecords = (api ?? table ?? audit) !== undefined;
  return (hasRecords ? requestOf(found)?.auditId : undefined) ?? sessionOf(found);
}
