import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { deadLetterName, QUEUE_TITLES, type QueueTitle, queueName } from '../../infra/queue-names.ts';
import { AwsError } from '../../lib/adapters/aws/aws-error.ts';
import type { AwsSettings } from '../../lib/adapters/aws/aws-settings.ts';
import { tablePrefix } from '../../lib/adapters/dynamodb/tables.ts';
import {
  findQueue,
  isMoving,
  latestMove,
  type MessageMove,
  type Queue,
  startMove,
} from '../../lib/adapters/sqs/dead-letters.ts';
import { present } from '../../lib/json.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import type { ServiceQuestion } from '../access/service-choice.ts';
import { CommandError, wrongUsage } from '../failures/command-error.ts';
import { note, reportFaults } from '../failures/faults.ts';
import { awsSettings, checkLine, checkRegion } from '../options/aws-options.ts';
import { untilInterrupted } from '../terminal/interruption.ts';
import { printed } from '../terminal/text-output.ts';
import { counted, textTable } from '../terminal/text-table.ts';

export interface RedriveOptions extends ServiceQuestion {
  readonly dryRun?: true;
  readonly yes?: true;
  readonly prefix?: string;
  readonly profile?: string;
  readonly region?: string;
}

/** A dead-letter queue and the queue that its messages go back to. */
interface Pair {
  readonly name: string;
  readonly dead: Queue;
  readonly feeding: Queue;
}

/** A pair whose messages are moved, or could not be moved. */
interface Outcome extends Pair {
  readonly move?: MessageMove | undefined;
  /** The reason why the move could not be started or read. */
  readonly failure?: string;
}

/** Milliseconds between two questions about the moves. */
const BETWEEN_POLLS = 2_000;

/** Shows the dead letters of a deployment, asks, and moves them back. @throws CommandError if anything fails. */
export function redriveAction(titles: readonly string[], options: RedriveOptions): Promise<void> {
  const prefix = prefixOf(options);
  const { profile, region } = options;
  if (region !== undefined) checkRegion(region);
  if (profile !== undefined) checkLine('--profile', profile);
  const settings = awsSettings(present<{ profile?: string; region?: string }>({ profile, region }));
  return reportFaults(async () => {
    const chosen = QUEUE_TITLES.filter((title) => titles.length === 0 || titles.includes(title));
    const pairs = await pairsOf(settings, prefix, chosen, titles.length > 0);
    await printed(textTable(['QUEUE', 'DEAD', 'WAITING'], pairs.map(countsOf)));
    const full = pairs.filter(({ dead }) => dead.waiting > 0);
    if (full.length === 0) return note(`There are no dead letters in ${counted(pairs.length, 'queue')} of ${prefix}.`);
    if (options.dryRun === true) return;
    if (options.yes !== true) await ask(full);
    await untilInterrupted(
      async (signal) => report(await moveAll(settings, full, signal)),
      'Stopped waiting. Moves that have begun continue in SQS. Run the command again to see what is left.',
    );
  });
}

function prefixOf({ prefix, table }: RedriveOptions): string {
  const found = prefix ?? (table === undefined ? undefined : tablePrefix(table));
  if (found === undefined)
    throw wrongUsage(
      'No deployment is given. Give --prefix, such as --prefix eks-whois-prod, or --service with a service that has tables.',
    );
  if (!/^[\w-]{1,60}$/.test(found))
    throw wrongUsage('--prefix is not valid. Give the prefix of the names of the queues, such as eks-whois-prod.');
  return found;
}

/**
 * Returns the queues that exist. No deployment has all of them.
 * @throws CommandError if none exists, or one that was named.
 */
async function pairsOf(
  settings: AwsSettings,
  prefix: string,
  titles: readonly QueueTitle[],
  isNamed: boolean,
): Promise<readonly Pair[]> {
  const pairs: Pair[] = [];
  for (const title of titles) {
    const name = queueName(prefix, title);
    const dead = await findQueue(settings, deadLetterName(name));
    const feeding = dead && (await findQueue(settings, name));
    if (dead !== undefined && feeding !== undefined) pairs.push({ name, dead, feeding });
    else if (dead !== undefined)
      throw missing(`The queue ${name} does not exist, but ${deadLetterName(name)} does`, settings);
    else if (isNamed) throw missing(`The queue ${deadLetterName(name)} does not exist`, settings);
  }
  if (pairs.length === 0) throw missing(`There is no dead-letter queue of ${prefix}`, settings);
  return pairs;
}

function missing(what: string, { region }: AwsSettings): CommandError {
  const where = region === undefined ? '' : ` in ${region}`;
  return new CommandError(
    escapeForTerminal(
      `${what}${where}. Check --prefix, --region and --profile, and that you may call sqs:GetQueueUrl.`,
    ),
    1,
  );
}

function countsOf({ name, dead, feeding }: Pair): string[] {
  return [name, String(dead.waiting), String(feeding.waiting)];
}

/** Asks at the terminal. @throws CommandError if the answer is no, or if there is no terminal. */
async function ask(full: readonly Pair[]): Promise<void> {
  if (process.stdin.isTTY !== true)
    throw wrongUsage('Nothing was moved, because there is no terminal to ask at. Give --yes to move the messages.');
  const messages = full.reduce((sum, { dead }) => sum + dead.waiting, 0);
  const question = `Move about ${counted(messages, 'message')} of ${counted(full.length, 'queue')} back? [y/N] `;
  if (!(await isConfirmed(question, process.stdin, process.stderr))) throw new CommandError('Nothing was moved.', 1);
}

/** Returns whether the answer is yes. The end of the input (Ctrl-D) and Ctrl-C mean no. */
export async function isConfirmed(question: string, input: Readable, output: Writable): Promise<boolean> {
  const terminal = createInterface({ input, output });
  const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  const answer = await Promise.race([terminal.question(question), ended]);
  terminal.close();
  return /^y(?:es)?$/i.test(answer.trim());
}

/** Starts the moves and waits until they end. A queue that fails does not stop the others. */
async function moveAll(settings: AwsSettings, full: readonly Pair[], signal: AbortSignal): Promise<readonly Outcome[]> {
  const started: Outcome[] = [];
  for (const pair of full) {
    signal.throwIfAborted();
    started.push(
      await outcomeOf(pair, async () => {
        const latest = await latestMove(settings, pair.dead);
        if (!isMoving(latest)) {
          await startMove(settings, pair.dead, pair.feeding);
          return latest;
        }
        note(`A move of ${deadLetterName(pair.name)} is already running.`);
        return undefined;
      }),
    );
  }
  const ended: Outcome[] = [];
  for (const outcome of started)
    ended.push(
      outcome.failure === undefined ? await outcomeOf(outcome, () => endOf(settings, outcome, signal)) : outcome,
    );
  return ended;
}

/** Returns the move, or why there is none. */
async function outcomeOf(
  { name, dead, feeding }: Pair,
  work: () => Promise<MessageMove | undefined>,
): Promise<Outcome> {
  try {
    return { name, dead, feeding, move: await work() };
  } catch (error) {
    if (error instanceof AwsError) return { name, dead, feeding, failure: error.message };
    throw error;
  }
}

/**
 * Waits for the end of the move. Until SQS lists the new move, the latest one that it lists is an older one (`move`).
 */
async function endOf(
  settings: AwsSettings,
  { dead, move: before }: Outcome,
  signal: AbortSignal,
): Promise<MessageMove> {
  for (;;) {
    const move = await latestMove(settings, dead);
    if (move !== undefined && !isMoving(move) && move.startedAt !== before?.startedAt) return move;
    await sleep(BETWEEN_POLLS, undefined, { signal });
  }
}

/** Writes what was moved. @throws CommandError if a move failed. */
async function report(outcomes: readonly Outcome[]): Promise<void> {
  await printed(
    textTable(
      ['QUEUE', 'MOVE', 'MOVED', 'LEFT'],
      outcomes.map(({ name, dead, move }) => [
        name,
        move?.status.toLowerCase() ?? 'unknown',
        move === undefined ? '?' : String(move.moved),
        move === undefined ? '?' : String(Math.max(0, dead.waiting - move.moved)),
      ]),
    ),
  );
  const failures = outcomes.flatMap(({ name, move, failure }) => failureOf(deadLetterName(name), move, failure) ?? []);
  if (failures.length > 0) throw new CommandError(escapeForTerminal(failures.join(' ')), 1);
  note(
    'The service processes the messages again. A message that fails five more times is a dead letter again, half an hour later.',
  );
}

function failureOf(name: string, move: MessageMove | undefined, failure: string | undefined): string | undefined {
  if (failure !== undefined) return `The messages of ${name} were not moved, or not all of them. ${failure}`;
  if (move?.status === 'COMPLETED') return undefined;
  const status = move?.status.toLowerCase() ?? 'unknown';
  const reason = move?.reason === undefined ? '' : `: ${move.reason}`;
  return `The move of ${name} ended as ${status}${reason}. Fix the cause, then run the command again.`;
}
