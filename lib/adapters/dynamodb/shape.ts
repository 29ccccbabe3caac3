import * as v from 'valibot';
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

/** How a value of outside data is to be. The messages of its issues are what is expected: "text", "list". */
export type Shape<T> = v.GenericSchema<unknown, T>;

/** Reads a value of outside data into the shape's type. @param place where it lies, for the fault; absent: it is the item. */
export function read<T>(shape: Shape<T>, value: unknown, place = ''): T {
  const result = v.safeParse(shape, value, { abortEarly: true });
  if (result.success) return result.output;
  const [{ path = [], message }] = result.issues;
  throw new UnreadableItemError(path.reduce(placeIn, place) || 'the item', message);
}

function placeIn(place: string, { type, key }: v.IssuePathItem): string {
  if (type === 'array') return `${place}[${key}]`;
  return place === '' ? String(key) : `${place}.${key}`;
}

export const text = v.string('text');
export const keyId: Shape<AccessKeyId> = v.custom<AccessKeyId>(
  (value) => typeof value === 'string' && accessKeyId(value) !== undefined,
  'access key id',
);
export const roleId: Shape<RoleId> = v.pipe(text, v.transform<string, RoleId>(roleIdOf));
export const auditId: Shape<AuditId> = v.pipe(text, v.transform<string, AuditId>(auditIdOf));
export const number = v.number('number');
export const flag = v.boolean('true or false');
/** A mark that is there or not. */
export const truth = v.literal(true, 'true');
export const instant = v.pipe(number, v.transform<number, EpochMillis>(epochMillis));

export function oneOf<const T extends string>(values: readonly T[]) {
  return v.picklist(values, `one of ${values.join(', ')}`);
}

export function listOf<T>(shape: Shape<T>) {
  return v.array(shape, 'list');
}

/** A field that may be absent, or there as undefined. */
export function optional<T>(shape: Shape<T>) {
  return v.optional(shape);
}

/** A field that may be absent, where its type does not say that it may be there as undefined. */
export function exactOptional<T>(shape: Shape<T>) {
  return v.exactOptional(shape);
}

const NO_OBJECT = v.never('object');

/** An object of these fields, whose type is what they read; others are left out. */
export function fieldsOf<const E extends v.ObjectEntries>(entries: E) {
  const object = v.object(entries, ({ path }) => expectedAt(entries[String(path?.[0]?.key)]));
  return v.lazy((value): typeof object | typeof NO_OBJECT => (isJsonObject(value) ? object : NO_OBJECT));
}

/** An object of this type. It must have a shape for each of the type's fields, and for no others. */
export function objectOf<T extends object>(entries: EntriesOf<T>): Shape<T> {
  return fieldsOf<EntriesOf<T> & v.ObjectEntries>(entries) as Shape<object> as Shape<T>; // each field has its type's shape
}

type EntriesOf<T> = { readonly [K in keyof T]-?: EntryOf<Pick<T, K>, Exclude<T[K], undefined>> };
type EntryOf<Field, T> = Record<never, never> extends Field ? OptionalShape<Field, T> : RequiredShape<T>;
type OptionalShape<Field, T> =
  | v.ExactOptionalSchema<Shape<T>, undefined>
  | ({ readonly [K in keyof Field]: undefined } extends Field ? v.OptionalSchema<Shape<T>, undefined> : never);
type RequiredShape<T> = Shape<T> & { readonly wrapped?: never };

/** What a field that is missing should have been: only an object has no message of its own. */
function expectedAt(entry: v.GenericSchema | undefined): string {
  return entry !== undefined && 'message' in entry && typeof entry.message === 'string' ? entry.message : 'object';
}

/** The items that can be read, and the faults of the others. `idOf` says whose a fault is. @throws any other failure. */
export function readEach<T>(
  items: readonly Item[],
  readItem: (item: Item) => T,
  idOf: (item: Item) => string,
): { readonly sound: readonly T[]; readonly faulty: readonly FaultyItem[] } {
  const sound: T[] = [];
  const faulty: FaultyItem[] = [];
  for (const item of items) {
    try {
      sound.push(readItem(item));
    } catch (fault) {
      if (!(fault instanceof StoredItemError)) throw fault;
      faulty.push({ id: idOf(item), fault });
    }
  }
  return { sound, faulty };
}
