import { arnOf, type Resource, type Resources, ref, sub, type Value } from '../cloudformation.ts';
import { type Deployment, functionId, functionName, functionsOf } from '../deployment.ts';
import { type FunctionDefinition, type FunctionEvent, functionDefinitions, type QueueEvent } from '../functions.ts';
import type { FunctionName } from '../parameters.ts';

/** Where the code of functions lies, as a template without osls has it. */
export interface CodePlace {
  readonly bucket: Value;
  /** The key of the zip with that name (`ingest`, `hand-over`). */
  readonly keyOf: (zip: string) => Value;
}

/** What osls makes of the functions: the functions themselves, their log groups, and what invokes them. */
export function functionResources(of: Deployment, code: CodePlace): Resources {
  const definitions = functionDefinitions(of);
  const parts = functionsOf(of).map((name) => {
    const definition = definitions[name];
    return definition === undefined ? {} : resourcesOf(of, name, definition, code);
  });
  return Object.assign({}, ...parts);
}

function resourcesOf(of: Deployment, name: FunctionName, definition: FunctionDefinition, code: CodePlace): Resources {
  return {
    [logGroupId(name)]: logGroup(of, `/aws/lambda/${functionName(of, name)}`),
    [functionId(name)]: lambda(of, name, definition, code),
    ...invocation(name, definition),
    ...Object.assign({}, ...(definition.events ?? []).map((event) => trigger(name, event))),
  };
}

function logGroupId(name: FunctionName): string {
  return `${titleOf(name)}LogGroup`;
}

export function titleOf(name: FunctionName): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

export function logGroup(of: Deployment, name: string): Resource {
  const key = of.logsKmsKeyArn === undefined ? {} : { KmsKeyId: of.logsKmsKeyArn };
  return {
    Type: 'AWS::Logs::LogGroup',
    Properties: { LogGroupName: name, RetentionInDays: of.logDays, ...key },
  };
}

function lambda(of: Deployment, name: FunctionName, definition: FunctionDefinition, code: CodePlace): Resource {
  const zip = definition.handler.replace(/^functions\/|\.handler$/g, '');
  const { kmsKeyArn, vpc, reservedConcurrency } = definition;
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { S3Bucket: code.bucket, S3Key: code.keyOf(zip) },
      Handler: definition.handler,
      Runtime: 'nodejs24.x',
      FunctionName: functionName(of, name),
      MemorySize: definition.memorySize,
      Timeout: definition.timeout,
      Architectures: ['arm64'],
      Description: definition.description,
      TracingConfig: { Mode: 'Active' },
      Environment: { Variables: definition.environment },
      Role: definition.role,
      ...(kmsKeyArn === undefined ? {} : { KmsKeyArn: kmsKeyArn }),
      ...(vpc === undefined ? {} : { VpcConfig: { SecurityGroupIds: vpc.securityGroupIds, SubnetIds: vpc.subnetIds } }),
      ...(reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency }),
    },
    DependsOn: [logGroupId(name)],
  };
}

/** What Lambda does after a failure of an invocation that nobody waits for. */
function invocation(name: FunctionName, { destinations, maximumRetryAttempts }: FunctionDefinition): Resources {
  if (destinations === undefined && maximumRetryAttempts === undefined) return {};
  return {
    [`${titleOf(name)}LambdaEvConf`]: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        FunctionName: ref(functionId(name)),
        DestinationConfig: destinations === undefined ? {} : { OnFailure: { Destination: destinations.onFailure.arn } },
        Qualifier: '$LATEST',
        ...(maximumRetryAttempts === undefined ? {} : { MaximumRetryAttempts: maximumRetryAttempts }),
      },
    },
  };
}

/** Routes are the API's (`api.ts`). */
function trigger(name: FunctionName, { sqs, schedule }: FunctionEvent): Resources {
  if (sqs !== undefined) return queueTrigger(name, sqs);
  return schedule === undefined ? {} : scheduleTrigger(name, schedule);
}

function queueTrigger(name: FunctionName, event: QueueEvent): Resources {
  const { arn, batchSize, maximumBatchingWindow, maximumConcurrency, functionResponseType } = event;
  return {
    [`${titleOf(name)}EventSourceMappingSQS${arn['Fn::GetAtt'][0]}`]: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        BatchSize: batchSize,
        ...(maximumBatchingWindow === undefined ? {} : { MaximumBatchingWindowInSeconds: maximumBatchingWindow }),
        EventSourceArn: arn,
        FunctionName: arnOf(functionId(name)),
        Enabled: true,
        FunctionResponseTypes: [functionResponseType],
        ...(maximumConcurrency === undefined ? {} : { ScalingConfig: { MaximumConcurrency: maximumConcurrency } }),
      },
    },
  };
}

function scheduleTrigger(
  name: FunctionName,
  { name: ruleName, rate }: NonNullable<FunctionEvent['schedule']>,
): Resources {
  const rule = `${titleOf(name)}EventsRuleSchedule1`;
  return {
    [rule]: {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: rate[0],
        State: 'ENABLED',
        Name: ruleName,
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

/** What may call a function of the API. */
export function apiPermission(name: FunctionName): Resource {
  return {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      FunctionName: arnOf(functionId(name)),
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: sub('arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${HttpApi}/*'),
    },
  };
}
