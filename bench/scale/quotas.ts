import { INGEST, PASSES } from '../../lib/cost/unit-counts.ts';
import { GRANTS_OF_SESSION } from '../../lib/cost/usage.ts';
import { MINUTE, SECOND } from '../../lib/time.ts';

/**
 * AWS's default quotas for one account in one Region, times in milliseconds. Sources: AWS's documentation as read in
 * November 2026, named at each; docs/facts.md has those that the service itself depends on.
 */
export const QUOTAS = {
  /** Executions at once, of all functions of the account. Lambda Developer Guide, "Understanding Lambda function scaling". Can be raised. */
  lambdaConcurrency: 1_000,
  /** Environments that a function may start in ten seconds, refilled continuously. Lambda Developer Guide, "Lambda scaling behavior". */
  lambdaStarts: { burst: 1_000, perSecond: 100 },
  /**
   * After an error of a function that was invoked without waiting: two more tries. Throttled invocations wait in Lambda's own queue for up to
   * six hours. Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation".
   */
  lambdaRetries: [MINUTE, 2 * MINUTE],
  lambdaQueue: 6 * 60 * MINUTE,
  /**
   * Batches of a queue that a function reads at once: five, 300 more a minute, 1,000 at most (a mirror of the same page says 1,250). Lambda
   * Developer Guide, "Configuring scaling behavior for SQS event source mappings".
   */
  queueReaders: { first: 5, perMinute: 300, most: 1_000 },
  /** Write units a second of one partition. DynamoDB Developer Guide, "Burst and adaptive capacity". */
  partitionWrites: 1_000,
  /** Write units a second that a new table, or index, on demand takes. DynamoDB Developer Guide, "On-demand capacity mode". */
  newTableWrites: 4_000,
  /** Then twice what it took before, in each half hour (same page); it may grow sooner where AWS splits partitions. */
  doublingTakes: 30 * MINUTE,
  /** Write units a second of a table, or index, on demand. DynamoDB Developer Guide, "Quotas". Can be raised. */
  tableWrites: 40_000,
  /** LookupEvents a second for each account and Region. CloudTrail API Reference; FACTS. Cannot be raised. */
  lookupsPerSecond: 2,
  lookupPage: 50,
} as const;

/**
 * Assumptions: neither quotas nor the service's own constants. None was measured on AWS. Change them here if you know
 * better.
 */
export const ASSUMED = {
  /**
   * Time for which CloudWatch Logs gathers a delivery. No documentation states it. A delivery has up to 1 MB
   * compressed, about 8,000 events (bench/rows/ingest.ts).
   */
  gatheredFor: 5 * SECOND,
  mostEventsOfDelivery: 8_000,
  /** The median delay from the API server to the subscription: "usually under 3 minutes" (FACTS). The slowest tenth takes three times as long. */
  auditDelay: 20 * SECOND,
  /** The delay from STS to EventBridge: the median is 3.8 minutes, the maximum 8.3 (measured, FACTS). */
  trailDelay: { median: 3.8 * MINUTE, most: 8.3 * MINUTE },
  /** Loading a function's bundle, at 1 GB. */
  coldStart: 800,
  tableRequest: INGEST.requestMillis,
  /** A request to LookupEvents. */
  lookupRequest: 300,
  requestsOfDelivery: INGEST.requestsOfDelivery,
  eventCoreMillis: INGEST.coreMillisOfEvent,
  /** Consecutive requests of settle for one pass over a claim, and for each further page. */
  requestsOfPass: PASSES.requests,
  requestsOfPage: 5,
  /** LookupEvents requests for one claim: its key, then its session. */
  lookupsOfClaim: 2,
  /** A page has 50 grants of any kind. */
  grantsOfSession: GRANTS_OF_SESSION,
  /** Regions looked up in each account: those enabled by default. */
  regions: 17,
} as const;
