import { FUNCTIONS, type FunctionName, findsClusters, type Parameters } from './parameters.ts';

/** One stack to deploy: the parameters, and the names that follow from its stage. */
export interface Deployment extends Parameters {
  readonly service: string;
  readonly stage: string;
  /** `<service>-<stage>`: what every name begins with, so that stages share an account. */
  readonly prefix: string;
}

export function deployment(service: string, stage: string, parameters: Parameters): Deployment {
  return { ...parameters, service, stage, prefix: `${service}-${stage}` };
}

/** The functions that the stack has: an ingest-only one writes to the hub, and the hub does the rest. */
export function functionsOf(of: Deployment): readonly FunctionName[] {
  const has = (name: FunctionName) => {
    if (name === 'subscribe') return findsClusters(of);
    if (of.stack === 'ingest-only') return name === 'ingest';
    return name !== 'grants' || of.trail !== 'lookups-only';
  };
  return FUNCTIONS.filter(has);
}

export function functionName(of: Deployment, name: FunctionName): string {
  return `${of.prefix}-${name}`;
}

/** With a capital letter, as logical ids begin. */
export function titleOf(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}

/** The logical id that osls gives to a function. */
export function functionId(name: FunctionName): string {
  return `${titleOf(name)}LambdaFunction`;
}

/** The log group of a cluster's control plane (EKS User Guide, "Control plane logging"). */
export function clusterLogGroup(cluster: string): string {
  return `/aws/eks/${cluster}/cluster`;
}
