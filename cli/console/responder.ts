import { type Problem, problemAnswer, problemOf } from '../../functions/http/problem.ts';
import { NotFoundAnswer, type PostRoute, postRoutesOf, type Route, routesOf } from '../../functions/http/routes.ts';
import { clock } from '../../functions/wiring/clients.ts';
import { AwsError } from '../../lib/adapters/aws/aws-error.ts';
import { kindOf } from '../../lib/adapters/aws/error-kinds.ts';
import { tableNames } from '../../lib/adapters/dynamodb/tables.ts';
import { DEFAULT_DEADLINE } from '../../lib/attribution/settings.ts';
import type { CallerIdentity } from '../../lib/kubeconfig/role-session.ts';
import type { ApiRequests } from '../access/api-requests.ts';
import { type TableTarget, tableFailure, tablesOf } from '../access/table-access.ts';
import { CommandError, ServiceError } from '../failures/command-error.ts';

/** An answer of the HTTP interface. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers a request of the page, or stores the JSON that it sends. Never throws. */
export type Responder = (path: string, query: string, sent?: string) => Promise<HttpAnswer>;

/** Headers of the service that the page uses. */
const PASSED = ['content-type', 'retry-after', 'eks-whois-clusters'];

/**
 * Matches the path of any question. No path leads to another host or folder, since the requests are signed with
 * credentials.
 */
const PATH = /^\/[a-z]+(?:\.[a-z]+)?$/;

/** Returns a responder that calls the service's API with the person's credentials. Passes answers on unchanged. */
export function respondByApi(request: ApiRequests): Responder {
  return async (path, query, sent) => {
    if (!PATH.test(path)) return problem(404, 'The service has no such path.');
    try {
      const answer = await request({ path, query: new URLSearchParams(query), body: sent });
      const headers = Object.fromEntries([...answer.headers].filter(([name]) => PASSED.includes(name)));
      return { status: answer.status, headers: { ...headers, ...NOT_KEPT }, body: await answer.text() };
    } catch (error) {
      return failed(error);
    }
  };
}

/**
 * Returns a responder that reads the tables with the API's own routes. It does not query CloudTrail. It writes notes
 * with the same credentials, if these allow it. The author is the identity that STS reports for these credentials, so
 * only this command states it.
 */
export function respondByTables(target: TableTarget, identity: () => Promise<CallerIdentity>): Responder {
  const { prefix, settings } = target;
  const answering = { tables: tablesOf(target), clock, settings, deadline: DEFAULT_DEADLINE };
  const ask = respondByRoutes(routesOf(answering, 'all'), (error) => tableFailure(error, prefix));
  const takings = postRoutesOf(answering, 'all');
  return async (path, query, sent) => {
    if (sent === undefined) return ask(path, query);
    const taking = Object.hasOwn(takings, path) ? takings[path] : undefined;
    if (taking === undefined) return problem(404, `Send to ${Object.keys(takings).join(', ')}.`);
    return taken(taking, sent, { prefix, identity });
  };
}

async function taken(
  taking: PostRoute,
  sent: string,
  { prefix, identity }: { readonly prefix: string; readonly identity: () => Promise<CallerIdentity> },
): Promise<HttpAnswer> {
  try {
    const { arn } = await identity();
    const note = await taking(sent, { id: arn, statedBy: 'writer' });
    return { status: 201, headers: { 'content-type': 'application/json', ...NOT_KEPT }, body: JSON.stringify(note) };
  } catch (error) {
    const { status, detail, parameter } = problemOf(error);
    if (status === 400) return problem(status, detail, parameter === undefined ? {} : { parameter });
    if (error instanceof AwsError) return problem(403, `The author of the note cannot be determined. ${error.message}`);
    return kindOf(error) === 'denied' ? problem(403, mayNotWrite(prefix)) : failed(tableFailure(error, prefix));
  }
}

function mayNotWrite(prefix: string): string {
  return (
    `These credentials may not write notes to the table ${tableNames(prefix).claims} (dynamodb:PutItem). To write notes, ` +
    'use the service: eks-whois console --api.'
  );
}

/**
 * Returns a responder that uses the API's routes.
 * @param failureOf returns the error to report if a route failed although the question was right.
 */
export function respondByRoutes(
  routes: Readonly<Record<string, Route>>,
  failureOf: (error: unknown) => unknown,
): Responder {
  return async (path, query, sent) => {
    if (sent !== undefined) return problem(403, ONLY_READ);
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (route === undefined) return problem(404, `Ask ${Object.keys(routes).join(', ')}.`);
    return answered(route, query, failureOf);
  };
}

async function answered(route: Route, query: string, failureOf: (error: unknown) => unknown): Promise<HttpAnswer> {
  try {
    const answer = await route(query, () => undefined);
    if (answer instanceof NotFoundAnswer) return problem(404, answer.why, { also: answer.also });
    return { status: 200, headers: { 'content-type': 'application/json', ...NOT_KEPT }, body: JSON.stringify(answer) };
  } catch (error) {
    const { status, detail, parameter } = problemOf(error);
    return status === 400
      ? problem(status, detail, parameter === undefined ? {} : { parameter })
      : failed(failureOf(error));
  }
}

const ONLY_READ = 'This service stores nothing.';

const NOT_KEPT = { 'cache-control': 'no-store' };

/**
 * Returns the answer for a failure. The page itself retries those that can pass. For others, the text says what to fix.
 */
function failed(error: unknown): HttpAnswer {
  if (error instanceof ServiceError) return problem(503, error.message);
  if (error instanceof CommandError) return problem(403, error.message);
  return problem(500, 'The request failed. The terminal in which eks-whois console runs shows the reason.');
}

function problem(
  status: 400 | 403 | 404 | 500 | 503,
  detail: string,
  more: Pick<Problem, 'parameter' | 'also'> = {},
): HttpAnswer {
  const { headers, body } = problemAnswer({ status, detail, ...more });
  return { status, headers: { ...NOT_KEPT, ...(headers as Record<string, string>) }, body: body ?? '' };
}
