import { eventPatternTakes } from '../../../lib/doctor/event-pattern.ts';
import { parseFilterPattern } from '../../../lib/doctor/filter-pattern.ts';
import { listAt, textAt } from '../../../lib/json.ts';
import { LogGroups, type SubscriptionFilter } from './logs.ts';
import { type AwsAnswer, type AwsRequest, json, refused, SIGN_IN_PAGE, startAws, xml } from './server.ts';

/** The account that the stand-ins for CloudTrail, CloudWatch, CloudWatch Logs, EventBridge and IAM show. */
export interface Account {
  /** Subscription filters by log group. A log group that is not listed does not exist. */
  readonly filters: Readonly<Record<string, readonly SubscriptionFilter[]>>;
  /** Audit entries that Logs Insights counts as cut, by stream and hour as it writes them. */
  readonly cutEntries: readonly { readonly stream: string; readonly hour: string; readonly cut: number }[];
  /** Rows of Logs Insights about who impersonates whom: the values of their fields. */
  readonly impersonations: readonly Readonly<Record<string, string>>[];
  /** Values of CloudWatch's metrics of subscriptions to functions. */
  readonly deliveries: readonly StandInDelivery[];
  /** Values of CloudWatch's metrics of log groups, and of what their subscriptions forwarded to functions. */
  readonly volumes: readonly StandInVolume[];
  /** The number of events that would pass the filter, as Logs Insights counts them. */
  readonly passing?: number;
  readonly trails: readonly StandInTrail[];
  readonly rules: readonly {
    readonly region: string;
    readonly name: string;
    readonly state: string;
    readonly pattern: object;
    readonly description?: string;
  }[];
  /** Trust policies by role ARN. */
  readonly roles: Readonly<Record<string, object>>;
  /** CloudTrail records of AssumeRole. */
  readonly records: readonly { readonly awsRegion: string; readonly requestParameters: { readonly roleArn: string } }[];
  /** Whether a filter pattern passes a message, if not as doctor reads it. */
  readonly letsThrough?: (pattern: string, message: string) => boolean;
  /** The same for a rule's pattern (JSON) and an event. */
  readonly takesEvent?: (pattern: string, event: unknown) => boolean;
  /** Operations that are denied. */
  readonly denied: readonly string[];
  /** Operations with a response that AWS would not send. */
  readonly garbage: readonly string[];
}

interface StandInVolume {
  readonly metric: 'IncomingBytes' | 'IncomingLogEvents' | 'ForwardedLogEvents';
  readonly region: string;
  readonly logGroup: string;
  /** The subscription filter, for what was forwarded. */
  readonly filter?: string;
  /** Milliseconds since 1970. */
  readonly hour: number;
  readonly count: number;
}

interface StandInDelivery {
  readonly metric: 'DeliveryErrors' | 'DeliveryThrottling';
  readonly logGroup: string;
  readonly filter: string;
  /** Milliseconds since 1970. */
  readonly hour: number;
  readonly count: number;
}

interface StandInTrail {
  readonly name: string;
  readonly homeRegion: string;
  readonly multiRegion: boolean;
  readonly logging?: boolean;
  readonly readWriteType?: 'All' | 'WriteOnly' | 'ReadOnly';
  /** Used instead of basic selectors. */
  readonly advancedSelectors?: readonly object[];
  readonly logGroup?: string;
}

export interface AccountServer {
  /** The endpoint for all five services and all Regions. */
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

/** Starts the stand-ins. */
export async function startAccount(given: Partial<Account> = {}): Promise<AccountServer> {
  const account = { ...EMPTY, ...given };
  const groups = new LogGroups();
  for (const [name, filters] of Object.entries(account.filters)) groups.filters.set(name, filters);
  const requests: string[] = [];
  const listening = await startAws((request) => {
    const { operation, region } = request;
    requests.push(`${operation} ${region}`);
    if (account.garbage.includes(operation)) return SIGN_IN_PAGE;
    if (operation === 'GetRole') return iamAnswer(account, request.form.get('RoleName') ?? '');
    if (account.denied.includes(operation))
      return refused('AccessDeniedException', `not authorized to perform ${operation}`);
    if (operation === 'DescribeSubscriptionFilters') return groups.answer(request);
    const text = (name: string) => textAt(request.input, name) ?? '';
    const answer = ANSWERS[operation]?.(account, { region, input: request.input, text });
    return answer === undefined ? refused('ResourceNotFoundException', 'There is no such thing') : json(answer);
  });
  return { ...listening, requests };
}

interface AccountRequest extends Pick<AwsRequest, 'region' | 'input'> {
  text(name: string): string;
}

/** Returns a row as Logs Insights writes it. */
function fieldsOf(row: Readonly<Record<string, string>>): readonly object[] {
  return Object.entries(row).map(([field, value]) => ({ field, value }));
}

/** Returns which of doctor's questions to Logs Insights it is. */
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

type Answering = (account: Account, request: AccountRequest) => object | undefined;

const ANSWERS: Readonly<Record<string, Answering>> = {
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
    matches: (listAt(input, 'logEventMessages') ?? []).flatMap((message, at) =>
      letsThrough(text('filterPattern'), String(message))
        ? [{ eventNumber: at + 1, eventMessage: message, extractedValues: {} }]
        : [],
    ),
  }),
  TestEventPattern: ({ takesEvent = asWeTake }, { text }) => ({
    Result: takesEvent(text('EventPattern'), JSON.parse(text('Event'))),
  }),
  LookupEvents: ({ records }, { region, input }) => ({
    Events: records
      .filter((each) => each.awsRegion === region)
      .filter((each) => JSON.stringify(input.LookupAttributes).includes(`"${each.requestParameters.roleArn}"`))
      .map((each) => ({ CloudTrailEvent: JSON.stringify(each) })),
  }),
};

/** Returns whether the pattern passes the message as doctor reads it. A pattern that it does not understand passes nothing. */
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

/** Returns IAM's response in its query interface: XML, with the policy encoded as a URL. */
function iamAnswer({ roles, denied }: Account, name: string): AwsAnswer {
  const [arn, policy] = Object.entries(roles).find(([each]) => each.endsWith(`/${name}`)) ?? [];
  if (denied.includes('GetRole') || arn === undefined) {
    const [code, status] = arn === undefined ? ['NoSuchEntity', 404] : ['AccessDenied', 403];
    const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>not for ${name}</Message></Error>`;
    return xml(`<ErrorResponse>${error}</ErrorResponse>`, Number(status));
  }
  const document = encodeURIComponent(JSON.stringify(policy));
  const role = `<Role><Arn>${arn}</Arn><RoleName>${name}</RoleName><AssumeRolePolicyDocument>${document}</AssumeRolePolicyDocument></Role>`;
  return xml(`<GetRoleResponse><GetRoleResult>${role}</GetRoleResult></GetRoleResponse>`);
}

/** The input of GetMetricData (CloudWatch API Reference), with exact dimensions. */
interface MetricDataInput {
  readonly StartTime: number;
  readonly EndTime: number;
  readonly MetricDataQueries: readonly {
    readonly Id: string;
    readonly MetricStat: {
      readonly Metric: {
        readonly Namespace: string;
        readonly MetricName: string;
        readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
      };
    };
  }[];
}

/**
 * Returns the values of each query. A metric with other dimensions than these has none. Times are in seconds, as in
 * JSON.
 */
function metricData(known: readonly (StandInDelivery | StandInVolume)[], input: unknown): readonly object[] {
  const { MetricDataQueries, StartTime, EndTime } = input as MetricDataInput;
  return MetricDataQueries.map(({ Id, MetricStat: { Metric } }) => {
    const wanted = Metric.Dimensions.map(({ Name, Value }) => `${Name}=${Value}`)
      .toSorted()
      .join();
    const values = known.filter(({ metric, logGroup, filter, hour }) => {
      const ofFilter = filter === undefined ? '' : `DestinationType=Lambda,FilterName=${filter},`;
      const dimensions = `${ofFilter}LogGroupName=${logGroup}`;
      const inTime = hour / 1000 >= StartTime && hour / 1000 < EndTime;
      return Metric.Namespace === 'AWS/Logs' && Metric.MetricName === metric && wanted === dimensions && inTime;
    });
    return {
      Id,
      Timestamps: values.map(({ hour }) => hour / 1000),
      Values: values.map(({ count }) => count),
      StatusCode: 'Complete',
    };
  });
}
