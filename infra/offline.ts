import { ROUTES } from './api.ts';
import type { Deployment } from './deployment.ts';
import { type FunctionDefinition, functionDefinitions } from './functions.ts';

/** A function as serverless-offline takes it: what is deployed, without what only AWS can give it. */
export interface OfflineFunction
  extends Pick<FunctionDefinition, 'handler' | 'description' | 'memorySize' | 'timeout'> {
  readonly events: readonly { readonly httpApi: { readonly method: string; readonly path: string } }[];
}

/**
 * The functions and routes of a deployment for `eks-whois local`. Their environment is the process's own, since tables
 * and topics have no reference here; whoever invokes settle keeps the schedule, and says the time before; and on 127.0.0.1
 * nobody has to sign.
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

/** What API Gateway answers by itself. */
const UNROUTED: OfflineFunction = {
  handler: 'local/service/unrouted.handler',
  description: 'Answers where no route fits',
  memorySize: 128,
  timeout: 5,
  events: [{ httpApi: { method: '*', path: '*' } }],
};

function openRoute({ method, path }: (typeof ROUTES)[number]): OfflineFunction['events'][number] {
  return { httpApi: { method, path } };
}
