import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type AwsSettings, clientSettings } from '../../lib/adapters/aws/aws-settings.ts';
import { callerIdentity } from '../../lib/adapters/aws/caller-identity.ts';
import { Connections } from '../../lib/adapters/cloudtrail/connections.ts';
import { asLookupError } from '../../lib/adapters/cloudtrail/lookup-error.ts';
import { LookupMemory } from '../../lib/adapters/cloudtrail/lookup-memory.ts';
import type { LookupScope } from '../../lib/adapters/cloudtrail/lookup-scope.ts';
import { LookupSource } from '../../lib/adapters/cloudtrail/lookup-source.ts';
import { realTimer } from '../../lib/adapters/cloudtrail/pacer.ts';
import { cloudTrailScopes, everyAccountsRegions } from '../../lib/adapters/cloudtrail/sdk.ts';
import { trailHistory } from '../../lib/adapters/cloudtrail/trail-history.ts';
import { logHistory } from '../../lib/adapters/cloudwatch-logs/filtered-page.ts';
import { sha256 } from '../../lib/adapters/digest.ts';
import { type DynamoDbStores, dynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import { tableNames, tablePrefix } from '../../lib/adapters/dynamodb/tables.ts';
import { BookmarkFile } from '../../lib/adapters/files/bookmark-file.ts';
import { fileSource } from '../../lib/adapters/files/file-source.ts';
import { findFiles, STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import { objectBundles } from '../../lib/adapters/s3/bundles.ts';
import { parseS3Path, type S3Address } from '../../lib/adapters/s3/s3-address.ts';
import { type AttributionSettings, DEFAULT_DEADLINE } from '../../lib/attribution/settings.ts';
import { DEFAULT_ALERT_CAUSES } from '../../lib/claims/alert-cause.ts';
import { GRANT_EVENTS } from '../../lib/cloudtrail/evidence-events.ts';
import { LONGEST_CREDENTIALS } from '../../lib/cloudtrail/grant.ts';
import type { LeftOut } from '../../lib/envelopes/unwrap.ts';
import type { LogHistory } from '../../lib/ports/histories.ts';
import type { ClaimLookups, LookupProgress } from '../../lib/ports/lookups.ts';
import { DAY, type EpochMillis, epochMillis, MINUTE } from '../../lib/time.ts';
import type { Backfill } from '../../lib/usecases/backfill/backfill.ts';
import { BackfillCounts } from '../../lib/usecases/backfill/backfill-counts.ts';
import { type BackfillFile, backfillFile, type FileContent } from '../../lib/usecases/backfill/backfill-files.ts';
import { backfillLogs } from '../../lib/usecases/backfill/backfill-logs.ts';
import {
  type BackfillRange,
  backfillLookups,
  type HistoryFailure,
} from '../../lib/usecases/backfill/backfill-lookups.ts';
import { type BackfillOutcome, backfillSettle } from '../../lib/usecases/backfill/backfill-settle.ts';
import { KeyMemory } from '../../lib/usecases/ingest/key-memory.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import { CommandError } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import { readEnvironment } from '../options/environment.ts';
import { noteEventHistory } from '../options/event-history.ts';
import { knownCluster } from '../options/known-cluster.ts';
import { countedGroupsOf, originAdvice, readGroups, vouchedGroups } from '../options/log-groups.ts';
import { recordingOf, ruleSettings } from '../options/rule-options.ts';
import { s3Reading } from '../options/s3-options.ts';
import { counted } from '../terminal/text-table.ts';
import { sentenceOf } from './errors.ts';
import { type BackfillOptions, elsewhereSettings, readingOptions, tablesSettings } from './options.ts';
import { backfillProgress } from './progress.ts';
import { BackfillRejects } from './rejects.ts';
import { loadedText, settledText } from './report.ts';

const clock = () => epochMillis(Date.now());

interface Run {
  readonly options: BackfillOptions;
  readonly signal: AbortSignal;
  readonly aws: AwsSettings;
  readonly tables: DynamoDbStores;
  readonly settings: AttributionSettings;
  readonly scopes: readonly LookupScope[];
  readonly memory: LookupMemory;
  readonly counts: BackfillCounts;
  readonly bookmarks: BookmarkFile;
  /** Whether an earlier run stopped, so that this one reads only the rest. */
  readonly isResumed: boolean;
  readonly work: Omit<Backfill, 'progress'>;
}

/** Loads grants, then audit events, then settles. Prints the result on standard output. */
export async function runBackfill(options: BackfillOptions, signal: AbortSignal): Promise<void> {
  const bookmarks = await BookmarkFile.open(options.state);
  const aws = tablesSettings(options);
  const target = await backfillTarget(options.table, aws);
  const rejects = BackfillRejects.open(options, target, bookmarks);
  const counts = new BackfillCounts((rejected) => rejects?.write(rejected));
  const scopes = options.lookup === true ? await scopesOf(readingOptions(options), aws) : [];
  const run = runOf(options, { aws, scopes, target, counts, bookmarks, signal });
  await run.tables.claims.backlog(); // fails before any work if credentials, Region or tables are wrong
  await rejects?.begin();
  try {
    const failures = await load(run);
    const settled = await settleLoaded(run, counts);
    if (failures.length + settled.failed.length > 0) throw unfinished(failures, settled, options);
    if (!settled.leftOver) await bookmarks.finish();
  } finally {
    await rejects?.end();
  }
}

async function settleLoaded(run: Run, loaded: BackfillCounts): Promise<BackfillOutcome> {
  process.stdout.write(loadedText(loaded));
  for (const advice of originAdvice(loaded.ignored)) note(advice);
  if (run.options.settleMinutes === 0) return { decided: 0, failed: [], leftOver: false };
  const counts = new BackfillCounts(() => undefined);
  const settled = await settleWithin(run, counts);
  process.stdout.write(settledText(counts, settled));
  return settled;
}

interface RunParts extends Pick<Run, 'aws' | 'scopes' | 'signal'> {
  readonly target: string;
  readonly counts: BackfillCounts;
  readonly bookmarks: BookmarkFile;
}

function runOf(options: BackfillOptions, { aws, scopes, target, counts, bookmarks, signal }: RunParts): Run {
  const settings = ruleSettings(options);
  const tables = tablesOf(options, aws);
  const service = {
    ...tables,
    sessions: counts.counting(tables.sessions),
    rejects: counts,
    metrics: counts,
    clock,
    digest: sha256,
    settings,
    alertOn: DEFAULT_ALERT_CAUSES,
    memory: new KeyMemory(),
    recording: recordingOf(options.record),
  };
  const counted = countedGroupsOf(vouchedGroups(options.logGroup));
  const ignored = (what: LeftOut, count: number) => counts.ignore(what, count);
  const work = { service, bookmarks, target, known: knownCluster(options), counted, signal, ignored };
  const isResumed = bookmarks.some((name) => name.startsWith(`${target} `));
  const memory = new LookupMemory();
  return { options, signal, aws, tables, settings, scopes, memory, counts, bookmarks, isResumed, work };
}

function tablesOf({ table, keepDays }: BackfillOptions, aws: AwsSettings): DynamoDbStores {
  const tables = tableNames(tablePrefix(table));
  const keep = { records: keepDays * DAY, sessions: (keepDays + 7) * DAY };
  return dynamoDbStores({ client: new DynamoDBClient(clientSettings(aws)), tables, clock, keep });
}

/**
 * Returns the look-up scopes of the named Regions. If none is named, returns those of the profile's own Region and of
 * the Regions that every account has enabled.
 */
async function scopesOf(
  { profile, region, requestsPerSecond }: BackfillOptions,
  aws: AwsSettings,
): Promise<readonly LookupScope[]> {
  const regions = region ?? (await everyAccountsRegions({ profile, region: aws.region }));
  const pace = { waiting: realTimer, requestsPerSecond, connections: new Connections() };
  return cloudTrailScopes(profile, [...new Set(regions)], pace);
}

/** Loads grants before audit events, so that most events are attributed when they arrive. */
async function load(run: Run): Promise<readonly HistoryFailure[]> {
  const { cloudtrail = [], audit = [], lookup } = run.options;
  await loadFiles(cloudtrail, 'cloudtrail', run);
  await refuseExchanged(run);
  const failures = lookup === true ? await loadHistory(run) : [];
  await loadFiles(audit, 'audit', run);
  await refuseExchanged(run);
  await loadLogGroup(run);
  return failures;
}

/**
 * Refuses files that are of the other kind. Removes their bookmarks, so that the same command is refused again. Does
 * not judge a resumed run, because it has not read all.
 * @throws CommandError if `--audit` and `--cloudtrail` are exchanged.
 */
async function refuseExchanged({ counts, bookmarks, isResumed }: Run): Promise<void> {
  const exchanged = isResumed ? undefined : counts.exchanged;
  if (exchanged === undefined) return;
  await bookmarks.finish();
  throw new CommandError(exchanged, 1);
}

async function loadFiles(paths: readonly string[], content: FileContent, run: Run): Promise<void> {
  const files = await filesOf(paths, content, run);
  const total = Math.max(
    1,
    files.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  const progress = backfillProgress(process.stderr, content === 'audit' ? 'audit files' : 'CloudTrail files');
  let before = 0;
  for (const { bytes, load } of files) {
    run.signal.throwIfAborted();
    const share = (_: string, part: number) => progress.share((before + part * bytes) / total);
    await backfillFile(await load(), content, { ...run.work, progress: share });
    before += bytes;
  }
  progress.end();
}

/** A file, or objects that are loaded together. */
interface FoundFile {
  readonly bytes: number;
  load(): Promise<BackfillFile>;
}

/** Returns the files behind the paths, in the order of the paths. Rejects what cannot be read, like `attribute`. */
async function filesOf(paths: readonly string[], content: FileContent, run: Run): Promise<readonly FoundFile[]> {
  const files: FoundFile[] = [];
  for (const path of paths) {
    const address = parseS3Path(path);
    const found = address === undefined ? foundFiles(path, run) : foundObjects(address, content, run);
    for await (const one of found) {
      if (!('failure' in one)) files.push(one);
      else await leaveOut(one, run);
    }
  }
  return files;
}

interface LeftOutPath {
  readonly file: string;
  readonly failure: string;
  /** The reason why an S3 prefix was not read. Absent for a path on disk. */
  readonly reason?: 'unlisted-prefix';
}

async function leaveOut({ file, failure, reason }: LeftOutPath, { work }: Run): Promise<void> {
  note(reason === undefined ? `${file} ${failure}; it is left out.` : `${file} is left out: ${failure}`);
  const place = reason === undefined ? 'file' : 'listing';
  await work.service.rejects.keep([{ file, place, reason: reason ?? 'unreadable-file', sample: failure }]);
}

async function* foundFiles(path: string, { work }: Run): AsyncGenerator<FoundFile | LeftOutPath> {
  for await (const found of findFiles([path])) {
    if ('failure' in found) yield found;
    else {
      const source = fileSource([found.file], work.counted);
      yield { bytes: found.bytes ?? 0, load: async () => ({ identity: await identityOf(found.file), source }) };
    }
  }
}

async function* foundObjects(
  address: S3Address,
  content: FileContent,
  { options, work }: Run,
): AsyncGenerator<FoundFile | LeftOutPath> {
  const range = { from: options.from, to: options.to };
  const reading = s3Reading(readingOptions(options), content, range, clock());
  for await (const found of objectBundles(address, work.counted, reading)) {
    if ('failure' in found) yield { ...found, reason: 'unlisted-prefix' };
    else yield { bytes: found.bytes, load: async () => ({ ...found, range }) };
  }
}

/**
 * Returns an ID of the file for its bookmark. Undefined for standard input and other special files: reading them cannot
 * be resumed.
 */
async function identityOf(file: string): Promise<string | undefined> {
  if (file === STANDARD_INPUT) return undefined;
  const info = await stat(file).catch(() => undefined);
  return info?.isFile() === true ? `${resolve(file)} ${info.size} ${info.mtimeMs}` : undefined;
}

async function loadHistory(run: Run): Promise<readonly HistoryFailure[]> {
  const { scopes, signal, work, options } = run;
  const range = rangeOf(options);
  noteEventHistory(range, clock());
  const histories = scopes.map((scope) => trailHistory(scope, realTimer, signal));
  const parts = histories.length * GRANT_EVENTS.length;
  const progress = backfillProgress(process.stderr, `LookupEvents in ${histories.length} Regions`);
  const shares = new Map<string, number>();
  const share = (source: string, part: number) => {
    shares.set(source, part);
    progress.share([...shares.values()].reduce((sum, one) => sum + one, 0) / parts);
  };
  const failures = await backfillLookups(histories, range, { ...work, progress: share });
  progress.end();
  const [first] = failures;
  if (first !== undefined && failures.length === histories.length) throw asLookupError(first.cause);
  for (const { name, cause } of failures) note(`${name} did not answer: ${asLookupError(cause).message}.`);
  return failures;
}

function rangeOf({ from, to }: BackfillOptions): BackfillRange {
  const now = clock();
  const start: EpochMillis = from ?? now; // checkUsage requires --from wherever it is needed
  return { from: start, to: to ?? now, endGiven: to !== undefined };
}

async function loadLogGroup(run: Run): Promise<void> {
  const { options, work } = run;
  const { nodeTraffic = false } = options;
  const [logGroup] = readGroups(options.logGroup);
  if (logGroup === undefined) return;
  const progress = backfillProgress(process.stderr, `log group ${escapeForTerminal(logGroup)}`);
  const share = (_: string, part: number) => progress.share(part);
  const history = await historyOf(logGroup, run);
  const wanted = { ...rangeOf(options), nodeTraffic };
  const { nodeEvents } = await backfillLogs(history, wanted, { ...work, progress: share });
  progress.end();
  if (nodeEvents > 0)
    note(
      `Left out: ${counted(nodeEvents, 'event')} of nodes. A service with nodeTraffic=true takes them, and --node-traffic loads them.`,
    );
}

/**
 * Returns the history of the log group. The log group can be in another account or Region than the tables. Then its
 * events are stored in the form in which a spoke there hands them over. So events that the spoke already handed over
 * are not recorded twice.
 * @throws AwsError if STS does not say whose the log group and the tables are.
 */
async function historyOf(logGroup: string, { options, signal, aws }: Run): Promise<LogHistory> {
  const read = { logGroup, streamPrefix: options.logStream, signal };
  const elsewhere = elsewhereSettings(options);
  if (elsewhere === undefined) return logHistory({ ...read, owner: await accountOf(aws) }, aws);
  const [{ accountId: owner }, tables] = await Promise.all([callerIdentity(elsewhere), callerIdentity(aws)]);
  const history = logHistory({ ...read, owner }, elsewhere);
  const isInSameRegion = (await history.region()) === (await logHistory(read, aws).region());
  return isInSameRegion && owner === tables.accountId ? history : { ...history, handedOverBy: owner };
}

async function settleWithin(run: Run, counts: BackfillCounts): Promise<BackfillOutcome> {
  const { options, signal, tables, settings, scopes } = run;
  const service = {
    ...tables,
    ...(scopes.length > 0 && { lookups: (progress: LookupProgress) => lookupsOf(run, progress) }),
    alerts: { publish: async () => undefined },
    metrics: counts,
    clock,
    settings,
    deadline: DEFAULT_DEADLINE,
    lookupDelay: 0,
    alertOn: DEFAULT_ALERT_CAUSES,
  };
  return backfillSettle(service, {
    leases: tables.leases,
    owner: `backfill ${randomUUID()}`,
    until: epochMillis(clock() + options.settleMinutes * MINUTE),
    signal,
    pause: (milliseconds) => sleep(milliseconds, undefined, { signal }),
  });
}

function lookupsOf({ scopes, memory, settings, signal }: Run, progress: LookupProgress): ClaimLookups {
  const pace = { lookback: LONGEST_CREDENTIALS, now: clock, waiting: realTimer };
  return new LookupSource({ scopes, attribution: settings, ...pace, signal, progress, memory });
}

function unfinished(
  failures: readonly HistoryFailure[],
  { failed }: BackfillOutcome,
  options: BackfillOptions,
): CommandError {
  const regions = failures.map(({ name }) => name).join(', ');
  const [first] = failed;
  const why =
    first === undefined ? '' : ` ${failed.length} claims could not be settled: ${sentenceOf(first.cause, options)}`;
  const missing = failures.length > 0 ? ` Grants of ${regions} are missing.` : '';
  return new CommandError(
    escapeForTerminal(`The backfill is incomplete.${missing}${why} Run the same command again to load the rest.`),
    1,
  );
}

/**
 * Returns the account of the credentials, to which a log group that is read by its name belongs. If STS does not
 * answer, the cluster's ARN is not known.
 */
async function accountOf(aws: AwsSettings): Promise<string | undefined> {
  const identity = await callerIdentity(aws).catch(() => undefined);
  if (identity === undefined)
    note('STS did not say whose the log group is, so the cluster goes by its name alone. Name it with --cluster-arn.');
  return identity?.accountId;
}

/** Returns an ID of the tables for bookmarks: prefix, account or profile, and Region. */
async function backfillTarget(table: string, aws: AwsSettings): Promise<string> {
  return [table, await ownerOf(aws), aws.region ?? ''].join(' ');
}

/**
 * Returns the owner of the credentials. Keys in the environment change with each sign-in, so STS is asked for their
 * account. If it does not answer, a backfill with other keys starts again. That costs time, but loses no events.
 */
async function ownerOf(aws: AwsSettings): Promise<string> {
  if (aws.credentials === undefined) return aws.profile ?? readEnvironment().AWS_PROFILE ?? '';
  const identity = await callerIdentity(aws).catch(() => undefined);
  return identity?.accountId ?? aws.credentials.accessKeyId;
}
