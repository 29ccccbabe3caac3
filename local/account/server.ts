import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { eventPatternTakes } from '../../lib/doctor/event-pattern.ts';
import { parseFilterPattern } from '../../lib/doctor/filter-pattern.ts';
import { isJsonObject, listAt } from '../../lib/json.ts';
import { listen } from '../loopback/guard.ts';
import type { Account, StandInTrail } from './account.ts';
import { metricData } from './metrics.ts';

export interface AccountServer {
  /** `http://127.0.0.1:<port>`: the endpoint for all five services and all Regions. */
  readonly url: string;
  /** `<operation> <region>` of each request so far. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

const EMPTY: Account = {
  filters: {},
  cutEntries: [],
  impersonations: [],
  deliveries: [],
  volumes: [],
  trails: [],
  rules: [],
  roles: {},
  records: [],
  denied: [],
  garbage: [],
};

/** Starts the stand-ins; the Region is read from the credential scope, signatures are not verified. */
export async function startAccount(given: Partial<Account> = {}): Promise<AccountServer> {
  const account = { ...EMPTY, ...given };
  const requests: string[] = [];
  const server = createServer((request, response) => void respond(account, requests, request, response));
  return {
    ...(await listen(server)),
    requests,
  };
}

/** One request: JSON 1.0 or 1.1 with its operation in X-Amz-Target, or IAM's form. */
interface Asked {
  readonly operation: string;
  readonly region: string;
  readonly text: (name: string) => string;
  /** The whole input of a JSON request. */
  readonly input: unknown;
}

async function respond(account: Account, requests: string[], incoming: IncomingMessage, response: ServerResponse) {
  const asked = await readRequest(incoming);
  requests.push(`${asked.operation} ${asked.region}`);
  if (account.garbage.includes(asked.operation)) {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Please sign in to the Wi-Fi</body>');
    return;
  }
  if (asked.operation === 'GetRole') return answerIam(account, asked, response);
  if (account.denied.includes(asked.operation)) {
    return json(response, 400, {
      __type: 'AccessDeniedException',
      message: `not authorized to perform ${asked.operation}`,
    });
  }
  const answer = ANSWERS[asked.operation]?.(account, asked);
  if (answer === undefined)
    json(response, 400, { __type: 'ResourceNotFoundException', message: 'There is no such thing' });
  else json(response, 200, answer);
}

async function readRequest(incoming: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const body = Buffer.concat(chunks).toString('utf8');
  const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? '';
  const target = incoming.headers['x-amz-target'];
  if (typeof target !== 'string') {
    const form = new URLSearchParams(body);
    return { operation: form.get('Action') ?? '', region, text: (name) => form.get(name) ?? '', input: undefined };
  }
  const input: unknown = JSON.parse(body || '{}');
  const text = (name: string) => String(Reflect.get(Object(input), name) ?? '');
  const attribute = JSON.stringify(Reflect.get(Object(input), 'LookupAttributes') ?? '');
  const operation = target.split('.')[1] ?? '';
  return { operation, region, text: (name) => (name === 'LookupAttributes' ? attribute : text(name)), input };
}

/** A row as Logs Insights writes it. */
function fieldsOf(row: Readonly<Record<string, string>>): readonly object[] {
  return Object.entries(row).map(([field, value]) => ({ field, value }));
}

/** Which of doctor's questions to Logs Insights it is. */
function questionIn(query: string): string {
  if (query.includes('impersonatedUser')) return 'who';
  return query.endsWith('stats count(*) as events') ? 'passing' : 'cut';
}

const ROWS: Readonly<Record<string, (account: Account) => readonly (readonly object[])[]>> = {
  who: ({ impersonations }) => impersonations.map(fieldsOf),
  passing: ({ passing = 0 }) => [fieldsOf({ events: String(passing) })],
  cut: ({ cutEntries }) =>
    cutEntries.map(({ stream, hour, cut }) => fieldsOf({ '@logStream': stream, hour, cut: String(cut) })),
};

type Answering = (account: Account, asked: Asked) => object | undefined;

const ANSWERS: Readonly<Record<string, Answering>> = {
  DescribeSubscriptionFilters({ filters }, { text }) {
    const found = filters[text('logGroupName')];
    return found && { subscriptionFilters: found };
  },
  StartQuery: (_, { text }) => ({ queryId: questionIn(text('queryString')) }),
  GetQueryResults: (account, { text }) => ({ status: 'Complete', results: ROWS[text('queryId')]?.(account) ?? [] }),
  GetMetricData: ({ deliveries, volumes }, { region, input }) => ({
    MetricDataResults: metricData([...deliveries, ...volumes.filter((each) => each.region === region)], input),
  }),
  DescribeTrails: ({ trails }, { region }) => ({
    trailList: trails.filter((trail) => trail.multiRegion || trail.homeRegion === region).map(described),
  }),
  GetTrailStatus: ({ trails }, { text }) =>
    found(trails, text('Name'), ({ logging = true }) => ({ IsLogging: logging })),
  GetEventSelectors: ({ trails }, { text }) =>
    found(trails, text('TrailName'), ({ readWriteType = 'All', advancedSelectors }) =>
      advancedSelectors === undefined
        ? { EventSelectors: [{ ReadWriteType: readWriteType, IncludeManagementEvents: true, DataResources: [] }] }
        : { AdvancedEventSelectors: advancedSelectors },
    ),
  ListRules: ({ rules }, { region }) => ({
    Rules: rules
      .filter((rule) => rule.region === region)
      .map(({ name, state, pattern, description }) => ({
        Name: name,
        Arn: `arn:aws:events:${region}:111122223333:rule/${name}`,
        State: state,
        EventPattern: JSON.stringify(pattern),
        Description: description,
      })),
  }),
  TestMetricFilter: ({ letsThrough = asWeRead }, { text, input }) => ({
    matches: (listAt(isJsonObject(input) ? input : {}, 'logEventMessages') ?? []).flatMap((message, at) =>
      letsThrough(text('filterPattern'), String(message))
        ? [{ eventNumber: at + 1, eventMessage: message, extractedValues: {} }]
        : [],
    ),
  }),
  TestEventPattern: ({ takesEvent = asWeTake }, { text }) => ({
    Result: takesEvent(text('EventPattern'), JSON.parse(text('Event'))),
  }),
  LookupEvents: ({ records }, { region, text }) => ({
    Events: records
      .filter((each) => each.awsRegion === region)
      .filter((each) => text('LookupAttributes').includes(`"${each.requestParameters.roleArn}"`))
      .map((each) => ({ CloudTrailEvent: JSON.stringify(each) })),
  }),
};

/** As doctor reads a filter pattern; one that it does not understand lets nothing through. */
function asWeRead(pattern: string, message: string): boolean {
  return parseFilterPattern(pattern)?.(message) === true;
}

function asWeTake(pattern: string, event: unknown): boolean {
  return eventPatternTakes(JSON.parse(pattern), event) === true;
}

function arnOf({ homeRegion, name }: StandInTrail): string {
  return `arn:aws:cloudtrail:${homeRegion}:111122223333:trail/${name}`;
}

function described(trail: StandInTrail): object {
  const { name, homeRegion, multiRegion, logGroup } = trail;
  return {
    Name: name,
    TrailARN: arnOf(trail),
    HomeRegion: homeRegion,
    IsMultiRegionTrail: multiRegion,
    CloudWatchLogsLogGroupArn: logGroup,
  };
}

function found(trails: readonly StandInTrail[], arn: string, answer: (trail: StandInTrail) => object) {
  const trail = trails.find((each) => arnOf(each) === arn);
  return trail && answer(trail);
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
}

/** IAM's query interface answers in XML, with the policy encoded as a URL. */
function answerIam({ roles, denied }: Account, { text }: Asked, response: ServerResponse): void {
  const name = text('RoleName');
  const [arn, policy] = Object.entries(roles).find(([each]) => each.endsWith(`/${name}`)) ?? [];
  const xml = { 'content-type': 'text/xml' };
  if (denied.includes('GetRole') || arn === undefined) {
    const code = arn === undefined ? 'NoSuchEntity' : 'AccessDenied';
    const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>not for ${name}</Message></Error>`;
    response.writeHead(arn === undefined ? 404 : 403, xml).end(`<ErrorResponse>${error}</ErrorResponse>`);
    return;
  }
  const document = encodeURIComponent(JSON.stringify(policy));
  const role = `<Role><Arn>${arn}</Arn><RoleName>${name}</RoleName><AssumeRolePolicyDocument>${document}</AssumeRolePolicyDocument></Role>`;
  response.writeHead(200, xml).end(`<GetRoleResponse><GetRoleResult>${role}</GetRoleResult></GetRoleResponse>`);
}
