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
import { localEnvironment, type ToldRules } from './environment.ts';
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
import { type Timeline, TRAIL_DELAY, timelineOf } from './timeline.ts';

export interface LocalRun extends ToldRules {
  /** Where the API answers; 0 takes one that is free. */
  readonly port: number;
  /** Whether the API is to answer at all once all is fed. */
  readonly serves: boolean;
  readonly folder: string;
  readonly audit: readonly string[];
  readonly cloudtrail: readonly string[];
  /** How those of the paths are read that lie in S3: the one thing for which AWS is asked. */
  readonly s3: { readonly audit: S3Reading; readonly cloudtrail: S3Reading };
  /** Of which times audit events are fed. */
  readonly range: TimeRange;
  /** Log groups that count beside AWS's own: `NAME=audit`, `NAME=cloudtrail`. */
  readonly logGroups: readonly string[];
  /** One line of what happens, for a person. */
  say(line: string): void;
  /** Once it is aborted, what was started is stopped, and `runLocal` fails. */
  readonly signal: AbortSignal;
}

export interface LocalService {
  /** Undefined where nobody is served. */
  readonly url: string | undefined;
  /** What was counted while feeding, by metric. */
  readonly totals: ReadonlyMap<string, number>;
  /** How often a function failed while feeding; each time was told. */
  readonly failed: number;
  /** Why the service ended without `stop`, once it did: a LocalError, or a fault that nobody foresaw. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * The whole service on this machine: the files are fed in the order in which they would have come, by the functions' own code in
 * this process; then, where somebody is to be served, the tables on disk stand behind a DynamoDB, and the bundled functions and
 * the API run under serverless-offline. Whatever ends it, nothing that it started is left.
 * @throws LocalError where the machine does not let it.
 */
export async function runLocal(run: LocalRun): Promise<LocalService> {
  await using started = new AsyncDisposableStack();
  const left = await makeTables(run.folder);
  const url = run.serves ? `http://${HOST}:${await portToServe(run.port)}` : undefined;
  const now = epochMillis(Date.now());
  const timeline = await timelineOf(source(run, 'audit'), source(run, 'cloudtrail'), now, run.range);
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

/** What serves nobody does not end by itself. */
const NOBODY: Serving = { ended: new Promise<never>(() => undefined) };

interface Serving {
  /** Why it ended without being stopped, once it did. */
  readonly ended: Promise<unknown>;
}

/** What feeding and serving share. */
interface RunContext {
  readonly run: LocalRun;
  readonly clock: LocalClock;
  readonly trail: CloudTrailServer;
}

/** While logs are fed no endpoint is asked. */
const WITHIN = { api: '', dynamodb: '', cloudtrail: '', sns: '' };

/** Items that are written at once: some megabytes. */
const WRITTEN_AT_ONCE = 5_000;

/** Answers how often a function failed. */
async function feedTables(timeline: Timeline, story: Story, { run, clock, trail }: RunContext): Promise<number> {
  const config = readConfig(localEnvironment(WITHIN, run));
  const database = await openToFeed(run.folder);
  const alert = tellAlert(run, clock);
  const functions = fedFunctions({ database, config, clock, trail, story, alert, signal: run.signal });
  const rest = async () => {
    if (database.unwritten >= WRITTEN_AT_ONCE) await database.write();
    else await setImmediate(); // signals come in between
    run.signal.throwIfAborted();
  };
  try {
    const failed = await feed(timeline, { functions, nextDue: nextDueIn(database), clock, story, rest });
    await database.write();
    return failed;
  } catch (error) {
    throw isOfStore(error) ? cannotWrite(run.folder, error) : error;
  } finally {
    await database.close().catch(() => undefined); // what cannot be written has been told
  }
}

/** And settles each minute. */
async function serve(url: string, running: RunContext, started: AsyncDisposableStack): Promise<Serving> {
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
): Promise<Serving> {
  const inbox = await openInbox(tellAlert(run, clock));
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

function tellAlert(run: LocalRun, clock: LocalClock): (subject: string) => void {
  return (subject) => run.say(`${formatInstant(epochMillis(clock.now()))}  alert: ${subject}`);
}

/** Tables that broke are why all else failed, too. */
function reasonOf({ broken }: LocalTables, error: unknown): unknown {
  return broken.aborted ? broken.reason : error;
}

/** Goes on where the store was left, unless that lies ahead of the real time, as an event dated so could once bring about. */
function clockOf(left: EpochMillis | undefined, first: EpochMillis | undefined): LocalClock {
  const now = new LocalClock(undefined, Date.now);
  return new LocalClock(left !== undefined && now.follows(left) ? left : first, Date.now);
}

/** What lies behind the paths, read until the signal. */
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
    if (!(error instanceof LocalError)) say(`settle failed: ${String(error)}; it is tried again`); // else it all ends
  });
}
