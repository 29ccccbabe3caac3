import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { queryEvent } from '../cold/first-events.ts';
import { inTurns, median, resultOf } from '../measure.ts';
import type { AllSizes } from '../options.ts';
import { type BenchLine, benchLine, type Figures, rounded } from '../result.ts';
import type { AskTimes, Task } from '../whois/ask.ts';
import { startCounting } from '../whois/counting-dynalite.ts';
import { fillSessions } from '../whois/filled-sessions.ts';
import { bytesIn, temporaryFolder } from '../world/kept.ts';

/**
 * Rows of `/whois` about a known session, compared with the one read that it needs, in a small table and a large one:
 * by the key alone, and by the key and the session, as an audit event states both.
 */

const ASK = join(import.meta.dirname, '..', 'whois', 'ask.ts');
const FEW = 100;

export async function* whoisRows({ sessions, ...sizes }: AllSizes): AsyncGenerator<BenchLine> {
  for (const grants of [FEW, sessions]) yield* rowsOf(grants, sizes);
}

async function* rowsOf(
  grants: number,
  { pairs, questions, warm }: Omit<AllSizes, 'sessions'>,
): AsyncGenerator<BenchLine> {
  using folder = temporaryFolder();
  const start = performance.now();
  const { tables, accessKeyId, principal, at, item } = await fillSessions(join(folder.path, 'tables'), grants);
  const seconds = rounded((performance.now() - start) / 1_000);
  const megabytes = rounded(bytesIn(folder.path) / 1e6);
  await using dynalite = await startCounting(join(folder.path, 'tables'));
  const env = {
    AWS_ENDPOINT_URL: dynalite.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIALOCAL00000000000',
    AWS_SECRET_ACCESS_KEY: 'local',
    SESSIONS_TABLE: tables.sessions,
    CLAIMS_TABLE: tables.claims,
    RECORDS_TABLE: tables.records,
    LOOKUPS: 'off',
  };
  const task = (asks: Task['asks'], question: Record<string, string>): Task => ({
    asks,
    event: queryEvent('/whois', new URLSearchParams(question).toString()),
    expected: 'attributed',
    get: { table: tables.sessions, ...item },
    questions,
    warm,
  });
  const questionsAsked = { whois: { accessKeyId, at }, 'whois-session': { accessKeyId, principal, at } };
  for (const [name, question] of Object.entries(questionsAsked)) {
    const ask = (asks: Task['asks']) => async (): Promise<TimedQuestions> => {
      const before = dynalite.requests();
      const given = join(folder.path, 'task.json');
      writeFileSync(given, JSON.stringify(task(asks, question)));
      const times = await resultOf<AskTimes>([ASK, given], join(folder.path, 'asked.json'), env);
      return { ...times, requests: (dynalite.requests() - before) / (questions + warm) };
    };
    const { ours, theirs } = await inTurns(pairs, ask('api'), ask('get-item'));
    yield benchLine(`${name}-${grants}`, {
      ours: figuresOfAsked(ours),
      against: { what: 'one GetItem by the bare SDK', ...figuresOfAsked(theirs) },
      reach: 'at most 2, and the same number of requests in every table',
      note: `${grants} grants in the table, of dynalite: ${megabytes} MB on disk, filled in ${seconds} s`,
    });
  }
}

type TimedQuestions = AskTimes & { readonly requests: number };

function figuresOfAsked(runs: readonly TimedQuestions[]): Figures {
  const sorted = runs.flatMap(({ answers }) => answers).toSorted((a, b) => a - b);
  const at = (share: number) => rounded(sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN);
  return {
    p50Millis: at(0.5),
    p95Millis: at(0.95),
    p99Millis: at(0.99),
    cpuMillis: rounded(median(runs.map(({ cpuMillis }) => cpuMillis))),
    requests: rounded(median(runs.map(({ requests }) => requests))),
  };
}
