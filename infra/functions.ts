import { arnOf, type Resources, ref, sub, type Value } from './cloudformation.ts';
import { type Deployment, functionId, functionsOf, titleOf } from './deployment.ts';
import { environmentOf } from './environment.ts';
import type { FunctionName } from './parameters.ts';
import { type FeedingQueue, onFailureQueueOf, queuesOf } from './queues.ts';
import { roleId } from './roles.ts';

/** A function as osls describes one; what invokes it is resources of our own (`triggerResources`, `api.ts`). */
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
  readonly reservedConcurrency?: number;
}

export function functionDefinitions(of: Deployment): Record<string, FunctionDefinition> {
  return Object.fromEntries(functionsOf(of).map((name) => [name, definition(of, name)]));
}

function definition(of: Deployment, name: FunctionName): FunctionDefinition {
  const handsOver = of.stack === 'ingest-only' && name === 'ingest';
  return {
    handler: `functions/${handsOver ? 'hand-over' : name}.handler`,
    ...(handsOver ? HAND_OVER : SIZES[name]),
    role: sub(`\${${roleId(name)}.Arn}`),
    environment: environmentOf(of, name),
    ...(of.kmsKeyArn === undefined ? {} : { kmsKeyArn: of.kmsKeyArn }),
    ...(of.subnets.length === 0 ? {} : { vpc: { subnetIds: of.subnets, securityGroupIds: of.securityGroups } }),
    ...(name === 'ingest' && !handsOver && of.ingestConcurrency > 0
      ? { reservedConcurrency: of.ingestConcurrency }
      : {}),
  };
}

type Size = Pick<FunctionDefinition, 'description' | 'memorySize' | 'timeout'>;

/** Memory buys CPU: 1,769 MB are one core (Lambda Developer Guide, "Configure Lambda function memory"). */
const SIZES: Readonly<Record<FunctionName, Size>> = {
  ingest: { description: 'Attributes audit events of EKS and stores them', memorySize: 1_024, timeout: 60 },
  grants: { description: "Stores CloudTrail's STS records as sessions", memorySize: 512, timeout: 60 },
  settle: {
    description: 'Decides open claims again and alerts where nobody can be named',
    memorySize: 1_024,
    timeout: 55,
  },
  api: {
    description: 'Answers /whois, /records, /known, /sessions, /related, /summary and /notes',
    memorySize: 1_024,
    timeout: 29,
  },
  console: { description: 'Serves the page of the service', memorySize: 512, timeout: 10 },
  subscribe: { description: 'Finds clusters and subscribes to their audit logs', memorySize: 256, timeout: 300 },
};

/** An ingest-only stack's, under the name of ingest: subscriptions that go to another function lose logs meanwhile. */
const HAND_OVER: Size = {
  description: "Hands audit events of EKS to the hub's ingest",
  memorySize: 512,
  timeout: 30,
};

/** What invokes the functions, but for log groups (`subscriptions.ts`) and the API, with the logical ids that osls would give. */
export function triggerResources(of: Deployment): Resources {
  const parts = functionsOf(of).map((name) => ({
    ...invocation(of, name),
    ...Object.assign({}, ...queuesOf(of).map((queue) => (queue.to === name ? queueTrigger(of, queue) : {}))),
    ...scheduleTrigger(of, name),
  }));
  return Object.assign({}, ...parts);
}

/**
 * What Lambda does after a failure of an invocation that nobody waits for. Of a function that a subscription invokes it tries
 * twice more, then keeps the invocation in a queue, from which the function takes it back (Lambda Developer Guide, "Capturing
 * records of Lambda asynchronous invocations"). settle comes again the next minute.
 */
function invocation(of: Deployment, name: FunctionName): Resources {
  const queue = onFailureQueueOf(of, name);
  if (queue === undefined && name !== 'settle') return {};
  return {
    [`${titleOf(name)}LambdaEvConf`]: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        FunctionName: ref(functionId(name)),
        DestinationConfig: queue === undefined ? {} : { OnFailure: { Destination: arnOf(queue.logicalId) } },
        Qualifier: '$LATEST',
        MaximumRetryAttempts: queue === undefined ? 0 : 2,
      },
    },
  };
}

/** The least that Lambda takes: what failed is taken back slowly. */
const FEWEST_AT_ONCE = 2;

/**
 * What other accounts cause has a share of the account's executions, which whoever floods it cannot exceed. Without one,
 * throttled receives would count as failed tries (Lambda Developer Guide, "Using Lambda with Amazon SQS").
 */
function queueTrigger(of: Deployment, { logicalId, to, from }: FeedingQueue): Resources {
  const isEvents = from === 'eventbridge';
  return {
    [`${titleOf(to)}EventSourceMappingSQS${logicalId}`]: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        BatchSize: isEvents ? 100 : 1,
        ...(isEvents ? { MaximumBatchingWindowInSeconds: 5 } : {}),
        EventSourceArn: arnOf(logicalId),
        FunctionName: arnOf(functionId(to)),
        Enabled: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: from === 'lambda' ? FEWEST_AT_ONCE : of.queueConcurrency },
      },
    },
  };
}

const SCHEDULES: Readonly<Partial<Record<FunctionName, string>>> = {
  settle: 'rate(1 minute)',
  subscribe: 'rate(10 minutes)',
};

function scheduleTrigger(of: Deployment, name: FunctionName): Resources {
  const rate = SCHEDULES[name];
  if (rate === undefined) return {};
  const rule = `${titleOf(name)}EventsRuleSchedule1`;
  return {
    [rule]: {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: rate,
        State: 'ENABLED',
        Name: `${of.prefix}-${name}`,
        Targets: [{ Arn: arnOf(functionId(name)), Id: `${name}Schedule` }],
      },
    },
    [`${titleOf(name)}LambdaPermissionEventsRuleSchedule1`]: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: arnOf(functionId(name)),
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceArn: arnOf(rule),
      },
    },
  };
}
