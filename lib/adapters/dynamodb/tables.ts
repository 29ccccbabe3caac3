/**
 * The only definition of the service's tables, as plain data. Deployment turns it into CloudFormation. The local run
 * and the tests turn it into CreateTable. Names have at least three characters, which DynamoDB and dynalite require.
 * Every index has only keys, and BatchGet reads the items. So an index entry costs one write unit, however large the
 * record is. A record that is attributed at once costs two units, and one for each of its three indexes. Its audit ID
 * needs no index, because the table's own key begins with it.
 */
export const TABLES = {
  /** Grants, uses and users. Each item is under the question of the rules that it answers. */
  sessions: {
    key: { hash: 'partition', range: 'sort' },
    attributes: { partition: 'S', sort: 'S' },
    indexes: [],
    ttl: 'expires',
  },
  /** Claims, their waits, announced deliveries, settle's leases, and alerts that wait for a digest. */
  claims: {
    key: { hash: 'partition', range: 'sort' },
    attributes: { partition: 'S', sort: 'S', dueList: 'S', due: 'N', statusList: 'S', statusSort: 'S' },
    indexes: [
      { name: 'by-due', hash: 'dueList', range: 'due' },
      { name: 'by-status', hash: 'statusList', range: 'statusSort' },
    ],
    ttl: 'expires',
  },
  /** One item for each audit event. `partition` is a hash of its audit ID, `id` of its whole identity. */
  records: {
    key: { hash: 'partition', range: 'id' },
    attributes: {
      partition: 'S',
      id: 'S',
      actorKey: 'S',
      sessionKey: 'S',
      namespaceKey: 'S',
      sort: 'S',
    },
    indexes: [
      { name: 'by-actor', hash: 'actorKey', range: 'sort' },
      { name: 'by-session', hash: 'sessionKey', range: 'sort' },
      { name: 'by-namespace', hash: 'namespaceKey', range: 'sort' },
    ],
    ttl: 'expires',
  },
} as const satisfies Readonly<Record<string, TableDefinition>>;

/** The logical name of a table. The deployment decides the real name. */
export type TableId = keyof typeof TABLES;

export interface TableDefinition {
  readonly key: KeyDefinition;
  /** Every attribute that a key uses, with DynamoDB's letter for its type. */
  readonly attributes: Readonly<Record<string, 'S' | 'N'>>;
  /** The indexes. They have only keys, and no items that lack the hash attribute. */
  readonly indexes: readonly IndexDefinition[];
  /** The attribute with the time after which an item may be deleted, in epoch seconds. */
  readonly ttl: string;
}

export interface KeyDefinition {
  readonly hash: string;
  readonly range: string;
}

export interface IndexDefinition extends KeyDefinition {
  readonly name: string;
}

/** The names of the tables in an account, by logical name. */
export type TableNames = Readonly<Record<TableId, string>>;

/** Returns the name of a table as the service deploys it: `<prefix>-sessions`, `-claims` or `-records`. */
export function tableName(prefix: string, id: TableId): string {
  return `${prefix}-${id}`;
}

export function tableNames(prefix: string): TableNames {
  return {
    sessions: tableName(prefix, 'sessions'),
    claims: tableName(prefix, 'claims'),
    records: tableName(prefix, 'records'),
  };
}

/** Returns the prefix for a text that a person gave. The text can also be the name of one of the tables. */
export function tablePrefix(named: string): string {
  const ids = Object.keys(TABLES) as readonly TableId[];
  const id = ids.find((each) => named.endsWith(tableName('', each)));
  return id === undefined ? named : named.slice(0, -tableName('', id).length);
}

/** Returns the prefix that all three names share. Undefined if they do not have it. */
export function prefixOfTables(names: TableNames): string | undefined {
  const prefix = tablePrefix(names.records);
  const made = tableNames(prefix);
  return Object.entries(made).every(([id, name]) => names[id as TableId] === name) ? prefix : undefined;
}

/** The parameters of CreateTable. They are also the properties of an `AWS::DynamoDB::Table`. */
export interface TableParameters {
  readonly TableName: string;
  readonly BillingMode: 'PAY_PER_REQUEST';
  readonly AttributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: 'S' | 'N' }[];
  readonly KeySchema: KeySchema;
  readonly GlobalSecondaryIndexes?: readonly IndexParameters[];
}

type KeySchema = readonly { readonly AttributeName: string; readonly KeyType: 'HASH' | 'RANGE' }[];

interface IndexParameters {
  readonly IndexName: string;
  readonly KeySchema: KeySchema;
  readonly Projection: { readonly ProjectionType: 'KEYS_ONLY' };
}

export function tableParameters(id: TableId, name: string): TableParameters {
  const { key, attributes, indexes }: TableDefinition = TABLES[id];
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: Object.entries(attributes).map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
    KeySchema: keySchema(key),
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes.map(indexParameters) }),
  };
}

function indexParameters(index: IndexDefinition): IndexParameters {
  return { IndexName: index.name, KeySchema: keySchema(index), Projection: { ProjectionType: 'KEYS_ONLY' } };
}

function keySchema({ hash, range }: KeyDefinition): KeySchema {
  return [
    { AttributeName: hash, KeyType: 'HASH' },
    { AttributeName: range, KeyType: 'RANGE' },
  ];
}
