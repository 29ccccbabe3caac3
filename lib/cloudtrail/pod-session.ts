import { serviceAccountOf, serviceAccountText } from '../identity/service-account.ts';
import { filledTextAt, isJsonObject, type JsonObject, listAt, objectAt } from '../json.ts';
import { type EpochMillis, parseInstant } from '../time.ts';
import { parseTrailCaller } from './caller.ts';
import { type Denial, denialIn } from './denial.ts';
import { parseTrailRecord } from './record.ts';

/**
 * A role session that was issued to a pod, as CloudTrail shows it (FACTS, "The reverse way"). EKS Pod Identity names
 * the pod in session tags. IRSA names only the service account, so any pod with that account can have the session.
 * Trust: AWS sets the tags of a call that `pods.eks.amazonaws.com` made. A web identity is what its provider states.
 * Anybody can run a provider with the name `system:serviceaccount:…`, so the issuer is shown.
 */
export interface PodSession {
  readonly by: 'pod-identity' | 'irsa';
  /** The service account of the pod, `<namespace>:<name>`. */
  readonly serviceAccount: string;
  readonly podUid?: string | undefined;
  readonly podName?: string | undefined;
  /** The name of the cluster. For IRSA, it is the issuer, which stands for the cluster. */
  readonly cluster?: string | undefined;
  readonly clusterArn?: string | undefined;
  readonly issuer?: string | undefined;
  readonly eventId: string;
  readonly roleArn?: string | undefined;
  readonly sessionName?: string | undefined;
  /** The principal of the session, `AROA…:<session name>`. */
  readonly principalId?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly issuedAt: EpochMillis;
  readonly expiresAt: EpochMillis;
}

/** Returns the session. Undefined if the record issued none to a pod. */
export function podSessionOf(record: JsonObject): PodSession | undefined {
  const facts = parseTrailRecord(record);
  const grant = typeof facts === 'string' ? undefined : facts.grant;
  if (grant === undefined) return undefined;
  const whose = grant.caller.service === PODS ? byTags(record) : byWebIdentity(grant.eventName, record);
  if (whose === undefined) return undefined;
  const { copyId: eventId, roleArn, roleId, sessionName, accessKeyId, issuedAt, expiresAt } = grant;
  const principalId = roleId === undefined || sessionName === undefined ? undefined : `${roleId}:${sessionName}`;
  return { ...whose, eventId, roleArn, sessionName, principalId, accessKeyId, issuedAt, expiresAt };
}

const PODS = 'pods.eks.amazonaws.com';

type SessionOwner = Pick<
  PodSession,
  'by' | 'serviceAccount' | 'podUid' | 'podName' | 'cluster' | 'clusterArn' | 'issuer'
>;

/** Returns the pod in session tags. Source: EKS User Guide, "Grant Pods access to AWS resources based on tags". */
function byTags(record: JsonObject): SessionOwner | undefined {
  const tags = listAt(objectAt(record, 'requestParameters'), 'tags')?.filter(isJsonObject) ?? [];
  const tag = (key: string) =>
    filledTextAt(
      tags.find((each) => each.key === key),
      'value',
    );
  const [namespace, name] = [tag('kubernetes-namespace'), tag('kubernetes-service-account')];
  if (namespace === undefined || name === undefined) return undefined;
  return {
    by: 'pod-identity',
    serviceAccount: serviceAccountText({ namespace, name }),
    podUid: tag('kubernetes-pod-uid'),
    podName: tag('kubernetes-pod-name'),
    cluster: tag('eks-cluster-name'),
    clusterArn: tag('eks-cluster-arn'),
  };
}

function byWebIdentity(eventName: string, record: JsonObject): SessionOwner | undefined {
  if (eventName !== 'AssumeRoleWithWebIdentity') return undefined;
  const identity = objectAt(record, 'userIdentity');
  const account = serviceAccountOf(filledTextAt(identity, 'userName'));
  if (account === undefined) return undefined;
  const issuer = filledTextAt(identity, 'identityProvider');
  return { by: 'irsa', serviceAccount: serviceAccountText(account), issuer };
}

/** One call of an AWS API, of any service. */
export interface AwsCall {
  readonly eventId: string;
  readonly time: string;
  readonly at: EpochMillis;
  readonly service: string;
  readonly name: string;
  readonly region?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly sourceIp?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly principalId?: string | undefined;
}

/** A call, with what it was about as far as the record states it. */
export interface TargetedAwsCall extends AwsCall {
  /** The role that was to be assumed, or the resource of a denial. Trust: the caller chose it. */
  readonly on?: string | undefined;
}

/**
 * Matches the resource in the message of a denied call (IAM User Guide, "Troubleshoot access denied error messages").
 */
const DENIED_ON = /\bon resource: (\S{1,2048}?)(?=[\s,;]|$)/;

/** Returns the call with what it was about. Undefined as for `awsCallOf`. */
export function targetedAwsCallOf(record: JsonObject): TargetedAwsCall | undefined {
  const call = awsCallOf(record);
  const role = filledTextAt(objectAt(record, 'requestParameters'), 'roleArn');
  return call && { ...call, on: role ?? DENIED_ON.exec(filledTextAt(record, 'errorMessage') ?? '')?.[1] };
}

/** Returns the call. Undefined if the record does not state what was called, when, and by which session. */
export function awsCallOf(record: JsonObject): AwsCall | undefined {
  const [service, name, time] = ['eventSource', 'eventName', 'eventTime'].map((field) => filledTextAt(record, field));
  const at = time === undefined ? undefined : parseInstant(time);
  if (service === undefined || name === undefined || time === undefined || at === undefined) return undefined;
  const { accessKeyId, principalId } = parseTrailCaller(objectAt(record, 'userIdentity') ?? {});
  return {
    eventId: filledTextAt(record, 'eventID') ?? '',
    time,
    at,
    service,
    name,
    region: filledTextAt(record, 'awsRegion'),
    errorCode: filledTextAt(record, 'errorCode'),
    sourceIp: filledTextAt(record, 'sourceIPAddress'),
    accessKeyId,
    principalId,
  };
}

/**
 * Which of CloudTrail's calls are wanted: those that an access key signed, or those that AWS refused with a message.
 */
export type CallsQuestion = { readonly accessKeyId: string } | { readonly denial: Denial };

/** Returns the call of a CloudTrail record if it is wanted. A message without a resource matches any resource. */
export function askedCall(record: JsonObject, question: CallsQuestion): TargetedAwsCall | undefined {
  const call = targetedAwsCallOf(record);
  if ('accessKeyId' in question) return call?.accessKeyId === question.accessKeyId ? call : undefined;
  const { user, action, on } = question.denial;
  const denied = denialIn(filledTextAt(record, 'errorMessage') ?? '');
  const isSame = denied?.user === user && denied.action === action && (on ?? denied.on) === denied.on;
  return isSame && call?.errorCode !== undefined ? call : undefined;
}
