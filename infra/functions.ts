import { arnOf, type Resources, ref, sub, type Value } from './cloudformation.ts';
import { type Deployment, functionId, functionsOf, titleOf } from './deployment.ts';
import { environmentOf } from './environment.ts';
import type { FunctionName } from './parameters.ts';
import { isTraced } from './policies.ts';
import { type FeedingQueue, onFailureQueueOf, queuesOf } from './queues.ts';
import { roleId } from './roles.ts';
import { beforeCleanUp } from './subscriptions.ts';

/** A function in the format of osls. Our own resources invoke it (`triggerResources`, `api.ts`). */
export interface FunctionDefinition {
  readonly handler: string;
  readonly description: string;
  /** The role, as an `Fn::Sub`. For a logical ID, osls would add a DependsOn that CloudFormation does not need. */
  readonly role: Value;
  readonly memorySize: number;
  /** The time-out, in seconds. */
  readonly timeout: number;
  /** `PassThrough` records no trace of runs that a schedule starts. */
  readonly tracing: 'Active' | 'PassThrough';
  readonly environment: Readonly<Record<string, Value>>;
  /** The key that encrypts the environment. */
  readonly kmsKeyArn?: string;
  readonly vpc?: { readonly subnetIds: readonly string[]; readonly securityGroupIds: readonly string[] };
  readonly reservedConcurrency?: number;
}

/** Returns the functions of a deployment, by name. */
export function functionDefinitions(of: Deployment): Record<string, FunctionDefinition> {
  return Object.fromEntries(functionsOf(of).map((name) => [name, definition(of, name)]));
}

function definition(of: Deployment, name: FunctionName): FunctionDefinition {
  const isSpoke = of.stack === 'ingest-only' && name === 'ingest';
  return {
    handler: `functions/${isSpoke ? 'hand-over' : name}.handler`,
    ...(isSpoke ? HAND_OVER : SIZES[name]),
    role: sub(`\${${roleId(name)}.Arn}`),
    tracing: isTraced(name) ? 'Active' : 'PassThrough',
    environment: environmentOf(of, name),
    ...(of.kmsKeyArn === undefined ? {} : { kmsKeyArn: of.kmsKeyArn }),
    ...(of.subnets.length === 0 ? {} : { vpc: { subnetIds: of.subnets, securityGroupIds: of.securityGroups } }),
    ...(name === 'ingest' && !isSpoke && of.ingestConcurrency > 0 ? { reservedConcurrency: of.ingestConcurrency } : {}),
  };
}

type Size = Pick<FunctionDefinition, 'description' | 'memorySize' | 'timeout'>;

/**
 * The memory and time-out of each function. CPU grows with memory: 1,769 MB are one core (Lambda Developer Guide,
 * "Configure Lambda function memory").
 */
const SIZES: Readonly<Record<FunctionName, Size>> = {
  // One core, so that the largest delivery ends within half the time-out (test/contract/full-delivery.slow.test.ts).
  ingest: { description: 'Attributes audit events of EKS and stores them', memorySize: 1_769, timeout: 60 },
  grants: { description: "Stores CloudTrail's STS records as sessions", memorySize: 512, timeout: 60 },
  settle: {
    description: 'Decides open claims again and sends alerts',
    memorySize: 1_024,
    timeout: 55,
  },
  api: {
    description: 'Answers /whois, /records, /known, /sessions, /related, /changes, /summary, /fleet and /notes',
    memorySize: 1_024,
    timeout: 29,
  },
  console: { description: 'Serves the page of the service', memorySize: 512, timeout: 10 },
  subscribe: { description: 'Finds clusters and subscribes to their audit logs', memorySize: 256, timeout: 300 },
};

/**
 * The function of a spoke. It is called `ingest` like the hub's, because events are lost while a subscription is moved
 * to another function.
 */
const HAND_OVER: Size = {
  description: "Sends audit events of EKS to the hub's ingest",
  memorySize: 512,
  timeout: 30,
};

/**
 * Returns the resources that invoke the functions, with the logical IDs that osls would use. Log groups
 * (`subscriptions.ts`) and the API are not among them.
 */
export function triggerResources(of: Deployment): Resources {
  const parts = functionsOf(of).map((name) => ({
    ...invocation(of, name),
    ...Object.assign({}, ...queuesOf(of).map((queue) => (queue.to === name ? queueTrigger(of, queue) : {}))),
    ...scheduleTrigger(of, name),
  }));
  return Object.assign({}, ...parts);
}

/**
 * Returns the settings for failed asynchronous invocations. If a subscription invoked the function, Lambda retries
 * twice, then puts the invocation into a queue. The function reads it from there again (Lambda Developer Guide,
 * "Capturing records of Lambda asynchronous invocations"). Settle is not retried, and an invocation that waited for a
 * minute is dropped, because settle runs again the next minute.
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
        ...(queue === undefined ? { MaximumEventAgeInSeconds: 60 } : {}),
        MaximumRetryAttempts: queue === undefined ? 0 : 2,
      },
    },
  };
}

/** The lowest concurrency that Lambda allows. Failed batches are retried slowly. */
const FEWEST_AT_ONCE = 2;

/**
 * Returns the trigger of a queue. Other accounts get a limited share of the account's executions, so a flood of events
 * cannot use all of them. Without this limit, throttled receives would count as failed attempts (Lambda Developer
 * Guide, "Using Lambda with Amazon SQS").
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
      ...(name === 'subscribe' ? beforeCleanUp(of) : {}),
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
