import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENDINGS } from '../../lib/adapters/dynamodb/record-item.ts';
import { TABLES, tableNames } from '../../lib/adapters/dynamodb/tables.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { isJsonObject } from '../../lib/json.ts';
import { runWithin } from '../builders/within.ts';
import { type DeployedTables, startWithExamples, TABLE } from '../records/deployed-tables.ts';
import { asTyped, type DocumentedQuestion, isEmptyInExamples, QUESTIONS, tellsMoreOverFiles } from './asked.ts';
import { countsOfCommand, type Runner, rowsOfCommand, rowsOfTables, WITH_JQ } from './asking.ts';
import { codeBlocks, documentOf, tableRows } from './document.ts';
import { eventIdsOf, factsOf, levelOf } from './facts.ts';
import type { Words } from './shell-blocks.ts';
import { answersOfSql, type SqlRow } from './sql-over-records.ts';
import { TablesAtRest } from './tables-at-rest.ts';

const DOCUMENT = documentOf('docs/questions.md');
const OF_SQL = QUESTIONS.filter(({ sql }) => sql !== undefined);

let tables: DeployedTables;
let atRest: TablesAtRest;
let ofSql: ReadonlyMap<number, readonly SqlRow[]>;

beforeAll(async () => {
  tables = await startWithExamples();
  atRest = new TablesAtRest(tables.aws.url, tableNames(TABLE));
  const records = await rowsOfCommand(['eks-whois', 'attribute', ...FILES], overFiles);
  const answers = answersOfSql(
    records as AuditRecord[],
    OF_SQL.map(({ sql = '' }) => sql),
  );
  ofSql = new Map(OF_SQL.map(({ number }, at) => [number, answers[at] ?? []]));
});

afterAll(async () => {
  atRest?.stop();
  await tables?.stop();
});

/** An address at which nothing listens. */
const NOWHERE = 'http://127.0.0.1:9';
const FILES = ['--audit', 'examples/audit', '--cloudtrail', 'examples/cloudtrail'];

/** A command of the document. All of them run in one environment. */
const run: Runner = (args) =>
  runWithin(args, { environment: { ...process.env, NO_COLOR: '1', ...tables.environment } });
const overFiles: Runner = run;
const ofTables: Runner = (args) => run([...withoutApi(args), '--table', TABLE]);

function withoutApi(args: Words): Words {
  return args.filter((word, at) => word !== '--api' && args[at - 1] !== '--api');
}

/** The service's command and that over files, with what each says. */
interface Answers {
  readonly service: Words;
  readonly files: Words;
  readonly byService: readonly unknown[];
  readonly byFiles: readonly unknown[];
}

const query = new Map<number, Promise<Answers>>();

/** Each question is asked once. */
function answersTo(question: DocumentedQuestion): Promise<Answers> {
  const known = query.get(question.number) ?? ask(question);
  query.set(question.number, known);
  return known;
}

async function ask({ commands }: DocumentedQuestion): Promise<Answers> {
  const [service = [], files = []] = await asTyped(commands, NOWHERE);
  const byService = await rowsOfCommand(service, ofTables);
  return { service, files, byService, byFiles: await rowsOfCommand(files, overFiles) };
}

describe.each(QUESTIONS.filter(({ commands }) => !commands.startsWith('eks-whois doctor')))('$title', (question) => {
  it('has the command for the service, that over files and the API call', async () => {
    const [service = [], files = [], api = [], ...more] = await asTyped(question.commands, NOWHERE);
    expect([service[0], files[0], api[0], more]).toEqual(['eks-whois', 'eks-whois', 'curl', []]);
    expect(service).not.toContain('--cloudtrail');
    expect(files).toContain('--cloudtrail');
    if (service[1] === 'records' || service[1] === 'sessions') expect(files).toEqual([...service, ...FILES]);
  });

  it('is answered alike by the service and over files', async () => {
    const { service, files, byService, byFiles } = await answersTo(question);
    const level = levelOf([byService, byFiles]);
    const [ofService, ofFiles] = [factsOf(byService, level), factsOf(byFiles, level)];
    if (tellsMoreOverFiles(question)) expect(ofFiles).toEqual(expect.arrayContaining([...ofService]));
    else expect(ofFiles).toEqual(ofService);
    expect(ofService.length === 0, 'answered by nothing').toBe(isEmptyInExamples(question));
    if (!service.includes('--summary')) return;
    expect(countsOf(await countsOfCommand(files, overFiles))).toEqual(
      countsOf(await countsOfCommand(service, ofTables)),
    );
  });

  it.runIf(question.dynamodb !== undefined && (WITH_JQ || !/\| jq /.test(question.dynamodb)))(
    'is answered alike by DynamoDB, or its evidence is there',
    async () => {
      const block = await asTyped(question.dynamodb ?? '', NOWHERE);
      const [byTables, { byService }] = [await rowsOfTables(block, atRest), await answersTo(question)];
      if (levelOf([byService]) === 'identities') {
        const [answer] = byService.filter(isJsonObject);
        const [wanted = 'no grant'] =
          eventIdsOf(answer ?? {})
            .at(-1)
            ?.split(' ') ?? [];
        expect(JSON.stringify(byTables)).toContain(wanted);
      } else {
        const level = levelOf([byService, byTables]);
        expect(factsOf(byTables, level)).toEqual(factsOf(byService, level));
      }
    },
  );

  it.runIf(question.sql !== undefined)('is answered alike by SQL over the export', async () => {
    const { byService } = await answersTo(question);
    expect(factsOf(ofSql.get(question.number) ?? [], 'records')).toEqual(factsOf(byService, 'records'));
  });
});

/** Returns what each row counts. The rows describe the caller from one of their records, the newest or the oldest: that is left out. */
function countsOf(rows: readonly unknown[]): readonly string[] {
  return rows
    .filter(isJsonObject)
    .map(({ status, actor, count, first, last, clusters, namespaces, verbs }) => {
      const name = isJsonObject(actor) ? actor.name : undefined;
      return JSON.stringify({ status, name, count, first, last, clusters, namespaces, verbs });
    })
    .toSorted();
}

it('the document has forty questions, those of an incident first', () => {
  expect(QUESTIONS.map(({ number }) => number)).toEqual(Array.from({ length: 40 }, (_, at) => at + 1));
});

it('the keys and indexes are those of the tables', () => {
  const keys = tableRows(DOCUMENT, 'key').map(([key]) => key);
  const indexes = Object.values(TABLES).flatMap((table) =>
    table.indexes.map(({ name, hash }) => ({ name: String(name), hash })),
  );
  for (const { name, hash } of indexes.filter((index) => index.name !== 'by-due')) {
    expect(
      keys.some((key) => key?.includes(`\`${hash}\``) && key.includes(`\`${name}\``)),
      name,
    ).toBe(true);
  }
  expect(ENDINGS.join(' ')).toBe('0 1 2 3');
  const loops =
    codeBlocks(DOCUMENT, '(?:ba)?sh')
      .join('\n')
      .match(/\bfor n in .*$/gm) ?? [];
  expect(loops.length).toBeGreaterThan(3);
  for (const loop of loops) expect(loop).toBe(`for n in ${ENDINGS.join(' ')}; do`);
});

it('the README asks three of them in the same words', async () => {
  const shown = [...documentOf('README.md').matchAll(/^\$ npx (eks-whois .*)$/gm)].map(([, command]) => command);
  expect(shown).toHaveLength(3);
  const query = await Promise.all(QUESTIONS.map(({ commands }) => asTyped(commands, 'http://127.0.0.1:3000')));
  expect(query.map(([service = []]) => service.join(' '))).toEqual(expect.arrayContaining(shown));
});
