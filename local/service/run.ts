import { fileSource } from '../../lib/adapters/files/file-source.ts';
import { parseCountedGroup } from '../../lib/envelopes/counted-group.ts';
import type { RecordSource } from '../../lib/ports.ts';
import { type EpochMillis, epochMillis, formatInstant, MINUTE } from '../../lib/time.ts';
import { startCloudTrail } from '../cloudtrail/server.ts';
import { openInbox } from './alert-inbox.ts';
import { localEnvironment } from './environment.ts';
import { feed } from './feed.ts';
import { type LocalFunctions, localFunctions } from './functions.ts';
import { LocalClock } from './local-clock.ts';
import { type LocalTables, openTables } from './local-tables.ts';
import { OfflineProcess } from './offline-process.ts';
import { HOST, portToServe } from './port.ts';
import { Story } from './story.ts';
import { TRAIL_DELAY, timelineOf } from './timeline.ts';

export interface LocalRun {
  /** Where the API answers; 0 takes one that is free. */
  readonly port: number;
  readonly folder: string;
  readonly audit: readonly string[];
  readonly cloudtrail: readonly string[];
  readonly usernameTemplates: readonly string[];
  readonly trustedProxies: readonly string[];
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
  /** Until the functions end: after `stop`, or by themselves. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * The whole service on this machine: tables on disk, the bundled functions and the API under serverless-offline, the
 * files fed through the real entry points in the order in which they would have come.
 * Whatever ends it, nothing that it started is left.
 * @throws LocalFault where the machine does not let it.
 */
export async function runLocal(run: LocalRun): Promise<LocalService> {
  const tables = await openTables(run.folder);
  try {
    return await runOn(tables, { ...run, signal: AbortSignal.any([run.signal, tables.failed]) });
  } catch (error) {
    tables.failed.throwIfAborted(); // whatever else failed, failed by that
    throw error;
  }
}

async function runOn(tables: LocalTables, run: LocalRun): Promise<LocalService> {
  await using started = new AsyncDisposableStack();
  started.defer(() => tables.stop());
  const timeline = await timelineOf(source(run, run.audit), source(run, run.cloudtrail), epochMillis(Date.now()));
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
  const failed = await feed(timeline, { functions, clock, story });
  clock.run();
  await offline.barrier();
  await tables.keepTime(clock.now());
  started.defer(() => tables.keepTime(clock.now()));
  const every = setInterval(() => void settleOnce(functions, run), MINUTE);
  started.defer(() => clearInterval(every));
  const running = started.move();
  return {
    url,
    totals: story.totals,
    failed,
    ended: Promise.race([offline.ended, failing(tables.failed)]),
    stop: () => running.disposeAsync(),
  };
}

/** Fails with the signal's reason once it is aborted. */
function failing(signal: AbortSignal): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  failed.catch(() => undefined); // where nobody waits for it any more
  return failed;
}

/** Goes on where the store was left, unless that lies ahead of the real time, as an event dated so could once bring about. */
function clockOf(left: EpochMillis | undefined, first: EpochMillis | undefined): LocalClock {
  const now = new LocalClock(undefined, Date.now);
  return new LocalClock(left !== undefined && now.follows(left) ? left : first, Date.now);
}

/** The files behind the paths, read until the signal. */
function source({ signal, logGroups }: LocalRun, paths: readonly string[]): RecordSource {
  const files = fileSource(paths, logGroups.map(parseCountedGroup));
  return {
    read: (sink, pause) =>
      files.read(sink, (progress) => {
        signal.throwIfAborted();
        return pause(progress);
      }),
  };
}

async function settleOnce(functions: LocalFunctions, { say }: LocalRun): Promise<void> {
  await functions.settle().catch((error: unknown) => say(`settle failed: ${String(error)}; it is tried again`));
}
