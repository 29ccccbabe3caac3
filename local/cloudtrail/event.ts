import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { shuffled } from './random.ts';

/** One entry of `Events` in the response of LookupEvents (AWS API Reference, CloudTrail `Event`). */
export interface EventAnswer {
  readonly EventId: string | undefined;
  readonly EventName: string | undefined;
  /** `"true"` or `"false"`: text, not a boolean. */
  readonly ReadOnly: string | undefined;
  /** The key that signed the call, never the one that a grant issued. */
  readonly AccessKeyId: string | undefined;
  /** The time of the call, in epoch seconds. */
  readonly EventTime: number;
  readonly EventSource: string | undefined;
  readonly Username: string | undefined;
  readonly Resources: readonly Resource[];
  /** The whole record as JSON text. */
  readonly CloudTrailEvent: string;
}

/** A CloudTrail record as the stand-in stores it. */
export interface IndexedEvent {
  /** Identity of the event in its account and Region; the same for every delivery. */
  readonly identity: string;
  /** `eventTime`, in epoch milliseconds. */
  readonly time: number;
  readonly region: string;
  /** The account whose event history contains it. */
  readonly accountId: string | undefined;
  readonly record: JsonObject;
  readonly answer: EventAnswer;
}

/** Reasons why a record is not stored. LookupEvents returns only management events, each with a time and a Region. */
export type UnindexedReason = 'not-an-object' | 'not-a-management-event' | 'no-event-time' | 'no-region';

/** Converts a record for the event history. `seed` decides the order of its resources, which is not fixed (FACTS). */
export function indexRecord(record: unknown, seed: string): IndexedEvent | UnindexedReason {
  if (!isJsonObject(record)) return 'not-an-object';
  if (!isManagementEvent(record)) return 'not-a-management-event';
  const time = readTime(textAt(record, 'eventTime'));
  if (time === undefined) return 'no-event-time';
  const region = textAt(record, 'awsRegion');
  if (region === undefined) return 'no-region';
  const accountId = textAt(record, 'recipientAccountId') ?? textAt(record, 'userIdentity', 'accountId');
  const text = JSON.stringify(record);
  const eventId = textAt(record, 'eventID');
  const identity = JSON.stringify([accountId, region, eventId ?? createHash('sha256').update(text).digest('hex')]);
  return {
    identity,
    time,
    region,
    accountId,
    record,
    answer: answerFor(record, { time, text, seed: seed + identity }),
  };
}

function isManagementEvent(record: JsonObject): boolean {
  return (record.eventCategory ?? 'Management') === 'Management' && record.managementEvent !== false;
}

function answerFor(
  record: JsonObject,
  { time, text, seed }: { readonly time: number; readonly text: string; readonly seed: string },
): EventAnswer {
  return {
    EventId: textAt(record, 'eventID'),
    EventName: textAt(record, 'eventName'),
    ReadOnly: typeof record.readOnly === 'boolean' ? String(record.readOnly) : undefined,
    AccessKeyId: textAt(record, 'userIdentity', 'accessKeyId'),
    EventTime: time / 1000,
    EventSource: textAt(record, 'eventSource'),
    Username: usernameOf(record.userIdentity),
    Resources: shuffled(resourcesOf(record), seed),
    CloudTrailEvent: text,
  };
}

/**
 * Returns `Username` (FACTS): the name of an IAM user, the caller's session name for a role, nothing for services and
 * for callers of other accounts. For the root user and for users of an identity provider it is an assumption.
 */
function usernameOf(identity: unknown): string | undefined {
  switch (textAt(identity, 'type')) {
    case 'AssumedRole':
    case 'FederatedUser':
      return (
        /:(.+)$/.exec(textAt(identity, 'principalId') ?? '')?.[1] ??
        /\/([^/]+)$/.exec(textAt(identity, 'arn') ?? '')?.[1]
      );
    case 'Root':
      return textAt(identity, 'userName') ?? 'root';
    case 'IAMUser':
    case 'SAMLUser':
    case 'WebIdentityUser':
    case 'IdentityCenterUser':
      return textAt(identity, 'userName');
    default:
      return undefined;
  }
}

/** Parses `2026-11-25T10:00:00Z`, or `2026-11-25 10:00:00.000` (no zone, UTC), to epoch milliseconds. */
function readTime(text: string | undefined): number | undefined {
  const parts = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d{1,3})?\d*Z?$/.exec(text ?? '');
  if (parts === null) return undefined;
  const time = Date.parse(`${parts[1]}T${parts[2]}${parts[3] ?? ''}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** A resource of an event, as LookupEvents returns it and as `ResourceName` and `ResourceType` match it. */
export interface Resource {
  readonly ResourceType: string;
  readonly ResourceName: string;
}

/**
 * Returns the resources by which LookupEvents finds a record, each once.
 *
 * For a grant they are as in public LookupEvents answers for AssumeRole: the issued access key; the session by its
 * `assumedRoleId`, its ARN and its bare name; the role by its ARN with its path. None of them is the bare role ID
 * (`AROA…`). Grants to services without `assumedRoleUser` have only the key, the bare session name and the role ARN
 * (FACTS). The resources of GetFederationToken are an assumption: no public answer shows them.
 */
export function resourcesOf(record: JsonObject): readonly Resource[] {
  const found = [...(isSts(record) ? grantResources(record) : []), ...clusterResources(record), ...listed(record)];
  return [...new Map(found.map((resource) => [resource.ResourceName, resource])).values()];
}

function isSts(record: JsonObject): boolean {
  return record.eventSource === 'sts.amazonaws.com';
}

function grantResources(record: JsonObject): readonly Resource[] {
  const answer = record.responseElements;
  const request = record.requestParameters;
  return [
    ...named('AWS::IAM::AccessKey', textAt(answer, 'credentials', 'accessKeyId')),
    ...named(
      'AWS::STS::AssumedRole',
      textAt(answer, 'assumedRoleUser', 'assumedRoleId'),
      textAt(answer, 'assumedRoleUser', 'arn'),
      textAt(request, 'roleSessionName'),
    ),
    ...named('AWS::IAM::Role', textAt(request, 'roleArn')),
    ...named(
      'AWS::STS::FederatedUser',
      textAt(answer, 'federatedUser', 'federatedUserId'),
      textAt(answer, 'federatedUser', 'arn'),
    ),
  ];
}

function clusterResources(record: JsonObject): readonly Resource[] {
  if (record.eventSource !== 'eks-auth.amazonaws.com') return [];
  return named('AWS::EKS::Cluster', textAt(record, 'requestParameters', 'clusterName'));
}

/** Returns the record's own `resources`. Some writers put bare strings there; these have no type and are left out. */
function listed(record: JsonObject): readonly Resource[] {
  const entries: readonly unknown[] = Array.isArray(record.resources) ? record.resources : [];
  return entries
    .filter(isJsonObject)
    .flatMap((entry) => named(textAt(entry, 'type') ?? '', textAt(entry, 'ARN')))
    .filter(({ ResourceType }) => ResourceType !== '');
}

function named(type: string, ...names: readonly (string | undefined)[]): readonly Resource[] {
  return names.flatMap((name) => (name === undefined ? [] : [{ ResourceType: type, ResourceName: name }]));
}

/** Returns the non-empty text under `path`; undefined if a step is missing or has another type. */
function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = path.reduce<unknown>((at, key) => (isJsonObject(at) ? at[key] : undefined), value);
  return typeof found === 'string' && found !== '' ? found : undefined;
}
