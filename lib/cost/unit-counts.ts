/**
 * The maximum number of DynamoDB write units (of 1 KB, all indexes included) for one item of each kind. Tests check
 * each number (test/contract/write-units, claim-cost, count-cost).
 */
export const WRITE_UNITS = {
  /** An audit record that is attributed at once. */
  record: 6,
  /** An audit record that is stored first and corrected later. */
  correctedRecord: 8,
  /** A session in its first hour, if its grant is known. */
  session: 17,
  /** A session whose grant arrives ten minutes after its first event. */
  lateSession: 39,
  /**
   * A grant, whether its session ever reaches a cluster or not: its item under the key and under the session, the role, and for
   * an IAM user the use of the long-term key and the name. A role's second item, under its name, is not counted: it is written once for
   * each role, not for each grant. A write whose condition fails costs as much as one that succeeds.
   */
  grant: 6,
  /** A further hour in which a session's key is used. */
  hourOfKey: 14,
  /** A new pod, or a new owner of pods. */
  createdPod: 1,
  /**
   * The counters of `/summary` for 1,000 records in batches of 50, including their announcements. Smaller batches cost
   * more.
   */
  countersOfThousand: 285,
} as const;

/** Bytes of a record in the table, including its index entries. */
export const RECORD_BYTES = 2_350;
/**
 * How long ingest works, in milliseconds. The simulation (`bench/scale`) and the estimate use the same. Nothing was measured on
 * Lambda.
 */
export const INGEST = {
  /**
   * A core's time for an event: a conditional PutItem (the SDK makes 1,900 a second, FACTS), and ingest's own
   * (`npm run bench -- ingest`: 169 ms for 8,000 events).
   */
  coreMillisOfEvent: 1_000 / 1_900 + 0.02,
  /** Consecutive requests for one delivery. Requests of one kind run concurrently. */
  requestsOfDelivery: 15,
  /** A request to DynamoDB: "single-digit milliseconds" (its Developer Guide). */
  requestMillis: 6,
  /** The memory in GB, which gives the function one core. Time in which it waits costs as much. */
  gb: 1_769 / 1_024,
} as const;
/** The share of a core that a function of 1 GB has: 1,769 MB are one core (Lambda Developer Guide, "Configure Lambda function memory"). */
export const CORES_OF_GB = 1_024 / 1_769;
/** Settle's time for a run without due claims. */
export const SETTLE_SECONDS = 0.5;
/** Settle's passes over a claim. The simulation uses the same requests, and counts as many passes. */
export const PASSES = {
  /** Consecutive requests for one pass, as test/scale counts them. */
  requests: 16,
  /** Passes over the claim of a session until it closes. */
  ofSession: 4.1,
} as const;
/** Writes of a grant to the table, one for each item. */
export const ITEMS_OF_GRANT = 6;
/** Bytes of a grant's items in the table. */
export const GRANT_BYTES = 2_800;
/**
 * Settle starts `most` workers, one for each shard, in a minute with more passes than `abovePasses`. The scheduled run
 * makes that many alone. A test compares both numbers with settle's.
 */
export const WORKERS = { most: 16, abovePasses: 192 } as const;
/** Runs of settle a day, one each minute, without those of workers. */
export const SETTLE_RUNS_OF_DAY = 1_440;
/**
 * Average bytes that one run of a function writes to its log, including the 26 that CloudWatch Logs adds to each line
 * (API Reference, "PutLogEvents"). Tests check each number. Most of it is metrics in the embedded format.
 */
export const LOG_BYTES = {
  ingest: 1_250,
  grants: 650,
  settle: 1_100,
  api: 600,
  handOver: 360,
  subscribe: 700,
  /** Lambda's own lines: START, END, REPORT and the ID of the trace (Lambda Developer Guide, "Viewing CloudWatch logs for Lambda functions"). */
  ofLambda: 500,
} as const;
/** How many runs of a function Lambda traces: one each second, and this share of the others. Both are fixed (FACTS). */
export const TRACED = { runsOfDay: 86_400, shareOfOthers: 0.05 } as const;
/** Fixed parts of a stack that cost money even without load. */
export const STACK = {
  /** Metrics of a hub: as many as lib/metrics.ts has, whose texts the page has no room for. A spoke emits none. */
  metrics: 41,
  /** Dashboards of a hub. A spoke has none. */
  dashboards: 1,
  /** Metrics that the alarms of a hub watch, and those of a spoke, without clusters. Each is charged as an alarm (FACTS). */
  alarms: 44,
  alarmsOfSpoke: 7,
  /** The alarm `not-delivered` watches a metric of each log group. */
  alarmsOfCluster: 1,
  /** Metrics that the alarm of a stack that forwards grants watches, in each account and Region. */
  alarmsOfForwarding: 3,
  /** Queues that Lambda polls in a hub, and in a spoke. */
  queues: 3,
  queuesOfSpoke: 1,
  /** Requests with which Lambda polls a queue a minute, also an empty one (FACTS). */
  pollsOfMinute: 15,
  /** Events that another stack forwards on a day because one of its alarms is raised or ends: assumed to be one alarm a day. */
  alarmEventsOfDay: 2,
  /** Runs of `subscribe` on a day in a hub and in each spoke, one every ten minutes. Each reports to the hub. */
  reportsOfDay: 144,
  /** GB-seconds of such a run: assumed to be one second of its 256 MB. */
  reportGbSeconds: 0.25,
} as const;
