import { pathSource, type S3Reading } from '../../lib/adapters/s3/path-source.ts';
import { parseCountedGroup } from '../../lib/envelopes/counted-group.ts';
import type { RecordSource } from '../../lib/ports/input.ts';
import type { TimeRange } from '../../lib/ports/paging.ts';
import { type EpochMillis, epochMillis, formatInstant, MINUTE } from '../../lib/time.ts';
import { startCloudTrail } from '../cloudtrail/server.ts';
import { HOST } from '../loopback/guard.ts';
import { openInbox } from './alert-inbox.ts';
import { localEnvironment, type ToldRules } from './environment.ts';
import { feed } from './feed.ts';
import { type LocalFunctions, localFunctions } from './functions.ts';
import { LocalClock } from './local-clock.ts';
import { LocalError } from './local-error.ts';
import { type LocalTables, openTables } from './local-tables.ts';
import { nextDueIn } from './next-due.ts';
import { ENDED, OfflineProcess } from './offline-process.ts';
import { portToServe } from './port.ts';
import { Story } from './story.ts';
import { TRAIL_DELAY, timelineOf } from './timeline.ts';

export interface LocalRun extends ToldRules {
  /** Where the API answers; 0 takes one that is free. */
  readonly port: number;
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
  readonly url: string;
  /** What was counted while feeding, by metric. */
  readonly totals: ReadonlyMap<string, number>;
  /** How often a function failed while feeding; each time was told. */
  readonly failed: number;
  /** Why the service ended without `stop`, once it did: a LocalError, or a fault that nobody foresaw. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * The whole service on this machine: tables on disk, the bundled functions and the API under serverless-offline, the
 * files fed through the real entry points in the order in which they would have come.
 * Whatever ends it, nothing that it started is left.
 * @throws LocalError where the machine does not let it.
 */
export async function runLocal(run: LocalRun): Promise<LocalService> {
  await using started = new AsyncDisposableStack();
  const tables = await openTables(run.folder);
  started.defer(() => tables.stop());
  const signal = AbortSignal.any([run.signal, tables.broken]);
  try {
    return await runWith(tables, { ...run, signal }, started);
  } catch (error) {
    throw reasonOf(tables, error);
  }
}

/** Tables that broke are why all else failed, too. */
function reasonOf({ broken }: LocalTables, error: unknown): unknown {
  return broken.aborted ? broken.reason : error;
}

async function runWith(tables: LocalTables, run: LocalRun, started: AsyncDisposableStack): Promise<LocalService> {
  const now = epochMillis(Date.now());
  const timeline = await timelineOf(source(run, 'audit'), source(run, 'cloudtrail'), now, run.range);
  const clock = clockOf(tables.time, timeline.arrivals[0]?.at);
  const trail = await startCloudTrail({
    records: [...timeline.trail],
    requestsPerSecond: Number.POSITIVE_INFINITY,
    now: () => clock.now(),
    deliveryDelay: TRAIL_DELAY,
  });
  started.defer(() => trail.close());
  const inbox = await openInbox((subject) => run.say(`${formatInstant(epochMillis(clock.now()))}  alert: ${subject}`));
  started.defer(() => inbox.stop());
  const story = new Story(run.say);
  const port = await portToServe(run.port);
  const url = `http://${HOST}:${port}`;
  const endpoints = { api: url, dynamodb: tables.url, cloudtrail: trail.url, sns: inbox.url };
  const offline = await OfflineProcess.start({
    port,
    environment: localEnvironment(endpoints, run),
    clock,
    metrics: (text) => story.take(text),
    signal: run.signal,
  });
  started.defer(() => offline.stop());
  const functions = localFunctions(offline, clock);
  using nextDue = nextDueIn(tables.url);
  const failed = await feed(timeline, { functions, nextDue, clock, story });
  clock.run();
  await offline.barrier();
  await tables.keepTime(clock.now());
  started.defer(() => (tables.broken.aborted ? undefined : tables.keepTime(clock.now())));
  const every = setInterval(() => void settleOnce(functions, run), MINUTE);
  started.defer(() => clearInterval(every));
  const running = started.move();
  const ended = offline.ended.then(() => reasonOf(tables, new LocalError(ENDED)));
  return { url, totals: story.totals, failed, ended, stop: () => running.disposeAsync() };
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

async function settleOnce(functions: LocalFunctions, { say }: LocalRun): Promise<void> {
  await functions.settle().catch((error: unknown) => {
    if (!(error instanceof LocalError)) say(`settle failed: ${String(error)}; it is tried again`); // else it all ends
  });
}
