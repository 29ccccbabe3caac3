import { GRANT_EVENTS } from '../lib/cloudtrail/grant.ts';
import type { Deployment } from './deployment.ts';

/** Each token that a cluster verifies leaves one, also for keys that no grant lists (FACTS). */
const USE_EVENTS = ['GetCallerIdentity'];

/** STS's records that are taken: those of grants (CONTRACT, "grant"), and uses where they are wanted. */
export function stsEventNames({ uses }: Pick<Deployment, 'uses'>): readonly string[] {
  return uses ? [...GRANT_EVENTS, ...USE_EVENTS] : GRANT_EVENTS;
}

/**
 * Few a person and day, and no grants, but they tell who is behind a session (CONTRACT, rules 4 and 5): `aws login` and
 * the console, Identity Center's `onBehalfOf`, who changed its SAML provider, and agents. By `eventSource`.
 */
export const SIGN_IN_EVENTS: Readonly<Record<string, readonly string[]>> = {
  'signin.amazonaws.com': ['ConsoleLogin', 'AuthorizeOAuth2Access', 'CreateOAuth2Token'],
  'sso.amazonaws.com': ['CreateToken', 'GetRoleCredentials'],
  'iam.amazonaws.com': ['CreateSAMLProvider', 'UpdateSAMLProvider', 'DeleteSAMLProvider'],
  'aws-mcp.amazonaws.com': ['CallReadWriteTool'],
};

/**
 * STS's records as EventBridge has them. Nobody but AWS can put events with a `source` that begins with `aws.` on a
 * bus, so `source` and `detail-type` are what makes them AWS's word (FACTS).
 */
export function stsEventPattern(of: Pick<Deployment, 'uses'>) {
  return {
    source: ['aws.sts'],
    'detail-type': ['AWS API Call via CloudTrail'],
    detail: {
      eventSource: ['sts.amazonaws.com'],
      eventName: stsEventNames(of),
      errorCode: [{ exists: false }],
    },
  };
}

/**
 * The others. Their `detail-type` goes by CloudTrail's `eventType` (EventBridge User Guide, "AWS service events delivered
 * via AWS CloudTrail"): "AWS API Call" for IAM's and most of signin's, "AWS Console Sign In" for ConsoleLogin (the guide
 * writes "Signin"), "AWS Service Event" for Identity Center's (`AwsServiceEvent`, seen in one sample); of AwsMcpEvent the
 * guide says nothing, neither of its source. All that CloudTrail sends ends in "via CloudTrail".
 */
export const SIGN_IN_EVENT_PATTERN = {
  source: [{ prefix: 'aws.' }],
  'detail-type': [{ suffix: ' via CloudTrail' }],
  detail: {
    $or: Object.entries(SIGN_IN_EVENTS).map(([eventSource, eventName]) => ({ eventSource: [eventSource], eventName })),
    errorCode: [{ exists: false }],
  },
} as const;

/**
 * Without this state EventBridge leaves out read-only management events, and all of STS's grants are read-only (FACTS;
 * EventBridge User Guide, "Read-only management events from AWS services").
 */
export const WITH_READ_ONLY_EVENTS = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
