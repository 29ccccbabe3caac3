import { type Deployment, functionId, functionsOf } from '../../infra/deployment.ts';
import { triggerResources } from '../../infra/functions.ts';
import type { FunctionName, ParameterName } from '../../infra/parameters.ts';
import { stackOf } from '../../infra/stack.ts';
import { isJsonObject, type JsonObject, objectAt, parseJson } from '../../lib/json.ts';
import { deployed } from '../functions/deployed.ts';

const KEY_ARN = 'arn:aws:kms:eu-west-1:111122223333:key/0c0ffee0-0000-4000-8000-000000000000';

/**
 * Another value than the default for each parameter, such that a hub can have all of them. `stack` and `hub…` are for
 * an ingest-only stack.
 */
export const OTHER: Readonly<Record<ParameterName, string>> = {
  stack: 'ingest-only',
  clusters: 'prod-1',
  findClusters: 'prod-*,staging',
  findClustersByTag: 'audited=yes',
  nodeTraffic: 'true',
  serviceAccounts: 'all',
  controlPlane: 'all',
  trail: 'log-group',
  trailLogGroup: 'aws-cloudtrail-logs',
  uses: 'true',
  regions: 'eu-west-1,us-east-1',
  accounts: '444455556666,777788889999',
  organization: 'o-exampleorg1',
  organizationPaths: 'o-exampleorg1/r-ab12/ou-ab12-11111111/*',
  lookupRole: 'look',
  hubAccount: '111122223333',
  hubRegion: 'eu-west-1',
  usernameTemplates: 'admin:{{SessionName}}',
  trustedProxies: 'system:serviceaccount:cattle-impersonation-system:cattle-impersonation-*',
  identityStores: 'd-1234567890',
  samePerson: 'iam-user/111122223333/AIDALAAIXAQ7ZNEXAMPLE=root/444455556666',
  logGroups: '/audit/archive=audit',
  record: 'omit-reads:events,leases',
  anonymous: 'allowed',
  maxEventsPerDay: '1000000',
  deadlineMinutes: '45',
  beforeIssueSeconds: '61',
  afterExpirySeconds: '601',
  recordDays: '10',
  sessionDays: '11',
  logDays: '7',
  alertEmail: 'security@example.com',
  alertOn: 'unattributed,ambiguous',
  alertWindowMinutes: '16',
  alarmUnattributed: '11',
  heartbeatHours: '48',
  authorizer: 'jwt',
  jwtIssuer: 'https://login.example.com',
  jwtAudience: 'a,b',
  jwtScopes: 'whois:read',
  jwtGroups: 'security',
  jwtGroupClaim: 'cognito:groups',
  clusterClaim: 'clusters',
  consoleClientId: 'page',
  consoleScopes: 'offline_access',
  consoleToken: 'id',
  consoleOrigins: 'https://tokens.example.com',
  kmsKeyArn: KEY_ARN,
  logsKmsKeyArn: KEY_ARN,
  permissionsBoundary: 'team/boundary',
  rolePath: '/service/',
  roleNamePrefix: 'team-',
  subnets: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
  securityGroups: 'sg-0123456789abcdef0',
  domainName: 'whois.example.com',
  domainCertificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/0c0ffee0-0000-4000-8000-000000000000',
  runbooks: 'https://git.example.com/eks-whois/docs/alerts.md',
  alarmTopicArn: 'arn:aws:sns:eu-west-1:111122223333:alarms',
  ingestConcurrency: '5',
  queueConcurrency: '5',
  tables: 'existing',
};

const NOT_OF_HUB: readonly string[] = ['stack', 'hubAccount', 'hubRegion', 'tables'];

/** The `--param` values of stacks that differ in every parameter that adds or removes resources. */
export const STACKS = {
  'a hub with the defaults': ['clusters=prod-1,staging_eu'],
  'a hub without a cluster or a trail': ['trail=lookups-only', 'tables=existing'],
  "a hub on a trail's log group": ['clusters=prod-1', 'trail=log-group', 'trailLogGroup=aws-cloudtrail-logs'],
  'a hub with everything': Object.entries(OTHER).flatMap(([name, value]) =>
    NOT_OF_HUB.includes(name) ? [] : [`${name}=${value}`],
  ),
  'a hub that other accounts forward to': [
    'clusters=prod-1',
    'accounts=444455556666',
    'uses=true',
    'serviceAccounts=tokens',
  ],
  'an ingest-only stack': [
    'stack=ingest-only',
    'clusters=prod-2',
    'hubAccount=111122223333',
    'hubRegion=eu-west-1',
    `kmsKeyArn=${KEY_ARN}`,
  ],
  "an ingest-only stack of a hub on a trail's log group": [
    'stack=ingest-only',
    'clusters=prod-2',
    'hubAccount=111122223333',
    'hubRegion=eu-west-1',
    'trail=log-group',
    'trailLogGroup=aws-cloudtrail-logs',
  ],
} as const;
export type StackName = keyof typeof STACKS;
export const STACK_NAMES = Object.keys(STACKS) as readonly StackName[];

/** One stack for each way in which grants come, and one of each kind. */
export const KINDS = STACK_NAMES.filter((name) => name !== 'a hub with everything' && !name.includes('forward'));

/** Returns the parameters. The first equals sign ends the name. */
function given(parameters: readonly string[]): JsonObject {
  return Object.fromEntries(
    parameters.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
  );
}

export function deploymentOf(name: StackName): Deployment {
  return deployed(given(STACKS[name]));
}

/** Returns the resources that `infra` makes itself, as osls puts them into its template, without the functions. */
export function ownTemplate(of: Deployment): JsonObject {
  const { Resources, Outputs, Metadata } = stackOf(of).resources;
  const read = parseJson(JSON.stringify({ Resources, Outputs, Metadata }));
  if (!read.ok || !isJsonObject(read.value)) throw new Error('no template');
  return read.value;
}

/** Returns for each function the queues that it reads, and the queue for its failures, by logical ID. */
export function queuesAround(of: Deployment): { function: string; reads: string[]; keeps: string[] }[] {
  const resources = triggerResources(of);
  const propertiesOf = (type: string) =>
    Object.values(resources).flatMap(({ Type, Properties }) => (Type === type ? [Properties] : []));
  const isOf = (name: FunctionName, called: unknown) => JSON.stringify(called).includes(functionId(name));
  return functionsOf(of).map((name) => ({
    function: name,
    reads: propertiesOf('AWS::Lambda::EventSourceMapping').flatMap(({ FunctionName, EventSourceArn }) =>
      isOf(name, FunctionName) ? [queueOf(EventSourceArn)] : [],
    ),
    keeps: propertiesOf('AWS::Lambda::EventInvokeConfig').flatMap(({ FunctionName, DestinationConfig }) => {
      const kept = isJsonObject(DestinationConfig) ? objectAt(DestinationConfig, 'OnFailure') : undefined;
      return isOf(name, FunctionName) && kept !== undefined ? [queueOf(kept.Destination)] : [];
    }),
  }));
}

/** Returns the logical ID in `Fn::GetAtt: [id, Arn]`. */
export function queueOf(arn: unknown): string {
  const path = isJsonObject(arn) ? arn['Fn::GetAtt'] : undefined;
  if (!Array.isArray(path)) throw new Error(`not the ARN of a resource: ${JSON.stringify(arn)}`);
  return String(path[0]);
}
