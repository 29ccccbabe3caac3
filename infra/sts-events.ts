import { EVIDENCE_EVENTS, evidenceOf } from '../lib/cloudtrail/evidence-events.ts';
import type { Deployment } from './deployment.ts';

type Taken = Pick<Deployment, 'uses'>;

/** The names of the events that are taken, by `eventSource`: frequent uses only where they are wanted. */
export function eventNamesTaken({ uses }: Taken): Readonly<Record<string, readonly string[]>> {
  const isTaken = (source: string, name: string) => uses || evidenceOf(source, name)?.is !== 'frequent-use';
  const sources = Object.entries(EVIDENCE_EVENTS).map(
    ([source, names]) => [source, Object.keys(names).filter((name) => isTaken(source, name))] as const,
  );
  return Object.fromEntries(sources.filter(([, names]) => names.length > 0));
}

/**
 * STS's records as EventBridge has them. Nobody but AWS can put events with a `source` that begins with `aws.` on a
 * bus, so `source` and `detail-type` are what makes them AWS's word (FACTS).
 */
export function stsEventPattern(of: Taken) {
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
 * The others: few a person and day, and no grants, but they tell who is behind a session (CONTRACT, rules 4 and 5). Their `detail-type` goes by CloudTrail's `eventType` (EventBridge User Guide, "AWS service events delivered
 * via AWS CloudTrail"): "AWS API Call" for IAM's and most of signin's, "AWS Console Sign In" for ConsoleLogin (the guide
 * writes "Signin"), "AWS Service Event" for Identity Center's (`AwsServiceEvent`, seen in one sample); of AwsMcpEvent the
 * guide says nothing, neither of its source. All that CloudTrail sends ends in "via CloudTrail".
 */
export function signInEventPattern(of: Taken) {
  const { 'sts.amazonaws.com': _, ...others } = eventNamesTaken(of);
  return {
    source: [{ prefix: 'aws.' }],
    'detail-type': [{ suffix: ' via CloudTrail' }],
    detail: {
      $or: Object.entries(others).map(([eventSource, eventName]) => ({ eventSource: [eventSource], eventName })),
      errorCode: [{ exists: false }],
    },
  };
}

/**
 * Without this state EventBridge leaves out read-only management events, and all of STS's grants are read-only (FACTS;
 * EventBridge User Guide, "Read-only management events from AWS services").
 */
export const WITH_READ_ONLY_EVENTS = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
