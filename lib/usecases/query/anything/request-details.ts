import type { AuditRecord } from '../../../attribution/record.ts';
import { maskedUri, type RequestAction } from '../../../audit/action.ts';
import { present } from '../../../json.ts';
import type { Circumstances } from '../../../recognize/subject.ts';
import { formatInstant, parseInstant } from '../../../time.ts';

/**
 * The details of a request in a text: what was done, when, and from where. They are only as credible as the author of
 * the text. A field without a value is absent.
 */
export interface RequestDetails {
  readonly time?: string;
  /** The time at which a finding was first seen. */
  readonly since?: string;
  readonly cluster?: string;
  readonly clusterArn?: string;
  readonly auditId?: string;
  readonly verb?: string;
  readonly uri?: string;
  readonly apiGroup?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly action?: RequestAction;
  readonly code?: number;
  /** The source IPs. The client can write all of them but the last. */
  readonly ips?: readonly string[];
  readonly userAgent?: string;
  /** `JTI=<id>` of the token, if the text states it. */
  readonly credentialId?: string;
  readonly impersonated?: string;
  /** The account that handed over the event. AWS states this account. Everything else in the record is only that account's word. */
  readonly handedOverBy?: string;
  readonly eventId?: string;
  readonly eventName?: string;
  readonly issuedTo?: string;
  readonly calledBy?: string;
  readonly finding?: string;
}

/** Returns the details that the text states. Undefined if it states nothing but its subject. */
export function requestDetails(circumstances: Circumstances): RequestDetails | undefined {
  const { at, since, request, sourceIps, ...details } = circumstances;
  const {
    isWrittenLater: _later,
    isWrittenAtOnce: _atOnce,
    isLogged: _logged,
    isLogin: _login,
    clock: _clock,
    isClusterWide: _wide,
    isProcessStart: _process,
    executable: _executable,
    startedBy: _parent,
    isOfWorkload: _workload,
    isWithoutArguments: _alone,
    names: _names,
    isPartlyRead: _partly,
    count: _count,
    tokenOf: _tokens,
    ...rest
  } = details;
  return orNothing(
    present<RequestDetails>({
      ...NO_DETAILS,
      time: at === undefined ? undefined : formatInstant(at),
      since: since === undefined ? undefined : formatInstant(since),
      ...request,
      uri: maskedUri(request?.uri),
      ...rest,
      ips: sourceIps,
    }),
  );
}

/** Returns what a record states about its event, in the same form as for a pasted text. */
export function circumstancesOfRecord(record: AuditRecord): Circumstances {
  const { time, cluster, clusterArn, auditId, request, action, response, source, impersonated, origin } = record;
  return present<Circumstances>({
    ...NO_CIRCUMSTANCES,
    at: time === undefined ? undefined : parseInstant(time),
    cluster,
    clusterArn,
    auditId,
    request,
    action,
    code: response?.code,
    sourceIps: source?.ips,
    userAgent: source?.userAgent,
    impersonated: impersonated?.username,
    handedOverBy: origin?.handedOverBy,
  });
}

const NO_CIRCUMSTANCES: { readonly [K in keyof Required<Circumstances>]: undefined } = {
  at: undefined,
  since: undefined,
  isWrittenLater: undefined,
  isWrittenAtOnce: undefined,
  isLogged: undefined,
  isLogin: undefined,
  clock: undefined,
  unusedTimes: undefined,
  cluster: undefined,
  clusterArn: undefined,
  auditId: undefined,
  request: undefined,
  action: undefined,
  isClusterWide: undefined,
  isProcessStart: undefined,
  executable: undefined,
  startedBy: undefined,
  isOfWorkload: undefined,
  isWithoutArguments: undefined,
  names: undefined,
  isPartlyRead: undefined,
  code: undefined,
  sourceIps: undefined,
  userAgent: undefined,
  credentialId: undefined,
  tokenOf: undefined,
  impersonated: undefined,
  handedOverBy: undefined,
  eventId: undefined,
  denial: undefined,
  eventName: undefined,
  issuedTo: undefined,
  calledBy: undefined,
  finding: undefined,
  count: undefined,
};

const NO_DETAILS: { readonly [K in keyof Required<RequestDetails>]: undefined } = {
  time: undefined,
  since: undefined,
  cluster: undefined,
  clusterArn: undefined,
  auditId: undefined,
  verb: undefined,
  uri: undefined,
  apiGroup: undefined,
  resource: undefined,
  subresource: undefined,
  namespace: undefined,
  name: undefined,
  action: undefined,
  code: undefined,
  ips: undefined,
  userAgent: undefined,
  credentialId: undefined,
  impersonated: undefined,
  handedOverBy: undefined,
  eventId: undefined,
  eventName: undefined,
  issuedTo: undefined,
  calledBy: undefined,
  finding: undefined,
};

function orNothing(request: RequestDetails): RequestDetails | undefined {
  return Object.keys(request).length === 0 ? undefined : request;
}
