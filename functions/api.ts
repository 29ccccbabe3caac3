import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { readConfig } from '../lib/config.ts';
import { mayAsk } from './http/groups.ts';
import { jsonAnswer, problemAnswer } from './http/problem.ts';
import { problemMiddleware } from './http/problem-middleware.ts';
import { pathOf } from './http/route.ts';
import { type LookupsFor, NotThere, routesOf } from './http/routes.ts';
import { clock, stores } from './wiring/clients.ts';
import { lookupScopes, lookupsBy } from './wiring/lookups.ts';
import { metrics, telemetry } from './wiring/telemetry.ts';
import { timeLeft } from './wiring/time-left.ts';

const config = readConfig();
const scopes = config.lookups ? lookupScopes(config) : [];
const routes = routesOf({ tables: stores(config), clock, settings: config.attribution, deadline: config.deadline });

const NOT_OF_A_GROUP = 'The token names none of the groups that may ask.';

async function handle(event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2> {
  if (!mayAsk(event.headers?.authorization, config.jwtGroups)) {
    metrics.add('QuestionsRefused', 1);
    return problemAnswer({ status: 403, detail: NOT_OF_A_GROUP });
  }
  const route = routes[pathOf(event)];
  if (route === undefined) return problemAnswer({ status: 404, detail: `Ask ${Object.keys(routes).join(', ')}.` });
  const answer = await route(event.rawQueryString, lookupsWithin(context));
  if (answer instanceof NotThere) return problemAnswer({ status: 404, detail: answer.why });
  metrics.add('QuestionsAnswered', 1);
  return jsonAnswer(answer);
}

/** CloudTrail, as long as the invocation has time. */
function lookupsWithin(context: Context): LookupsFor {
  return (lookback) => {
    if (!config.lookups) return undefined;
    return lookupsBy(scopes, config, { signal: AbortSignal.timeout(timeLeft(context, config)), lookback });
  };
}

export const handler = middy(handle)
  .use(telemetry<APIGatewayProxyEventV2>(({ requestContext }) => requestContext.requestId))
  .use(problemMiddleware());
