import { arnOf, type GetAtt, sub, type Value } from './cloudformation.ts';
import { type Deployment, functionsOf } from './deployment.ts';
import { environmentOf } from './environment.ts';
import type { FunctionName } from './parameters.ts';
import { type FeedingQueue, onFailureQueueOf, queuesOf } from './queues.ts';
import { roleId } from './roles.ts';
import { takesEvents } from './sts-rules.ts';

export const PATHS = ['/whois', '/records', '/known', '/sessions', '/related', '/summary', '/notes'] as const;

/** What is sent there is kept. */
export const TAKING_PATHS = ['/notes'] as const;

/** Where the page lies: it holds nothing that is secret, and whoever opens it cannot sign yet. */
const PAGE_PATHS = ['/', '/console/{file}'] as const;

/** What invokes a function, as osls describes it: one of these. */
export interface FunctionEvent {
  readonly httpApi?: RouteEvent;
  readonly sqs?: QueueEvent;
  readonly schedule?: { readonly name: string; readonly rate: readonly [string] };
}

export interface RouteEvent {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** None: whoever reaches it. */
  readonly authorizer?: { readonly type: 'aws_iam' } | { readonly name: string; readonly scopes?: readonly string[] };
}

export interface QueueEvent {
  readonly arn: GetAtt;
  readonly batchSize: number;
  /** Seconds. */
  readonly maximumBatchingWindow?: number;
  readonly maximumConcurrency?: number;
  readonly functionResponseType: 'ReportBatchItemFailures';
}

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
  /** Under which the environment lies. */
  readonly kmsKeyArn?: string;
  readonly vpc?: { readonly subnetIds: readonly string[]; readonly securityGroupIds: readonly string[] };
  readonly events?: readonly FunctionEvent[];
  readonly reservedConcurrency?: number;
  readonly destinations?: { readonly onFailure: { readonly type: 'sqs'; readonly arn: Value } };
  readonly maximumRetryAttempts?: number;
}

export function functionDefinitions(of: Deployment): Record<string, FunctionDefinition> {
  const definitions = of.stack === 'hub' ? DEFINITIONS : { ...DEFINITIONS, ingest: handOver };
  return Object.fromEntries(functionsOf(of).map((name) => [name, { ...shell(of, name), ...definitions[name](of) }]));
}

function shell(of: Deployment, name: FunctionName) {
  return {
    handler: `functions/${of.stack === 'ingest-only' && name === 'ingest' ? 'hand-over' : name}.handler`,
    role: sub(`\${${roleId(name)}.Arn}`),
    environment: environmentOf(of, name),
    ...(of.kmsKeyArn === undefined ? {} : { kmsKeyArn: of.kmsKeyArn }),
    ...(of.subnets.length === 0 ? {} : { vpc: { subnetIds: of.subnets, securityGroupIds: of.securityGroups } }),
  };
}

type Rest = Omit<FunctionDefinition, 'handler' | 'role' | 'environment'>;

/** Memory buys CPU: 1,769 MB are one core (Lambda Developer Guide, "Configure Lambda function memory"). */
const DEFINITIONS: Readonly<Record<FunctionName, (of: Deployment) => Rest>> = {
  ingest: (of) => ({
    description: 'Attributes audit events of EKS and stores them',
    memorySize: 1_024,
    timeout: 60,
    ...keepingFailures(of, 'ingest'),
    events: queuesOf(of).flatMap((queue) => eventsOfIngest(of, queue)),
    ...(of.ingestConcurrency > 0 ? { reservedConcurrency: of.ingestConcurrency } : {}),
  }),
  grants: (of) => ({
    description: "Stores CloudTrail's STS records as sessions",
    memorySize: 512,
    timeout: 60,
    ...(takesEvents(of) ? { events: [{ sqs: stsEvents(of) }] } : keepingFailures(of, 'grants')),
  }),
  settle: (of) => ({
    description: 'Decides open claims again and alerts where nobody can be named',
    memorySize: 1_024,
    timeout: 55,
    events: [{ schedule: { name: `${of.prefix}-settle`, rate: ['rate(1 minute)'] } }],
    maximumRetryAttempts: 0,
  }),
  api: (of) => ({
    description: 'Answers /whois, /records, /known, /sessions, /related, /summary and /notes',
    memorySize: 1_024,
    timeout: 29,
    events: [
      ...PATHS.map((path) => ({ httpApi: { method: 'GET' as const, path, authorizer: authorizer(of) } })),
      ...TAKING_PATHS.map((path) => ({ httpApi: { method: 'POST' as const, path, authorizer: authorizer(of) } })),
    ],
  }),
  console: () => ({
    description: 'Serves the page of the service',
    memorySize: 512,
    timeout: 10,
    events: PAGE_PATHS.map((path) => ({ httpApi: { method: 'GET' as const, path } })),
  }),
  subscribe: (of) => ({
    description: 'Finds clusters and subscribes to their audit logs',
    memorySize: 256,
    timeout: 300,
    events: [{ schedule: { name: `${of.prefix}-subscribe`, rate: ['rate(10 minutes)'] } }],
  }),
};

/** An ingest-only stack's, under the name of ingest: subscriptions that go to another function lose logs meanwhile. */
function handOver(of: Deployment): Rest {
  return {
    description: "Hands audit events of EKS to the hub's ingest",
    memorySize: 512,
    timeout: 30,
    ...keepingFailures(of, 'ingest'),
  };
}

/**
 * Of a function that a subscription invokes, which waits for no answer: Lambda tries twice more, then keeps the invocation
 * in a queue, from which the function takes it back (Lambda Developer Guide, "Capturing records of Lambda asynchronous
 * invocations").
 */
function keepingFailures(
  of: Deployment,
  name: FunctionName,
): Pick<Rest, 'events' | 'destinations' | 'maximumRetryAttempts'> {
  const queue = onFailureQueueOf(of, name);
  if (queue === undefined) return {};
  const arn = arnOf(queue.logicalId);
  return {
    events: [
      {
        sqs: {
          arn,
          batchSize: 1,
          maximumConcurrency: FEWEST_AT_ONCE,
          functionResponseType: 'ReportBatchItemFailures',
        },
      },
    ],
    destinations: { onFailure: { type: 'sqs', arn } },
    maximumRetryAttempts: 2,
  };
}

/** The least that Lambda takes: what failed is taken back slowly. */
const FEWEST_AT_ONCE = 2;

/**
 * What ingest-only stacks hand over has a share of the account's executions, which whoever floods it cannot exceed. Without
 * one, throttled receives would count as failed tries (Lambda Developer Guide, "Using Lambda with Amazon SQS").
 */
function eventsOfIngest(of: Deployment, { logicalId, to, from }: FeedingQueue): FunctionEvent[] {
  if (to !== 'ingest') return [];
  const maximumConcurrency = from === 'lambda' ? FEWEST_AT_ONCE : of.queueConcurrency;
  const arn = arnOf(logicalId);
  return [{ sqs: { arn, batchSize: 1, maximumConcurrency, functionResponseType: 'ReportBatchItemFailures' } }];
}

function stsEvents({ queueConcurrency: maximumConcurrency }: Deployment): QueueEvent {
  return {
    arn: arnOf('StsEvents'),
    batchSize: 100,
    maximumBatchingWindow: 5,
    maximumConcurrency,
    functionResponseType: 'ReportBatchItemFailures',
  };
}

function authorizer(of: Deployment): NonNullable<RouteEvent['authorizer']> {
  if (of.authorizer === 'iam') return { type: 'aws_iam' };
  return { name: 'analysts', ...(of.jwtScopes.length > 0 ? { scopes: of.jwtScopes } : {}) };
}

/** Requests a second that the API lets through: analysts ask by hand, and a loop must not use CloudTrail's quota up. */
export const THROTTLING = { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 };

/**
 * What osls's own events cannot say. Its routes and its stage name twice what they depend on, in a reference and in
 * DependsOn; harmless, and nothing here can change it.
 */
export function apiExtensions(of: Deployment) {
  if (of.stack !== 'hub') return {};
  const quiet = { Metadata: { 'cfn-lint': { config: { ignore_checks: ['W3005'] } } } };
  return {
    ...Object.fromEntries([...PATHS, ...PAGE_PATHS].map((path) => [routeId('Get', path), quiet])),
    ...Object.fromEntries(TAKING_PATHS.map((path) => [routeId('Post', path), quiet])),
    HttpApiStage: { ...quiet, Properties: { DefaultRouteSettings: THROTTLING } },
  };
}

/** The logical id that osls gives to a route. */
export function routeId(method: 'Get' | 'Post', path: string): string {
  const words = path
    .replace(/\{(\w+)\}/g, (_, name: string) => `${name}Var`)
    .split('/')
    .filter((word) => word !== '');
  return `HttpApiRoute${method}${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`;
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
