import type { GrantEventName } from '../lib/cloudtrail/grant.ts';
import type { Deployment } from './deployment.ts';

/** Complete by its type: a kind of grant that the rules know and the rule leaves out does not compile. */
const GRANTS: Readonly<Record<GrantEventName, true>> = {
  AssumeRole: true,
  AssumeRoleWithSAML: true,
  AssumeRoleWithWebIdentity: true,
  AssumeRoot: true,
  GetFederationToken: true,
  GetSessionToken: true,
  GetDelegatedAccessToken: true,
};

export const GRANT_EVENT_NAMES: readonly string[] = Object.keys(GRANTS);
/** Each token that a cluster verifies leaves one, also for keys that no grant lists (FACTS). */
export const USE_EVENT_NAMES: readonly string[] = ['GetCallerIdentity'];

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
      eventName: of.uses ? [...GRANT_EVENT_NAMES, ...USE_EVENT_NAMES] : GRANT_EVENT_NAMES,
      errorCode: [{ exists: false }],
    },
  };
}

/**
 * Without this state EventBridge leaves out read-only management events, and all of STS's grants are read-only (FACTS;
 * EventBridge User Guide, "Read-only management events from AWS services").
 */
export const WITH_READ_ONLY_EVENTS = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
