import { TABLES, type TableId, tableParameters } from '../lib/adapters/dynamodb/tables.ts';
import { type Resource, type Resources, ref, type Substitution, sub, type Value } from './cloudformation.ts';
import type { Deployment } from './deployment.ts';
import { TABLE_ACTIONS } from './table-actions.ts';

export const TABLE_IDS = Object.keys(TABLES).filter((key): key is TableId => key in TABLES);

/** CloudFormation keeps the tables when the stack goes, and would not replace one that holds records. */
export function tableResources(of: Deployment): Resources {
  if (of.stack !== 'hub' || of.tables === 'existing') return {};
  return Object.fromEntries(TABLE_IDS.map((id) => [logicalId(id), table(of, id)]));
}

function table(of: Deployment, id: TableId): Resource {
  const writers = of.accounts.length === 0 ? {} : { ResourcePolicy: { PolicyDocument: writersPolicy(of, id) } };
  return {
    Type: 'AWS::DynamoDB::Table',
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      ...tableParameters(id, tableName(of, id)),
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: TABLES[id].ttl, Enabled: true },
      SSESpecification: encryption(of),
      ...writers,
    },
  };
}

function encryption({ kmsKeyArn }: Deployment): Value {
  return kmsKeyArn === undefined
    ? { SSEEnabled: false }
    : { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: kmsKeyArn };
}

/** By name, what the policies of tables must say that are no part of the stack: CloudFormation sets those of its own only. */
export function policiesOfExistingTables(of: Deployment): Record<string, Value> {
  if (of.stack !== 'hub' || of.tables !== 'existing' || of.accounts.length === 0) return {};
  return Object.fromEntries(TABLE_IDS.map((id) => [tableName(of, id), writersPolicy(of, id)]));
}

/** Lets ingest of other accounts' ingest-only stacks write; what of it they may do, their own role's policy says. */
function writersPolicy(of: Deployment, id: TableId): Value {
  const accounts = of.accounts.map((account) => sub(`arn:\${AWS::Partition}:iam::${account}:root`));
  const roles = of.accounts.map((account) => sub(`arn:\${AWS::Partition}:iam::${account}:role/${of.prefix}-ingest-*`));
  const statement = {
    Sid: 'IngestOfOtherAccounts',
    Effect: 'Allow',
    Principal: { AWS: accounts },
    Action: TABLE_ACTIONS.ingest[id].map((action) => `dynamodb:${action}`),
    Resource: '*',
    Condition: { ArnLike: { 'aws:PrincipalArn': roles } },
  };
  return { Version: '2012-10-17', Statement: [statement] };
}

/** A table's name in the hub's account. */
export function tableName(of: Deployment, id: TableId): string {
  return `${of.prefix}-${id}`;
}

/** The logical id of the table `records` is `RecordsTable`. */
function logicalId(id: TableId): string {
  return `${id.charAt(0).toUpperCase()}${id.slice(1)}Table`;
}

export function tableOutput(id: TableId): string {
  return `${logicalId(id)}Name`;
}

/** By name rather than by reference, so that tables of an earlier deployment and the hub's serve as well. */
export function tableArn(of: Deployment, id: TableId): Substitution {
  const region = of.stack === 'hub' ? '${AWS::Region}' : of.hubRegion;
  const account = of.stack === 'hub' ? '${AWS::AccountId}' : of.hubAccount;
  return sub(`arn:\${AWS::Partition}:dynamodb:${region}:${account}:table/${tableName(of, id)}`);
}

export function indexArn(of: Deployment, id: TableId, index: string): Substitution {
  return sub(`${tableArn(of, id)['Fn::Sub']}/index/${index}`);
}

export function indexArns(of: Deployment, id: TableId): Substitution[] {
  return TABLES[id].indexes.map(({ name }) => indexArn(of, id, name));
}

/** What functions call a table: its name in the hub; elsewhere its ARN, which DynamoDB takes across accounts. */
export function tableAddress(of: Deployment, id: TableId): Value {
  if (of.stack !== 'hub') return tableArn(of, id);
  return of.tables === 'existing' ? tableName(of, id) : ref(logicalId(id));
}
