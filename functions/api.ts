import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { readConfig } from '../lib/config.ts';
import { listKnown } from '../lib/usecases/query/known-query.ts';
import { queryRecords } from '../lib/usecases/query/records-query.ts';
import { listSessions } from '../lib/usecases/query/sessions-query.ts';
import { MOST_OF_ONE_ID, whois } from '../lib/usecases/query/whois.ts';
import { fittingPage } from './http/fitting.ts';
import { mayAsk } from './http/groups.ts';
import { knownRequest } from './http/known-request.ts';
import { jsonAnswer, problemAnswer } from './http/problem.ts';
import { problemMiddleware } from './http/problem-middleware.ts';
import { recordsRequest } from './http/records-request.ts';
import { pathOf } from './http/route.ts';
import { sessionsRequest } from './http/sessions-request.ts';
import { whoisRequest } from './http/whois-request.ts';
import { clock, stores } from './wiring/clients.ts';
import { lookupScopes, lookupsBy } from './wiring/lookups.ts';
import { metrics, telemetry } from './wiring/telemetry.ts';
import { timeLeft } from './wiring/time-left.ts';

const config = readConfig();
const tables = stores(config);
const scopes = config.lookups ? lookupScopes(config) : [];
const service = { ...tables, clock, settings: config.attribution, deadline: config.deadline };

type Route = (query: string, context: Context) => Promise<object | undefined>;

const ROUTES: Readonly<Record<string, Route>> = {
  '/whois': (query, context) => {
    const request = whoisRequest(query, clock());
    const signal = AbortSignal.timeout(timeLeft(context, config));
    const lookback = request.by === 'caller' ? request.lookback : undefined;
    const lookups = config.lookups ? lookupsBy(scopes, config, { signal, lookback }) : undefined;
    if (request.by === 'caller') return whois(request, { ...service, lookups });
    return fittingPage(MOST_OF_ONE_ID, (limit) => whois({ ...request, limit }, { ...service, lookups }));
  },
  '/records': (query) => {
    const request = recordsRequest(query);
    return fittingPage(request.limit, (limit) => queryRecords({ ...request, limit }, tables));
  },
  '/known': (query) => {
    const { kind, prefix, page } = knownRequest(query);
    return fittingPage(page.limit, (limit) => listKnown(kind, prefix, { ...page, limit }, tables.directory));
  },
  '/sessions': (query) => {
    const request = sessionsRequest(query);
    return fittingPage(request.limit, (limit) => listSessions({ ...request, limit }, tables.claims));
  },
};

/** Of `/whois` by audit ID; the other questions always have an answer. */
const NOT_RECORDED = 'No record bears this audit ID: look for it with /records, or ask by what the event says.';

const NOT_OF_A_GROUP = 'The token names none of the groups that may ask.';

async function handle(event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2> {
  if (!mayAsk(event.headers?.authorization, config.jwtGroups)) {
    metrics.add('QuestionsRefused', 1);
    return problemAnswer({ status: 403, detail: NOT_OF_A_GROUP });
  }
  const route = ROUTES[pathOf(event)];
  if (route === undefined) return problemAnswer({ status: 404, detail: `Ask ${Object.keys(ROUTES).join(', ')}.` });
  const answer = await route(event.rawQueryString, context);
  if (answer === undefined) return problemAnswer({ status: 404, detail: NOT_RECORDED });
  metrics.add('QuestionsAnswered', 1);
  return jsonAnswer(answer);
}

export const handler = middy(handle)
  .use(telemetry<APIGatewayProxyEventV2>(({ requestContext }) => requestContext.requestId))
  .use(problemMiddleware());
