import { REASONS, STATUSES } from '../../attribution/reasons.ts';
import { ALERT_CAUSES } from '../../claims/alert-cause.ts';
import {
  type Arrival,
  type Claim,
  type ClaimIntent,
  type ClaimSummary,
  type FinalPart,
  isListed,
  type ListedStatus,
  type Pass,
  type SentCauses,
  type Window,
} from '../../claims/claim.ts';
import { type DueList, dueListOf } from '../../claims/due-list.ts';
import type { ReadRange } from '../../claims/read-range.ts';
import { actingCaller } from './caller-shape.ts';
import { checkedKey, type Key, sortableTime } from './keys.ts';
import type { Item } from './requests.ts';
import { exactOptional, flag, instant, listOf, number, objectOf, oneOf, read, text } from './shape.ts';

const summary = objectOf<ClaimSummary>({
  count: number,
  statuses: listOf(oneOf(STATUSES)),
  liveStatuses: listOf(oneOf(STATUSES)),
  reasons: listOf(oneOf(REASONS)),
  causes: listOf(oneOf(ALERT_CAUSES)),
  actors: listOf(text),
  clusters: listOf(text),
  verbs: listOf(text),
  namespaces: listOf(text),
  senders: listOf(text),
  open: number,
  first: exactOptional(text),
  last: exactOptional(text),
  unanswered: exactOptional(listOf(text)),
  nextFinal: exactOptional(instant),
  conflicts: exactOptional(listOf(text)),
  conflictPlaces: exactOptional(listOf(text)),
});

const intent = {
  id: text,
  session: text,
  caller: actingCaller,
  status: oneOf(STATUSES),
  live: flag,
  sender: exactOptional(text),
  first: exactOptional(instant),
  last: exactOptional(instant),
};

const window = objectOf<Window>({ since: instant, countedTo: instant, summary });
const finalPart = objectOf<FinalPart>({ before: instant, summary });

export const claimIntentShape = objectOf<ClaimIntent>(intent);

const claimShape = objectOf<Claim>({
  ...intent,
  openedAt: instant,
  touchedAt: instant,
  rounds: number,
  due: exactOptional(instant),
  listedAt: exactOptional(instant),
  until: exactOptional(instant),
  pass: exactOptional(
    objectOf<Pass>({
      startedAt: instant,
      summary,
      window: exactOptional(window),
      without: exactOptional(finalPart),
      freshFrom: exactOptional(instant),
      finalPart: exactOptional(finalPart),
      untimed: exactOptional(number),
      isPartWhole: exactOptional(flag),
      position: exactOptional(text),
    }),
  ),
  summary: exactOptional(summary),
  window: exactOptional(window),
  finalPart: exactOptional(finalPart),
  came: exactOptional(listOf(objectOf<Arrival>({ at: instant, from: instant }))),
  needsLookUp: exactOptional(flag),
  heldSince: exactOptional(instant),
  leftUntil: exactOptional(instant),
  read: exactOptional(listOf(objectOf<ReadRange>({ scope: text, lookup: text, from: instant, to: instant }))),
  alerted: exactOptional(
    objectOf<SentCauses>({ at: instant, causes: listOf(oneOf(ALERT_CAUSES)), unsure: listOf(oneOf(ALERT_CAUSES)) }),
  ),
});

/** The name of the only list of announced deliveries. It has few items, so one partition is enough. */
export const ANNOUNCED = 'announced';

export function claimKey(id: string): Key {
  return checkedKey({ partition: `claim ${id}`, sort: 'claim' });
}

/** Returns the key of a list of due claims in the index. */
export function dueKey(list: DueList): string {
  return `due ${list}`;
}

/**
 * Returns the item of a claim, without its revision. A closed claim has no due time, so its item is not in the index of
 * due claims.
 */
export function claimItem(claim: Claim, expires: number): Item {
  return {
    ...claimKey(claim.id),
    ...(claim.due !== undefined && { dueList: dueKey(dueListOf(claim)), due: claim.due }),
    ...(isListed(claim.status) && { statusList: statusList(claim.status), statusSort: statusSort(claim) }),
    expires,
    claim,
  };
}

/**
 * Parses a claim.
 * @throws UnreadableItemError if the item is not as this program writes it.
 */
export function readClaim(item: Item): Claim {
  return read(claimShape, item.claim, 'claim');
}

/** Returns the ID of the item's claim, even if the rest of the item cannot be read. */
export function claimIdOf({ partition }: Item): string {
  return String(partition).replace(/^claim /, '');
}

export function statusList(status: ListedStatus): string {
  return `status ${status}`;
}

function statusSort({ last, id }: Pick<Claim, 'last' | 'id'>): string {
  return `${sortableTime(last ?? 0)}.${id}`;
}
