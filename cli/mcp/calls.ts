import { Command } from 'commander';
import type { JsonObject } from '../../lib/json.ts';
import { captured, type Ended } from './captured.ts';
import { readInputs } from './inputs.ts';
import { type Places, placeWords } from './places.ts';
import type { Tool } from './tools.ts';

/** The answer to `tools/call` (MCP 2025-11-25, server/tools, "Tool Result"): a short text, and behind it the JSON of the command. */
export interface CallResult {
  readonly content: readonly { readonly type: 'text'; readonly text: string }[];
  readonly isError: boolean;
}

/** Of whom the tools ask. */
export interface Asking {
  readonly places: Places;
  /** The names of all commands that there are: an answer says which to run next. */
  readonly commands: readonly string[];
}

/** What the exit statuses of an answer say (contract, "Exit status"); any other is a failure. */
const ANSWERED: Readonly<Record<number, string>> = {
  0: 'Answered.',
  3: 'Ambiguous: several can be meant, and nobody is named.',
  4: 'Nobody can be named, or nothing is known of it.',
  5: 'Pending: records that may name somebody can still come.',
};

const TOO_LARGE = 'The answer is larger than 1 MiB: narrow the question, by a time, a filter or a smaller limit.';

/**
 * Asks what a tool asks, of these places. What is wrong with the arguments is told as a failure of the tool, so that a model
 * can mend it (SEP-1303).
 */
export async function called(tool: Tool, given: JsonObject, { places, commands }: Asking): Promise<CallResult> {
  const inputs = readInputs(tool, given);
  if (!inputs.ok) return failed(inputs.why);
  const command = amongOthers(tool.command(), commands);
  const words = [...placeWords(places, command), '--output=json', ...inputs.options, '--', ...inputs.asked];
  return resultOf(await captured(command, words));
}

function amongOthers(command: Command, names: readonly string[]): Command {
  const program = new Command('eks-whois').addCommand(command);
  for (const name of names) if (name !== command.name()) program.addCommand(new Command(name));
  return command;
}

function resultOf({ status, output, told }: Ended): CallResult {
  const said = told.replaceAll(/^eks-whois: /gm, '').trim();
  const answered = ANSWERED[status];
  if (answered === undefined) return failed(said || 'It failed, and did not say why.');
  if (output === undefined) return failed(TOO_LARGE);
  const texts = [[answered, said].filter(Boolean).join('\n'), output.trim()].filter(Boolean);
  return { content: texts.map((text) => ({ type: 'text', text })), isError: false };
}

function failed(text: string): CallResult {
  return { content: [{ type: 'text', text }], isError: true };
}
