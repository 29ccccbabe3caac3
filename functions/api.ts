import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { readConfig } from '../lib/config.ts';
import { answerAnything } from '../lib/usecases/query/anything/anything.ts';
import { anythingBody, notKnownText, shortened } from '../lib/usecases/query/anything/found.ts';
import { type AskedService, ServiceInformant } from '../lib/usecases/query/anything/service-informant.ts';
import { knownRequest } from '../lib/usecases/query/asked/known-asked.ts';
import { recordsRequest } from '../lib/usecases/query/asked/records-asked.ts';
import { relatedRequest } from '../lib/usecases/query/asked/related-asked.ts';
import { sessionsRequest } from '../lib/usecases/query/asked/sessions-asked.ts';
import { type AnythingRequest, anythingRequest, whoisRequest } from '../lib/usecases/query/asked/whois-asked.ts';
import { listKnown } from '../lib/usecases/query/known-query.ts';
import { queryRecords } from '../lib/usecases/query/records-query.ts';
import { listSessions } from '../lib/usecases/query/sessions-query.ts';
import { callerRequestOf, MOST_OF_ONE_ID, whois, whoisOfCaller } from '../lib/usecases/query/whois.ts';
import { MOST_RELATED, related } from '../lib/usecases/related/related.ts';
import { storedSource } from '../lib/usecases/related/stored-source.ts';
import { fittingPage } from './http/fitting.ts';
import { mayAsk } from './http/groups.ts';
import { jsonAnswer, problemAnswer } from './http/problem.ts';
import { problemMiddleware } from './http/problem-middleware.ts';
import { pathOf } from './http/route.ts';
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
    const anything = anythingRequest(query, clock());
    if (anything !== undefined) return answerToAnything(anything, context);
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
  '/related': (query) => {
    const auditId = relatedRequest(query);
    return fittingPage(MOST_RELATED, (limit) => related(auditId, storedSource(tables), limit));
  },
};

/** Several things are answered from the tables alone: CloudTrail takes two requests a second, and an answer half a minute. */
async function answerToAnything(
  { recognised, at, lookback }: AnythingRequest,
  context: Context,
): Promise<object | undefined> {
  const signal = AbortSignal.timeout(timeLeft(context, config));
  const asksOne = recognised.reading === 'first-known' || recognised.subjects.length === 1;
  const lookups = config.lookups && asksOne ? lookupsBy(scopes, config, { signal, lookback }) : undefined;
  const asked: AskedService = {
    records: (request) => queryRecords(request, tables),
    known: ({ kind, prefix, limit, cursor }) => listKnown(kind, prefix, { limit, position: cursor }, tables.directory),
    whois: (question) => whoisOfCaller(callerRequestOf(question), { ...service, lookups }),
  };
  const informant = new ServiceInformant(asked, { lookback }, config.attribution);
  const answer = await answerAnything(recognised, informant, at);
  const [first] = answer.found;
  if (answer.isOne && first?.outcome.kind === 'not-known') return new Missing(notKnownText(first.outcome));
  return fittingPage(MOST_OF_ONE_ID, async (limit) => anythingBody(shortened(answer, limit)));
}

/** Nothing is known of what was asked about, and why. */
class Missing {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

/** Of `/whois` by audit ID and `/related`; the other questions always have an answer. */
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
  if (answer instanceof Missing) return problemAnswer({ status: 404, detail: answer.why });
  if (answer === undefined) return problemAnswer({ status: 404, detail: NOT_RECORDED });
  metrics.add('QuestionsAnswered', 1);
  return jsonAnswer(answer);
}

export const handler = middy(handle)
  .use(telemetry<APIGatewayProxyEventV2>(({ requestContext }) => requestContext.requestId))
  .use(problemMiddleware());
