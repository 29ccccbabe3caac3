import { type Question, questionId } from '../../attribution/questions.ts';
import type { Claim } from '../../claims/claim.ts';

/** A claim that the sessions table does not decide. */
export interface Wanting {
  readonly claim: Claim;
  /** What CloudTrail is to be asked for it. */
  readonly wanted: readonly Question[];
  /** Records that wait for the answer. */
  readonly open: number;
}

/**
 * In which order claims are looked up: those of different accounts by turns, so that none uses up the others' requests;
 * of one account first what settles most records, with all claims that ask the same behind each other, and of equal ones
 * what is due longest.
 */
export function lookUpOrder(wanting: readonly Wanting[]): Wanting[] {
  const records = new Map<string, number>();
  for (const each of wanting) records.set(topicOf(each), (records.get(topicOf(each)) ?? 0) + each.open);
  const settles = (each: Wanting) => records.get(topicOf(each)) ?? 0;
  const inOrder = wanting.toSorted((a, b) => settles(b) - settles(a) || compare(a, b));
  return byTurns(Map.groupBy(inOrder, ({ claim }) => claim.caller.accountId ?? '').values());
}

/** What one answer settles together. */
function topicOf({ wanted: [first] }: Wanting): string {
  return first === undefined ? '' : questionId(first);
}

function compare(a: Wanting, b: Wanting): number {
  return (a.claim.due ?? 0) - (b.claim.due ?? 0) || (topicOf(a) < topicOf(b) ? -1 : 1);
}

function byTurns(groups: Iterable<readonly Wanting[]>): Wanting[] {
  const queues = [...groups];
  const longest = Math.max(0, ...queues.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) => queues.flatMap((queue) => queue[turn] ?? [])).flat();
}
