import { setImmediate } from 'node:timers/promises';
import { pathSource, type S3Reading } from '../../lib/adapters/s3/path-source.ts';
import { readConfig } from '../../lib/config.ts';
import { parseCountedGroup } from '../../lib/envelopes/counted-group.ts';
import type { RecordSource } from '../../lib/ports/input.ts';
import type { TimeRange } from '../../lib/ports/paging.ts';
import { type EpochMillis, epochMillis, formatInstant, MINUTE } from '../../lib/time.ts';
import { type CloudTrailServer, startCloudTrail } from '../cloudtrail/server.ts';
import { HOST } from '../loopback/guard.ts';
import { openInbox } from './alert-inbox.ts';
import { localEnvironment, type RuleTexts } from './environment.ts';
import { fedFunctions } from './fed-functions.ts';
import { feed } from './feed.ts';
import { invokedSettle } from './invoked-settle.ts';
import { LocalClock } from './local-clock.ts';
import { LocalError } from './local-error.ts';
import { keepTime, type LocalTables, makeTables, openTables, openToFeed } from './local-tables.ts';
import { nextDueIn } from './next-due.ts';
import { ENDED, OfflineProcess } from './offline-process.ts';
import { portToServe } from './port.ts';
import { cannotWrite, isOfStore } from './store-watch.ts';
import { Story } from './story.ts';
import { exchangedIn, type Timeline, TRAIL_DELAY, timelineOf } from './timeline.ts';

export interface LocalRun extends RuleTexts {
  /** Port of the API; 0 means any free port. */
  readonly port: number;
  /** Whether to serve the API after the feed. */
  readonly serves: boolean;
  readonly folder: string;
  readonly audit: readonly string[];
  readonly cloudtrail: readonly string[];
  /** Access to those of the paths that are in S3. AWS is used for nothing else. */
  readonly s3: { readonly audit: S3Reading; readonly cloudtrail: S3Reading };
  /** Time range of the audit events to feed. */
  readonly range: TimeRange;
  /** Log groups that count besides AWS's own: `NAME=audit`, `NAME=cloudtrail`. */
  readonly logGroups: readonly string[];
  /** Prints one line of progress for a person. */
  say(line: string): void;
  /** If aborted, everything that was started is stopped, and `runLocal` fails. */
  readonly signal: AbortSignal;
}

export interface LocalService {
  /** The URL of the API. Undefined if it is not served. */
  readonly url: string | undefined;
  /** Sums of the feed, by metric. */
  readonly totals: ReadonlyMap<string, number>;
  /** Number of invocations that failed during the feed. Each different failure was reported. */
  readonly failed: number;
  /** Resolves if the service ended without `stop`, with the reason: a LocalError or an unexpected error. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * Runs the whole service on this machine. First the functions' code in this process is fed with the files, in the order
 * of real deliveries. If the API is served, the tables on disk then back a DynamoDB, and the bundled functions and the
 * API run under serverless-offline. However it ends, nothing that it started remains.
 * @throws LocalError if the machine does not allow it.
 */
export async function runLocal(run: LocalRun): Promise<LocalService> {
  await using started = new AsyncDisposableStack();
  const left = await makeTables(run.folder);
  const url = run.serves ? `http://${HOST}:${await portToServe(run.port)}` : undefined;
  const now = epochMillis(Date.now());
  const timeline = await timelineOf(source(run, 'audit'), source(run, 'cloudtrail'), now, run.range);
  const exchanged = exchangedIn(timeline);
  if (exchanged !== undefined) throw new LocalError(exchanged);
  const clock = clockOf(left, timeline.arrivals[0]?.at);
  const trail = await startCloudTrail({
    records: [...timeline.trail],
    requestsPerSecond: Number.POSITIVE_INFINITY,
    now: () => clock.now(),
    deliveryDelay: TRAIL_DELAY,
  });
  started.defer(() => trail.close());
  const story = new Story(run.say);
  const running = { run, clock, trail };
  const failed = await feedTables(timeline, story, running);
  clock.run();
  await keepTime(run.folder, clock.now());
  const { ended } = url === undefined ? NOBODY : await serve(url, running, started);
  const all = started.move();
  return { url, totals: story.totals, failed, ended, stop: () => all.disposeAsync() };
}

/** The state without an API, which never ends by itself. */
const NOBODY: RunningApi = { ended: new Promise<never>(() => undefined) };

interface RunningApi {
  /** Resolves with the reason if it ended without being stopped. */
  readonly ended: Promise<unknown>;
}

/** The parts that feeding and serving share. */
interface RunContext {
  readonly run: LocalRun;
  readonly clock: LocalClock;
  readonly trail: CloudTrailServer;
}

/** Endpoints during a feed, which uses none. */
const WITHIN = { api: '', dynamodb: '', cloudtrail: '', sns: '' };

/** Number of items to write together: some megabytes. */
const WRITTEN_AT_ONCE = 5_000;

/** Feeds the tables. Returns the number of failed invocations. */
async function feedTables(timeline: Timeline, story: Story, { run, clock, trail }: RunContext): Promise<number> {
  const config = readConfig(localEnvironment(WITHIN, run));
  const database = await openToFeed(run.folder);
  const alert = reportAlert(run, clock);
  const functions = fedFunctions({ database, config, clock, trail, story, alert, signal: run.signal });
  const rest = async () => {
    if (database.unwritten >= WRITTEN_AT_ONCE) await database.write();
    else await setImmediate(); // This lets signals arrive in between.
    run.signal.throwIfAborted();
  };
  try {
    const failed = await feed(timeline, { functions, nextDue: nextDueIn(database), clock, story, rest });
    await database.write();
    return failed;
  } catch (error) {
    throw isOfStore(error) ? cannotWrite(run.folder, error) : error;
  } finally {
    await database.close().catch(() => undefined); // A failed write is reported already.
  }
}

/** Serves the API and runs settle every minute. */
async function serve(url: string, running: RunContext, started: AsyncDisposableStack): Promise<RunningApi> {
  const tables = await openTables(running.run.folder);
  started.defer(() => tables.stop());
  const signal = AbortSignal.any([running.run.signal, tables.broken]);
  try {
    return await serveFrom(tables, url, { ...running, run: { ...running.run, signal } }, started);
  } catch (error) {
    throw reasonOf(tables, error);
  }
}

async function serveFrom(
  tables: LocalTables,
  url: string,
  { run, clock, trail }: RunContext,
  started: AsyncDisposableStack,
): Promise<RunningApi> {
  const inbox = await openInbox(reportAlert(run, clock));
  started.defer(() => inbox.stop());
  const endpoints = { api: url, dynamodb: tables.url, cloudtrail: trail.url, sns: inbox.url };
  const offline = await OfflineProcess.start({
    port: Number(new URL(url).port),
    environment: localEnvironment(endpoints, run),
    clock,
    signal: run.signal,
  });
  started.defer(() => offline.stop());
  await offline.barrier();
  started.defer(() => (tables.broken.aborted ? undefined : keepTime(run.folder, clock.now())));
  const settle = invokedSettle(offline, clock);
  const every = setInterval(() => void settleOnce(settle, run), MINUTE);
  started.defer(() => clearInterval(every));
  return { ended: offline.ended.then(() => reasonOf(tables, new LocalError(ENDED))) };
}

function reportAlert(run: LocalRun, clock: LocalClock): (subject: string) => void {
  return (subject) => run.say(`${formatInstant(epochMillis(clock.now()))}  alert: ${subject}`);
}

/** Returns the reason of a failure. If the tables broke, all other errors follow from that. */
function reasonOf({ broken }: LocalTables, error: unknown): unknown {
  return broken.aborted ? broken.reason : error;
}

/**
 * Returns a clock that continues at the time of the last run, unless that is ahead of real time. An event dated in the future could once
 * cause that.
 */
function clockOf(left: EpochMillis | undefined, first: EpochMillis | undefined): LocalClock {
  const now = new LocalClock(undefined, Date.now);
  return new LocalClock(left !== undefined && now.follows(left) ? left : first, Date.now);
}

/** Returns the source of the records behind the paths. It reads until the signal. */
function source(run: LocalRun, content: 'audit' | 'cloudtrail'): RecordSource {
  const found = pathSource(run[content], run.logGroups.map(parseCountedGroup), run.s3[content]);
  return {
    read: (sink, pause) =>
      found.read(sink, (progress) => {
        run.signal.throwIfAborted();
        return pause(progress);
      }),
  };
}

async function settleOnce(settle: () => Promise<void>, { say }: LocalRun): Promise<void> {
  await settle().catch((error: unknown) => {
    if (!(error instanceof LocalError)) say(`settle failed: ${String(error)}; the next run tries again`); // A LocalError ends the service.
  });
}
