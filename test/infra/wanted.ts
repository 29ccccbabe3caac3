import { parseCaller } from '../../lib/audit/caller.ts';
import { type JsonObject, objectAt } from '../../lib/json.ts';

/** Only the event's own user counts, by the kinds of the CONTRACT: not what the pattern happens to look at. */
export function isWanted(event: JsonObject, nodes: boolean): boolean {
  const { kind, uid } = parseCaller(objectAt(event, 'user') ?? {});
  const byIam = /^(?:aws-iam-authenticator|heptio-authenticator-aws):/.test(uid ?? '');
  if (kind === 'kubernetes-node') return nodes && byIam;
  if (kind === 'eks-service') return byIam;
  return !['kubernetes-service-account', 'kubernetes-system', 'anonymous'].includes(kind);
}

const GRANTS = /^(?:AssumeRole(?:WithSAML|WithWebIdentity)?|AssumeRoot|GetFederationToken|GetSessionToken)$/;

function isSuccessOfSts(record: JsonObject): boolean {
  return record.eventSource === 'sts.amazonaws.com' && !('errorCode' in record);
}

export function isGrant(record: JsonObject): boolean {
  return isSuccessOfSts(record) && GRANTS.test(String(record.eventName));
}

export function isTokenUse(record: JsonObject): boolean {
  return isSuccessOfSts(record) && record.eventName === 'GetCallerIdentity';
}

/** As EventBridge wraps a CloudTrail record of a service. */
export function envelope(record: JsonObject): JsonObject {
  const source = `aws.${String(record.eventSource).split('.')[0]}`;
  return { version: '0', source, 'detail-type': 'AWS API Call via CloudTrail', detail: record };
}
