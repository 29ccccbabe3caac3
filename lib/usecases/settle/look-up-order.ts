import { type Question, questionId } from '../../attribution/questions.ts';
import type { Claim } from '../../claims/claim.ts';
import { byTurns, inTurns } from '../../turns.ts';

/** A claim that needs look-ups in CloudTrail. */
export interface WantingClaim {
  readonly claim: Claim;
  /** The questions to look up for the claim. */
  readonly wanted: readonly Question[];
  /** The number of records that wait for the answer. */
  readonly open: number;
  /** The accounts that sent the claim's records. */
  readonly senders: readonly string[];
}

/**
 * Returns the claims in the order of their look-ups. The accounts that sent the records take turns, so that none uses
 * up the requests of others. An account can forge any caller. Among the claims of one sender, the callers' accounts
 * take turns. Within those, claims that had fewer turns come first. Next come the look-ups that settle the most
 * records. Claims that share a look-up follow each other. Finally, the claim that has been due longest comes first.
 * @param turnsOf returns the number of turns that the claim had.
 */
export function lookUpOrder(
  wanting: readonly WantingClaim[],
  turnsOf: (each: WantingClaim) => number = () => 0,
): readonly WantingClaim[] {
  const records = new Map<string, number>();
  for (const each of wanting) records.set(topicOf(each), (records.get(topicOf(each)) ?? 0) + each.open);
  const settles = (each: WantingClaim) => records.get(topicOf(each)) ?? 0;
  const inOrder = wanting.toSorted((a, b) => turnsOf(a) - turnsOf(b) || settles(b) - settles(a) || compare(a, b));
  const senders = new Set(inOrder.flatMap((each) => each.senders));
  // A claim is in the queue of each sender. So an account that adds a record to the claim of another one cannot delay
  // it.
  const queues = [...senders].map((sender) => inOrder.filter((each) => each.senders.includes(sender)));
  return [...new Set(byTurns(queues.map(callersInTurns)))];
}

function callersInTurns(wanting: readonly WantingClaim[]): readonly WantingClaim[] {
  return inTurns(wanting, ({ claim }) => [claim.caller.accountId]);
}

/** Returns the ID of the claim's first look-up. Claims that share it are looked up one after the other. */
function topicOf({ wanted: [first] }: WantingClaim): string {
  return first === undefined ? '' : questionId(first);
}

function compare(a: WantingClaim, b: WantingClaim): number {
  return (a.claim.due ?? 0) - (b.claim.due ?? 0) || (topicOf(a) < topicOf(b) ? -1 : 1);
}
