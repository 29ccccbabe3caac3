import { buildProgram } from '../../cli/main.ts';
import { selectiveQuestion } from '../../cli/options/question-options.ts';
import type { RecordsOptions } from '../../cli/records/options.ts';
import { questionParameters } from '../../lib/usecases/query/question.ts';
import { commandsOf } from '../docs/shell-blocks.ts';

/** Returns the question of an alert's query, as a shell and then our own command line read it. An extra word is an error. */
export async function parseQuery(query: string): Promise<{ question: URLSearchParams; options: RecordsOptions }> {
  const commands = await commandsOf(query, {});
  const [[program, name, ...words] = []] = commands;
  const records = (await buildProgram()).commands.find((command) => command.name() === name);
  if (commands.length !== 1 || program !== 'eks-whois' || records === undefined)
    throw new Error(`No command: ${query}`);
  const { operands, unknown } = records.parseOptions(words);
  if (operands.length + unknown.length > 0) throw new Error(`Too many words: ${query}`);
  const options = records.opts<RecordsOptions>();
  return { question: new URLSearchParams(questionParameters(selectiveQuestion(options))), options };
}
