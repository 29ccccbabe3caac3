import { Readable, Writable } from 'node:stream';
import { Command } from 'commander';
import { isJsonObject, type JsonObject, parseJson } from '../../lib/json.ts';
import { plainJson } from '../../lib/words/escape.ts';
import { reportFailure } from '../failures/report-failure.ts';
import { withCommonOptions } from '../options/every-command.ts';
import { inputWords } from './inputs.ts';
import { type Places, placeWords } from './places.ts';
import type { Tool } from './tools.ts';

/** Whom the tools ask. */
export interface CallContext {
  readonly places: Places;
  /** The names of all commands that there are: an answer says which to run next. */
  readonly commands: readonly string[];
}

/** The result of `tools/call` (MCP 2025-11-25, "Tool Result"): a sentence and the JSON behind it, as text and as structured content. */
export interface CallResult {
  readonly content: { readonly type: 'text'; readonly text: string }[];
  readonly structuredContent: { readonly [key: string]: unknown };
  readonly isError: boolean;
  readonly [key: string]: unknown; // as the SDK types a result
}

/** The exit statuses of an answer: attributed, ambiguous, unattributed, pending (contract, "Exit status"). Others are failures. */
const ANSWERED: readonly number[] = [0, 3, 4, 5];

const TOO_LARGE = 'The answer is larger than 1 MiB: narrow the question, by a time, a filter or a smaller limit.';

const OTHER_VERSION =
  'The answer has a form that this version does not know: the service may be a newer one. Install its version of eks-whois.';

/** Runs a tool's command. Wrong arguments are a failure of the tool, so that a model can mend them (SEP-1303). */
export async function callTool(tool: Tool, given: JsonObject, { places, commands }: CallContext): Promise<CallResult> {
  const words = inputWords(tool, given);
  if (typeof words === 'string') return failed(words);
  const command = amongOthers(tool.command(), commands);
  const { status, output, told } = await captured(command, [
    ...placeWords(places, command),
    '--output=json',
    ...words.options,
    '--',
    ...words.operands,
  ]);
  const notes = told
    .replaceAll(/^Help: .*\n/gm, '') // it is for whoever types commands
    .replaceAll(/^eks-whois: /gm, '')
    .split('\n')
    .filter(Boolean);
  if (!ANSWERED.includes(status)) return failed(notes.join('\n') || 'It failed, and did not say why.');
  const read = output === undefined ? undefined : parseJson(output);
  if (read === undefined) return failed(TOO_LARGE);
  const value = read.ok ? read.value : [];
  const answer = { ...(isJsonObject(value) ? value : { [tool.answer.listName(given)]: value }), notes };
  const sentence = tool.answer.sentence(answer, places.cloudtrail !== undefined);
  if (sentence === undefined) return failed(OTHER_VERSION);
  return result([sentence, ...notes].join('\n'), answer, false);
}

function failed(error: string): CallResult {
  return result(error, { error }, true);
}

/** The JSON stands in a text too, for clients that give a model nothing else. */
function result(text: string, answer: JsonObject, isError: boolean): CallResult {
  const texts = isError ? [text] : [text, plainJson(answer)];
  return { content: texts.map((each) => ({ type: 'text', text: each })), structuredContent: answer, isError };
}

function amongOthers(command: Command, names: readonly string[]): Command {
  const program = new Command('eks-whois').addCommand(command);
  for (const name of names) if (name !== command.name()) program.addCommand(new Command(name));
  return command;
}

/** How a command ended, and what it wrote. */
interface CapturedRun {
  /** As the process would have ended (contract, "Exit status"). */
  readonly status: number;
  /** Its result; undefined where it is larger than what is kept. */
  readonly output: string | undefined;
  /** What it told people, escaped as for a terminal. */
  readonly told: string;
}

/** In characters: no client hands a larger answer to a model. */
export const MOST_OF_AN_ANSWER = 1024 * 1024;

/**
 * Runs a command of the command line within this process, with streams of its own in place of the process's: nothing that it
 * writes reaches the protocol, and it finds nothing on standard input. One at a time, since a process has one of each.
 */
export async function captured(command: Command, words: readonly string[]): Promise<CapturedRun> {
  const [output, told] = [new BoundedOutput(), new BoundedOutput()];
  const restore = [replaced('stdin', Readable.from([])), replaced('stdout', output), replaced('stderr', told)];
  const { exitCode } = process;
  process.exitCode = undefined;
  try {
    const status = await runCommand(command, words);
    return { status, output: output.text, told: told.text ?? '' };
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
