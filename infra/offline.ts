import { ROUTES } from './api.ts';
import type { Deployment } from './deployment.ts';
import { type FunctionDefinition, functionDefinitions } from './functions.ts';

/** A function for serverless-offline: the deployed one without everything that only AWS can provide. */
export interface OfflineFunction
  extends Pick<FunctionDefinition, 'handler' | 'description' | 'memorySize' | 'timeout'> {
  readonly events: readonly { readonly httpApi: { readonly method: string; readonly path: string } }[];
}

/**
 * Returns the functions and routes of a deployment for `eks-whois local`. They use the environment of the process,
 * because CloudFormation's references to tables and topics mean nothing here. The process that invokes settle keeps its
 * schedule. On 127.0.0.1, requests need no signature.
 */
export function offlineFunctions(of: Deployment): Record<string, OfflineFunction> {
  const deployed = Object.entries(functionDefinitions(of)).map(
    ([name, { handler, description, memorySize, timeout }]) => [
      name,
      { handler, description, memorySize, timeout, events: ROUTES.filter(({ to }) => to === name).map(openRoute) },
    ],
  );
  return { ...Object.fromEntries(deployed), unrouted: UNROUTED };
}

/** The function for requests without a route, which API Gateway answers itself. */
const UNROUTED: OfflineFunction = {
  handler: 'local/service/unrouted.handler',
  description: 'Answers requests without a route',
  memorySize: 128,
  timeout: 5,
  events: [{ httpApi: { method: '*', path: '*' } }],
};

function openRoute({ method, path }: (typeof ROUTES)[number]): OfflineFunction['events'][number] {
  return { httpApi: { method, path } };
}
