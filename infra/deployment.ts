import { FUNCTIONS, type FunctionName, findsClusters, type Parameters } from './parameters.ts';

/** A stack to deploy: its parameters, and the names that follow from its stage. */
export interface Deployment extends Parameters {
  readonly service: string;
  readonly stage: string;
  /** The prefix of every name, `<service>-<stage>`, so that several stages can share an account. */
  readonly prefix: string;
}

/** Returns the deployment of a stage with these parameters. */
export function deployment(service: string, stage: string, parameters: Parameters): Deployment {
  return { ...parameters, service, stage, prefix: `${service}-${stage}` };
}

/**
 * Returns the functions of the stack. A spoke has only the function that sends events to the hub, and the one that
 * finds clusters.
 */
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

/** Returns the word with a capital letter, as logical IDs begin. */
export function titleOf(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}

/** Returns the logical ID that osls uses for a function. */
export function functionId(name: FunctionName): string {
  return `${titleOf(name)}LambdaFunction`;
}

/** Returns the log group of a cluster's control plane (EKS User Guide, "Control plane logging"). */
export function clusterLogGroup(cluster: string): string {
  return `/aws/eks/${cluster}/cluster`;
}
