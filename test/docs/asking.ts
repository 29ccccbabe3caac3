import { spawn, spawnSync } from 'node:child_process';
import { expect } from 'vitest';
import { isJsonObject, listAt, textAt } from '../../lib/json.ts';
import type { CommandOutcome } from '../builders/command.ts';
import type { Words } from './shell-blocks.ts';
import { plain, type TablesAtRest, type TypedItem } from './tables-at-rest.ts';

export const WITH_JQ = spawnSync('jq', ['--version']).status === 0;

/** How a command of the documents is run: its words without `eks-whois`. */
export type Runner = (args: Words) => Promise<CommandOutcome>;

/** The rows that a command answers with, as JSON in place of what it is shown as; those that are counted, one by one. */
export async function rowsOfCommand(words: Words, run: Runner): Promise<readonly unknown[]> {
  const args = withoutOutput(words.slice(1)).filter((word) => word !== '--summary');
  return parsedRows(await run([...args, '-o', isOfLines(args) ? 'jsonl' : 'json']));
}

/** The rows of a command's `--summary`. */
export async function countsOfCommand(words: Words, run: Runner): Promise<readonly unknown[]> {
  return parsedRows(await run([...withoutOutput(words.slice(1)), '-o', 'jsonl']));
}

function withoutOutput(words: Words): Words {
  return words.filter((word, at) => word !== '-o' && words[at - 1] !== '-o');
}

function isOfLines([command = '']: Words): boolean {
  return ['records', 'attribute', 'sessions'].includes(command);
}

function parsedRows({ status, output, errors }: CommandOutcome): readonly unknown[] {
  expect(status, errors).toBe(0);
  if (/^[[{]\n/.test(output)) return [JSON.parse(output)];
  return lines(output).map((line) => JSON.parse(line) as unknown);
}

/** All pages of what `curl` asks for, as the document says: an empty one may have a cursor too. */
export async function rowsOfRequest(words: Words): Promise<readonly unknown[]> {
  const url = new URL(words.at(-1) ?? '');
  const rows: unknown[] = [];
  for (;;) {
    const answer = await fetch(url);
    const body: unknown = await answer.json();
    expect(answer.status, JSON.stringify(body)).toBe(200);
    if (!isJsonObject(body)) throw new Error('no JSON object');
    const isPerson = body.recognized !== undefined;
    rows.push(...((isPerson ? undefined : (listAt(body, 'records') ?? listAt(body, 'sessions'))) ?? [body]));
    const cursor = textAt(body, 'cursor');
    if (cursor === undefined) return rows;
    url.searchParams.set('cursor', cursor);
  }
}

/** Returns the output of the commands of a DynamoDB block, one after the other. */
export async function rowsOfTables(block: readonly Words[], tables: TablesAtRest): Promise<readonly unknown[]> {
  let rows: readonly unknown[] = [];
  let items: readonly TypedItem[] = [];
  for (const words of block) {
    const [program, ...args] = words;
    if (program === 'aws') {
      items = [...items, ...(await tables.answer(words))];
      rows = items.map((item) => plain({ M: item }));
    } else if (program === 'items') rows = await tables.itemsOf(items, args[0]);
    else if (program === 'jq') rows = await filtered(args, rows);
    else throw new Error(`${program} asks no table`);
  }
  return rows;
}

async function filtered(args: Words, rows: readonly unknown[]): Promise<readonly unknown[]> {
  const child = spawn('jq', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (piece: Buffer) => (output += piece.toString('utf8')));
  child.stdin.end(rows.map((row) => JSON.stringify(row)).join('\n'));
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect(status).toBe(0);
  return lines(output).map((line) => JSON.parse(line) as unknown);
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
