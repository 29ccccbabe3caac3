import { readFileSync, writeFileSync } from 'node:fs';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';

/**
 * Asks the same question repeatedly, and writes how long each answer took: `node bench/whois/ask.ts TASK RESULT`. It
 * uses either the API's handler, in this process, or the SDK alone.
 */

/** The question and how often to ask it. The first `warm` answers are not counted. */
export interface Task {
  readonly asks: 'api' | 'get-item';
  readonly event: object;
  /** Text that the answer must contain. */
  readonly expected: string;
  readonly get: { readonly table: string; readonly partition: string; readonly sort: string };
  readonly questions: number;
  readonly warm: number;
}

/** Durations in milliseconds. */
export interface AskTimes {
  readonly answers: readonly number[];
  readonly cpuMillis: number;
}

const [taskFile = '', result = ''] = process.argv.slice(2);
const task = JSON.parse(readFileSync(taskFile, 'utf8')) as Task;
const ask = task.asks === 'api' ? await apiAsker() : getAsker();
for (let at = 0; at < task.warm; at += 1) await ask();
const before = process.cpuUsage();
const answers: number[] = [];
for (let at = 0; at < task.questions; at += 1) {
  const start = performance.now();
  await ask();
  answers.push(performance.now() - start);
}
const { user, system } = process.cpuUsage(before);
writeFileSync(
  result,
  JSON.stringify({ answers, cpuMillis: (user + system) / 1e3 / task.questions } satisfies AskTimes),
);
process.exit(0);

async function apiAsker(): Promise<() => Promise<void>> {
  const { handler } = await import('../../functions/api.ts');
  const context = { awsRequestId: 'bench', functionName: 'bench', getRemainingTimeInMillis: () => 30_000 };
  return async () => {
    const answer = await handler(task.event as never, context as never); // as API Gateway and Lambda give them
    if (!JSON.stringify(answer).includes(task.expected)) throw new Error(`not answered: ${JSON.stringify(answer)}`);
  };
}

function getAsker(): () => Promise<void> {
  const client = new DynamoDBClient({});
  const { table: TableName, partition, sort } = task.get;
  return async () => {
    const Key = { partition: { S: partition }, sort: { S: sort } };
    const { Item } = await client.send(new GetItemCommand({ TableName, Key }));
    if (Item === undefined) throw new Error(`no item ${partition} ${sort}`);
  };
}
