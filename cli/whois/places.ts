import {
  type Search,
  type SearchRequest,
  searchFacts,
  searchNewest,
  searchRecord,
} from '../../lib/adapters/cloudtrail/history-search.ts';
import { readGrants } from '../../lib/adapters/files/file-grants.ts';
import { pathSource } from '../../lib/adapters/s3/path-source.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { type AttributionSettings, DEFAULT_DEADLINE } from '../../lib/attribution/settings.ts';
import { issuedTokenOf } from '../../lib/audit/issued-token.ts';
import { CLUSTER_CHANGES } from '../../lib/cloudtrail/evidence-events.ts';
import { askedCall, type CallsQuestion, type TargetedAwsCall } from '../../lib/cloudtrail/pod-session.ts';
import { userName } from '../../lib/identity/arn.ts';
import { type JsonObject, textAt } from '../../lib/json.ts';
import type { EventSource, RecordSource } from '../../lib/ports/input.ts';
import type { TimeRange } from '../../lib/ports/paging.ts';
import type { RecognizedText } from '../../lib/recognize/recognition.ts';
import type { Subject } from '../../lib/recognize/subject.ts';
import { type EpochMillis, epochMillis, HOUR, parseInstant } from '../../lib/time.ts';
import { auditEvents } from '../../lib/usecases/attribute/audit-events.ts';
import { EventRecords } from '../../lib/usecases/attribute/event-records.ts';
import { type KnownCopies, readAhead } from '../../lib/usecases/attribute/known-copies.ts';
import { attributedChanges, changesWithin } from '../../lib/usecases/changes/changes.ts';
import { changesOfFiles, TrailCoverage } from '../../lib/usecases/changes/file-changes.ts';
import {
  type DescribedRequest,
  describedEvent,
  describedRequest,
} from '../../lib/usecases/query/anything/described-request.ts';
import { grantSources } from '../../lib/usecases/query/anything/grant-sources.ts';
import type { InformantSources, RecordSearch } from '../../lib/usecases/query/anything/informant.ts';
import { matcherOfValues } from '../../lib/usecases/query/anything/others.ts';
import { RecordedRequestsCollector } from '../../lib/usecases/query/anything/recorded-requests.ts';
import type { ServiceQuestions } from '../../lib/usecases/query/anything/service-sources.ts';
import type { Matcher } from '../../lib/usecases/query/filter.ts';
import { isInRange } from '../../lib/usecases/query/question.ts';
import { CLOCKS_APART } from '../../lib/usecases/query/up-to-now.ts';
import { exchangedKinds } from '../../lib/words/exchanged-kinds.ts';
import type { ServiceAccess } from '../access/service-access.ts';
import { eventDigest } from '../attribute/event-digest.ts';
import { filesAhead } from '../attribute/files-ahead.ts';
import { type UnmetSettings, unflaggedCopies, unmetSettings } from '../attribute/found-instead.ts';
import { listUnread } from '../attribute/summary.ts';
import { CommandError } from '../failures/command-error.ts';
import { note, reportFaults } from '../failures/faults.ts';
import { EVENT_HISTORY } from '../options/event-history.ts';
import { countedGroupsOf } from '../options/log-groups.ts';
import { checkPaths } from '../options/paths.ts';
import { s3AccessOf, s3Reading } from '../options/s3-options.ts';
import { reportGrants, s3OptionsOf } from './files.ts';
import { type History, withDoubt } from './look-ups.ts';
import { askService } from './service.ts';
import type { WhoisOptions } from './usage.ts';

/** A question with the place to search and the rules. */
export interface WhoisQuestion {
  readonly options: WhoisOptions;
  readonly recognized: RecognizedText;
  readonly settings: AttributionSettings;
  /** The milliseconds before and after the time that are also read from paths in S3. */
  readonly around?: number;
}

/** The maximum number of records of one audit ID or username that are shown from files. */
const MOST_RECORDS = 1_000;

/** The sources in files, and a way to visit all their records. */
export interface FilesPlace extends InformantSources {
  /** Passes on the record of each audit event once, in the order of the input. Undefined without audit events. */
  readonly visit: ((visit: (record: AuditRecord) => void) => Promise<void>) | undefined;
}

/**
 * Returns the sources in CloudTrail files and audit logs. Grants are read completely first, so that no answer changes
 * later.
 */
export async function filesPlace({ options, recognized, settings, around = 0 }: WhoisQuestion): Promise<FilesPlace> {
  const { cloudtrail = [], audit } = options;
  const s3 = s3OptionsOf(options);
  await checkPaths([...cloudtrail, ...(audit ?? [])], s3AccessOf(s3));
  const counted = countedGroupsOf(options.logGroup);
  const known = new KnownGrants();
  const { at, lookback } = options;
  const from = lookback === undefined || at !== undefined ? undefined : epochMillis(Date.now() - lookback);
  const [range, now] = [widened(rangeOfText(recognized, at, from), around), epochMillis(Date.now())];
  const coverage = new TrailCoverage();
  const trail = coverage.of(pathSource(cloudtrail, counted, s3Reading(s3, 'cloudtrail', range, now)));
  const grantsFrom = isOfLastDay(recognized, at) ? undefined : from;
  await reportFaults(async () => reportGrants(await readGrants(trail, known, grantsFrom), options));
  addPastedTokens(recognized, known);
  const events =
    audit &&
    auditEvents(pathSource(audit, counted, s3Reading(s3, 'audit', range, now)), {
      known: {},
      again: filesAhead(audit, counted),
    });
  const { tokens = [], copies } = events === undefined ? {} : await readAhead(events, eventDigest);
  for (const token of tokens) known.add({ token });
  const context: AttributionContext = { known, settings, copies, now, reached: {}, ...reportingOnce(options) };
  return {
    lookback,
    latest: () => latestOf(events, context),
    ...grantSources({
      known,
      settings,
      source: { answer: async () => [] },
      isSettled: () => true,
      doubt: (answer) => answer,
      addGrants: async () => undefined,
      mostSessions: Number.POSITIVE_INFINITY,
    }),
    records: events && fileRecords(events, { recognized, at, context }),
    trailRecord: (eventId) => recordIn(eventId, trail),
    calls: (question) => callsIn(trail, question),
    clusterChanges: (within) => changesOfFiles(within, coverage, { known, settings }),
    visit: events && (async (visit) => void (await visitRecords(events, context, visit))),
    most: 1_000,
    elsewhere: {
      auditId: audit
        ? 'Add the audit log files of that time.'
        : 'Give the audit log with --audit, or paste the event itself.',
      eventId: 'Add the CloudTrail files of its account, Region and hour.',
      name: `Add CloudTrail files of other accounts and Regions${audit ? '' : ', and the audit log with --audit'}.`,
    },
  };
}

interface FileReading {
  readonly recognized: RecognizedText;
  readonly at: EpochMillis | undefined;
  readonly context: AttributionContext;
}

/** Returns a search for records in the files. It searches for everything that the text contains in a single reading. */
function fileRecords(events: EventSource, { recognized, at, context }: FileReading): RecordSearch {
  const pastedIds = new Set<string>([...recognized.events.values()].map(({ event }) => event.auditId));
  let pasted: Promise<readonly AuditRecord[]> | undefined;
  let described: Promise<RecordedRequestsCollector> | undefined;
  return {
    isIndexed: false,
    async read({ values, isMatch = matcherOfValues(values), range = {} }) {
      const records = await recordsIn(events, (record) => isInRange(record, range) && isMatch(record), context);
      return { records, examined: records.length, isComplete: records.length < MOST_RECORDS };
    },
    async ofAuditId(auditId) {
      const isOfIt: Matcher = (record) => record.auditId === auditId;
      if (!pastedIds.has(auditId)) return { records: await recordsIn(events, isOfIt, context), isComplete: true };
      pasted ??= recordsIn(events, (record) => pastedIds.has(record.auditId), context);
      return { records: (await pasted).filter(isOfIt), isComplete: true };
    },
    async requestsLike(request) {
      described ??= collectRequests(events, describedBy(recognized, at), context);
      return (await described).result(request) ?? (await collectRequests(events, [request], context)).result(request);
    },
  };
}

/** Returns all requests that the text describes, so that a single reading finds them. */
function describedBy(
  { subjects, otherReadings, events }: RecognizedText,
  at: EpochMillis | undefined,
): DescribedRequest[] {
  const all = [...subjects, ...[...otherReadings.values()].flat()];
  return all.flatMap(
    (subject) => (events.has(subject) ? describedEvent(subject) : describedRequest(subject, at)) ?? [],
  );
}

async function collectRequests(
  events: EventSource,
  described: readonly DescribedRequest[],
  context: AttributionContext,
): Promise<RecordedRequestsCollector> {
  const collector = new RecordedRequestsCollector(described);
  const unread = await visitRecords(events, context, (record) => collector.add(record));
  if (unread > 0) collector.leaveUnread();
  return collector;
}

/** Adds tokens that the pasted events issued. Another pasted event may have used one. */
function addPastedTokens({ events }: RecognizedText, known: KnownGrants): void {
  for (const { event, site } of events.values()) {
    const token = issuedTokenOf(event, site);
    if (token !== undefined) known.add({ token });
  }
}

async function recordIn(eventId: string, source: RecordSource): Promise<JsonObject | undefined> {
  let found: JsonObject | undefined;
  const trail = (record: JsonObject) => {
    if (textAt(record, 'eventID') === eventId) found ??= record;
  };
  const nothing = () => undefined;
  await source.read({ trail, audit: nothing, ignored: nothing, reject: nothing }, nothing);
  return found;
}

/** The maximum number of calls of one question that are kept. */
const MOST_CALLS = 1_000;

/** Returns the newest calls that are asked for. */
async function callsIn(source: RecordSource, question: CallsQuestion): Promise<readonly TargetedAwsCall[]> {
  let calls: TargetedAwsCall[] = [];
  const trail = (record: JsonObject) => {
    const call = askedCall(record, question);
    if (call === undefined) return;
    calls.push(call);
    if (calls.length >= 2 * MOST_CALLS) calls = newestCalls(calls);
  };
  const nothing = () => undefined;
  await source.read({ trail, audit: nothing, ignored: nothing, reject: nothing }, nothing);
  return newestCalls(calls);
}

/** Returns each call once, newest first. */
function newestCalls(calls: readonly TargetedAwsCall[]): TargetedAwsCall[] {
  const distinct = new Map(calls.map((call) => [JSON.stringify(call), call]));
  return [...distinct.values()].sort((a, b) => b.at - a.at).slice(0, MOST_CALLS);
}

/**
 * Returns the time range to read from paths in S3: from `--at`, or else from the times in the text. If any of them is
 * unknown, returns everything, or everything since `from`.
 */
function rangeOfText(
  { subjects }: RecognizedText,
  at: EpochMillis | undefined,
  from: EpochMillis | undefined,
): TimeRange {
  if (at !== undefined) return { from: at, to: at };
  const times = subjects
    .flatMap(({ circumstances }) => [circumstances.since, circumstances.at])
    .filter((time) => time !== undefined);
  if (times.length === 0 || subjects.some(({ circumstances }) => circumstances.at === undefined)) return { from };
  return { from: epochMillis(Math.min(...times)), to: epochMillis(Math.max(...times)) };
}

function widened({ from, to }: TimeRange, around: number): TimeRange {
  return { from: from && epochMillis(from - around), to: to && epochMillis(to + around) };
}

interface AttributionContext {
  readonly known: KnownGrants;
  readonly settings: AttributionSettings;
  readonly copies: KnownCopies | undefined;
  readonly now: EpochMillis;
  /** Keeps the time of the latest event that is not in the future, when all were read. */
  readonly reached: { latest?: EpochMillis | undefined };
  /** Reports settings that matched no event, after all events were read. */
  reportUnmet(unmet: UnmetSettings): void;
  /** Reports how many entries could not be read. */
  reportUnread(entries: number): void;
  /**
   * Reports how many records differ from an earlier copy of their event. The earlier copy was already passed on,
   * without a flag.
   */
  reportCopies(lateConflicts: number): void;
}

/**
 * Returns the time of the latest event of the audit log that is not in the future. Without a log, returns the time of
 * the latest grant.
 */
async function latestOf(
  events: EventSource | undefined,
  context: AttributionContext,
): Promise<EpochMillis | undefined> {
  if (events !== undefined && context.reached.latest === undefined)
    await visitRecords(events, context, () => undefined);
  if (context.reached.latest !== undefined) return context.reached.latest;
  let latest = 0;
  for (const { issuedAt } of context.known.grants()) latest = Math.max(latest, issuedAt);
  return latest === 0 ? undefined : epochMillis(latest);
}

/**
 * Returns whether the text has only names, without a time. Such names are looked up in the last hours of the data, so
 * `--lookback` counts from the latest event.
 */
function isOfLastDay({ subjects, events }: RecognizedText, at: EpochMillis | undefined): boolean {
  const isName = ({ by, circumstances }: Subject) => NAMES.includes(by) && circumstances.at === undefined;
  return at === undefined && events.size === 0 && subjects.every(isName);
}

const NAMES: readonly Subject['by'][] = ['person', 'role', 'username', 'request'];

/** Returns functions that report once, however often the files are read. */
function reportingOnce(
  options: WhoisOptions,
): Pick<AttributionContext, 'reportUnmet' | 'reportUnread' | 'reportCopies'> {
  let [isUnmetReported, isUnreadReported, areCopiesReported] = [false, false, false];
  return {
    reportUnmet(unmet) {
      if (!isUnmetReported) for (const sentence of unmetSettings(unmet)) note(sentence);
      isUnmetReported = true;
    },
    reportUnread(entries) {
      if (!isUnreadReported && entries > 0) note(unreadText(entries, options));
      isUnreadReported = true;
    },
    reportCopies(lateConflicts) {
      if (!areCopiesReported) for (const sentence of unflaggedCopies({ lateConflicts })) note(sentence);
      areCopiesReported = true;
    },
  };
}

function unreadText(parts: number, options: WhoisOptions): string {
  const head =
    parts === 1
      ? '1 part of the audit log could not be read and was'
      : `${parts} parts of the audit log could not be read and were`;
  return `${head} not searched. ${listUnread(options)}`;
}

/** Returns the matching records, each event once, the newest first. */
async function recordsIn(
  events: EventSource,
  isMatch: Matcher,
  context: AttributionContext,
): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  await visitRecords(events, context, (record) => {
    if (isMatch(record)) records.push(record);
  });
  return records.sort((a, b) => timeOf(b) - timeOf(a)).slice(0, MOST_RECORDS);
}

/**
 * Passes on each record once. Returns how many entries could not be read.
 * @throws CommandError if the files are a trail.
 */
async function visitRecords(
  events: EventSource,
  { known, settings, copies, now, reached, reportUnmet, reportUnread, reportCopies }: AttributionContext,
  visit: (record: AuditRecord) => void,
): Promise<number> {
  const records = new EventRecords(known, settings, eventDigest, copies);
  let [count, unread, strayRecords, latest] = [0, 0, 0, 0];
  const nothing = () => undefined;
  await events.read(
    {
      event(event) {
        const record = records.recordOf(event);
        if (record === undefined) return;
        count += 1;
        const at = timeOf(record);
        if (at <= now + CLOCKS_APART) latest = Math.max(latest, at);
        visit(record);
      },
      ignored(what) {
        if (what === 'cloudtrail-record') strayRecords += 1;
      },
      reject() {
        unread += 1;
      },
    },
    nothing,
  );
  const exchanged = exchangedKinds({ audit: { events: count, trailRecords: strayRecords } });
  if (exchanged !== undefined) throw new CommandError(exchanged, 1);
  if (latest > 0) reached.latest = epochMillis(latest);
  const { templates, proxies } = records.unmet;
  reportUnread(unread);
  reportCopies(records.lateConflicts);
  reportUnmet({ unmet: { templates, proxies }, records: count });
  return unread;
}

function timeOf({ time }: AuditRecord): number {
  return (time === undefined ? undefined : parseInstant(time)) ?? 0;
}

/**
 * The maximum number of sessions of one role or person that are looked up. Each takes at least one request in each
 * Region.
 */
const MOST_LOOKED_UP = 20;

/** Returns the sources in CloudTrail's event history. */
export function historyPlace({ options, recognized, settings }: WhoisQuestion, history: History): InformantSources {
  const { source, settings: reading } = history;
  const known = new KnownGrants();
  addPastedTokens(recognized, known);
  const search: Search = { ...reading, report: source.report };
  const sources = grantSources({
    known,
    settings,
    source,
    isSettled: (at) => at === undefined || Date.now() >= at + DEFAULT_DEADLINE,
    doubt: (answer, at) => withDoubt(answer, source.report, { ...options, at }),
    async addGrants({ by, names }) {
      const range = rangeOf(options.at, reading.lookback);
      const requests = names.flatMap((name) => (by === 'role' ? byRole(name) : byPerson(name)));
      const found = await searchFacts(
        requests.map((request) => ({ ...request, ...range })),
        search,
      );
      for (const facts of found) known.add(facts);
    },
    mostSessions: MOST_LOOKED_UP,
  });
  return {
    ...sources,
    async clusterChanges(within) {
      const found = await searchFacts(
        CLUSTER_CHANGES.map((value) => ({
          attribute: 'EventName',
          value,
          from: new Date(within.from),
          to: new Date(within.to),
        })),
        search,
      );
      const changes = changesWithin(
        found.flatMap(({ clusterChange }) => clusterChange ?? []),
        within,
      );
      return { changes: await attributedChanges(changes, sources.whois) };
    },
    async calls(question) {
      const range = rangeOf(options.at, reading.lookback);
      const by =
        'denial' in question
          ? ({ attribute: 'EventName', value: question.denial.action.replace(/^.*:/, '') } as const)
          : ({ attribute: 'AccessKeyId', value: question.accessKeyId } as const);
      const found = await searchNewest({ ...by, ...range }, search);
      return newestCalls(found.flatMap((record) => askedCall(record, question) ?? []));
    },
    trailRecord: (value) => searchRecord({ attribute: 'EventId', value, ...rangeOf(undefined, EVENT_HISTORY) }, search),
    most: MOST_LOOKED_UP,
    elsewhere: {
      auditId: 'CloudTrail does not have audit IDs. Paste the event itself, or ask the service with --api or --table.',
      eventId:
        'CloudTrail event history has the management events of the last 90 days, in the accounts and Regions that were searched.',
      name: 'Look further back (--lookback), or in other Regions and accounts (--region, --profile). CloudTrail does not have all people and roles. To find more of them, query a service (--api or --table) or files (--audit PATH --cloudtrail PATH).',
    },
  };
}

/** How long after the given time uses are searched: as long as a role session can last. */
const LONGEST_USE = 12 * HOUR;

function rangeOf(at: EpochMillis | undefined, lookback: number): Pick<SearchRequest, 'from' | 'to'> {
  const now = Date.now();
  return {
    from: new Date((at ?? now) - lookback),
    to: new Date(at === undefined ? now : Math.min(now, at + LONGEST_USE)),
  };
}

type Attribute = Pick<SearchRequest, 'attribute' | 'value'>;

/**
 * Returns the attributes that find a role. A grant has the ARNs of its role and session as resources. The event history
 * cannot be searched by a role's name or ID.
 */
function byRole(name: string): Attribute[] {
  return name.startsWith('arn:') ? [{ attribute: 'ResourceName', value: name }] : [];
}

/**
 * Returns the attributes that find a person. An IAM user has their name as the username. A person of Identity Center
 * has theirs as the session name, which is a resource of the grant.
 */
function byPerson(name: string): Attribute[] {
  const user = name.endsWith(':root') ? 'root' : (userName(name) ?? name);
  const asUser: Attribute = { attribute: 'Username', value: user };
  return user.includes('@') ? [asUser, { attribute: 'ResourceName', value: user }] : [asUser];
}

/** Returns the questions that the service answers. */
export function servicePlace(service: ServiceAccess): ServiceQuestions {
  return {
    clock: () => epochMillis(Date.now()),
    records: (query) => service.records(query),
    known: (query) => service.known(query),
    changes: (query) => service.changes(query),
    async whois(query) {
      const { attribution, caller = {}, isComplete, note, roleIds } = await askService(query, service);
      return {
        attribution,
        caller,
        ...(roleIds !== undefined && { roleIds }),
        ...(isComplete === false && { complete: false, ...(note !== undefined && { note }) }),
      };
    },
  };
}
