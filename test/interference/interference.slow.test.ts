import { describe, expect, it } from 'vitest';
import type { AnythingAnswer } from '../../lib/usecases/query/anything/outcomes.ts';
import { IS_SOAK, SEED } from '../builders/chance.ts';
import { ACCOUNT, OTHER_ACCOUNT } from '../builders/company.ts';
import { namedIn } from '../usecases/pasted-world.ts';
import { AskedService, type Delivery } from './asked-service.ts';
import { FLOOD, FLOODS, moved, TIMES } from './attacker.ts';
import { AROUND, GRANTS, type HonestRequest, REQUESTS, WITNESSES } from './honest-world.ts';
import { honestLines, honestRows, listsAbout } from './lists.ts';
import { type Question, questionsAbout } from './questions.ts';

async function honestService(): Promise<AskedService> {
  const service = new AskedService();
  const clusters = Map.groupBy([...AROUND, ...REQUESTS], ({ cluster }) => cluster);
  const deliveries = [...clusters].map(([cluster, own]) => ({
    account: ACCOUNT,
    cluster,
    events: own.map(({ event }) => event),
  }));
  await service.take(GRANTS, deliveries);
  return service;
}

async function flood(service: AskedService, { event, cluster: name }: HonestRequest, kind: string, time: string) {
  const forged = Array.from({ length: FLOOD }, (_, at) => {
    const { event: copy, cluster = name, grants = [], stack } = FLOODS[kind]?.(event, at) ?? { event };
    return { event: moved(copy, TIMES[time]?.(at) ?? 0), cluster, grants, stack };
  });
  const deliveries: Delivery[] = [...Map.groupBy(forged, ({ cluster }) => cluster)].map(([cluster, own]) => ({
    account: OTHER_ACCOUNT,
    cluster,
    events: own.map((each) => each.event),
  }));
  await service.take(
    forged.flatMap(({ grants }) => grants),
    deliveries,
  );
  for (const { stack } of forged) if (stack !== undefined) await service.takeReport(stack, name);
}

/** What the property compares of an answer. */
interface AnswerParts {
  /** Who is named for certain. */
  readonly named: readonly string[];
  readonly text: string;
  readonly flags: readonly string[];
  readonly result: string | undefined;
  /** Whether a field of the answer says that it rests on a part of the requests. */
  readonly isPartial: boolean;
}

function partsOf(answer: AnythingAnswer): AnswerParts {
  const { found } = answer;
  const outcomes = found.map(({ outcome }) => outcome);
  const isCut = outcomes.some(
    ({ isComplete, inLog }) => isComplete === false || ['partly-read', 'not-checked'].includes(inLog?.result ?? ''),
  );
  // Other lists show sessions beside each other, and none of them stands for the answer.
  const ofOne = found.filter(({ outcome }) => outcome.kind === 'attributed' || outcome.inLog?.result === 'one-caller');
  const text = JSON.stringify(outcomes);
  return {
    named: namedIn({ ...answer, found: ofOne }),
    text,
    flags: [...text.matchAll(/"flags":\[([^\]]*)\]/g)].flatMap(([, list = '']) => (list === '' ? [] : list.split(','))),
    result: outcomes[0]?.inLog?.result,
    isPartial: isCut,
  };
}

/** Returns whom the answer names for certain after a flood, and did not name before. */
function newNames(before: AnswerParts, after: AnswerParts): readonly string[] {
  return [...new Set(after.named)].filter((name) => !before.named.includes(name));
}

/** Returns what the answer lacks after a flood without saying so. A flag of a name that is only a candidate's now does not count. */
function silentLosses(before: AnswerParts, after: AnswerParts): readonly string[] {
  if (after.isPartial) return [];
  const flags = before.flags.filter((flag) => flag !== '"name-chosen-by-caller"' && !after.flags.includes(flag));
  const isNone = after.result === 'none' && before.result !== 'none';
  const isCheckedNow = before.result === 'not-checked' && after.result !== before.result;
  return [
    ...WITNESSES.filter((each) => before.text.includes(each) && !after.text.includes(each)),
    ...flags,
    ...(isNone ? ['the request'] : []),
    ...(isCheckedNow ? ['that nothing was checked'] : []),
  ];
}

async function answersOf(service: AskedService, questions: readonly Question[]) {
  const answers = new Map<Question, AnswerParts>();
  for (const question of questions) {
    const answer = await service.ask(question.text);
    if (answer !== undefined) answers.set(question, partsOf(answer));
  }
  return answers;
}

/** What is asked about one request after one flood. */
interface Round {
  readonly request: HonestRequest;
  readonly questions: readonly Question[];
}

/** Requests of different clusters, callers and kinds, with which the rounds of a flood begin. */
const ROUNDS = 3;

/**
 * Returns the rounds of a flood: each kind of question about one request, or each question about each request in a soak. Each flood begins with
 * another request, so that a kind of question is asked about many of them.
 */
function roundsOf(kind: string): readonly Round[] {
  const all = REQUESTS.map((request) => ({ request, questions: questionsAbout(request) }));
  if (IS_SOAK) return all;
  const start = Object.keys(FLOODS).indexOf(kind) + SEED;
  const step = Math.floor(all.length / ROUNDS);
  const inOrder = all.map((_, at) => all[(start + (at % ROUNDS) * step + Math.floor(at / ROUNDS)) % all.length]);
  const kinds = [...new Set(all.flatMap(({ questions }) => questions.map((each) => each.kind)))];
  const chosen = kinds.flatMap((each, at) => {
    const first = at % ROUNDS;
    for (const round of [...inOrder.slice(first), ...inOrder.slice(0, first)]) {
      const question = round?.questions.find((one) => one.kind === each);
      if (round !== undefined && question !== undefined) return [{ request: round.request, question }];
    }
    return [];
  });
  return [...Map.groupBy(chosen, ({ request }) => request)].map(([request, of]) => ({
    request,
    questions: of.map(({ question }) => question),
  }));
}

/** Returns the times of a flood: one of them, another for each flood and request, or all in a soak. */
function timesOf(request: HonestRequest, kind: string): readonly string[] {
  const all = Object.keys(TIMES);
  const turn = REQUESTS.indexOf(request) + Object.keys(FLOODS).indexOf(kind) + SEED;
  return IS_SOAK ? all : all.slice(turn % all.length).slice(0, 1);
}

/** Expects that each list still has all rows that it had before a flood. */
async function expectSameRows(
  request: HonestRequest,
  { before, after }: Readonly<Record<'before' | 'after', AskedService>>,
  time: string,
) {
  for (const list of listsAbout(request)) {
    const left = new Set(await honestRows(after, list));
    const lost = (await honestRows(before, list)).filter((row) => !left.has(row));
    expect.soft(lost, `${request.name}: ${list.kind}, flooded ${time}`).toEqual([]);
  }
  const left = new Set(await honestLines(after, request));
  const lost = (await honestLines(before, request)).filter((line) => !left.has(line));
  expect.soft(lost, `${request.name}: the report of an incident, flooded ${time}`).toEqual([]);
}

describe('every answer about a request of another account', () => {
  const honest = honestService();
  it.each(Object.keys(FLOODS))('names nobody else and hides nothing after a flood of %s', async (kind) => {
    for (const { request, questions } of roundsOf(kind)) {
      const usual = await answersOf(await honest, questions);
      for (const time of timesOf(request, kind)) {
        const service = await honestService();
        await flood(service, request, kind, time);
        const answers = await answersOf(service, questions);
        for (const [question, before] of usual) {
          const after = answers.get(question) ?? before;
          const about = `${request.name}: ${question.kind}, flooded ${time}: ${question.text}`;
          expect.soft(newNames(before, after), about).toEqual([]);
          expect.soft(silentLosses(before, after), about).toEqual([]);
        }
        await expectSameRows(request, { before: await honest, after: service }, time);
      }
    }
  });

  it.each([...new Map(REQUESTS.flatMap(listsAbout).map((list) => [list.kind, list])).values()])(
    'is compared with something before the flood: $kind',
    async ({ kind }) => {
      const lists = REQUESTS.flatMap(listsAbout).filter((list) => list.kind === kind);
      const rows = await Promise.all(lists.map(async (list) => honestRows(await honest, list)));
      expect(rows.flat()).not.toEqual([]);
    },
  );
});
