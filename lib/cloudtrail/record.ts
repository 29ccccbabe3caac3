import { filledTextAt, isJsonObject, type JsonObject, objectAt } from '../json.ts';
import { parseInstant } from '../time.ts';
import { parseTrailCaller, type TrailCaller } from './caller.ts';
import { type ClusterChange, clusterChangeOf } from './cluster-change.ts';
import { isGrantEvent } from './evidence-events.ts';
import { type Grant, parseGrant } from './grant.ts';
import { type KnownRole, knownRolesOf } from './known-role.ts';
import { type NameFacts, nameFactsOf } from './known-user.ts';
import { type ProviderChange, providerChangeOf } from './provider-change.ts';
import { type Use, type UseRecord, useOf } from './use.ts';

/** The facts in one CloudTrail record. Each of them can be absent. */
export interface TrailFacts extends NameFacts {
  readonly grant?: Grant | undefined;
  readonly use?: Use | undefined;
  /** Roles for which the record states both ID and ARN. */
  readonly roles?: readonly KnownRole[] | undefined;
  /** A sign-in session in which an agent acted. */
  readonly agent?: AgentOfSignIn | undefined;
  readonly providerChange?: ProviderChange | undefined;
  /** A call of the EKS API that changed access to a cluster, or its logs. No rule uses it. Only reports do. */
  readonly clusterChange?: ClusterChange | undefined;
  /** Why a record that should be a grant is none. Its other facts still count. */
  readonly flaw?: 'grant-without-readable-eventTime' | undefined;
}

/**
 * A sign-in session in which a hosted agent made a call. The agent can have all keys of the session. Trust: AWS states
 * it.
 */
export interface AgentOfSignIn {
  /** The ARN of the sign-in session (`signInSessionArn`). */
  readonly signInSession: string;
  /** The record that is the evidence. */
  readonly record: UseRecord;
}

/** Returns whether the value looks like a CloudTrail record, complete or not. */
export function looksLikeTrailRecord(value: unknown): value is JsonObject {
  return isJsonObject(value) && 'eventSource' in value && ('eventName' in value || 'userIdentity' in value);
}

/**
 * Parses one CloudTrail record. A denied call (`errorCode`) is no grant, but still a use of the key that signed it.
 * Source: AWS CloudTrail User Guide, "CloudTrail record contents".
 */
export function parseTrailRecord(record: JsonObject): TrailFacts | 'cloudtrail-record-without-eventName' {
  const eventName = filledTextAt(record, 'eventName');
  if (eventName === undefined) return 'cloudtrail-record-without-eventName';
  const identity = objectAt(record, 'userIdentity');
  const caller = parseTrailCaller(identity ?? {});
  const time = filledTextAt(record, 'eventTime');
  const at = time === undefined ? undefined : parseInstant(time);
  const issues = isGrantEvent(eventName) && issuedBySts(record);
  const grant = issues && at !== undefined ? parseGrant({ record, eventName, at, caller }) : undefined;
  const where = { eventName, eventId: filledTextAt(record, 'eventID'), region: filledTextAt(record, 'awsRegion'), at };
  const use = useOf(caller, where);
  const flaw = issues && at === undefined ? 'grant-without-readable-eventTime' : undefined;
  const roles = knownRolesOf(record, caller);
  return {
    grant,
    use,
    ...nameFactsOf(record, caller, grant, where),
    roles: roles.length === 0 ? undefined : roles,
    agent: agentOf(caller, where),
    providerChange: providerChangeOf(record, caller, at),
    clusterChange: clusterChangeOf(record, caller, at),
    flaw,
  };
}

/** Returns the agent's sign-in session. Undefined if the caller is no agent, or does not state a sign-in session. */
function agentOf({ agent, signInSession }: TrailCaller, record: UseRecord): AgentOfSignIn | undefined {
  return agent === undefined || signInSession === undefined ? undefined : { signInSession, record };
}

function issuedBySts(record: JsonObject): boolean {
  const failed = record.errorCode !== undefined && record.errorCode !== null && record.errorCode !== '';
  return (
    filledTextAt(record, 'eventSource') === 'sts.amazonaws.com' && !failed && isJsonObject(record.responseElements)
  );
}
