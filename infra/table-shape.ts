/** A table's keys, as texts that can be compared: `partition (S), sort (S)`. */
export interface TableShape {
  readonly key: string;
  /** By the name of the index. */
  readonly indexes: Readonly<Record<string, string>>;
}

interface KeyElement {
  readonly AttributeName?: string | undefined;
  readonly KeyType?: string | undefined;
}

/** What CreateTable takes and DescribeTable answers. */
interface Described {
  readonly KeySchema?: readonly KeyElement[] | undefined;
  readonly AttributeDefinitions?: readonly AttributeDefinition[] | undefined;
  readonly GlobalSecondaryIndexes?:
    | readonly {
        readonly IndexName?: string | undefined;
        readonly KeySchema?: readonly KeyElement[] | undefined;
      }[]
    | undefined;
}

interface AttributeDefinition {
  readonly AttributeName?: string | undefined;
  readonly AttributeType?: string | undefined;
}

export function shapeOf({ KeySchema, AttributeDefinitions = [], GlobalSecondaryIndexes = [] }: Described): TableShape {
  const types = new Map(AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]));
  const keyOf = (elements: readonly KeyElement[] = []) =>
    elements
      .toSorted((one, other) => String(one.KeyType).localeCompare(String(other.KeyType))) // HASH before RANGE
      .map(({ AttributeName }) => `${AttributeName} (${types.get(AttributeName)})`)
      .join(', ');
  return {
    key: keyOf(KeySchema),
    indexes: Object.fromEntries(GlobalSecondaryIndexes.map((index) => [index.IndexName ?? '', keyOf(index.KeySchema)])),
  };
}

/** In words what a table lacks of another's shape; more indexes do no harm. */
export function differences(present: TableShape, wanted: TableShape): string[] {
  const key = present.key === wanted.key ? [] : [`its key is ${present.key} instead of ${wanted.key}`];
  const indexes = Object.entries(wanted.indexes).flatMap(([name, wantedKey]) => {
    const presentKey = present.indexes[name];
    if (presentKey === undefined) return [`it lacks the index ${name}`];
    return presentKey === wantedKey ? [] : [`its index ${name} is by ${presentKey} instead of ${wantedKey}`];
  });
  return [...key, ...indexes];
}
