import * as v from 'valibot';
import type { ErrorCode } from '../../error-code.ts';
import { type AccessKeyId, accessKeyId } from '../../identity/access-key.ts';
import { type RoleId, roleIdOf } from '../../identity/arn.ts';
import { type AuditId, auditIdOf } from '../../identity/audit-id.ts';
import { asClusterKey, type ClusterKey } from '../../identity/cluster.ts';
import { isJsonObject } from '../../json.ts';
import { type FaultyItem, StoredItemError } from '../../ports/stored-items.ts';
import { type EpochMillis, epochMillis } from '../../time.ts';
import type { Item } from './requests.ts';

/** Says that an item is not as this program writes it. Another version wrote it, or somebody changed it by hand. */
export class UnreadableItemError extends StoredItemError {
  override readonly code = 'item-unreadable' satisfies ErrorCode;

  constructor(place: string, expected: string) {
    super(
      `A stored item has no ${expected} at ${place}. Another version of eks-whois may have written it. Use that version, or load the logs into a new table with backfill.`,
    );
  }
}

/**
 * A schema of a value from outside. The messages of its issues name the expected type, for example "text" or "list".
 */
export type Shape<T> = v.GenericSchema<unknown, T>;

/**
 * Parses a value from outside into the type of the shape.
 * @param place where the value is, for the error. By default, it is the item itself.
 * @throws UnreadableItemError if it does not match.
 */
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
  'access key ID',
);
export const roleId: Shape<RoleId> = v.pipe(text, v.transform<string, RoleId>(roleIdOf));
export const clusterKey: Shape<ClusterKey> = v.pipe(text, v.transform<string, ClusterKey>(asClusterKey));
export const auditId: Shape<AuditId> = v.pipe(text, v.transform<string, AuditId>(auditIdOf));
export const number = v.number('number');
export const flag = v.boolean('true or false');
/** The shape of a mark, which is true or absent. */
export const truth = v.literal(true, 'true');
export const falsehood = v.literal(false, 'false');
export const instant = v.pipe(number, v.transform<number, EpochMillis>(epochMillis));

export function oneOf<const T extends string>(values: readonly T[]) {
  return v.picklist(values, `one of ${values.join(', ')}`);
}

export function listOf<T>(shape: Shape<T>) {
  return v.array(shape, 'list');
}

/** Returns the shape of a field that may be absent or undefined. */
export function optional<T>(shape: Shape<T>) {
  return v.optional(shape);
}

/** Returns the shape of a field that may be absent, for a type that does not allow undefined. */
export function exactOptional<T>(shape: Shape<T>) {
  return v.exactOptional(shape);
}

const NO_OBJECT = v.never('object');

/** Returns the shape of an object with these fields. Other fields are left out. */
export function fieldsOf<const E extends v.ObjectEntries>(entries: E) {
  const object = v.object(entries, ({ path }) => expectedAt(entries[String(path?.[0]?.key)]));
  return v.lazy((value): typeof object | typeof NO_OBJECT => (isJsonObject(value) ? object : NO_OBJECT));
}

/**
 * Returns the shape of an object of a given type. `entries` must have a shape for every field of the type, and for no
 * other.
 */
export function objectOf<T extends object>(entries: EntriesOf<T>): Shape<T> {
  return fieldsOf<EntriesOf<T> & v.ObjectEntries>(entries) as Shape<object> as Shape<T>; // Each field has the shape of its type.
}

type EntriesOf<T> = { readonly [K in keyof T]-?: EntryOf<Pick<T, K>, Exclude<T[K], undefined>> };
type EntryOf<Field, T> = Record<never, never> extends Field ? OptionalShape<Field, T> : RequiredShape<T>;
type OptionalShape<Field, T> =
  | v.ExactOptionalSchema<Shape<T>, undefined>
  | ({ readonly [K in keyof Field]: undefined } extends Field ? v.OptionalSchema<Shape<T>, undefined> : never);
type RequiredShape<T> = Shape<T> & { readonly wrapped?: never };

/** Returns the expected type of a missing field. Only the shape of an object has no message of its own. */
function expectedAt(entry: v.GenericSchema | undefined): string {
  return entry !== undefined && 'message' in entry && typeof entry.message === 'string' ? entry.message : 'object';
}

/**
 * Returns the items that can be read. Also returns the errors of the others, each with its ID from `idOf`.
 * @throws any other error of `readItem`.
 */
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
