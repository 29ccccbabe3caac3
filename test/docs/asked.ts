import { codeBlocks, documentOf, sectionsOf } from './document.ts';
import { commandsOf, type Words } from './shell-blocks.ts';

const DOCUMENT = documentOf('docs/questions.md');

/** The functions and variables that its blocks use, as somebody sets them before. */
const BEFORE = codeBlocks(DOCUMENT, 'bash').join('\n');

/** A question of docs/questions.md, and its ways to ask it, each as a shell would run it. */
export interface DocumentedQuestion {
  readonly number: number;
  readonly title: string;
  readonly text: string;
  /** The block of commands: of the service, over files, of the API. */
  readonly commands: string;
  readonly dynamodb: string | undefined;
  readonly sql: string | undefined;
}

export const QUESTIONS: readonly DocumentedQuestion[] = sectionsOf(DOCUMENT, 2).flatMap(({ title, text }) => {
  const [, number] = /^(\d+)\. /.exec(title) ?? [];
  if (number === undefined) return [];
  const [commands = '', dynamodb] = codeBlocks(text, 'sh');
  return [{ number: Number(number), title, text, commands, dynamodb, sql: codeBlocks(text, 'sql')[0] }];
});

/** The commands of a block, with what the document sets before. `url` is the service's. */
export function asTyped(block: string, url: string): Promise<readonly Words[]> {
  return commandsOf(block, { API_URL: url }, BEFORE);
}

/** Returns whether the document says that nothing in the examples answers it. */
export function isEmptyInExamples({ text }: DocumentedQuestion): boolean {
  return /In the examples (?:nobody|nothing)/.test(text);
}

/** Returns whether it says that files answer with more than the service, and why. */
export function tellsMoreOverFiles({ text }: DocumentedQuestion): boolean {
  return /so\s+files\s+show\s+more/.test(text);
}
