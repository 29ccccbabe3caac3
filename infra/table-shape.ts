/** The keys of a table and of its indexes, as texts to compare: `partition (S), sort (S)`. */
export interface TableShape {
  readonly key: string;
  /** The keys of the indexes, by index name. */
  readonly indexes: Readonly<Record<string, string>>;
}

interface KeyElement {
  readonly AttributeName?: string | undefined;
  readonly KeyType?: string | undefined;
}

/** The description of a table, as CreateTable takes it and DescribeTable returns it. */
interface TableDescription {
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

/** Returns the shape of a table. */
export function shapeOf({
  KeySchema,
  AttributeDefinitions = [],
  GlobalSecondaryIndexes = [],
}: TableDescription): TableShape {
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

/** Returns the differences of a table from the wanted shape, as phrases. Additional indexes do not count. */
export function differences(present: TableShape, wanted: TableShape): string[] {
  const key = present.key === wanted.key ? [] : [`its key is ${present.key} instead of ${wanted.key}`];
  const indexes = Object.entries(wanted.indexes).flatMap(([name, wantedKey]) => {
    const presentKey = present.indexes[name];
    if (presentKey === undefined) return [`it lacks the index ${name}`];
    return presentKey === wantedKey ? [] : [`the key of its index ${name} is ${presentKey} instead of ${wantedKey}`];
  });
  return [...key, ...indexes];
}
