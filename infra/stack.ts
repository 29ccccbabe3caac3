import { alarmResources } from './alarms.ts';
import { alertResources } from './alerts.ts';
import { analystResources } from './analysts.ts';
import type { Resources } from './cloudformation.ts';
import { dashboardResources } from './dashboard.ts';
import { type Deployment, deployment } from './deployment.ts';
import { apiExtensions, type FunctionDefinition, functionDefinitions, httpApi } from './functions.ts';
import { type OfflineFunction, offlineFunctions } from './offline.ts';
import { outputsOf } from './outputs.ts';
import { PARAMETER_NAMES, readParameters } from './parameters.ts';
import { queueResources } from './queues.ts';
import { roleResources } from './roles.ts';
import { stsRuleResources } from './sts-rules.ts';
import { subscriptionResources } from './subscriptions.ts';
import { tableResources } from './tables.ts';

/** What serverless.yml takes in where YAML cannot loop. */
export interface Stack {
  readonly functions: Readonly<Record<string, FunctionDefinition | OfflineFunction>>;
  readonly httpApi: ReturnType<typeof httpApi>;
  readonly resources: {
    readonly Resources: Resources;
    readonly Outputs: ReturnType<typeof outputsOf>;
    readonly extensions: ReturnType<typeof apiExtensions>;
  };
}

/** `resolveVariable` answers with what a variable of serverless.yml stands for: `param:clusters`. */
export async function readStack(resolveVariable: (variable: string) => Promise<unknown>): Promise<Stack> {
  const given: Record<string, unknown> = {};
  for (const name of PARAMETER_NAMES) given[name] = await resolveVariable(`param:${name}`);
  const read = readParameters(given);
  if (!read.ok) throw wrongParameters(read.problems);
  const [service, stage] = await Promise.all(['self:service', 'sls:stage'].map(resolveVariable));
  const of = deployment(String(service), String(stage), read.value);
  return process.env.EKS_WHOIS_OFFLINE === undefined
    ? stackOf(of)
    : { ...stackOf(of), functions: offlineFunctions(of) };
}

/** osls prints a stack trace where there is one; whoever mistyped a parameter needs none. */
function wrongParameters(problems: readonly string[]): Error {
  const error = new Error(`These parameters can't be deployed:\n  ${problems.join('\n  ')}`);
  delete error.stack;
  return error;
}

export function stackOf(of: Deployment): Stack {
  return {
    functions: functionDefinitions(of),
    httpApi: httpApi(of),
    resources: { Resources: resourcesOf(of), Outputs: outputsOf(of), extensions: apiExtensions(of) },
  };
}

function resourcesOf(of: Deployment): Resources {
  return {
    ...tableResources(of),
    ...queueResources(of),
    ...roleResources(of),
    ...subscriptionResources(of),
    ...stsRuleResources(of),
    ...alertResources(of),
    ...analystResources(of),
    ...alarmResources(of),
    ...dashboardResources(of),
  };
}
