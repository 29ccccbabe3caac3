import { afterAll, beforeAll, expect, it } from 'vitest';
import { isJsonObject, type JsonObject, listAt, objectAt, textAt } from '../../lib/json.ts';
import { type CommandOutcome, runCommand } from '../builders/command.ts';
import { type RunningService, startService } from '../service/running-service.ts';
import { codeBlocks, documentOf, sectionsOf } from './document.ts';
import { commandsOf, type Words } from './shell-blocks.ts';

const DOCUMENT = documentOf('docs/incident-questions.md');
const BEFORE = codeBlocks(DOCUMENT, 'bash').join('\n');

interface IncidentQuestion {
  readonly title: string;
  readonly commands: string;
  /** Texts that every answer has to contain. */
  readonly facts: readonly string[];
  /** Texts that are never an actor of the answer. */
  readonly never: readonly string[];
  readonly status: number;
  readonly hasApi: boolean;
}

const QUESTIONS: readonly IncidentQuestion[] = sectionsOf(DOCUMENT, 2)
  .filter(({ title }) => /^\d+\. /.test(title))
  .map(({ title, text }) => ({
    title,
    commands: codeBlocks(text, 'sh')[0] ?? '',
    facts: spansOf(paragraph(text, 'Answer')),
    never: spansOf(paragraph(text, 'Never')),
    status: Number(/The exit status is (\d)\./.exec(text)?.[1] ?? 0),
    hasApi: !text.includes('The API has no report.'),
  }));

function paragraph(text: string, name: string): string {
  return new RegExp(`^\\*\\*${name}:\\*\\* ([\\s\\S]*?)\\n\\n`, 'm').exec(text)?.[1] ?? '';
}

function spansOf(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, span]) => String(span).replace(/\s+/g, ' '));
}

let service: RunningService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

it('the document has twenty-five questions, each with an answer', () => {
  expect(QUESTIONS.map(({ title }) => Number.parseInt(title, 10))).toEqual(
    Array.from({ length: 25 }, (_, at) => at + 1),
  );
  for (const { title, facts } of QUESTIONS) expect(facts, title).not.toEqual([]);
});

const asTyped = ({ commands }: IncidentQuestion) => commandsOf(commands, { API_URL: service.url }, BEFORE);

it.each(QUESTIONS)('$title is answered by the service', async (question) => {
  const [words = []] = await asTyped(question);
  await answers(question, words, { EKS_WHOIS_API: service.url });
});

it.each(QUESTIONS)('$title is answered over files', async (question) => {
  const [, words = []] = await asTyped(question);
  expect(words).toEqual(expect.arrayContaining(['--audit', '--cloudtrail']));
  await answers(question, words);
});

it.each(QUESTIONS.filter(({ hasApi }) => hasApi))('$title is answered by the API', async (question) => {
  const [, , words = [], ...more] = await asTyped(question);
  expect(more).toEqual([]);
  const answer = await fetch(await urlOf(words));
  const body: unknown = await answer.json();
  expect(answer.status, JSON.stringify(body)).toBe(200);
  const text = JSON.stringify(body);
  for (const fact of question.facts.filter(isOfLog)) expect(text).toContain(fact);
  namesOnlyAllowed(question, body);
});

/** Runs a command as a person reads it and as a program does. Both have the answer, and no actor that it rules out. */
async function answers(question: IncidentQuestion, words: Words, environment?: Record<string, string>): Promise<void> {
  const args = words.slice(1);
  const read: CommandOutcome = await runCommand(args, undefined, environment);
  expect(read.status, read.errors).toBe(question.status);
  const text = read.output.replace(/\s+/g, ' ');
  for (const fact of question.facts) expect(text).toContain(fact);
  const asJson = await runCommand([...args, '-o', 'json'], undefined, environment);
  expect(asJson.status, asJson.errors).toBe(question.status);
  namesOnlyAllowed(question, JSON.parse(asJson.output));
}

/** Returns whether the API's answer has the fact as the log has it: an ID, an address, a key or a name. */
function isOfLog(fact: string): boolean {
  return /^(?:[0-9a-f]{8}-[0-9a-f-]{27}|A[KS]IA[0-9A-Z]{16}|\d+(?:\.\d+){3}|[\w:.]+@[\w.]+|[a-z]+\.[a-z]+)$/.test(fact);
}

function namesOnlyAllowed({ never, title }: IncidentQuestion, answer: unknown): void {
  const names = actorsOf(answer).map((actor) => textAt(actor, 'name'));
  for (const name of never) expect(names, title).not.toContain(name);
}

/** The actors whom an answer gives, without candidates. */
function actorsOf(value: unknown): readonly JsonObject[] {
  if (Array.isArray(value)) return value.flatMap(actorsOf);
  if (!isJsonObject(value)) return [];
  const attribution = objectAt(value, 'attribution') ?? value;
  const own = textAt(attribution, 'status') === 'attributed' ? [objectAt(attribution, 'actor')] : [];
  const lists = ['records', 'requests', 'sections'].flatMap((key) => listAt(value, key) ?? []);
  return [...own.filter((actor) => actor !== undefined), ...actorsOf(lists)];
}

/** Returns the URL that curl requests. With `-G`, each `--data-urlencode name@file` or `name=value` becomes a parameter. */
async function urlOf(words: Words): Promise<URL> {
  const url = new URL(words.at(-1) ?? '');
  for (const [at, word] of words.entries()) {
    if (word !== '--data-urlencode') continue;
    const [, name = '', sign, value = ''] = /^(\w+)([@=])(.*)$/.exec(words[at + 1] ?? '') ?? [];
    url.searchParams.append(name, sign === '@' ? documentOf(value) : value);
  }
  return url;
}
