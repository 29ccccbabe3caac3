import { arnOf, sub, type Value } from './cloudformation.ts';
import { type Deployment, type FunctionName, functionsOf } from './deployment.ts';
import { environmentOf } from './environment.ts';
import { roleId } from './roles.ts';

export const PATHS = ['/whois', '/records', '/sessions'] as const;

/** A function as osls describes one; events that osls has no fitting kind for are raw resources. */
export interface FunctionDefinition {
  readonly handler: string;
  readonly description: string;
  /** `Fn::Sub` rather than the logical id: osls would add a DependsOn that CloudFormation knows already. */
  readonly role: Value;
  readonly memorySize: number;
  /** Seconds. */
  readonly timeout: number;
  readonly environment: Readonly<Record<string, Value>>;
  readonly events?: readonly { readonly [kind: string]: Value }[];
  readonly reservedConcurrency?: number;
  readonly destinations?: { readonly onFailure: { readonly type: 'sqs'; readonly arn: Value } };
  readonly maximumRetryAttempts?: number;
}

export function functionDefinitions(of: Deployment): Record<string, FunctionDefinition> {
  return Object.fromEntries(functionsOf(of).map((name) => [name, { ...shell(of, name), ...DEFINITIONS[name](of) }]));
}

function shell(of: Deployment, name: FunctionName) {
  return {
    handler: `functions/${name}.handler`,
    role: sub(`\${${roleId(name)}.Arn}`),
    environment: environmentOf(of, name),
  };
}

type Rest = Omit<FunctionDefinition, 'handler' | 'role' | 'environment'>;

/** Memory buys CPU: 1,769 MB are one core (Lambda Developer Guide, "Configure Lambda function memory"). */
const DEFINITIONS: Readonly<Record<FunctionName, (of: Deployment) => Rest>> = {
  ingest: (of) => ({
    description: 'Attributes audit events of EKS and stores them',
    memorySize: 1_024,
    timeout: 60,
    events: [
      {
        sqs: {
          arn: arnOf('FailedBatches'),
          batchSize: 1,
          maximumConcurrency: 2,
          functionResponseType: 'ReportBatchItemFailures',
        },
      },
    ],
    destinations: { onFailure: { type: 'sqs', arn: arnOf('FailedBatches') } },
    maximumRetryAttempts: 2,
    ...(of.ingestConcurrency > 0 ? { reservedConcurrency: of.ingestConcurrency } : {}),
  }),
  grants: (of) => ({
    description: "Stores CloudTrail's STS records as sessions",
    memorySize: 512,
    timeout: 60,
    events: of.trail === 'eventbridge' ? [{ sqs: STS_EVENTS }] : [],
    maximumRetryAttempts: 2,
  }),
  settle: (of) => ({
    description: 'Decides open claims again and alerts where nobody can be named',
    memorySize: 1_024,
    timeout: 55,
    events: [{ schedule: { name: `${of.prefix}-settle`, rate: ['rate(1 minute)'] } }],
    maximumRetryAttempts: 0,
  }),
  api: (of) => ({
    description: 'Answers /whois, /records and /sessions',
    memorySize: 1_024,
    timeout: 29,
    events: PATHS.map((path) => ({ httpApi: { method: 'GET', path, authorizer: authorizer(of) } })),
  }),
};

const STS_EVENTS = {
  arn: arnOf('StsEvents'),
  batchSize: 100,
  maximumBatchingWindow: 5,
  functionResponseType: 'ReportBatchItemFailures',
};

function authorizer(of: Deployment) {
  return of.authorizer === 'iam' ? { type: 'aws_iam' } : { name: 'analysts' };
}

/** Requests a second that the API lets through: analysts ask by hand, and a loop must not use CloudTrail's quota up. */
const THROTTLING = { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 };

/**
 * What osls's own events cannot say. Its routes and its stage name twice what they depend on, in a reference and in
 * DependsOn; harmless, and nothing here can change it.
 */
export function apiExtensions(of: Deployment) {
  if (of.stack !== 'hub') return {};
  const quiet = { Metadata: { 'cfn-lint': { config: { ignore_checks: ['W3005'] } } } };
  return {
    ...Object.fromEntries(PATHS.map((path) => [routeId(path), quiet])),
    HttpApiStage: { ...quiet, Properties: { DefaultRouteSettings: THROTTLING } },
  };
}

/** The logical id that osls gives to a route. */
function routeId(path: string): string {
  return `HttpApiRouteGet${path.charAt(1).toUpperCase()}${path.slice(2)}`;
}

/** The JWT authorizer, where one is wanted; IAM needs none. */
export function httpApi(of: Deployment) {
  if (of.authorizer === 'iam' || of.stack !== 'hub') return {};
  const { jwtIssuer, jwtAudience } = of;
  const analysts = {
    type: 'jwt',
    identitySource: '$request.header.Authorization',
    issuerUrl: jwtIssuer ?? '',
    audience: jwtAudience,
  };
  return { authorizers: { analysts } };
}
