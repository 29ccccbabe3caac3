import { keysOf } from '../json.ts';
import { PRICES } from './prices.ts';
import {
  CORES_OF_GB,
  GRANT_BYTES,
  INGEST,
  ITEMS_OF_GRANT,
  LOG_BYTES,
  PASSES,
  RECORD_BYTES,
  SETTLE_RUNS_OF_DAY,
  SETTLE_SECONDS,
  STACK,
  TRACED,
  WORKERS,
  WRITE_UNITS,
} from './unit-counts.ts';
import { EVENTS_OF_SESSION } from './usage.ts';

/** The load of one day in all accounts, and the setup of the service. */
export interface Usage {
  /**
   * The audit events that pass the subscription's filter, usually those of people. Each becomes a record, unless
   * `record` leaves it out.
   */
  readonly events: number;
  /**
   * The share of these events that the parameter `record` leaves out, from 0 to 1. Lambda reads them, but writes
   * nothing.
   */
  readonly omittedShare: number;
  /** The new sessions (access keys) that reach a cluster. */
  readonly sessions: number;
  /**
   * The grants that are stored. They are those of every session, in all accounts that send theirs, even if it reaches
   * no cluster.
   */
  readonly grants: number;
  /** The share of sessions whose grant arrives after their first event, from 0 to 1. CloudTrail takes some minutes. */
  readonly lateShare: number;
  /** The number of hours in which a session is used, including the first one. */
  readonly hoursOfSession: number;
  /** Pods and their owners that people create, directly or not. */
  readonly pods: number;
  /** Questions to the API or the table, from analysts and pages. */
  readonly questions: number;
  /** The size of the whole audit log in GB, including Kubernetes' own events. Undefined if it is not known. */
  readonly auditGb: number | undefined;
  readonly clusters: number;
  /**
   * The number of stacks in other accounts or Regions that hand audit events over to the hub, even without clusters.
   */
  readonly spokes: number;
  /** The number of stacks that forward grants from another account or Region. */
  readonly forwardingStacks: number;
  readonly recordDays: number;
  /** The number of days for which grants are kept. */
  readonly sessionDays: number;
  /** The number of days for which the log group keeps the audit log. */
  readonly logDays: number;
}

export interface CostLine {
  readonly service: string;
  readonly what: string;
  /** How many of `unit` there are in a month. */
  readonly quantity: number;
  readonly unit: string;
  /** The price of one `unit` in US dollars. */
  readonly price: number;
  /** The cost in US dollars a month. */
  readonly dollars: number;
  /** The part of `quantity` that spokes and forwarding stacks cause. Their own accounts pay it. */
  readonly ofSpokes?: number;
  /** Present if the audit log causes this cost even without this service. */
  readonly withoutUs?: true;
}

export const DAYS_OF_MONTH = 30;
const MILLION = 1e6;
const GB = 1e9;
/**
 * The share of a log's size that CloudWatch Logs stores after compression, approximately. AWS gives no figure. Source:
 * `storedBytes` of real log groups with JSON.
 */
const STORED_SHARE = 0.15;
/**
 * The read units of DynamoDB for one question, approximately. It reads a page of records, with half a unit for each 4
 * KB.
 */
const READS_OF_QUESTION = 30;
/** The read units for a batch of events and its claims. */
const READS_OF_BATCH = 2;
const EVENTS_OF_BATCH = 50;
/** The messages of a queue that one invocation reads. */
const MESSAGES_OF_BATCH = 10;
/** The requests to a queue for one message. It is sent by itself, and received and deleted with others. */
const QUEUE_REQUESTS = 1 + 2 / MESSAGES_OF_BATCH;

/** The polls of one queue in a month, in millions. */
const POLLS_OF_MONTH = (STACK.pollsOfMinute * 60 * 24 * DAYS_OF_MONTH) / MILLION;

/** Returns the cost of a month, by service, at list prices (`PRICES`). Leaves out costs that are negligible. */
export function estimatedCosts(usage: Usage): readonly CostLine[] {
  return [
    ...auditLog(usage),
    ...writes(usage),
    ...storage(usage),
    ...reads(usage),
    ...compute(usage),
    ...logsAndTraces(usage),
    ...watching(usage),
  ]
    .filter(({ quantity }) => quantity > 0)
    .map(({ ofSpokes = 0, ...line }) => ({
      ...line,
      ...(ofSpokes > 0 && { ofSpokes }),
      dollars: line.quantity * line.price,
    }));
}

type Line = Omit<CostLine, 'dollars'>;

/** Returns US dollars a month, without the audit log's costs that also arise without this service. */
export function ownDollars(lines: readonly CostLine[]): number {
  return lines.reduce((sum, line) => sum + (line.withoutUs ? 0 : line.dollars), 0);
}

/** The accounts of an organization: one has the hub, and each has a stack in each of the Regions. */
export interface Payers {
  readonly accounts: number;
  readonly regions: number;
}

/**
 * Returns the US dollars a month that each account except the hub's pays on average for its own stacks. 0 if there is
 * only one account.
 */
export function dollarsOfOther(lines: readonly CostLine[], { accounts, regions }: Payers): number {
  if (accounts <= 1) return 0;
  const ofSpokes = lines.reduce((sum, { ofSpokes = 0, price }) => sum + ofSpokes * price, 0);
  return (ofSpokes * regions) / (accounts * regions - 1);
}

/**
 * Returns the US dollars a month of a service that stores nothing. They pay metrics, alarms, and functions that run
 * each minute.
 */
export function dollarsAtRest(): number {
  return ownDollars(estimatedCosts(IDLE));
}

/** Returns the US dollars that a million more records cost. */
export function dollarsOfMillionRecords(): number {
  return dollarsOfMillionEvents(0);
}

/** Returns the US dollars that a million more events cost if a share of them is left out. */
export function dollarsOfMillionEvents(omittedShare: number): number {
  const events = { ...IDLE, events: MILLION / DAYS_OF_MONTH, omittedShare };
  return ownDollars(estimatedCosts(events)) - dollarsAtRest();
}

/**
 * Returns the US dollars a month that a million more events cost, with their sessions and grants. Costs without any
 * load are left out.
 */
export function dollarsOfMillionWithGrants(grantsOfSession: number): number {
  const events = MILLION / DAYS_OF_MONTH;
  const sessions = events / EVENTS_OF_SESSION;
  return (
    ownDollars(estimatedCosts({ ...IDLE, events, sessions, grants: sessions * grantsOfSession })) - dollarsAtRest()
  );
}

/** Returns the US dollars a month that are saved by leaving events out. */
export function dollarsSaved(usage: Usage): number {
  return ownDollars(estimatedCosts({ ...usage, omittedShare: 0 })) - ownDollars(estimatedCosts(usage));
}

function recordsOf({ events, omittedShare }: Usage): number {
  return events * (1 - omittedShare);
}

const IDLE: Usage = {
  events: 0,
  omittedShare: 0,
  sessions: 0,
  grants: 0,
  lateShare: 0,
  hoursOfSession: 1,
  pods: 0,
  questions: 0,
  auditGb: undefined,
  clusters: 1,
  spokes: 0,
  forwardingStacks: 0,
  recordDays: 90,
  sessionDays: 97,
  logDays: 30,
};

function auditLog({ auditGb, logDays }: Usage): Line[] {
  if (auditGb === undefined) return [];
  const service = 'CloudWatch Logs';
  return [
    {
      service,
      what: 'the audit log itself, taken in',
      quantity: auditGb * DAYS_OF_MONTH,
      unit: 'GB',
      price: PRICES.logsIngestedGb,
      withoutUs: true,
    },
    {
      service,
      what: `the audit log itself, kept ${logDays} days`,
      quantity: auditGb * logDays * STORED_SHARE,
      unit: 'GB',
      price: PRICES.logsStoredGb,
      withoutUs: true,
    },
  ];
}

function writes(usage: Usage): Line[] {
  const { sessions, grants, lateShare, hoursOfSession, pods } = usage;
  const records = recordsOf(usage);
  const corrected = records * lateShare;
  const perDay: readonly (readonly [string, number])[] = [
    ['records', (records - corrected) * WRITE_UNITS.record + corrected * WRITE_UNITS.correctedRecord],
    ['sessions', sessions * ((1 - lateShare) * WRITE_UNITS.session + lateShare * WRITE_UNITS.lateSession)],
    ['grants', grants * WRITE_UNITS.grant],
    ['sessions in use after their first hour', sessions * Math.max(0, hoursOfSession - 1) * WRITE_UNITS.hourOfKey],
    ['who created which pod', pods * WRITE_UNITS.createdPod],
    ['counters', (records / 1_000) * WRITE_UNITS.countersOfThousand],
  ];
  return perDay.map(([what, units]) => ({
    service: 'DynamoDB',
    what: `writes: ${what}`,
    quantity: (units * DAYS_OF_MONTH) / MILLION,
    unit: 'million write units',
    price: PRICES.writeUnitsMillion,
  }));
}

function storage(usage: Usage): Line[] {
  const { grants, recordDays, sessionDays } = usage;
  const ofRecords = (recordsOf(usage) * recordDays * RECORD_BYTES) / GB;
  const ofGrants = (grants * sessionDays * GRANT_BYTES) / GB;
  const line = { service: 'DynamoDB', unit: 'GB-month' };
  return [
    { ...line, what: `records of ${recordDays} days`, quantity: ofRecords, price: PRICES.tableGbMonth },
    { ...line, what: `grants of ${sessionDays} days`, quantity: ofGrants, price: PRICES.tableGbMonth },
    { ...line, what: 'point-in-time recovery', quantity: ofRecords + ofGrants, price: PRICES.pointInTimeGbMonth },
  ];
}

function reads({ events, sessions, questions }: Usage): Line[] {
  const units = (events / EVENTS_OF_BATCH + sessions) * READS_OF_BATCH + questions * READS_OF_QUESTION;
  const quantity = (units * DAYS_OF_MONTH) / MILLION;
  return [{ service: 'DynamoDB', what: 'reads', quantity, unit: 'million read units', price: PRICES.readUnitsMillion }];
}

/**
 * Returns the share of grants and deliveries that come from other accounts or Regions. Each is assumed to send as
 * many as the hub's own.
 */
function forwardedShare(stacks: number): number {
  return stacks / (stacks + 1);
}

/**
 * Returns the runs of settle in a day, and their seconds. A worker starts for each shard with more than a few due
 * claims.
 */
export function settleOfDay(sessions: number): { readonly runs: number; readonly seconds: number } {
  const passes = sessions * PASSES.ofSession;
  const isBusy = passes / SETTLE_RUNS_OF_DAY > WORKERS.abovePasses;
  const runs = SETTLE_RUNS_OF_DAY * (isBusy ? 1 + WORKERS.most : 1);
  return { runs, seconds: runs * SETTLE_SECONDS + (passes * PASSES.requests * INGEST.requestMillis) / 1_000 };
}

/** Returns the runs of each function in a day, in all stacks. */
function runsOfDay({ events, sessions, grants, questions, spokes }: Usage) {
  const deliveries = events / EVENTS_OF_BATCH;
  const reports = STACK.reportsOfDay * (spokes + 1);
  return {
    ingest: deliveries + reports,
    grants: grants / MESSAGES_OF_BATCH,
    settle: settleOfDay(sessions).runs,
    api: questions,
    handOver: deliveries * forwardedShare(spokes),
    subscribe: reports,
  };
}

function logsAndTraces(usage: Usage): Line[] {
  const runs = runsOfDay(usage);
  const bytes = keysOf(runs).reduce((sum, name) => sum + runs[name] * (LOG_BYTES[name] + LOG_BYTES.ofLambda), 0);
  const { subscribe: _, ...traced } = runs;
  const traces = Object.values(traced).reduce((sum, each) => sum + tracesOf(each), 0);
  const reports = STACK.reportsOfDay * usage.spokes;
  const bytesOfSpokes =
    runs.handOver * (LOG_BYTES.handOver + LOG_BYTES.ofLambda) + reports * (LOG_BYTES.subscribe + LOG_BYTES.ofLambda);
  return [
    {
      service: 'CloudWatch Logs',
      what: "the functions' own logs and metrics, taken in",
      quantity: (bytes * DAYS_OF_MONTH) / GB,
      ofSpokes: (bytesOfSpokes * DAYS_OF_MONTH) / GB,
      unit: 'GB',
      price: PRICES.logsIngestedGb,
    },
    {
      service: 'X-Ray',
      what: 'traces',
      quantity: (traces * DAYS_OF_MONTH) / MILLION,
      ofSpokes: (tracesOf(runs.handOver) * DAYS_OF_MONTH) / MILLION,
      unit: 'million',
      price: PRICES.tracesMillion,
    },
  ];
}

/** Returns the traces of a function's runs in a day, if they are spread evenly. `subscribe` has no traces. */
function tracesOf(runs: number): number {
  const { runsOfDay: most, shareOfOthers } = TRACED;
  return Math.min(runs, most) + shareOfOthers * Math.max(0, runs - most);
}

function compute(usage: Usage): Line[] {
  const { events, sessions, grants, questions, spokes, forwardingStacks } = usage;
  const settle = settleOfDay(sessions);
  const runs = runsOfDay(usage);
  const deliveries = events / EVENTS_OF_BATCH;
  const alarmEvents = STACK.alarmEventsOfDay * (spokes + forwardingStacks);
  const reports = STACK.reportsOfDay * (spokes + 1);
  const handedOver = deliveries * forwardedShare(spokes) + reports;
  const forwarded = grants * forwardedShare(forwardingStacks) + handedOver + alarmEvents;
  const messages = grants + handedOver;
  const coreMillis = (events + grants * ITEMS_OF_GRANT) * INGEST.coreMillisOfEvent;
  const waitsOfInvocation = INGEST.requestsOfDelivery * INGEST.requestMillis;
  const millis = coreMillis / CORES_OF_GB + (deliveries * INGEST.gb + grants / MESSAGES_OF_BATCH) * waitsOfInvocation;
  const seconds = millis / 1_000 + settle.seconds + reports * STACK.reportGbSeconds;
  const requests = Object.values(runs).reduce((sum, each) => sum + each, 0);
  const ofSpokes = { queues: STACK.queuesOfSpoke * spokes, reports: STACK.reportsOfDay * spokes };
  return [
    {
      service: 'EventBridge',
      what: 'grants, audit events, reports and alarms from other accounts and Regions',
      quantity: (forwarded * DAYS_OF_MONTH) / MILLION,
      // EventBridge charges the sender. The hub itself only sends its own reports.
      ofSpokes: ((forwarded - STACK.reportsOfDay) * DAYS_OF_MONTH) / MILLION,
      unit: 'million',
      price: PRICES.busEventsMillion,
    },
    {
      service: 'SQS',
      what: 'messages with grants, handed-over audit events and reports',
      quantity: (messages * QUEUE_REQUESTS * DAYS_OF_MONTH) / MILLION,
      unit: 'million',
      price: PRICES.queueRequestsMillion,
    },
    {
      service: 'SQS',
      what: 'polling of the queues by Lambda',
      quantity: (STACK.queues + ofSpokes.queues) * POLLS_OF_MONTH,
      ofSpokes: ofSpokes.queues * POLLS_OF_MONTH,
      unit: 'million',
      price: PRICES.queueRequestsMillion,
    },
    {
      service: 'Lambda',
      what: 'ingest, grants, settle and subscribe, at 1 GB',
      quantity: seconds * DAYS_OF_MONTH,
      ofSpokes: ofSpokes.reports * STACK.reportGbSeconds * DAYS_OF_MONTH,
      unit: 'GB-second',
      price: PRICES.lambdaGbSecond,
    },
    {
      service: 'Lambda',
      what: 'requests',
      quantity: (requests * DAYS_OF_MONTH) / MILLION,
      ofSpokes: ((runs.handOver + ofSpokes.reports) * DAYS_OF_MONTH) / MILLION,
      unit: 'million',
      price: PRICES.lambdaRequestsMillion,
    },
    {
      service: 'API Gateway',
      what: 'questions',
      quantity: (questions * DAYS_OF_MONTH) / MILLION,
      unit: 'million',
      price: PRICES.httpApiMillion,
    },
  ];
}

function watching({ clusters, spokes, forwardingStacks }: Usage): Line[] {
  const alarmsOfClusters = STACK.alarmsOfCluster * clusters;
  const others = STACK.alarmsOfSpoke * spokes + STACK.alarmsOfForwarding * forwardingStacks;
  const alarms = STACK.alarms + others + alarmsOfClusters;
  // The estimate assumes that the clusters are spread evenly.
  const ofSpokes = others + alarmsOfClusters * forwardedShare(spokes);
  const service = 'CloudWatch';
  return [
    { service, what: 'metrics of its own', quantity: STACK.metrics, unit: 'metric', price: PRICES.metricMonth },
    { service, what: 'alarms', quantity: alarms, ofSpokes, unit: 'alarm', price: PRICES.alarmMonth },
    { service, what: 'dashboard', quantity: STACK.dashboards, unit: 'dashboard', price: PRICES.dashboardMonth },
  ];
}
