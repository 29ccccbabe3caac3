import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { epochMillis, formatInstant, MINUTE, parseInstant, SECOND } from '../../lib/time.ts';
import { allRecords, type RecordPages } from '../../lib/usecases/query/pages.ts';
import type { RecordsQuestion } from '../../lib/usecases/query/question.ts';
import { type ServiceAccess, serviceOrLocal } from '../access/service-access.ts';
import { ServiceError } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import { liveFormat } from '../format/formats.ts';
import type { LiveFormat } from '../format/record-writer.ts';
import { questionFrom, questionText } from '../options/question-options.ts';
import { rangeOf } from '../options/time-range.ts';
import { resultsTo, viewOf } from '../options/view-options.ts';
import { outputTo, type TextOutput } from '../terminal/text-output.ts';
import { counted } from '../terminal/text-table.ts';
import { type FollowedQuery, Follower, type ShownState, type Watcher } from './follow/follower.ts';
import type { RecordsOptions } from './options.ts';
import { notePeople } from './people-text.ts';

/** How far before now the first query begins if no option says so, in milliseconds. */
const BACK = 10 * MINUTE;
/** The longest pause between two tries while the service fails, in milliseconds. */
const LONGEST_PAUSE = 60 * SECOND;

/** Shows records as they arrive, until Ctrl-C, `--limit`, or a reader that closes the output. */
export async function followAction(options: RecordsOptions): Promise<void> {
  const { from } = rangeOf(options);
  const begin = (from === undefined ? undefined : parseInstant(from)) ?? Date.now() - BACK;
  const question = followedQuestion(options);
  const service = serviceOrLocal(options);
  const stop = new AbortController();
  const screen = new Screen(followedTo(options), liveFormat(options.format, viewOf(options)), options.limit, stop);
  const follower = new Follower(followed(service, question, stop.signal), screen, begin);
  const interrupt = () => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
  note(`Following records ${questionText(question)} from ${formatInstant(epochMillis(begin))}. Press Ctrl-C to stop.`);
  try {
    await lookRepeatedly(follower, screen, options.interval, stop.signal);
  } finally {
    await screen.end();
  }
  process.exit(); // a request in progress would keep the process running
}

/** Returns the output. A file grows as records arrive. There is no pager, because the result has no end. */
function followedTo(options: RecordsOptions): TextOutput {
  const { outputFile } = options;
  return outputFile === undefined || outputFile === '-'
    ? resultsTo({ ...options, pager: false })
    : outputTo(outputFile, 'overwrite');
}

/** Returns the question without its beginning. Without any filter, it matches everything from now on. */
function followedQuestion(options: RecordsOptions): RecordsQuestion {
  const { since: _since, from: _from, ...filters } = options;
  return questionFrom(filters);
}

function followed(service: ServiceAccess, question: RecordsQuestion, signal: AbortSignal): FollowedQuery {
  const noted = notingOnce();
  const pages: RecordPages = async (request) => {
    const page = await unlessStopped(service.records(request, signal), signal);
    if (page.ambiguousName === true) noted({ people: page.people ?? [], isNameAmbiguous: true });
    return page;
  };
  return {
    records: (from) => allRecords({ ...question, range: { from: epochMillis(from) } }, pages),
    ofAuditId: (auditId) => allRecords({ filter: { auditId: { any: [auditId] } }, range: {} }, pages),
  };
}

/** Returns a function that notes whom the names in the question mean. It writes the note once. */
function notingOnce(): typeof notePeople {
  let isNoted = false;
  return (people) => {
    if (!isNoted) notePeople(people);
    isNoted = true;
  };
}

/**
 * Returns the result of the work.
 * @throws the signal's reason if the signal comes first. Requests to the tables cannot be canceled, so their results
 * are then ignored.
 */
async function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function lookRepeatedly(
  follower: Follower,
  screen: Screen,
  interval: number,
  signal: AbortSignal,
): Promise<void> {
  const patience = new Patience(interval);
  while (!signal.aborted) {
    const started = Date.now();
    try {
      await follower.look(started);
      screen.begin();
      patience.answered(Date.now() - started);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ServiceError) || !screen.hasBegun) throw error;
      patience.failed(error);
    }
    await sleep(patience.pause, undefined, { signal }).catch(() => undefined); // rejects if it is stopped meanwhile
  }
}

/** Decides how long to wait until the next query. Reports a failure that can pass once, and reports when it is over. */
class Patience {
  readonly #interval: number;
  #isInTrouble = false;
  /** The time to wait, in milliseconds. */
  pause: number;

  constructor(interval: number) {
    this.#interval = interval;
    this.pause = interval;
  }

  /** Waits as long as the query took, so that at most half of the time is spent on queries. */
  answered(took: number): void {
    if (this.#isInTrouble) note('The service answers again.');
    this.#isInTrouble = false;
    this.pause = Math.max(this.#interval, took);
  }

  failed(error: ServiceError): void {
    if (!this.#isInTrouble) note(`${error.message} Retrying until it answers.`);
    this.#isInTrouble = true;
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
  }
}

/** Shows the records below one header. Stops when `--limit` is reached. */
class Screen implements Watcher {
  readonly #output: TextOutput;
  readonly #format: LiveFormat;
  readonly #most: number;
  readonly #stop: AbortController;
  #shown = 0;
  #corrected = 0;
  hasBegun = false;

  constructor(output: TextOutput, format: LiveFormat, most: number | undefined, stop: AbortController) {
    this.#output = output;
    this.#format = format;
    this.#most = most ?? Number.POSITIVE_INFINITY;
    this.#stop = stop;
  }

  /** Shows the header, so that a person sees that it works before the first record. */
  begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.#output.write(this.#format.head);
    this.#output.flush();
  }

  show(record: AuditRecord, was: ShownState | undefined): void {
    if (this.#shown >= this.#most) return;
    this.begin();
    const text = this.#format.record(record, was);
    if (text === '') return;
    this.#output.write(text);
    this.#shown += 1;
    if (was !== undefined) this.#corrected += 1;
  }

  async shown(): Promise<void> {
    this.#output.flush();
    await this.#output.drain();
    if (this.#shown >= this.#most || this.#output.closedByReader) this.#stop.abort();
  }

  note(text: string): void {
    note(text);
  }

  async end(): Promise<void> {
    await this.#output.end();
    const corrected = this.#corrected === 0 ? '' : `, including ${counted(this.#corrected, 'correction')}`;
    process.stderr.write(`${counted(this.#shown, 'record')}${corrected}\n`);
  }
}
