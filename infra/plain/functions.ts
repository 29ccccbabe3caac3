import type { Resource, Resources, Value } from '../cloudformation.ts';
import { type Deployment, functionId, functionName, functionsOf } from '../deployment.ts';
import { type FunctionDefinition, functionDefinitions } from '../functions.ts';
import { logGroup, logGroupId } from '../log-groups.ts';
import type { FunctionName } from '../parameters.ts';

/** The location of the functions' code, for a template without osls. */
export interface CodePlace {
  readonly bucket: Value;
  /** Returns the key of the zip file with that name (`ingest`, `hand-over`). */
  readonly keyOf: (zip: string) => Value;
}

/** Returns the functions and their log groups, which osls would create. */
export function functionResources(of: Deployment, code: CodePlace): Resources {
  const definitions = functionDefinitions(of);
  const parts = functionsOf(of).map((name) => {
    const definition = definitions[name];
    const group = { [logGroupId(name)]: logGroup(of, `/aws/lambda/${functionName(of, name)}`) };
    return definition === undefined ? {} : { ...group, [functionId(name)]: lambda(of, name, definition, code) };
  });
  return Object.assign({}, ...parts);
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
      TracingConfig: { Mode: definition.tracing },
      Environment: { Variables: definition.environment },
      Role: definition.role,
      ...(kmsKeyArn === undefined ? {} : { KmsKeyArn: kmsKeyArn }),
      ...(vpc === undefined ? {} : { VpcConfig: { SecurityGroupIds: vpc.securityGroupIds, SubnetIds: vpc.subnetIds } }),
      ...(reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency }),
    },
    DependsOn: [logGroupId(name)],
  };
}
