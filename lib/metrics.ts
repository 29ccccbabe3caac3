/**
 * Every metric that the functions emit, in the embedded metric format. The functions, the alarms and the dashboard use
 * the names of this table. The namespace is `eks-whois`, and the dimension `service` is `<service>-<stage>`. With `by`,
 * there is a second dimension. CloudWatch charges for each metric of each account and Region. So a spoke emits none of
 * them, unless messages are retried.
 */
export const METRICS_NAMESPACE = 'eks-whois';

/** CloudWatch's units. */
type Unit = 'Count' | 'Milliseconds' | 'Seconds';

export interface Metric {
  readonly unit: Unit;
  readonly from: 'ingest' | 'grants' | 'settle' | 'api' | 'any';
  readonly meaning: string;
  /** The second dimension, if it has one. */
  readonly by?: 'trouble';
}

export const METRICS = {
  EventsReceived: { unit: 'Count', from: 'ingest', meaning: 'audit events that a batch brought' },
  EventsRecorded: { unit: 'Count', from: 'ingest', meaning: 'audit events stored for the first time' },
  EventsDuplicate: { unit: 'Count', from: 'ingest', meaning: 'audit events that were there already' },
  EventsOmitted: {
    unit: 'Count',
    from: 'ingest',
    meaning:
      'audit events that the parameter record or the ceiling of an account leaves out; only where there were any',
  },
  EventsRejected: { unit: 'Count', from: 'ingest', meaning: 'pieces of a batch that could not be read' },
  EventsIgnored: { unit: 'Count', from: 'ingest', meaning: 'messages of other streams, and control messages' },
  PiecesOfOtherOrigin: {
    unit: 'Count',
    from: 'any',
    meaning: 'pieces that look like audit events or CloudTrail records, from a log group or stream that has none',
  },
  TrailRecordsAtIngest: {
    unit: 'Count',
    from: 'ingest',
    meaning: 'CloudTrail records that arrived at ingest; they are stored anyway',
  },
  BatchAge: { unit: 'Milliseconds', from: 'ingest', meaning: 'from the oldest audit event of a batch to its arrival' },
  Attributed: { unit: 'Count', from: 'any', meaning: 'records decided as attributed' },
  Partial: { unit: 'Count', from: 'any', meaning: 'records decided as partial' },
  Ambiguous: { unit: 'Count', from: 'any', meaning: 'records decided as ambiguous' },
  Unattributed: { unit: 'Count', from: 'any', meaning: 'records decided as unattributed' },
  Pending: { unit: 'Count', from: 'any', meaning: 'records decided as pending' },
  System: { unit: 'Count', from: 'any', meaning: 'records decided as system' },
  AttributionLag: { unit: 'Milliseconds', from: 'any', meaning: 'from the audit event to its final answer' },
  TrailRecordsReceived: { unit: 'Count', from: 'grants', meaning: 'CloudTrail records that a batch brought' },
  TrailRecordsRejected: { unit: 'Count', from: 'grants', meaning: 'CloudTrail records that could not be read' },
  TrailPiecesIgnored: {
    unit: 'Count',
    from: 'grants',
    meaning: 'messages that arrived at grants without records or audit events, and control messages',
  },
  EventsAtGrants: {
    unit: 'Count',
    from: 'grants',
    meaning: 'audit events that arrived at grants; they are recorded anyway',
  },
  GrantsStored: { unit: 'Count', from: 'grants', meaning: 'grants stored or merged with their copies' },
  UsesStored: { unit: 'Count', from: 'grants', meaning: 'uses stored' },
  LookupsMade: { unit: 'Count', from: 'any', meaning: 'requests to LookupEvents' },
  LookupsThrottled: { unit: 'Count', from: 'any', meaning: 'requests to LookupEvents that were throttled' },
  LookupsFailed: {
    unit: 'Count',
    from: 'settle',
    meaning: 'accounts and Regions that did not answer a run of settle; absent if the run queried none',
  },
  ClaimsOpen: { unit: 'Count', from: 'settle', meaning: 'claims that are not settled for the last time' },
  OldestOpenClaim: {
    unit: 'Seconds',
    from: 'settle',
    meaning: 'for how long a claim is overdue, or held back by look-ups that fail; the worst of all lists',
  },
  ClusterLag: {
    unit: 'Seconds',
    from: 'settle',
    meaning: 'how late the events of at least half of the accounts are; 0 if none was heard within ten minutes',
  },
  FleetTrouble: {
    unit: 'Count',
    from: 'any',
    meaning:
      'a cluster, a source of grants or an account that needs attention; its dimension says which, and what is wrong',
    by: 'trouble',
  },
  MessagesFaulty: {
    unit: 'Count',
    from: 'any',
    meaning: 'messages of a queue on which a function failed, because of the message or of the function itself',
  },
  MessagesWaiting: {
    unit: 'Count',
    from: 'any',
    meaning: 'messages of a queue that a function could not handle yet, because AWS throttled, failed or refused',
  },
  RetriedMessageAge: {
    unit: 'Seconds',
    from: 'any',
    meaning: 'the age of the oldest message of a batch that was received before; absent if none was',
  },
  ClaimsSettled: { unit: 'Count', from: 'settle', meaning: 'claims settled for the last time' },
  ClaimsUnattributed: { unit: 'Count', from: 'settle', meaning: 'claims settled for the last time without an actor' },
  RecordsCorrected: { unit: 'Count', from: 'settle', meaning: 'records whose attribution a settled claim changed' },
  AlertsSent: { unit: 'Count', from: 'settle', meaning: 'alerts published one by one' },
  AlertsHeld: { unit: 'Count', from: 'settle', meaning: 'alerts that wait for the next digest' },
  AlertDigestsSent: { unit: 'Count', from: 'settle', meaning: 'digests of alerts published' },
  QuestionsAnswered: { unit: 'Count', from: 'api', meaning: 'requests answered with 200' },
  QuestionsRefused: { unit: 'Count', from: 'api', meaning: 'requests answered with 400 or 403' },
  QuestionsFailed: { unit: 'Count', from: 'api', meaning: 'requests answered with 500 or 503' },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;
