import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { readConfig } from '../lib/config.ts';
import type { VisibleClusters } from '../lib/usecases/query/visible-tables.ts';
import { jsonAnswer, limitedAnswer, problemAnswer, problemOf } from './http/problem.ts';
import { authorOf, clustersOf, isInRequiredGroup, jsonBody, methodOf, pathOf, questionToLog } from './http/request.ts';
import { type LookupsFor, NotFoundAnswer, postRoutesOf, routesOf } from './http/routes.ts';
import { SealedCursors } from './http/sealed-cursors.ts';
import { clock, stores } from './wiring/clients.ts';
import { lookupPlaces, lookupsBy } from './wiring/lookups.ts';
import { logger, metrics, telemetry } from './wiring/telemetry.ts';
import { timeLeft } from './wiring/time-left.ts';

const config = readConfig();
const places = config.lookups ? lookupPlaces(config) : undefined;
const settings = { ...config.attribution, samePerson: config.samePerson };
const tables = stores(config);
const cursors = new SealedCursors(tables.sealingKey);
const answering = { tables, clock, settings, deadline: config.deadline, expected: config.expected };

const NOBODY = 'The authorizer does not say who you are, and a note needs an author. Ask whoever runs the service.';
const NOT_OF_A_GROUP = 'The token has none of the groups that may use this service.';
const noClusters = (claim = '') =>
  `You may see no cluster: the token names none in the claim ${claim}. Ask whoever manages the issuer to add the names or ARNs of your clusters there.`;

async function handle(event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2> {
  logger.info('asked', { ...questionToLog(event) });
  if (!isInRequiredGroup(event.headers?.authorization, config.jwtGroups)) {
    metrics.add('QuestionsRefused', 1);
    return problemAnswer({ status: 403, detail: NOT_OF_A_GROUP });
  }
  const clusters = clustersOf(event.headers?.authorization, config.clusterClaim);
  if (clusters === undefined) {
    metrics.add('QuestionsRefused', 1);
    return problemAnswer({ status: 403, detail: noClusters(config.clusterClaim) });
  }
  const response = methodOf(event) === 'POST' ? take(event, clusters) : answer(event, context, clusters);
  return limitedAnswer(await response, clusters);
}

/** Stores what a user sends. Returns the response. */
async function take(
  event: APIGatewayProxyEventV2,
  clusters: VisibleClusters,
): Promise<APIGatewayProxyStructuredResultV2> {
  const takings = postRoutesOf(answering, clusters);
  const taking = takings[pathOf(event)];
  if (taking === undefined)
    return problemAnswer({ status: 404, detail: `Send to ${Object.keys(takings).join(', ')}.` });
  const who = config.unsignedAs === undefined ? authorOf(event) : { id: config.unsignedAs };
  if (who === undefined) return problemAnswer({ status: 403, detail: NOBODY });
  const body = jsonBody(event);
  if (typeof body !== 'string') return problemAnswer(body);
  const taken = await taking(body, who);
  metrics.add('QuestionsAnswered', 1);
  return jsonAnswer(taken, 201);
}

async function answer(
  event: APIGatewayProxyEventV2,
  context: Context,
  clusters: VisibleClusters,
): Promise<APIGatewayProxyStructuredResultV2> {
  const routes = routesOf(answering, clusters);
  const route = routes[pathOf(event)];
  if (route === undefined) return problemAnswer({ status: 404, detail: `Ask ${Object.keys(routes).join(', ')}.` });
  const isLimited = clusters !== 'all';
  const query = isLimited ? await cursors.opened(event.rawQueryString) : event.rawQueryString;
  const answered = await route(query, lookupsWithin(context));
  if (answered instanceof NotFoundAnswer)
    return problemAnswer({ status: 404, detail: answered.why, also: answered.also });
  metrics.add('QuestionsAnswered', 1);
  return jsonAnswer(isLimited ? await cursors.sealed(answered) : answered);
}

/** Returns look-ups in CloudTrail that end with the invocation's time. */
function lookupsWithin(context: Context): LookupsFor {
  return (lookback) => {
    if (places === undefined) return undefined;
    return lookupsBy(places, config, { signal: AbortSignal.timeout(timeLeft(context, config)), lookback });
  };
}

export const handler = middy(handle)
  .use(telemetry<APIGatewayProxyEventV2>(({ requestContext }) => requestContext.requestId))
  .use(problemMiddleware());

/** Returns a middleware that answers an error with its problem. It logs errors that the user did not cause. */
function problemMiddleware(): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  return {
    onError: (request) => {
      const problem = problemOf(request.error);
      metrics.add(problem.status < 500 ? 'QuestionsRefused' : 'QuestionsFailed', 1);
      if (problem.status >= 500) logger.error('question not answered', request.error ?? 'unknown');
      request.response = problemAnswer(problem);
    },
  };
}
