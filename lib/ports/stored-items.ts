import type { ErrorCode } from '../error-code.ts';

/** A fault of one item, which a store does not take or cannot read, now and later: its neighbours have no part in it. */
export abstract class StoredItemError extends Error {
  abstract readonly code: Extract<ErrorCode, 'item-refused' | 'item-unreadable' | 'key-size'>;
}

/** An item that is there and cannot be read. */
export interface FaultyItem {
  /** The claim's id, the announced delivery's, or the record's. */
  readonly id: string;
  readonly fault: StoredItemError;
}
