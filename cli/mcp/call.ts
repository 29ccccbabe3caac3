import { Readable, Writable } from 'node:stream';
import { Command } from 'commander';
import { isJsonObject, type JsonObject, parseJson } from '../../lib/json.ts';
import { plainJson } from '../../lib/words/escape.ts';
import { reportFailure } from '../failures/report-failure.ts';
import { withCommonOptions } from '../options/every-command.ts';
import { AMBIGUOUS } from '../records/people-text.ts';
import { inputWords } from './inputs.ts';
import { type Places, placeWords } from './places.ts';
import type { Tool } from './tools.ts';

/**
 * The result of `tools/call` (MCP 2025-11-25, "Tool Result"). The text has a sentence and the JSON behind it; the
 * structured content has the JSON.
 */
export interface CallResult {
  readonly content: { readonly type: 'text'; readonly text: string }[];
  readonly structuredContent: { readonly [key: string]: unknown };
  readonly isError: boolean;
  readonly [key: string]: unknown; // the type that the SDK has for a result
}

/**
 * The exit statuses of an answer: 0 attributed, 3 ambiguous, 4 unattributed, 5 pending (contract, "Exit status"). All
 * others are failures.
 */
const ANSWERED: readonly number[] = [0, 3, 4, 5];

const TOO_LARGE = 'The answer is larger than 1 MiB. Add a time range or a filter, or lower the limit.';

const OTHER_VERSION =
  'This version does not know the form of the answer. The service may be newer. Install its version of eks-whois.';

/**
 * Runs a tool's command. Wrong arguments are an error of the tool, not of the protocol, so that a model can correct
 * them (SEP-1303).
 */
export async function callTool(tool: Tool, given: JsonObject, places: Places): Promise<CallResult> {
  const words = inputWords(tool, given);
  if (typeof words === 'string') return failed(words);
  const command = tool.command();
  new Command('eks-whois').addCommand(command); // errors name the command with its program
  const { status, output, messages } = await captured(command, [
    ...placeWords(places, command),
    '--output=json',
    ...words.options,
    '--',
    ...words.operands,
  ]);
  const notes = messages
    .replaceAll(/^Help: .*\n/gm, '') // such a line is for people who type commands
    .replaceAll(/^eks-whois: /gm, '')
    .split('\n')
    .filter(Boolean);
  if (!ANSWERED.includes(status)) return failed(notes.join('\n') || 'It failed, and did not say why.');
  const read = output === undefined ? undefined : parseJson(output);
  if (read === undefined) return failed(TOO_LARGE);
  const value = read.ok ? read.value : [];
  // An answer that is a list has no field for the ambiguity. A command that writes a list has this status only if a
  // name means several people.
  const isNameAmbiguous = status === AMBIGUOUS && !isJsonObject(value);
  const answer = {
    ...(isJsonObject(value) ? value : { [tool.answer.listName(given)]: value }),
    ...(isNameAmbiguous && { ambiguousName: true }),
    notes,
  };
  const sentence = tool.answer.sentence(answer, places.cloudtrail !== undefined);
  if (sentence === undefined) return failed(OTHER_VERSION);
  return result([sentence, ...notes].join('\n'), answer, false);
}

function failed(error: string): CallResult {
  return result(error, { error }, true);
}

/** Returns the result. The JSON is also sent as a text, since some clients give a model nothing else. */
function result(text: string, answer: JsonObject, isError: boolean): CallResult {
  const texts = isError ? [text] : [text, plainJson(answer)];
  return { content: texts.map((each) => ({ type: 'text', text: each })), structuredContent: answer, isError };
}

/** The result of a command that ran within this process. */
interface CapturedRun {
  /** The exit status of the command (contract, "Exit status"). */
  readonly status: number;
  /** The standard output. Undefined if it is longer than what is kept. */
  readonly output: string | undefined;
  /** The standard error, escaped as for a terminal. */
  readonly messages: string;
}

/** The maximum number of characters of an answer. No client gives a model a larger one. */
export const MOST_OF_AN_ANSWER = 1024 * 1024;

/**
 * Runs a command within this process, with its own streams in place of the process's. So none of its output reaches the
 * protocol, and its standard input is empty. Only one can run at a time, since a process has only one of each stream.
 */
export async function captured(command: Command, words: readonly string[]): Promise<CapturedRun> {
  const [output, messages] = [new BoundedOutput(), new BoundedOutput()];
  const restore = [replaced('stdin', Readable.from([])), replaced('stdout', output), replaced('stderr', messages)];
  const { exitCode } = process;
  process.exitCode = undefined;
  try {
    const status = await runCommand(command, words);
    return { status, output: output.text, messages: messages.text ?? '' };
  } finally {
    process.exitCode = exitCode;
    for (const each of restore) each();
  }
}

async function runCommand(command: Command, words: readonly string[]): Promise<number> {
  try {
    await withCommonOptions(command).parseAsync(words, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return reportFailure(error);
  }
}

class BoundedOutput extends Writable {
  readonly #pieces: Buffer[] = [];
  #size = 0;

  override _write(piece: Buffer, _: BufferEncoding, done: () => void): void {
    this.#size += piece.length;
    if (this.#size <= MOST_OF_AN_ANSWER) this.#pieces.push(piece);
    done();
  }

  get text(): string | undefined {
    return this.#size > MOST_OF_AN_ANSWER ? undefined : Buffer.concat(this.#pieces).toString('utf8');
  }
}

function replaced(name: 'stdin' | 'stdout' | 'stderr', value: Readable | Writable): () => void {
  const before = Object.getOwnPropertyDescriptor(process, name);
  Object.defineProperty(process, name, { value, configurable: true });
  return () => void (before && Object.defineProperty(process, name, before));
}
