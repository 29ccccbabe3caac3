import type { Silence } from '../../lib/attribution/silence.ts';
import type { JsonObject } from '../../lib/json.ts';

/** A story in which version 2 of the rules named the wrong person, or nobody, with the answers that the contract gives. */
export interface Scenario {
  /** A sentence about the domain. */
  readonly title: string;
  readonly events: readonly ToldEvent[];
  /** The records of CloudTrail, in any envelope. */
  readonly records: readonly unknown[];
  readonly templates?: readonly string[];
  readonly proxies?: readonly string[];
  /** The organization's own directories of Identity Center. */
  readonly stores?: readonly string[];
  /** The silences of CloudTrail that a deployed service noted. For files, the test gives them. */
  readonly silences?: readonly Silence[];
  /** The text of a file with an export of a log group, in place of the deliveries. Only files can have one. */
  readonly exported?: string;
}

export interface ToldEvent {
  readonly event: JsonObject;
  /** The delivery. Without it, the event is delivered in a payload of its cluster's audit stream. */
  readonly delivered?: unknown;
  /** The name of the cluster. The default is `prod-1`. */
  readonly cluster?: string;
  /** The answer. Absent if the delivery is no audit event, and so becomes no record. */
  readonly expected?: ExpectedAnswer;
}

/** The answer that the contract gives. A field that is not stated here must be absent from the answer. */
export interface ExpectedAnswer {
  readonly status: string;
  readonly method?: string;
  readonly reason?: string;
  readonly flags?: readonly string[];
  /** The actor. Each field that is stated is compared, and `name` always. */
  readonly actor?: JsonObject;
  /** The way in which each link of the chain was found, from the actor on. */
  readonly joinedBy?: readonly string[];
  /** The event IDs of the use that is the evidence. */
  readonly use?: readonly string[];
  /** The names of the candidates, sorted. A candidate without a name has its kind here. */
  readonly candidates?: readonly string[];
  /** Parts of the record's caller. `null` means that a part must be absent. */
  readonly caller?: JsonObject;
  /** Parts of `impersonated`. */
  readonly impersonated?: JsonObject;
  /** Whether the answer is provisional before its claim is settled for the last time. */
  readonly provisionalAtFirst?: boolean;
}
