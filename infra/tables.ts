import { TABLES, type TableId, tableName, tableParameters } from '../lib/adapters/dynamodb/tables.ts';
import { type Resource, type Resources, ref, type Substitution, sub, type Value } from './cloudformation.ts';
import type { Deployment } from './deployment.ts';

export const TABLE_IDS = Object.keys(TABLES).filter((key): key is TableId => key in TABLES);

/** Returns the tables. CloudFormation keeps them when it deletes the stack or replaces a table. */
export function tableResources(of: Deployment): Resources {
  if (of.stack !== 'hub' || of.tables === 'existing') return {};
  return Object.fromEntries(TABLE_IDS.map((id) => [logicalId(id), table(of, id)]));
}

function table(of: Deployment, id: TableId): Resource {
  return {
    Type: 'AWS::DynamoDB::Table',
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      ...tableParameters(id, tableName(of.prefix, id)),
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: TABLES[id].ttl, Enabled: true },
      SSESpecification: encryption(of),
    },
  };
}

function encryption({ kmsKeyArn }: Deployment): Value {
  return kmsKeyArn === undefined
    ? { SSEEnabled: false }
    : { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: kmsKeyArn };
}

/** Returns the logical ID of a table: `RecordsTable` for `records`. */
function logicalId(id: TableId): string {
  return `${id.charAt(0).toUpperCase()}${id.slice(1)}Table`;
}

export function tableOutput(id: TableId): string {
  return `${logicalId(id)}Name`;
}

/**
 * Returns a table's ARN. It is made from the name and not from a reference, so that tables of an earlier deployment
 * work too.
 */
export function tableArn(of: Deployment, id: TableId): Substitution {
  return sub(`arn:\${AWS::Partition}:dynamodb:\${AWS::Region}:\${AWS::AccountId}:table/${tableName(of.prefix, id)}`);
}

export function indexArn(of: Deployment, id: TableId, index: string): Substitution {
  return sub(`${tableArn(of, id)['Fn::Sub']}/index/${index}`);
}

export function indexArns(of: Deployment, id: TableId): Substitution[] {
  return TABLES[id].indexes.map(({ name }) => indexArn(of, id, name));
}

/** Returns the table's name as functions use it. */
export function tableAddress(of: Deployment, id: TableId): Value {
  return of.tables === 'existing' ? tableName(of.prefix, id) : ref(logicalId(id));
}
