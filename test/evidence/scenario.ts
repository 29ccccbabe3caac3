import type { JsonObject } from '../../lib/json.ts';

/** A story in which version 2 of the rules named the wrong person, or nobody, with the answers that the contract gives. */
export interface Scenario {
  /** A sentence about the domain. */
  readonly title: string;
  readonly events: readonly ToldEvent[];
  /** What CloudTrail recorded, in whatever envelopes it comes. */
  readonly records: readonly unknown[];
  readonly templates?: readonly string[];
  readonly proxies?: readonly string[];
  /** Directories of Identity Center that are one's own. */
  readonly stores?: readonly string[];
  /** An export of a log group as a file's text, in place of the deliveries: only files can hold one. */
  readonly exported?: string;
}

export interface ToldEvent {
  readonly event: JsonObject;
  /** What is delivered; without it the event in a payload of its cluster's audit stream. */
  readonly delivered?: unknown;
  /** `prod-1` unless told otherwise. */
  readonly cluster?: string;
  /** Absent: what was delivered is no audit event, and leaves no record. */
  readonly expected?: ExpectedAnswer;
}

/** The answer as the contract gives it; what is not stated is absent from the answer. */
export interface ExpectedAnswer {
  readonly status: string;
  readonly method?: string;
  readonly reason?: string;
  readonly flags?: readonly string[];
  /** Each field that is stated is compared, and `name` always. */
  readonly actor?: JsonObject;
  /** How each link of the chain was found, from the actor on. */
  readonly joinedBy?: readonly string[];
  /** The event ids of the use that it rests on. */
  readonly use?: readonly string[];
  /** The candidates' names, or their kinds where they have none, sorted. */
  readonly candidates?: readonly string[];
  /** Parts of the record's caller; `null` where a part must be absent. */
  readonly caller?: JsonObject;
  /** Parts of `impersonated`. */
  readonly impersonated?: JsonObject;
  /** Whether the answer is provisional before its claim is settled for the last time. */
  readonly provisionalAtFirst?: boolean;
}
