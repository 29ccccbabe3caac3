/** What the stand-ins for CloudTrail, CloudWatch, CloudWatch Logs, EventBridge and IAM know of an account. */
export interface Account {
  /** Subscription filters by log group; a log group that is not listed does not exist. */
  readonly filters: Readonly<Record<string, readonly StandInFilter[]>>;
  /** Audit entries that Logs Insights counts as cut, by stream and hour as it writes them. */
  readonly cutEntries: readonly { readonly stream: string; readonly hour: string; readonly cut: number }[];
  /** Rows that Logs Insights answers with where it is asked who impersonates whom: their fields' values. */
  readonly impersonations: readonly Readonly<Record<string, string>>[];
  /** Values of CloudWatch's metrics of subscriptions to functions. */
  readonly deliveries: readonly StandInDelivery[];
  /** Values of CloudWatch's metrics of log groups, and of what their subscriptions to functions forwarded. */
  readonly volumes: readonly StandInVolume[];
  /** What Logs Insights answers where it is asked how many events would pass the filter. */
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
  /** Whether a filter pattern lets a message through, where it is not to be as doctor reads it. */
  readonly letsThrough?: (pattern: string, message: string) => boolean;
  /** The same of a rule's pattern (JSON) and an event. */
  readonly takesEvent?: (pattern: string, event: unknown) => boolean;
  /** Operations that are denied. */
  readonly denied: readonly string[];
  /** Operations that answer with what is no answer of AWS's. */
  readonly garbage: readonly string[];
}

/** As CloudWatch Logs answers. */
export interface StandInFilter {
  readonly filterName: string;
  readonly filterPattern: string;
  readonly destinationArn: string;
  readonly fieldSelectionCriteria?: string;
}

export interface StandInVolume {
  readonly metric: 'IncomingBytes' | 'IncomingLogEvents' | 'ForwardedLogEvents';
  readonly region: string;
  readonly logGroup: string;
  /** Of what was forwarded: the subscription filter. */
  readonly filter?: string;
  /** Milliseconds since 1970. */
  readonly hour: number;
  readonly count: number;
}

export interface StandInDelivery {
  readonly metric: 'DeliveryErrors' | 'DeliveryThrottling';
  readonly logGroup: string;
  readonly filter: string;
  /** Milliseconds since 1970. */
  readonly hour: number;
  readonly count: number;
}

export interface StandInTrail {
  readonly name: string;
  readonly homeRegion: string;
  readonly multiRegion: boolean;
  readonly logging?: boolean;
  readonly readWriteType?: 'All' | 'WriteOnly' | 'ReadOnly';
  /** Instead of basic selectors. */
  readonly advancedSelectors?: readonly object[];
  readonly logGroup?: string;
}
