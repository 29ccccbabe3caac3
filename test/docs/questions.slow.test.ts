import { spawn, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsAuth } from '../../examples/aws-auth.ts';
import { SHARDS } from '../../lib/adapters/dynamodb/record-item.ts';
import { TABLES } from '../../lib/adapters/dynamodb/tables.ts';
import { isJsonObject, listAt, textAt } from '../../lib/json.ts';
import { startAccount } from '../../local/account/server.ts';
import { runCommand } from '../builders/command.ts';
import { person } from '../kubeconfig/running.ts';
import { codeBlocks, documentOf, sectionsOf, tableRows } from './document.ts';
import { type LocalService, startLocalService } from './local-service.ts';
import { commandsOf, type Words } from './shell-blocks.ts';
import { plain, type TypedItem } from './tables-at-rest.ts';

const DOCUMENT = documentOf('docs/questions.md');
const QUESTIONS = sectionsOf(DOCUMENT, 2).filter(({ title }) => /^\d+\. /.test(title));
const WITH_JQ = spawnSync('jq', ['--version']).status === 0;

/** Rows of what a block answers with: lines of text, or JSON. */
interface Answer {
  readonly rows: readonly string[];
  readonly status: number | null;
}

let service: LocalService;
beforeAll(async () => {
  service = await startLocalService();
});
afterAll(() => service.stop());

async function answerTo(block: string): Promise<Answer> {
  let rows: readonly string[] = [];
  let items: readonly TypedItem[] = [];
  let status: number | null = 0;
  for (const words of await commandsOf(block, { API_URL: service.url })) {
    const [program, ...args] = words;
    if (program === 'aws') {
      items = [...items, ...(await service.tables.answer(words))];
      rows = items.map((item) => JSON.stringify(plain({ M: item })));
    } else if (program === 'items') {
      rows = (await service.tables.itemsOf(items, args[0])).map((item) => JSON.stringify(item));
    } else if (program === 'jq') rows = await filtered(args, rows);
    else if (program === 'curl') rows = await requested(args);
    else {
      const ran = await runCommand(args);
      status = ran.status;
      rows = rowsOf(ran.output);
    }
  }
  return { rows, status };
}

/** Without `jq` on the machine all rows stay: then only the count is not proven. */
async function filtered(args: Words, rows: readonly string[]): Promise<readonly string[]> {
  if (!WITH_JQ) return rows;
  const child = spawn('jq', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (piece: Buffer) => (output += piece.toString('utf8')));
  child.stdin.end(rows.join('\n'));
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect(status).toBe(0);
  return lines(output);
}

/** All pages, as the document says: an empty one may have a cursor too. */
async function requested(args: Words): Promise<readonly string[]> {
  const url = new URL(args.at(-1) ?? '');
  const rows: unknown[] = [];
  for (;;) {
    const answer = await fetch(url);
    const body: unknown = await answer.json();
    expect(answer.status, JSON.stringify(body)).toBe(200);
    if (!isJsonObject(body)) throw new Error('no JSON object');
    rows.push(...(listAt(body, 'records') ?? listAt(body, 'sessions') ?? [body]));
    const cursor = textAt(body, 'cursor');
    if (cursor === undefined) return rows.map((row) => JSON.stringify(row));
    url.searchParams.set('cursor', cursor);
  }
}

/** A table's rows without its head and the sum below it; one JSON object is one row. */
function rowsOf(output: string): readonly string[] {
  if (/^\{\n/.test(output)) return [JSON.stringify(JSON.parse(output))];
  return lines(output).filter(
    (line) => !/^(?:(?:TIME|STATUS|WHO|FLAGS) |and [\d,]+ requests? of the cluster itself)/.test(line),
  );
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** What an answer must be: so many rows, and what each of them says (the API's: what some say, where more is asked for). */
interface Expected {
  readonly rows: readonly [command: number, api: number, dynamodb: number];
  readonly says: RegExp;
  /** Where DynamoDB has the evidence and not the answer, it says something else. */
  readonly evidence?: RegExp;
  /** The command answers in words, of which one line says it. */
  readonly inWords?: true;
}

const EXPECTED: Readonly<Record<string, Expected>> = {
  1: { rows: [4, 6, 5], says: /ana\.silva/ },
  2: { rows: [14, 1, 2], says: /hana\.sato/, evidence: /"sourceIdentity":"hana\.sato"/, inWords: true },
  3: { rows: [3, 3, 3], says: /session-name-unknown|no-matching-grant|access-key-not-seen/ },
  5: { rows: [1, 1, 2], says: /"name":"hana\.sato"/, evidence: /"accessKeyId":"ASIA77YCHGK2XEXAMPLE"/ },
  6: { rows: [1, 2, 2], says: /ana\.silva/ },
  7: { rows: [9, 1, 2], says: /ben\.okafor/, evidence: /"sessionName":"ben\.okafor"/, inWords: true },
  8: { rows: [1, 22, 1], says: /"verb":"delete".*"name":"ben\.okafor"|"name":"ben\.okafor".*"verb":"delete"/ },
  9: { rows: [4, 4, 4], says: /2026-03-10T10:/ },
  10: { rows: [3, 22, 3], says: /"resource":"secrets"/ },
  11: { rows: [1, 20, 1], says: /"subresource":"exec"/ },
  12: { rows: [1, 6, 1], says: /"code":403/ },
  13: { rows: [3, 3, 3], says: /dmitri\.volkov/ },
  14: { rows: [4, 5, 5], says: /ana\.silva/ },
  15: { rows: [4, 4, 1], says: /hana\.sato/, evidence: /"sort":"hana\.sato"/ },
  16: { rows: [12, 20, 9], says: /payments/, evidence: /"count":\d+/ },
  17: { rows: [3, 3, 2], says: /ben\.okafor.*ana\.silva|ana\.silva.*ben\.okafor/ },
  18: { rows: [4, 4, 4], says: /upstream-grant-not-found|caller-account-not-logged|acts-for-impersonated-user/ },
  19: { rows: [4, 22, 5], says: /claims-other-actor|used-by-person|impersonation/ },
  20: { rows: [4, 4, 4], says: /7600b609-b0d5-48ca-a84a-08dc5595e7c9/ },
};

const WAYS = ['command', 'API call', 'DynamoDB query'] as const;

describe.each(QUESTIONS)('$title', ({ title, text }) => {
  const number = title.split('.')[0] ?? '';
  const expected = EXPECTED[number];
  const blocks = codeBlocks(text, 'sh');

  if (expected === undefined) {
    it('is answered by doctor alone, and says so', async () => {
      expect(number).toBe('4');
      expect(text).toMatch(/^API: it cannot tell/m);
      expect(text).toMatch(/^DynamoDB: it cannot tell/m);
      expect(blocks).toHaveLength(1);
      const [words = []] = await commandsOf(blocks[0] ?? '', { API_URL: service.url });
      const { eksWhois, keep } = await person({ clusters: [{ name: 'prod', region: 'eu-west-1' }] });
      const account = await startAccount({ roles: { 'arn:aws:iam::777788889999:role/legacy-ops': {} } });
      await keep('examples/aws-auth.yaml', awsAuth());
      const ended = await eksWhois(words.slice(1), {
        AWS_ENDPOINT_URL_CLOUDTRAIL: account.url,
        AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: account.url,
        AWS_ENDPOINT_URL_EVENTBRIDGE: account.url,
        AWS_ENDPOINT_URL_IAM: account.url,
      });
      await account.close();
      expect(ended.stdout).toMatch(/trail-missing[\s\S]*username-loses-session/);
      expect(ended.stdout).toMatch(/^ {2}mend: /m);
      expect(ended.status).toBe(3);
    });
    return;
  }

  it('has the command, the API call and the DynamoDB query', () => {
    expect(blocks.map((block) => block.match(/\b(eks-whois|curl|aws) /)?.[1])).toEqual(['eks-whois', 'curl', 'aws']);
  });

  it.concurrent.each(WAYS)('the %s answers it', async (way) => {
    const at = WAYS.indexOf(way);
    const block = blocks[at] ?? '';
    const { rows, status } = await answerTo(block);
    expect(status).toBe(0);
    const says = at === 2 ? (expected.evidence ?? expected.says) : expected.says;
    const silent = rows.filter((row) => !says.test(row));
    expect(silent.length, shortly(rows)).toBeLessThan(rows.length);
    if (!WITH_JQ && /\| jq /.test(block)) return;
    expect(rows.length, shortly(rows)).toBe(expected.rows[at]);
    if (at !== 1 && !(at === 0 && expected.inWords)) expect(silent).toEqual([]);
  });
});

function shortly(rows: readonly string[]): string {
  return rows.join('\n').slice(0, 2_000);
}

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
  expect(SHARDS.join(' ')).toBe('0 1 2 3');
  for (const loop of DOCUMENT.match(/^for n in .*$/gm) ?? []) expect(loop).toBe(`for n in ${SHARDS.join(' ')}; do`);
});

it('there are twenty', () => {
  expect(QUESTIONS.map(({ title }) => title.split('.')[0])).toEqual(
    Array.from({ length: 20 }, (_, n) => String(n + 1)),
  );
});

describe('the first steps of docs/alerts.md that ask the service', () => {
  const asked = [...documentOf('docs/alerts.md').matchAll(/`(eks-whois [^`<]* --api "\$API_URL")`/g)].map(
    ([, step]) => step,
  );
  const environment = () => ({
    API_URL: service.url,
    SESSION: 'AROAHV7GPLCB4FEXAMPLE:etl-debug',
    KEY: 'ASIATFFKRGHYWEXAMPLE',
  });

  it.concurrent.each([...new Set(asked)].filter((step) => !/ doctor /.test(String(step))))('%s', async (step) => {
    const [words = []] = await commandsOf(String(step), environment());
    const { status, output } = await runCommand(words.slice(1));
    expect(status).toBe(0);
    expect(rowsOf(output)).not.toEqual([]);
  });
});

it('the README asks the first four as they are asked here', () => {
  const section = sectionsOf(documentOf('README.md'), 2).find(({ title }) => title === 'One command each');
  const shown = [...(section?.text ?? '').matchAll(/^\$ npx (eks-whois .*)$/gm)].map(([, command]) => command);
  const asked = QUESTIONS.slice(0, 4).map(({ text }) => {
    const [command = ''] = codeBlocks(text, 'sh');
    const isLocalByDefault = /eks-whois (?:records|sessions) /.test(command);
    return command
      .replace(/\s*\\?\n\s*/g, ' ')
      .replace(' --api "$API_URL"', isLocalByDefault ? '' : ' --api http://127.0.0.1:3000')
      .trim();
  });
  expect(shown).toEqual(asked);
});
