import type { ErrorCode } from '../error-code.ts';

/** The error for one item that a store refuses or cannot read. It is permanent. Other items are not affected. */
export abstract class StoredItemError extends Error {
  abstract readonly code: Extract<ErrorCode, 'item-refused' | 'item-unreadable' | 'key-size'>;
}

/** A stored item that cannot be read. */
export interface FaultyItem {
  /** Id of the claim, the announced delivery, or the record. */
  readonly id: string;
  readonly fault: StoredItemError;
}
