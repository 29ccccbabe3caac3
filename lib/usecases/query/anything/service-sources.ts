import type { Answer } from '../../../attribution/answer.ts';
import { actionOf, actionOfCaller, attribute } from '../../../attribution/attribute.ts';
import type { Attribution } from '../../../attribution/attribution.ts';
import { FLAGS } from '../../../attribution/flags.ts';
import { KnownGrants } from '../../../attribution/known-grants.ts';
import { type AuditRecord, auditRecord } from '../../../attribution/record.ts';
import { type AttributionSettings, DEFAULT_SETTINGS } from '../../../attribution/settings.ts';
import type { AuditEvent } from '../../../audit/audit-event.ts';
import { awsTokenOf } from '../../../audit/aws-token.ts';
import type { KnownKind } from '../../../claims/known.ts';
import { mapConcurrently } from '../../../concurrency.ts';
import { isAccountId } from '../../../identity/arn.ts';
import { clusterHome, clusterRef, isSameCluster } from '../../../identity/cluster.ts';
import { isJsonObject, textAt } from '../../../json.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { TimeInterval } from '../../../ports/histories.ts';
import type { TimeRange } from '../../../ports/paging.ts';
import type { Circumstances, PastedEvent, RequestedToken } from '../../../recognize/subject.ts';
import { quoted } from '../../../shell.ts';
import { DAY, type EpochMillis, epochMillis, FIRST_TIME, formatInstant, parseInstant } from '../../../time.ts';
import { fewerInTurns } from '../../../turns.ts';
import { areOfSeveralAccounts, byTime } from '../../activity/requests.ts';
import { type ChangeRow, type KnownChanges, ONLY_DELIVERED } from '../../changes/changes.ts';
import type { ChangesAnswer } from '../../changes/changes-query.ts';
import { flawOf } from '../filter.ts';
import type { KnownRow } from '../known-row.ts';
import { cursorPages, type RecordPages } from '../pages.ts';
import { anyPagesInTurns, pagesInTurns } from '../pages-in-turns.ts';
import { LONGEST_VALUE, QuestionError, type RecordsQuestion, refusalOf } from '../question.ts';
import { endOfOpenRange } from '../up-to-now.ts';
import { type CallerAnswer, callerAnswered, type WhoisQuery } from '../whois.ts';
import { callerOfQuestion, type WhoisQuestion } from '../whois-question.ts';
import {
  asksForRemoval,
  compareRequest,
  type DescribedRequest,
  type Likeness,
  nearRange,
  standsForSubresources,
} from './described-request.ts';
import type { InformantSources, NamesReading, RecordQuestion, RecordsOfId, RecordsReading } from './informant.ts';
import { recordQuestion, type Values } from './others.ts';
import { type AttributedOutcome, outcomeOfRecord, withoutName } from './outcomes.ts';
import type { LogReach, RecordedRequests } from './recorded-requests.ts';

/** The service's answer about a caller, as read from its JSON. */
export type AnsweredCaller = Omit<CallerAnswer, 'caller'> & Pick<AttributedOutcome, 'caller'>;

/** The questions that the service can answer, through its API or from its tables. */
export interface ServiceQuestions {
  readonly clock: Clock;
  readonly records: RecordPages;
  known(query: {
    readonly kind: KnownKind;
    readonly prefix: string;
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<{
    readonly known: readonly KnownRow[];
    readonly cursor?: string | undefined;
  }>;
  /** Looks up a caller. There is always an answer, also about an unknown caller. */
  whois(query: WhoisQuery): Promise<AnsweredCaller>;
  /** Returns a page of the changes of clusters, newest first. Absent if the source of the answer has no changes. */
  changes?(query: {
    readonly question: RecordsQuestion;
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<Pick<ChangesAnswer, 'changes' | 'cursor' | 'note'>>;
  /** Whether the request budget of the question is used up. */
  readonly isSpent?: boolean;
}

/** The number of records in a page, and the maximum number of pages that are read for one question about sessions. */
const PAGE = 500;
const MOST_PAGES = 4;
/**
 * The number of records of each account in which the newest one of the selected cluster is searched. The others can be
 * of clusters with the same name.
 */
const FEW = 10;
/** The maximum number of full names of people who requested tokens. A question accepts 50 values of a field. */
const MOST_REQUESTERS = 40;
/** The number of records in the only page of a quick answer. */
const QUICK_PAGE = 200;
/**
 * The maximum number of subjects of one text. Each takes one or two questions, and an API must answer within 30
 * seconds.
 */
const MOST_SUBJECTS = 25;
/** The maximum number of changes of clusters that are read before the accounts take turns. */
const MOST_CHANGES = 1_000;
/** The number of directory entries in a page, when a name is searched in any letter case. */
const LONG_PAGE = 1_000;

/** The length of a date. The directory only knows the day of a time. */
const DATE = 'YYYY-MM-DD'.length;
const NOT_READ: RecordsReading = { records: [], examined: 0, isComplete: false };
const LEAST = { index: new KnownGrants(), settled: true };

/** How much a question to the service may read. */
export interface ServiceLookup extends Pick<WhoisQuery, 'lookback'> {
  /** The time of the request, if the user gives one; it replaces the time in the text. */
  readonly at?: EpochMillis | undefined;
  /** Whether only one page of a subject's records is read. */
  readonly isQuick?: boolean;
}

/** Names without a domain, together with the full names that begin with them. */
interface FullNames {
  readonly names: readonly string[];
  /** Whether all such full names are known. */
  readonly isComplete: boolean;
}

/** Whether the log has records on both sides of the times of a described request. */
interface LogCover extends Pick<RecordedRequests, 'isCovered' | 'lastBefore'> {
  /**
   * Whether `isCovered` is certain. It is not if all records that were read are of other clusters with the same name.
   */
  readonly isKnown: boolean;
}

/**
 * Returns sources for an `Informant` that ask the service: its records, its names and its `whois`.
 * @param lookup limits what is read. Its `lookback` is in milliseconds.
 */
export function serviceSources(
  service: ServiceQuestions,
  lookup: ServiceLookup = {},
  settings: AttributionSettings = DEFAULT_SETTINGS,
): InformantSources {
  const isSpent = () => service.isSpent === true;

  async function whois(question: WhoisQuestion, at: EpochMillis | undefined): Promise<AttributedOutcome> {
    try {
      const answer = await service.whois({ ...question, at, lookback: lookup.lookback });
      const { attribution, caller, complete: isComplete, note } = answer;
      return { kind: 'attributed', attribution, caller, ...(isComplete === false && { isComplete, note }) };
    } catch (error) {
      const refusal = refusalOf(error);
      const isTimeOfText = at !== undefined && lookup.at === undefined;
      if (!isTimeOfText || !(refusal instanceof QuestionError) || refusal.parameter !== 'at') throw error;
      return answerFutureTime(question, at, settings);
    }
  }

  /**
   * Attributes a pasted event. First applies the rules to the event alone. If its answer needs grants, also asks the
   * service about its caller.
   */
  async function event(
    { event: pasted, site }: PastedEvent,
    question: WhoisQuestion | undefined,
  ): Promise<AttributedOutcome> {
    const alone = attribute(actionOf(pasted, site), { ...LEAST, settings });
    const ofEventAlone = outcomeOfRecord(auditRecord(pasted, alone, site));
    if (!needsGrants(pasted, alone)) return ofEventAlone;
    if (question === undefined || pasted.at === undefined || !isWholeCaller(question, pasted))
      return { ...withoutName(ofEventAlone), note: NOT_ASKED, isComplete: false };
    const { attribution, caller, note, isComplete } = await whois(question, pasted.at);
    const sessionName = isJsonObject(caller) ? textAt(caller, 'sessionName') : undefined;
    const { impersonated, caller: stated } = pasted;
    const isOfEvent = impersonated !== undefined || attribution.status === 'system';
    const answer: Answer = {
      attribution: isOfEvent ? withEventFlags(attribution, alone.attribution) : attribution,
      ...(stated.sessionName === undefined && sessionName !== undefined && { learnt: { sessionName } }),
    };
    return { ...outcomeOfRecord(auditRecord(pasted, answer, site)), note, isComplete };
  }

  /** Reads the newest records for a question, as many pages as the lookup allows. */
  async function read({
    values,
    isMatch,
    range = {},
    pages = MOST_PAGES,
    home,
  }: RecordQuestion): Promise<RecordsReading> {
    const records: AuditRecord[] = [];
    let [examined, isComplete] = [0, false];
    const [limit, most] = lookup.isQuick === true ? [QUICK_PAGE, 1] : [PAGE, pages];
    const question = { ...recordQuestion(values), range };
    let count = 0;
    const isUsedUp = (read: readonly unknown[]) => read.length >= most || isSpent();
    for await (const page of pagesInTurns(question, service.records, { limit, isUsedUp, isSpent, home })) {
      records.push(...(isMatch === undefined ? page.records : page.records.filter(isMatch)));
      examined += page.examined;
      isComplete = page.isLast;
      count += 1;
    }
    return { records: count > most ? records.toSorted((a, b) => byTime(b, a)) : records, examined, isComplete };
  }

  async function readAll(questions: readonly RecordQuestion[]): Promise<RecordsReading> {
    const all = await mapConcurrently(questions, read);
    return {
      records: all.flatMap(({ records }) => records),
      examined: all.reduce((sum, { examined }) => sum + examined, 0),
      isComplete: all.every(({ isComplete }) => isComplete),
    };
  }

  async function ofAuditId(auditId: string): Promise<RecordsOfId | 'too-many'> {
    const question = recordQuestion([{ name: 'auditId', value: auditId }]);
    const records: AuditRecord[] = [];
    let isComplete = false;
    const isUsedUp = (read: readonly unknown[]) => read.length >= MOST_PAGES || isSpent();
    for await (const page of pagesInTurns(question, service.records, { limit: LONG_PAGE, isUsedUp, isSpent })) {
      if (!page.isInOrder) return 'too-many';
      records.push(...page.records);
      isComplete = page.isLast;
    }
    if (!isComplete && !areOfSeveralAccounts(records)) return 'too-many';
    return { records: isComplete ? records : records.toSorted((a, b) => byTime(b, a)), isComplete };
  }

  async function requestsLike(described: DescribedRequest): Promise<RecordedRequests> {
    const { circumstances } = described;
    try {
      const question = questionLike(described);
      const { records, isComplete, toReadRest } = await readOwn(
        await readMatches(question, described),
        question,
        described,
      );
      if (records.length > 0 && !meansSeveral(described)) return { records, isComplete, isCovered: true, toReadRest };
      const { isKnown, ...cover } = await coverOf(described);
      const rest = { isComplete: isComplete && isKnown, toReadRest, ...cover };
      if (records.length > 0) return { records, ...rest };
      return { records: await near(described), ...rest, reach: await reachOf(circumstances) };
    } catch (error) {
      // Anybody can invent so many namespaces that a search is refused. They must not decide by that who is named, so
      // nothing counts as read.
      if (refusalOf(error) === undefined) throw error;
      return { records: [], isComplete: false, isCovered: false };
    }
  }

  /**
   * Reads the requests of the cluster with the stated ARN, unless all were already read by its name. Any number of
   * accounts can have a cluster of this name, and can forge requests in it. If the cluster's own records cover the
   * time, only these count.
   */
  async function readOwn(
    byName: MatchesReading,
    question: RecordQuestion,
    described: DescribedRequest,
  ): Promise<MatchesReading> {
    const { auditId, clusterArn } = described.circumstances;
    const isAsked = byName.isComplete || auditId !== undefined || clusterArn === undefined;
    if (isAsked || service.isSpent === true) return byName;
    const byArn = usableValues([['cluster', clusterArn]]);
    const values = [...byArn, ...question.values.filter(({ name }) => name !== 'cluster')];
    const own = await readMatches({ ...question, values }, described);
    if (!own.isComplete || !(await coverBy(byArn, described)).isCovered) return byName;
    return { ...own, records: [...own.records, ...byName.records.filter((each) => each.clusterArn === undefined)] };
  }

  function questionLike(described: DescribedRequest): RecordQuestion {
    const { auditId, cluster } = described.circumstances;
    const isMatch = (record: AuditRecord) => !UNLIKE.includes(compareRequest(record, described).likeness);
    if (auditId !== undefined) return { values: usableValues([['auditId', auditId]]), isMatch };
    return {
      values: [...usableValues([['cluster', cluster]]), ...valuesOf(described)],
      isMatch,
      range: described.range,
      home: clusterHome(described.circumstances).accountId,
    };
  }

  /**
   * Reads the requests that match. No index has all usernames and session names. So if the text has only names, all
   * that it states is searched too, for a few pages.
   */
  async function readMatches(question: RecordQuestion, described: DescribedRequest): Promise<MatchesReading> {
    const { circumstances } = described;
    if (circumstances.tokenOf !== undefined) return readRequestedTokens(question, circumstances.tokenOf);
    if (!hasOnlyNames(circumstances)) return readAll([question, ...collectionQuestion(question, described)]);
    const named = await readAll(byNames(question, (await withFullNames(circumstances.names ?? [], FEW)).names));
    const all = service.isSpent === true ? NOT_READ : await readUnlessRefused(narrowToAccount(question, circumstances));
    return all.isComplete
      ? all
      : {
          records: [...named.records, ...all.records],
          examined: named.examined + all.examined,
          isComplete: false,
          toReadRest: await restText(question.values, circumstances.names),
        };
  }

  /** Reads requests with a token, by the actor and by the candidate who requested it. */
  async function readRequestedTokens(
    question: RecordQuestion,
    { requestedBy }: RequestedToken,
  ): Promise<MatchesReading> {
    const { names, isComplete } = await withFullNames([requestedBy], MOST_REQUESTERS);
    const questions = (['actor', 'candidate'] as const).map((kind) => {
      const values = usableValues([
        ...names.map((name) => [kind, name] as const),
        ['flag', 'token-of-service-account'],
      ]);
      return { ...question, values: [...question.values, ...values] };
    });
    const reading = await readAll(questions);
    if (isComplete) return reading;
    const toReadRest = `More than ${MOST_REQUESTERS} names begin with ${requestedBy}@. To search all requests of one, give the whole name.`;
    return { ...reading, isComplete, toReadRest };
  }

  async function readUnlessRefused(question: RecordQuestion): Promise<RecordsReading> {
    try {
      return await read(question);
    } catch (error) {
      if (refusalOf(error) === undefined) throw error;
      return NOT_READ;
    }
  }

  /**
   * Returns a sentence that says how to search a time range for names that no index has. Undefined if the service has
   * no records.
   */
  async function restText(values: Values, names: readonly string[] = []): Promise<string | undefined> {
    const to = await latest();
    if (to === undefined) return undefined;
    const wanted = usableValues(
      names.map((name) => (isAccountId(name) ? ['account', name] : ['username', `*${name.replaceAll('@', '?')}*`])),
    );
    const filters = [...wanted, ...values].map(({ name, value }) => `--${name} ${quoted(value)}`).join(' ');
    const from = formatInstant(epochMillis(to - (lookup.lookback ?? DAY)));
    return `The service has no index of usernames and session names. To search a time range for them: eks-whois records ${filters} --from ${from}. You can also add a time to the question.`;
  }

  /**
   * Returns the names, and for each name without a domain at most `most` full names that begin with it and `@`. The
   * accounts take turns, because the owner of an account can create any number of users in it.
   */
  async function withFullNames(names: readonly string[], most: number): Promise<FullNames> {
    const bare = names.filter((name) => !name.includes('@'));
    const found = await mapConcurrently(bare, (name) => known('actor', `${name}@`, 1));
    const full = found.flatMap(({ rows }) => fewerInTurns(rows, ({ accountId }) => [accountId], most));
    return {
      names: [...names, ...full.map(({ id, name }) => id ?? name)],
      isComplete: found.every(({ rows, isComplete }) => isComplete && rows.length <= most),
    };
  }

  /**
   * Reads one page of similar requests to the same object. They decide nothing, so if the service refuses the question,
   * there are none.
   */
  async function near(described: DescribedRequest): Promise<readonly AuditRecord[]> {
    const { circumstances } = described;
    const object = usableValues(objectValues(described));
    if (circumstances.auditId !== undefined || object.length === 0) return [];
    const isMatch = (record: AuditRecord) => compareRequest(record, described).likeness !== undefined;
    try {
      const home = clusterHome(circumstances).accountId;
      return (await read({ values: object, isMatch, range: nearRange(described), pages: 1, home })).records;
    } catch (error) {
      if (refusalOf(error) === undefined) throw error;
      return [];
    }
  }

  /**
   * Returns whether the log has records of the cluster before and after all of the times. Also returns the time of
   * the last one before them. It searches by ARN first, because any number of accounts can have a cluster of this name.
   * The search by
   * name also finds records without an ARN.
   */
  async function coverOf(described: DescribedRequest): Promise<LogCover> {
    const { clusterArn, cluster } = described.circumstances;
    const byArn =
      clusterArn === undefined ? undefined : await coverBy(usableValues([['cluster', clusterArn]]), described);
    return byArn?.isCovered === true ? byArn : coverBy(usableValues([['cluster', cluster]]), described);
  }

  async function coverBy(cluster: Values, { circumstances, times, margin }: DescribedRequest): Promise<LogCover> {
    const [first, last] = [Math.min(...times) + margin, Math.max(...times) - margin];
    const ranges: readonly TimeRange[] =
      times.length === 0 ? [{}] : [{ to: epochMillis(first) }, { from: epochMillis(last) }];
    const isOf = (record: AuditRecord) => isSameCluster(circumstances, record) !== false;
    const { accountId } = clusterHome(circumstances);
    const nearest = await mapConcurrently(ranges, (range) =>
      firstRecord({ ...recordQuestion(cluster), range }, isOf, accountId),
    );
    // If the newest records that were read have none of the cluster, older ones may still have one.
    const isCovered = nearest.every(({ record, isComplete }) => record !== undefined || !isComplete);
    const isKnown = !isCovered || nearest.every(({ record }) => record !== undefined);
    const before = times.length === 0 ? undefined : nearest[0]?.record?.time;
    return { isCovered, isKnown, lastBefore: parseInstant(before ?? '') };
  }

  /**
   * Returns the newest matching record, among the few newest of each account. `isComplete` is true if none matches and
   * all records were read.
   */
  async function firstRecord(question: RecordsQuestion, isMatch: (record: AuditRecord) => boolean, home?: string) {
    const share = { home, limit: FEW, isUsedUp: () => true, isSpent };
    let isComplete = false;
    for await (const { records, isLast } of pagesInTurns(question, service.records, share)) {
      const record = records.find(isMatch);
      if (record !== undefined) return { record, isComplete: false };
      isComplete = isLast;
    }
    return { record: undefined, isComplete };
  }

  /**
   * Returns the days and clusters of the service's records. Undefined if the directory has too many clusters to read
   * all.
   */
  async function reachOf(circumstances: Circumstances): Promise<LogReach | undefined> {
    if (circumstances.names === undefined) return undefined;
    const { rows, isComplete } = await known('cluster', circumstances.cluster ?? '', 1);
    const clusters = rows.filter(({ name }) => (circumstances.cluster ?? name) === name);
    const [first] = clusters.map((row) => row.first.slice(0, DATE)).sort();
    const last = clusters
      .map((row) => row.last.slice(0, DATE))
      .sort()
      .at(-1);
    if (!isComplete || first === undefined || last === undefined) return undefined;
    return { first, last, clusters: [...new Set(clusters.map(({ name }) => name))].sort() };
  }

  async function known(kind: KnownKind, prefix: string, most = MOST_PAGES): Promise<NamesReading> {
    const rows: KnownRow[] = [];
    let isComplete = false;
    const ask = (cursor: string | undefined) => service.known({ kind, prefix, limit: LONG_PAGE, cursor });
    for await (const page of cursorPages(ask, most)) {
      rows.push(...page.known);
      isComplete = page.cursor === undefined;
      if (service.isSpent === true) break;
    }
    return { rows, isComplete };
  }

  /**
   * Returns the time of the latest record. The directory knows its day, so only records since that day are searched.
   * In a quick answer, or if that search is refused, the time from the directory counts. Clusters whose last event is
   * in the future are left out.
   * Whoever hands events over chooses their times, and one such event would hide the last day of everybody else. If the
   * directory is longer than a page, or has only such clusters, the newest record of all is searched.
   */
  async function latest(): Promise<EpochMillis | undefined> {
    const { rows, isComplete } = await known('cluster', '', 1);
    if (rows.length === 0) return undefined;
    const end = endOfOpenRange(service.clock());
    const days = rows.flatMap(({ last }) => parseInstant(last) ?? []).filter((last) => last <= end);
    const last = days.length === 0 ? undefined : epochMillis(Math.max(...days));
    if (lookup.isQuick === true && isComplete && last !== undefined) return last;
    return (await newestSince(isComplete ? last : undefined)) ?? last;
  }

  /**
   * Returns the time of the newest record since `from`. Undefined if there is none, or if the service refuses the
   * question.
   */
  async function newestSince(from = FIRST_TIME): Promise<EpochMillis | undefined> {
    try {
      const { record } = await firstRecord({ ...recordQuestion([]), range: { from } }, () => true);
      return parseInstant(record?.time ?? '');
    } catch (error) {
      if (refusalOf(error) === undefined) throw error;
      return undefined;
    }
  }

  const { changes } = service;
  return {
    ...(changes && {
      clusterChanges: (range: TimeInterval, cluster?: string) => changesIn({ range, cluster, isSpent }, changes),
    }),
    most: MOST_SUBJECTS,
    lookback: lookup.lookback,
    latest,
    get isSpent() {
      return service.isSpent === true;
    },
    whois,
    event,
    trailRecord: () => Promise.resolve(undefined),
    roleIds: async (arn) => (await service.whois({ arn, lookback: lookup.lookback })).roleIds ?? [],
    records: { isIndexed: true, read, ofAuditId, requestsLike },
    names: { known },
    elsewhere: {
      auditId: 'Search by the details of the event, or paste the event itself.',
      eventId:
        'The service does not store CloudTrail records. Look up the event ID in CloudTrail, or search its files: eks-whois ID --cloudtrail FILES.',
      name: 'Look up a session, an access key or a request instead.',
      session:
        'No CloudTrail record that the service received states the ID of this role. Search the CloudTrail files of its account: add --cloudtrail FILES.',
    },
  };
}

/** Returns whether names are all that an index can find in the text: it has no object, no source IP and no time. */
function hasOnlyNames({ names = [], request, sourceIps, at }: Circumstances): boolean {
  return names.length > 0 && (request?.name ?? sourceIps ?? at) === undefined;
}

/** Returns one question for each name and for each kind of name that an index has. */
function byNames(question: RecordQuestion, names: readonly string[]): readonly RecordQuestion[] {
  return names.flatMap((value) =>
    (['actor', 'role', 'object', 'namespace'] as const).flatMap((name) => {
      const values = usableValues([[name, value]]);
      return values.length === 0 ? [] : [{ ...question, values: [...question.values, ...values] }];
    }),
  );
}

/** Returns the question, limited to an account if the only name in the text is the ID of that account. */
function narrowToAccount(question: RecordQuestion, { names: [name, ...others] = [] }: Circumstances): RecordQuestion {
  const isAlone = name !== undefined && isAccountId(name) && others.length === 0;
  return isAlone ? { ...question, values: [...question.values, ...usableValues([['account', name]])] } : question;
}

/**
 * Returns the question for requests that deleted all objects of the type. Such requests name no object. Empty if the
 * text does not ask about a deletion.
 */
function collectionQuestion(question: RecordQuestion, described: DescribedRequest): readonly RecordQuestion[] {
  const { request = {} } = described.circumstances;
  if (!asksForRemoval(described) || request.name === undefined || request.resource === undefined) return [];
  const values = question.values.filter(({ name }) => name !== 'object' && name !== 'verb');
  return [{ ...question, values: [...values, ...usableValues([['verb', 'deletecollection']])] }];
}

/**
 * Returns whether the text means all requests in a time range. If so, finding one does not show that the service has
 * all of them.
 */
function meansSeveral({ circumstances: { since }, asksForAll, times }: DescribedRequest): boolean {
  return since !== undefined || (asksForAll && times.length > 0);
}

interface ChangesSearch {
  readonly range: TimeInterval;
  /** All clusters if undefined. */
  readonly cluster: string | undefined;
  isSpent(): boolean;
}

/**
 * Reads the newest changes in the time range. The accounts take turns, because one with many changes must not hide
 * those of others. If the service refuses the question, returns the refusal.
 */
async function changesIn(
  { range, cluster, isSpent }: ChangesSearch,
  ask: NonNullable<ServiceQuestions['changes']>,
): Promise<KnownChanges> {
  const rows: ChangeRow[] = [];
  let note: string | undefined;
  try {
    const question = { ...recordQuestion(usableValues([['cluster', cluster]])), range };
    const home = clusterRef(cluster)?.accountId;
    const isUsedUp = (read: readonly ChangePage[]) =>
      isSpent() || read.reduce((sum, { records }) => sum + records.length, 0) >= MOST_CHANGES;
    let isLast = true;
    for await (const page of anyPagesInTurns(question, changePages(ask), { isUsedUp, isSpent, home })) {
      rows.push(...page.records);
      note ??= page.note;
      ({ isLast } = page);
    }
    if (!isLast) note = CUT_CHANGES;
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    note = `Not all changes are known: ${refusal.message}`;
  }
  const changes = rows.toSorted((a, b) => byTime(b, a));
  if (note !== undefined) return { changes, note, isCut: true };
  return { changes, ...(rows.length === 0 && { note: ONLY_DELIVERED }) };
}

/** A page of changes. */
interface ChangePage {
  readonly records: readonly ChangeRow[];
  readonly note: string | undefined;
  readonly isLast: boolean;
}

function changePages(ask: NonNullable<ServiceQuestions['changes']>) {
  return async function* (question: RecordsQuestion): AsyncGenerator<ChangePage> {
    for await (const { changes, note, cursor } of cursorPages((at) => ask({ question, limit: PAGE, cursor: at })))
      yield { records: changes, note, isLast: cursor === undefined };
  };
}

const CUT_CHANGES = 'Not all changes were read, because there are too many. Use a shorter time range.';

type MatchesReading = RecordsReading & Pick<RecordedRequests, 'toReadRest'>;

const UNLIKE: readonly (Likeness | undefined)[] = ['near', undefined];

/** Returns the values that narrow the search for the described request, as far as questions accept them. */
function valuesOf(described: DescribedRequest): Values {
  const { circumstances, verbs, isTrace, asksForAll, isAggregated } = described;
  const { request = {}, code, sourceIps, userAgent } = circumstances;
  const { uri, resource, name } = request;
  const hasObject = (uri ?? resource ?? name) !== undefined;
  return usableValues([
    ...verbs.map((verb): OptionalValue => ['verb', verb]),
    ['code', code === undefined || isAggregated ? undefined : String(code)],
    ...(uri === undefined || isTrace ? objectValues(described) : []),
    ...(hasObject ? [] : [['ip', sourceIps?.at(-1)] as const]),
    ['userAgent', asksForAll ? userAgent : undefined],
  ]);
}

/** Returns the values for the object of the request. If the text states only a path, they come from the path. */
function objectValues(described: DescribedRequest): readonly OptionalValue[] {
  const { circumstances, isTrace } = described;
  const { uri, namespace, name: stated } = circumstances.request ?? {};
  const name = circumstances.isOfWorkload === true ? undefined : stated;
  return [
    ['namespace', namespace ?? /\/namespaces\/([a-z0-9-]{1,63})\//.exec(uri ?? '')?.[1]],
    ...typesOf(described).map((each): OptionalValue => ['resource', each]),
    ['object', name ?? (isTrace ? NAME_IN_PATH.exec(uri ?? '')?.[1] : undefined)],
  ];
}

/** Returns the resources, with subresources, to which the request can have been made. Empty if it can be any. */
function typesOf(described: DescribedRequest): readonly (string | undefined)[] {
  const { request = {}, isProcessStart } = described.circumstances;
  const { resource, subresource, name } = request;
  if (isProcessStart === true) return ['pods/exec', 'pods/attach'];
  if (described.isTrace && name !== undefined) return [];
  if (resource === undefined) return [];
  if (subresource !== undefined) return [`${resource}/${subresource}`];
  return standsForSubresources(described) ? [resource, `${resource}/*`] : [resource];
}

/** Matches the path of a single object, and captures the object's name. */
const NAME_IN_PATH =
  /^(?:https?:\/\/[^/]*)?\/(?:api\/v1|apis\/[^/?]+\/[^/?]+)\/(?:namespaces\/[^/?]+\/)?(?!watch\/|namespaces\/[^/?]+\/)[a-z0-9]+\/([a-z0-9.-]+)(?=[/?]|$)/;

type OptionalValue = readonly [name: Values[number]['name'], value: string | undefined];

function usableValues(values: readonly OptionalValue[]): Values {
  return values.flatMap(([name, value]) => {
    const isTaken = value !== undefined && value !== '' && value.length <= LONGEST_VALUE;
    return isTaken && flawOf(name, value) === undefined ? [{ name, value }] : [];
  });
}

/**
 * Returns whether grants and uses can say more than the event alone. Without a readable time, they can do so only for a
 * user's own access key.
 */
function needsGrants({ caller, at }: AuditEvent, { attribution }: Answer): boolean {
  const { kind, roleId, accessKeyId } = caller;
  if (attribution.method === 'proxy') return false;
  if (awsTokenOf(caller) !== undefined) return at !== undefined;
  const isUser = kind === 'iam-user' || kind === 'root' || kind === 'federated-user';
  return at === undefined
    ? isUser && accessKeyId !== undefined
    : isUser || roleId !== undefined || kind === 'role-session';
}

/**
 * Returns whether the question has everything that the event states about its caller. Texts that AWS never writes do
 * not become a part of a question.
 */
function isWholeCaller(question: WhoisQuestion, { caller }: AuditEvent): boolean {
  const { accessKeyId, sessionName, arn } = callerOfQuestion(question);
  if (awsTokenOf(caller) !== undefined) return false; // no question has a token's ID
  return accessKeyId === caller.accessKeyId && sessionName === caller.sessionName && arn === caller.arn;
}

const NOT_ASKED =
  'The event lacks a readable time or a username, or it has a web identity token or a caller that AWS would not write. So it was not checked against the grants and uses that the service knows.';

/** Answers about a time that is later than the service's clock. No grant of that time can be known yet. */
function answerFutureTime(
  question: WhoisQuestion,
  moment: EpochMillis,
  settings: AttributionSettings,
): AttributedOutcome {
  const { attribution, learnt } = attribute(actionOfCaller(callerOfQuestion(question), moment), { ...LEAST, settings });
  const caller = callerAnswered(question, learnt, attribution);
  return { kind: 'attributed', attribution, caller, note: TIME_AHEAD, isComplete: false };
}

const TIME_AHEAD =
  'The time in the text is later than the service’s clock, so no grant of that time is stored yet. Give the time of the request with --at.';

/**
 * Returns the attribution with the flags that only the event shows, because `whois` looks up the caller alone.
 * @param alone the attribution of the event by itself. For a caller of the cluster itself, it says for whom it acts
 *   and whether its client is unusual.
 */
function withEventFlags(attribution: Attribution, alone: Attribution): Attribution {
  if (attribution.status === 'system') return { ...alone, provisional: attribution.provisional };
  return {
    ...attribution,
    flags: FLAGS.filter((flag) => flag === 'impersonation' || attribution.flags.includes(flag)),
  };
}
