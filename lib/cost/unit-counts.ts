/**
 * The most write units of DynamoDB (1 KB each, with all indexes) for one item of each kind. Tests check each number
 * (test/contract/write-units, claim-cost, count-cost).
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
   * A grant, even if its session reaches no cluster. It has items under the key and the session, and one for the role.
   * For an IAM user, it also has the use of the long-term key, and the name. A role's second item, under its name, does
   * not count, because it is written once for each role. A write whose condition fails costs as much as one that
   * succeeds.
   */
  grant: 6,
  /** A further hour in which a session's key is used. */
  hourOfKey: 14,
  /** A new pod, or a new owner of pods. */
  createdPod: 1,
  /**
   * The counts of `/summary` for 1,000 records in batches of 50, with their announcements. Smaller batches cost more.
   */
  countersOfThousand: 285,
} as const;

/** The bytes of a record in the table, with its index entries. */
export const RECORD_BYTES = 2_350;
/**
 * How long ingest works, in milliseconds. The simulation (`bench/scale`) and the estimate use the same numbers. None
 * was measured on Lambda.
 */
export const INGEST = {
  /**
   * A core's time for an event. It is a conditional PutItem, of which the SDK makes 1,900 a second (FACTS), and
   * ingest's own time. Source of the latter: `npm run bench -- ingest`, 169 ms for 8,000 events.
   */
  coreMillisOfEvent: 1_000 / 1_900 + 0.02,
  /** The consecutive requests for one delivery. Requests of one kind run at the same time. */
  requestsOfDelivery: 15,
  /** The time of a request to DynamoDB, in milliseconds: "single-digit milliseconds" (its Developer Guide). */
  requestMillis: 6,
  /** The memory in GB at which the function has one core. Time in which it waits costs as much. */
  gb: 1_769 / 1_024,
} as const;
/**
 * The share of a core that a function of 1 GB has. 1,769 MB give one core (Lambda Developer Guide, "Configure Lambda
 * function memory").
 */
export const CORES_OF_GB = 1_024 / 1_769;
/** The time of a settle run without due claims, in seconds. */
export const SETTLE_SECONDS = 0.5;
/** Settle's passes over a claim. The simulation makes the same requests, and counts as many passes. */
export const PASSES = {
  /** The consecutive requests of one pass, as test/scale counts them. */
  requests: 16,
  /** The passes over the claim of a session until it closes. */
  ofSession: 4.1,
} as const;
/** The writes of a grant to the table, one for each item. */
export const ITEMS_OF_GRANT = 6;
/** The bytes of a grant's items in the table. */
export const GRANT_BYTES = 2_800;
/**
 * The number of workers that settle starts, one for each shard, in a minute with more passes than `abovePasses`. The
 * scheduled run makes as many passes alone. A test compares both numbers with settle's.
 */
export const WORKERS = { most: 16, abovePasses: 192 } as const;
/** The runs of settle in a day, one each minute. Those of workers do not count. */
export const SETTLE_RUNS_OF_DAY = 1_440;
/**
 * The average bytes that one run of a function writes to its log. They include the 26 that CloudWatch Logs adds to each
 * line (API Reference, "PutLogEvents"). Most of them are metrics in the embedded format. Tests check each number.
 */
export const LOG_BYTES = {
  ingest: 1_250,
  grants: 650,
  settle: 1_100,
  api: 600,
  handOver: 360,
  subscribe: 700,
  /**
   * Lambda's own lines: START, END, REPORT and the ID of the trace. Source: Lambda Developer Guide, "Viewing CloudWatch
   * logs for Lambda functions".
   */
  ofLambda: 500,
} as const;
/** How many runs of a function Lambda traces: one in each second, and a share of the others. Both are fixed (FACTS). */
export const TRACED = { runsOfDay: 86_400, shareOfOthers: 0.05 } as const;
/** The fixed parts of a stack, which cost money even without load. */
export const STACK = {
  /**
   * The metrics of a hub, as many as lib/metrics.ts has. That table's texts are too large for the page. A spoke emits
   * none.
   */
  metrics: 41,
  /** Dashboards of a hub. A spoke has none. */
  dashboards: 1,
  /**
   * The metrics that the alarms of a hub and of a spoke watch, without those for clusters. Each costs as much as an
   * alarm (FACTS).
   */
  alarms: 44,
  alarmsOfSpoke: 7,
  /** The alarm `not-delivered` watches a metric of each log group. */
  alarmsOfCluster: 1,
  /** Metrics that the alarm of a stack that forwards grants watches, in each account and Region. */
  alarmsOfForwarding: 3,
  /** Queues that Lambda polls in a hub, and in a spoke. */
  queues: 3,
  queuesOfSpoke: 1,
  /** The requests in a minute with which Lambda polls a queue, even an empty one (FACTS). */
  pollsOfMinute: 15,
  /**
   * The events that another stack forwards in a day because one of its alarms begins or ends. One alarm a day is
   * assumed.
   */
  alarmEventsOfDay: 2,
  /**
   * The runs of `subscribe` in a day, one every ten minutes, in a hub and in each spoke. Each run reports to the hub.
   */
  reportsOfDay: 144,
  /** The GB-seconds of such a run. One second of its 256 MB is assumed. */
  reportGbSeconds: 0.25,
} as const;
