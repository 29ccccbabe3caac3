import { EVIDENCE_EVENTS, evidenceOf } from '../lib/cloudtrail/evidence-events.ts';
import type { Deployment } from './deployment.ts';

type EventChoice = Pick<Deployment, 'uses'>;

/**
 * Returns the names of the events to collect, by `eventSource`. Frequent uses (GetCallerIdentity) are included only
 * with `uses`.
 */
export function eventNamesTaken({ uses }: EventChoice): Readonly<Record<string, readonly string[]>> {
  const isTaken = (source: string, name: string) => uses || evidenceOf(source, name)?.is !== 'frequent-use';
  const sources = Object.entries(EVIDENCE_EVENTS).map(
    ([source, names]) => [source, Object.keys(names).filter((name) => isTaken(source, name))] as const,
  );
  return Object.fromEntries(sources.filter(([, names]) => names.length > 0));
}

/**
 * Returns the pattern of STS's records in EventBridge. Only AWS can put events on a bus whose `source` begins with
 * `aws.` (FACTS). So `source` and `detail-type` prove that AWS sent them.
 */
export function stsEventPattern(of: EventChoice) {
  return {
    source: ['aws.sts'],
    'detail-type': ['AWS API Call via CloudTrail'],
    detail: {
      eventSource: ['sts.amazonaws.com'],
      eventName: eventNamesTaken(of)['sts.amazonaws.com'],
      errorCode: [{ exists: false }],
    },
  };
}

/**
 * Returns the pattern of the other events. They are few for each person and day. They are not grants, but they show who
 * is behind a session (CONTRACT, rules 4 and 5). Their `detail-type` follows CloudTrail's `eventType` (EventBridge User
 * Guide, "AWS service events delivered via AWS CloudTrail"):
 * - "AWS API Call" for IAM's events and most of signin's;
 * - "AWS Console Sign In" for ConsoleLogin (the guide writes "Signin");
 * - "AWS Service Event" for Identity Center's (`AwsServiceEvent`, seen in one sample).
 * The guide does not document AwsMcpEvent or its source. The `detail-type` of every CloudTrail event ends in "via
 * CloudTrail".
 */
export function signInEventPattern(of: EventChoice) {
  const { 'sts.amazonaws.com': _, ...others } = eventNamesTaken(of);
  return {
    source: [{ prefix: 'aws.' }],
    'detail-type': [{ suffix: ' via CloudTrail' }],
    detail: {
      $or: Object.entries(others).map(([eventSource, eventName]) => {
        const ofClusters = eventSource === 'logs.amazonaws.com' ? { requestParameters: CLUSTER_LOG_GROUPS } : {};
        return { eventSource: [eventSource], eventName, ...ofClusters };
      }),
      errorCode: [{ exists: false }],
    },
  };
}

/** Matches the log groups of clusters. */
const CLUSTER_LOG_GROUPS = { logGroupName: [{ wildcard: '/aws/eks/*/cluster' }] } as const;

/**
 * The state of a rule that also gets read-only management events. All of STS's grants are read-only (FACTS;
 * EventBridge User Guide, "Read-only management events from AWS services").
 */
export const WITH_READ_ONLY_EVENTS = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
