import { REGION, type Role, roleArn } from './company.ts';
import { uuid } from './random.ts';
import { second } from './time.ts';

/** CloudTrail records of any call, as the service writes them. The fields follow public records of 2023 to 2026. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A record, and the trail that has it. */
export interface TrailRecord {
  /** The account whose trail delivers it: `recipientAccountId`. */
  readonly accountId: string;
  readonly region: string;
  readonly at: string;
  readonly record: JsonObject;
}

/** The fields that differ from call to call. */
export interface Call {
  readonly at: string;
  readonly eventName: string;
  readonly eventSource: 'sts.amazonaws.com' | 'eks-auth.amazonaws.com' | 'signin.amazonaws.com' | 'ec2.amazonaws.com';
  /** The account whose trail this copy is in. */
  readonly accountId: string;
  readonly userIdentity: JsonObject;
  /** An IP address, or the name of the service that calls. */
  readonly source: string;
  readonly userAgent: string;
  /** us-east-1 for STS's global endpoint, whatever the cluster's Region is. */
  readonly region?: string;
  readonly request: JsonObject | null;
  readonly response: JsonObject | null;
  readonly resources?: readonly JsonObject[];
  /** Determines the event ID. `copy` distinguishes the copies of one cross-account call. */
  readonly label: string;
  readonly copy?: string;
  readonly sharedEventID?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

export function trailRecord(call: Call): TrailRecord {
  const region = call.region ?? REGION;
  const { accountId, at } = call;
  const record: JsonObject = {
    eventVersion: '1.11',
    userIdentity: call.userIdentity,
    eventTime: second(at),
    eventSource: call.eventSource,
    eventName: call.eventName,
    awsRegion: region,
    sourceIPAddress: call.source,
    userAgent: call.userAgent,
    ...(call.error ? { errorCode: call.error.code, errorMessage: call.error.message } : {}),
    requestParameters: call.request,
    responseElements: call.response,
    ...(call.eventSource === 'sts.amazonaws.com' ? requestDetails(region) : {}),
    requestID: uuid(`request:${call.label}`),
    eventID: uuid(`event:${call.label}:${call.copy ?? ''}`),
    readOnly: call.eventSource !== 'signin.amazonaws.com' && call.eventName !== 'GetFederationToken',
    ...(call.resources ? { resources: call.resources } : {}),
    eventType: call.eventSource === 'signin.amazonaws.com' ? 'AwsConsoleSignIn' : 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: accountId,
    ...(call.sharedEventID ? { sharedEventID: call.sharedEventID } : {}),
    eventCategory: 'Management',
    ...tlsDetails(call, region),
  };
  return { accountId, region, at, record };
}

function requestDetails(region: string): JsonObject {
  const endpointType = region === 'us-east-1' ? 'global' : 'regional';
  return { additionalEventData: { RequestDetails: { awsServingRegion: region, endpointType } } };
}

/** Returns the TLS details. Calls that AWS services make themselves have none. */
function tlsDetails(call: Call, region: string): JsonObject {
  if (call.source.endsWith('.amazonaws.com')) return {};
  const [service = 'sts'] = call.eventSource.split('.');
  const host = region === 'us-east-1' ? `${service}.amazonaws.com` : `${service}.${region}.amazonaws.com`;
  return {
    tlsDetails: { tlsVersion: 'TLSv1.3', cipherSuite: 'TLS_AES_128_GCM_SHA256', clientProvidedHostHeader: host },
  };
}

/** Returns a record's `resources` entry for a role. */
export function roleResource(role: Role): JsonObject {
  return { accountId: role.accountId, type: 'AWS::IAM::Role', ARN: roleArn(role) };
}
