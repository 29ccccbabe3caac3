import type { ErrorCode } from '../error-code.ts';

/** Says that a store refuses or cannot read one item, for good. Other items are not affected. */
export abstract class StoredItemError extends Error {
  abstract readonly code: Extract<ErrorCode, 'item-refused' | 'item-unreadable' | 'key-size'>;
}

/** A stored item that cannot be read. */
export interface FaultyItem {
  /** The ID of the claim, the announced delivery, or the record. */
  readonly id: string;
  readonly fault: StoredItemError;
}
