import { MINUTE, SECOND } from '../../lib/time.ts';

/**
 * What AWS lets one account do in one Region unless it raises the quota, in milliseconds where it is a time. Sources: AWS's documentation as
 * read in November 2026, named at each; docs/facts.md has those that the service itself rests on.
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
 * What is neither a quota nor one of the service's own constants. None of it was measured on AWS: change it here where you know better.
 */
export const ASSUMED = {
  /** CloudWatch Logs says of no time for which it gathers a delivery; up to 1 MB compressed, some 8,000 events (bench/rows/ingest.ts). */
  gatheredFor: 5 * SECOND,
  mostEventsOfDelivery: 8_000,
  /** From the API server to the subscription: "usually under 3 minutes" (FACTS). The median; the tenth that is slowest takes three times that. */
  auditDelay: 20 * SECOND,
  /** From STS to EventBridge: p50 3.8 minutes, at most 8.3 (seen, FACTS). */
  trailDelay: { median: 3.8 * MINUTE, most: 8.3 * MINUTE },
  /** Loading a function's bundle, at 1 GB. */
  coldStart: 800,
  /** A request to DynamoDB: "single-digit milliseconds" (its Developer Guide). */
  tableRequest: 6,
  /** A request to LookupEvents. */
  lookupRequest: 300,
  /** Requests that ingest makes one after the other, for one delivery: those of a kind go side by side. */
  requestsOfDelivery: 15,
  /** A core's milliseconds for an event: a conditional PutItem, of which the SDK makes 1,900 a second (FACTS), and ingest's own (`npm run bench -- ingest`). */
  eventCoreMillis: 1_000 / 1_900 + 0.02,
  /** Requests that settle makes for one pass over a claim, as test/scale counts them, and for each further page: taken as one by one. */
  requestsOfPass: 16,
  requestsOfPage: 5,
  /** LookupEvents' questions for one claim: its key, then its session. */
  lookupsOfClaim: 2,
  /** Grants that STS logs for each session that reaches a cluster: most are services'. A page has 50 of all of them. */
  grantsOfSession: 20,
  /** Regions that are asked in each account: those that are enabled by default. */
  regions: 17,
} as const;
