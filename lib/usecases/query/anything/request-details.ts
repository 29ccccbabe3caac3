import type { AuditRecord } from '../../../attribution/record.ts';
import { present } from '../../../json.ts';
import type { Circumstances } from '../../../recognise/subject.ts';
import { formatInstant, parseInstant } from '../../../time.ts';

/**
 * What was done, when, and from where, as whoever gave the text told it: no more to be believed than that. A field with
 * nothing to say is absent.
 */
export interface RequestDetails {
  readonly time?: string;
  /** Of a finding: when it was first seen. */
  readonly since?: string;
  readonly cluster?: string;
  readonly auditId?: string;
  readonly verb?: string;
  readonly uri?: string;
  readonly apiGroup?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly code?: number;
  /** The last is the one that the client did not write. */
  readonly ips?: readonly string[];
  readonly userAgent?: string;
  readonly impersonated?: string;
  /** The account that handed the record over, and so says that all of it is so; AWS states which it is. */
  readonly handedOverBy?: string;
  readonly eventId?: string;
  readonly eventName?: string;
  readonly issuedTo?: string;
  readonly calledBy?: string;
  readonly finding?: string;
}

/** Undefined where the text told nothing beside whom to ask about. */
export function requestDetails(circumstances: Circumstances): RequestDetails | undefined {
  const { at, since, request, sourceIps, isWrittenLater: _later, isClusterWide: _wide, ...rest } = circumstances;
  return orNothing(
    present<RequestDetails>({
      ...NOTHING,
      time: at === undefined ? undefined : formatInstant(at),
      since: since === undefined ? undefined : formatInstant(since),
      ...request,
      ...rest,
      ips: sourceIps,
    }),
  );
}

/** What a record tells of its event. */
export function circumstancesOfRecord(record: AuditRecord): Circumstances {
  const { time, cluster, auditId, request, response, source, impersonated, origin } = record;
  return present<Circumstances>({
    ...NOTHING_TOLD,
    at: time === undefined ? undefined : parseInstant(time),
    cluster,
    auditId,
    request,
    code: response?.code,
    sourceIps: source?.ips,
    userAgent: source?.userAgent,
    impersonated: impersonated?.username,
    handedOverBy: origin?.handedOverBy,
  });
}

const NOTHING_TOLD: { readonly [K in keyof Required<Circumstances>]: undefined } = {
  at: undefined,
  since: undefined,
  isWrittenLater: undefined,
  cluster: undefined,
  auditId: undefined,
  request: undefined,
  isClusterWide: undefined,
  code: undefined,
  sourceIps: undefined,
  userAgent: undefined,
  impersonated: undefined,
  handedOverBy: undefined,
  eventId: undefined,
  eventName: undefined,
  issuedTo: undefined,
  calledBy: undefined,
  finding: undefined,
};

const NOTHING: { readonly [K in keyof Required<RequestDetails>]: undefined } = {
  time: undefined,
  since: undefined,
  cluster: undefined,
  auditId: undefined,
  verb: undefined,
  uri: undefined,
  apiGroup: undefined,
  resource: undefined,
  subresource: undefined,
  namespace: undefined,
  name: undefined,
  code: undefined,
  ips: undefined,
  userAgent: undefined,
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
