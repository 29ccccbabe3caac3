import { keyText } from '../../claims/identity.ts';
import type { ErrorCode } from '../../error-code.ts';
import { PositionError } from '../../ports/paging.ts';
import { StoredItemError } from '../../ports/stored-items.ts';
import type { EpochMillis } from '../../time.ts';
import { sha256 } from '../digest.ts';

/** DynamoDB's limits for the two parts of a key, in bytes. dynalite does not check these. */
const LONGEST_PARTITION = 2_048;
const LONGEST_SORT = 1_024;

/** Says that DynamoDB would refuse a key. This is a bug, because texts from outside are shortened before. */
class KeySizeError extends StoredItemError {
  override readonly code = 'key-size' satisfies ErrorCode;
}

export type Key = { readonly partition: string; readonly sort: string };

/**
 * Returns the key.
 * @throws KeySizeError if a part is empty or too long.
 */
export function checkedKey(key: Key): Key {
  checkPart('partition', key.partition, LONGEST_PARTITION);
  checkPart('sort', key.sort, LONGEST_SORT);
  return key;
}

/** Returns whether the text can be the sort key of an item. */
export function isSort(text: string): boolean {
  const bytes = Buffer.byteLength(text);
  return bytes > 0 && bytes <= LONGEST_SORT;
}

export function checkPart(name: string, value: string, longest: number = LONGEST_PARTITION): string {
  const bytes = Buffer.byteLength(value);
  if (bytes > 0 && bytes <= longest) return value;
  throw new KeySizeError(`The key's ${name} has ${bytes} bytes; DynamoDB allows 1 to ${longest}.`);
}

/** Returns a text from outside as a part of a key. A text that is too long becomes its digest. */
export function fitted(outside: string): string {
  return keyText(outside, sha256);
}

const DIGITS = 17;

/** Returns the time as text that sorts like times, to the microsecond. A time before 1970 counts as 1970. */
export function sortableTime(at: EpochMillis | number): string {
  return String(Math.round(Math.min(Math.max(at, 0), 1e13) * 1_000)).padStart(DIGITS, '0');
}

/**
 * Matches a place in an index, as `sortOf` and `statusSort` write it. It is a time, followed by what distinguishes
 * entries of that time.
 */
const PLACE = new RegExp(`^\\d{${DIGITS}}\\..`);

/**
 * Checks the position.
 * @throws PositionError if no page can have ended there. Such a text could sort above or below all places.
 */
export function checkPosition(position: string | undefined): void {
  if (position === undefined || PLACE.test(position)) return;
  throw new PositionError('The position does not belong to this answer.');
}
