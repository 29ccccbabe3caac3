import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { COMMAND_NAMES } from '../../cli/command-names.ts';
import { isJsonObject, parseJson } from '../../lib/json.ts';
import { type CommandOutcome, Folder, runCommand } from '../builders/command.ts';
import { deployed, environment } from '../functions/deployed.ts';
import { type DeployedTables, startWithExamples, TABLE } from '../records/deployed-tables.ts';
import { exampleLines, FILES, wordsOf } from './examples.ts';

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

const EXECS_ID = '60e442b4-3ced-423b-a0e2-2c3a7220f24e';

/** Questions whose answers suggest commands, without the place. */
const QUESTIONS: readonly (readonly string[])[] = [
  ['whois', 'what was done with the token JTI=4c1f5b1e-0000-4000-8000-000000000001?'],
  ['whois', 'what was done with the token that ana.silva requested for service account shop/deployer?'],
  ['whois', 'ana.silva'],
  ['whois', 'system:serviceaccount:reports:report-exporter'],
  ['whois', 'arn:aws:eks:eu-west-1:111122223333:cluster/prod'],
  ['whois', exampleLines().slice(20, 24).join('\n')],
  ['whois', '--principal', 'AROAEXAMPLE2222222222:EKSGetTokenAuth', '--at', '2026-03-10T15:03:03Z'],
  ['related', EXECS_ID],
  ['incident', 'ana.silva', '--at', '2026-03-10T14:00:00Z'],
  ['incident', 'system:anonymous', '--at', '2026-03-10T14:00:00Z'],
  ['sessions', '--forged', '--cluster', 'nowhere'],
  ['records', '--actor', 'ana.silva', '--from', '2026-03-10'],
  ['records', '--actor', 'EKSGetTokenAut', '--from', '2026-03-10', '--summary'],
  ['records', '--key', 'AKIAEXAMPLE123456789', '--from', '2026-03-10'],
];

/** The questions that are also asked for JSON, and those that are also asked to the API: what differs there is only its place. */
const AS_JSON = QUESTIONS.filter(([command]) => command === 'whois' || command === 'related').slice(0, 8);
const TO_API = QUESTIONS.slice(1, 3);

/** Commands without a place: they ask AWS or the user's own machine. */
const WITHOUT_PLACE: ReadonlySet<string> = new Set(['doctor', 'configure', 'backfill']);

/** Sentences in which the user is told to look elsewhere than where the question was asked. */
const ELSEWHERE = /CloudTrail: eks-whois |its files: eks-whois /;

/** What stands in the commands in capital letters, for what only the user knows. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  ID: EXECS_ID,
  'AUDIT-ID': EXECS_ID,
  TIME: '2026-03-10T12:00:00Z',
  NAME: 'prod',
  FLAG: 'impersonation',
};

/** All texts of an answer: its lines, or the strings of its JSON. */
function textsOf(output: string): readonly string[] {
  const parsed = parseJson(output);
  return parsed.ok && isJsonObject(parsed.value) ? stringsIn(parsed.value) : output.split('\n');
}

/** What two commands have in common if they differ in values only: the command, and its options. */
function shapeOf([name = '', ...words]: readonly string[]): string {
  return [name, ...words.filter((word) => word.startsWith('--'))].join(' ');
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.split('\n');
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  return isJsonObject(value) ? Object.values(value).flatMap(stringsIn) : [];
}

/** The commands of a text, each from its name to the end of the sentence or of the clause. */
function commandsIn(text: string): (readonly string[])[] {
  if (ELSEWHERE.test(text)) return [];
  return [...text.matchAll(/(?<![\w./:-])eks-whois (?=\S)/g)].flatMap(({ index }) => {
    const written = text.slice(index).match(/(?:[^\s']|'[^']*')+/g) ?? [];
    const end = written.findIndex((word) => /[.,;)]$/.test(word));
    const own = written
      .slice(1, end < 0 ? undefined : end + 1)
      .join(' ')
      .replace(/[.,;)]+$/, '');
    const words = wordsOf(own);
    return COMMAND_NAMES.includes(words[0] ?? '') ? [words] : [];
  });
}

let tables: DeployedTables;
let server: Server;
let api: string;
const folder = new Folder();

beforeAll(async () => {
  tables = await startWithExamples();
  const names = ['sessions', 'claims', 'records'].map((name) => [`${name.toUpperCase()}_TABLE`, `${TABLE}-${name}`]);
  const own = {
    ...environment(deployed({}), 'api'),
    ...(Object.fromEntries(names) as Record<string, string>),
    ...tables.environment,
  };
  const quiet = { POWERTOOLS_METRICS_DISABLED: 'true', POWERTOOLS_LOG_LEVEL: 'SILENT' };
  for (const [name, value] of Object.entries({ ...own, ...quiet, LOOKUPS: 'off' })) vi.stubEnv(name, value);
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  vi.spyOn(console, 'info').mockImplementation(() => undefined);
  const handler = (await import('../../functions/api.ts')).handler as unknown as Handler;
  server = createServer(async ({ url = '' }, response) => {
    const { pathname: rawPath, search } = new URL(url, 'http://localhost');
    const request = {
      routeKey: `GET ${rawPath}`,
      rawPath,
      rawQueryString: search.slice(1),
      requestContext: { requestId: 'q' },
    };
    const answer = await handler(
      request as never,
      { awsRequestId: 'q', getRemainingTimeInMillis: () => 30_000 } as Context,
    );
    response.writeHead(answer.statusCode ?? 500, { 'content-type': 'application/json' }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server?.close();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await tables?.stop();
  folder[Symbol.dispose]();
});

/** The options that each command must have, by the place of the question. */
const PLACES: Readonly<Record<string, () => readonly string[]>> = {
  files: () => FILES,
  table: () => ['--table', TABLE],
  API: () => ['--api', api],
};

const run = (words: readonly string[]): Promise<CommandOutcome> =>
  runCommand(words, undefined, { ...tables.environment, EKS_WHOIS_CONFIG: folder.at('none.yaml') });

/** The commands in the outputs. Those that ask AWS or the user's own machine are left out. */
function placedCommandsIn({ output, errors }: CommandOutcome): readonly (readonly string[])[] {
  const texts = [...textsOf(output), ...errors.split('\n')];
  return texts.flatMap(commandsIn).filter(([name = '']) => !WITHOUT_PLACE.has(name));
}

/** What is wrong with a command as it stands. Undefined if it is right usage. */
async function usageError(words: readonly string[]): Promise<string | undefined> {
  const { status, errors } = await run(words.map((word) => PLACEHOLDERS[word] ?? word));
  return status === 2 ? `${words.join(' ')}: ${errors}` : undefined;
}

describe.each(Object.keys(PLACES))('every command that an answer over %s suggests', (name) => {
  it('runs as it stands, where the question was asked', async () => {
    const place = PLACES[name]?.() ?? [];
    const asked = name === 'API' ? TO_API : [...QUESTIONS, ...AS_JSON.map((question) => [...question, '-o', 'json'])];
    const found: (readonly string[])[] = [];
    for (const question of asked) found.push(...placedCommandsIn(await run([...question, ...place])));
    expect(found.filter((words) => !place.every((word) => words.includes(word)))).toEqual([]);
    const shapes = new Map(found.map((words) => [shapeOf(words), words]));
    expect(shapes.size).toBeGreaterThan(2);
    const flaws: (string | undefined)[] = [];
    for (const words of shapes.values()) flaws.push(await usageError(words));
    expect(flaws.filter((flaw) => flaw !== undefined)).toEqual([]);
  });
});
