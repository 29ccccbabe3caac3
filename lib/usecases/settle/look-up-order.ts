import { type Question, questionId } from '../../attribution/questions.ts';
import type { Claim } from '../../claims/claim.ts';

/** A claim that needs look-ups in CloudTrail. */
export interface Wanting {
  readonly claim: Claim;
  /** Questions to look up for it. */
  readonly wanted: readonly Question[];
  /** Number of records that wait for the answer. */
  readonly open: number;
}

/**
 * Returns the claims in the order of their look-ups. Accounts take turns, so that none uses up the requests of the others.
 * Within an account, look-ups that settle the most records come first, and claims that share a look-up follow each other. Among
 * equals, the claim that has been due longest comes first.
 */
export function lookUpOrder(wanting: readonly Wanting[]): Wanting[] {
  const records = new Map<string, number>();
  for (const each of wanting) records.set(topicOf(each), (records.get(topicOf(each)) ?? 0) + each.open);
  const settles = (each: Wanting) => records.get(topicOf(each)) ?? 0;
  const inOrder = wanting.toSorted((a, b) => settles(b) - settles(a) || compare(a, b));
  return byTurns(Map.groupBy(inOrder, ({ claim }) => claim.caller.accountId ?? '').values());
}

/** Returns the id of the first look-up. Claims with the same one are settled together. */
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
