import type { ErrorCode } from '../../error-code.ts';
import { type AccessKeyId, accessKeyId } from '../../identity/access-key.ts';
import { type RoleId, roleIdOf } from '../../identity/arn.ts';
import { type AuditId, auditIdOf } from '../../identity/audit-id.ts';
import { isJsonObject } from '../../json.ts';
import { type FaultyItem, StoredItemError } from '../../ports/stored-items.ts';
import { type EpochMillis, epochMillis } from '../../time.ts';
import type { Item } from './requests.ts';

/** An item that is not as this program writes them: from another version, or changed by hand. */
export class UnreadableItemError extends StoredItemError {
  override readonly code = 'item-unreadable' satisfies ErrorCode;

  constructor(place: string, expected: string) {
    super(`A stored item has no ${expected} at ${place}. Was the table written by a newer version?`);
  }
}

/** Reads a value of outside data into a type, or throws an UnreadableItemError. */
export type Shape<T> = (value: unknown, place: string) => T;

export const text: Shape<string> = (value, place) => {
  if (typeof value !== 'string') throw new UnreadableItemError(place, 'text');
  return value;
};

export const keyId: Shape<AccessKeyId> = (value, place) => {
  const key = accessKeyId(text(value, place));
  if (key === undefined) throw new UnreadableItemError(place, 'access key id');
  return key;
};

export const roleId: Shape<RoleId> = (value, place) => roleIdOf(text(value, place));

export const auditId: Shape<AuditId> = (value, place) => auditIdOf(text(value, place));

export const number: Shape<number> = (value, place) => {
  if (typeof value !== 'number') throw new UnreadableItemError(place, 'number');
  return value;
};

export const instant: Shape<EpochMillis> = (value, place) => epochMillis(number(value, place));

export const flag: Shape<boolean> = (value, place) => {
  if (typeof value !== 'boolean') throw new UnreadableItemError(place, 'true or false');
  return value;
};

/** A mark that is there or not. */
export const truth: Shape<true> = (value, place) => {
  if (value !== true) throw new UnreadableItemError(place, 'true');
  return true;
};

export function oneOf<const T extends string>(values: readonly T[]): Shape<T> {
  return (value, place) => {
    const found = values.find((known) => known === value);
    if (found === undefined) throw new UnreadableItemError(place, `one of ${values.join(', ')}`);
    return found;
  };
}

export function listOf<T>(shape: Shape<T>): Shape<readonly T[]> {
  return (value, place) => {
    if (!Array.isArray(value)) throw new UnreadableItemError(place, 'list');
    return value.map((entry: unknown, at) => shape(entry, `${place}[${at}]`));
  };
}

type OptionalKeys<T> = {
  [K in keyof T]-?: undefined extends T[K] ? K : Record<never, never> extends Pick<T, K> ? K : never;
}[keyof T];
type Required<T> = { readonly [K in Exclude<keyof T, OptionalKeys<T>>]: Shape<T[K]> };
type Optional<T> = { readonly [K in OptionalKeys<T>]: Shape<Exclude<T[K], undefined>> };

/** An object of these fields; others are left out. */
export function objectOf<T extends object>(required: Required<T>, optional: Optional<T>): Shape<T> {
  return (value, place) => {
    if (!isJsonObject(value)) throw new UnreadableItemError(place, 'object');
    const fields: Record<string, unknown> = {};
    for (const [key, shape] of Object.entries<Shape<unknown>>(required))
      fields[key] = shape(value[key], `${place}.${key}`);
    for (const [key, shape] of Object.entries<Shape<unknown>>(optional)) {
      if (value[key] !== undefined) fields[key] = shape(value[key], `${place}.${key}`);
    }
    return fields as T; // every field was read by the shape that its type asks for
  };
}

/** The items that can be read, and the faults of the others. `idOf` says whose a fault is. @throws any other failure. */
export function readEach<T>(
  items: readonly Item[],
  read: (item: Item) => T,
  idOf: (item: Item) => string,
): { readonly sound: readonly T[]; readonly faulty: readonly FaultyItem[] } {
  const sound: T[] = [];
  const faulty: FaultyItem[] = [];
  for (const item of items) {
    try {
      sound.push(read(item));
    } catch (fault) {
      if (!(fault instanceof StoredItemError)) throw fault;
      faulty.push({ id: idOf(item), fault });
    }
  }
  return { sound, faulty };
}
