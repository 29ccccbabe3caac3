import { type EpochMillis, epochMillis, formatInstant, MINUTE } from '../../lib/time.ts';
import { InvocationError, type LocalFunctions } from './fed-functions.ts';
import type { LocalClock } from './local-clock.ts';
import type { NextDue } from './next-due.ts';
import { counted, inWords, type Story } from './story.ts';
import type { Arrival, Timeline } from './timeline.ts';

/** The time from the last event until every claim is final, in milliseconds: the deadline and some quiet minutes. */
const SETTLING = 40 * MINUTE;

/** The functions, clock and reports of a feed. */
export interface FeedRun {
  readonly functions: LocalFunctions;
  readonly nextDue: NextDue;
  readonly clock: LocalClock;
  readonly story: Story;
  /** Runs after each invocation, which waits for it. An error that it throws ends the feed. */
  rest(): Promise<void>;
}

/**
 * Delivers the contents of the files to the functions in the order and at the times of real deliveries, and runs settle
 * in between whenever something is due. Settle also runs first, to start the counts by hour, and last, to finish those
 * of past hours. A failed invocation is reported and does not stop the feed. Returns the number of failures.
 */
export async function feed(timeline: Timeline, feeding: FeedRun): Promise<number> {
  const { arrivals, stretch, rejected, ignored } = timeline;
  const settleUntil = (at: EpochMillis) => settleInRounds(at, stretch, feeding, failures);
  const failures = new Failures(feeding);
  if (arrivals.length > 0) await settle(feeding, failures);
  for (const arrival of arrivals) {
    if (feeding.clock.follows(arrival.at)) await settleUntil(arrival.at);
    await failures.watch(arrivalInWords(arrival), () => arrive(arrival, feeding));
  }
  await settleUntil(epochMillis(feeding.clock.now() + SETTLING));
  await settle(feeding, failures);
  const { clock, story } = feeding;
  story.add('EventsRejected', rejected.length);
  const unreadable =
    rejected.length === 0 ? undefined : `${counted(rejected.length, 'part')} of the files could not be read`;
  story.report(timeText(clock), () => unreadable);
  story.report(timeText(clock), () => leftOutInWords(ignored));
  return failures.count;
}

const LEFT_OUT = [
  ['other-origin', 'text', 'from a log group that is not trusted (trust it with --log-group)'],
  ['continued-message', 'line', 'without a time in an export'],
  ['cloudtrail-record', 'CloudTrail record', 'among the audit events'],
  ['audit-event', 'audit event', 'among the CloudTrail records'],
  ['out-of-range', 'audit event', 'outside the time range'],
] as const;

/**
 * Describes what was left out, so that a user who collects logs elsewhere, or swaps the two kinds, sees why nothing
 * counts.
 */
function leftOutInWords(ignored: Timeline['ignored']): string | undefined {
  const parts = LEFT_OUT.flatMap(([what, noun, more]) => {
    const count = ignored.get(what) ?? 0;
    return count === 0 ? [] : [`${counted(count, noun)} ${more}`];
  });
  return parts.length === 0 ? undefined : `left out: ${parts.join('; ')}`;
}

/** Reports failed invocations, each message once. */
class Failures {
  readonly #clock: LocalClock;
  readonly #story: Story;
  readonly #rest: () => Promise<void>;
  readonly #reported = new Set<string>();
  count = 0;

  constructor({ clock, story, rest }: FeedRun) {
    this.#clock = clock;
    this.#rest = rest;
    this.#story = story;
  }

  /**
   * Runs the work and reports a failed invocation.
   * @throws any other error. Then the feed cannot continue.
   */
  async watch(what: string, work: () => Promise<void>): Promise<void> {
    await this.#reportFailure(what, work);
    await this.#rest();
  }

  async #reportFailure(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof InvocationError)) throw error;
      this.count += 1;
      const line = `${what} failed: ${error.message}`;
      this.#story.report(timeText(this.#clock), () => (this.#reported.has(line) ? undefined : line));
      this.#reported.add(line);
    }
  }
}

function arrivalInWords(arrival: Arrival): string {
  if (arrival.kind === 'trail') return counted(arrival.envelopes.length, 'CloudTrail record');
  const cluster = arrival.cluster === '' ? '' : ` of ${arrival.cluster}`;
  return `${counted(arrival.events, 'audit event')}${cluster}`;
}

async function arrive(arrival: Arrival, { functions, clock, story }: FeedRun): Promise<void> {
  const ahead = clock.follows(arrival.at) ? '' : ', dated too far in the future for the clock';
  if (arrival.kind === 'trail') {
    await functions.grants(arrival.envelopes);
    return story.report(timeText(clock), (metrics) => grantsInWords(metrics, ahead));
  }
  await functions.ingest(arrival.data());
  story.report(timeText(clock), (metrics) => {
    const words = inWords(metrics);
    const again = metrics.get('EventsDuplicate') ?? 0;
    const known = again === 0 ? '' : ` (${again} already stored)`;
    return `${arrivalInWords(arrival)}${ahead}: ${words === '' ? 'nothing new' : words}${known}`;
  });
}

function grantsInWords(metrics: ReadonlyMap<string, number>, ahead: string): string | undefined {
  const grants = metrics.get('GrantsStored') ?? 0;
  const uses = metrics.get('UsesStored') ?? 0;
  return grants + uses === 0
    ? undefined
    : `CloudTrail delivers ${counted(grants, 'grant')} and ${counted(uses, 'use')}${ahead}`;
}

/**
 * Moves the clock to that time. On the way, it settles in the round after each time at which something is due. Rounds
 * without due work change nothing, so they are skipped: a long silence needs no more rounds than the claims have
 * deadlines.
 */
async function settleInRounds(at: EpochMillis, every: number, feeding: FeedRun, failures: Failures): Promise<void> {
  const { clock, nextDue } = feeding;
  const begin = clock.now();
  const end = Math.max(at, begin);
  const last = Math.min(end, begin + SETTLING);
  for (let time = begin; time < end; ) {
    const due = await nextDue();
    if (due === undefined || due > end) break;
    const rounds = Math.max(1, Math.ceil((due - time) / every));
    const round = time + rounds * every;
    time = round <= last ? round : end;
    clock.goTo(epochMillis(time));
    await settle(feeding, failures);
  }
  clock.goTo(epochMillis(end));
}

async function settle(feeding: FeedRun, failures: Failures): Promise<void> {
  await failures.watch('settling', () => settleAndReport(feeding));
}

async function settleAndReport({ functions, clock, story }: FeedRun): Promise<void> {
  await functions.settle();
  story.report(timeText(clock), (metrics) => {
    const corrected = metrics.get('RecordsCorrected') ?? 0;
    return corrected === 0 ? undefined : `settled ${counted(corrected, 'record')}: now ${inWords(metrics)}`;
  });
}

function timeText(clock: LocalClock): string {
  return formatInstant(epochMillis(Math.floor(clock.now() / 1_000) * 1_000));
}
