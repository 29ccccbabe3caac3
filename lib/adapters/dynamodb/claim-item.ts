import { type Claim, isListed, type ListedStatus } from '../../claims/claim.ts';
import { claimShape } from './claim-shape.ts';
import { checkedKey, type Key, sortableTime } from './keys.ts';
import type { Item } from './requests.ts';
import { fieldsOf, number, type Read, read } from './shape.ts';

/** The one list of open claims, and that of announced deliveries: few enough for a partition each. */
export const DUE = 'due';
export const ANNOUNCED = 'announced';

/** Of a claim's item, what is read again. */
const claimItemShape = fieldsOf({ claim: claimShape, revision: number });
export type VersionedClaim = Read<typeof claimItemShape>;

export function claimKey(id: string): Key {
  return checkedKey({ partition: `claim ${id}`, sort: 'claim' });
}

/** Without its revision. Closing takes the due time away, and with it the item from the index; the item stays. */
export function claimItem(claim: Claim, expires: number): Item {
  return {
    ...claimKey(claim.id),
    ...(claim.due !== undefined && { dueList: DUE, due: claim.due }),
    ...(isListed(claim.status) && { statusList: statusList(claim.status), statusSort: statusSort(claim) }),
    expires,
    claim,
  };
}

/** @throws UnreadableItemError where the item is not as this program writes it. */
export function readClaim(item: Item): VersionedClaim {
  return read(claimItemShape, item);
}

/** The id of a claim's item, also where it cannot be read. */
export function claimIdOf({ partition }: Item): string {
  return String(partition).replace(/^claim /, '');
}

export function statusList(status: ListedStatus): string {
  return `status ${status}`;
}

export function statusSort({ last, id }: Pick<Claim, 'last' | 'id'>): string {
  return `${sortableTime(last ?? 0)}.${id}`;
}
