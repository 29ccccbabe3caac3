import { type Caller, parseCaller, parseImpersonatedUser } from '../../lib/audit/caller.ts';
import { GRANT_EVENTS } from '../../lib/cloudtrail/evidence-events.ts';
import { type JsonObject, objectAt, textAt } from '../../lib/json.ts';

/** The callers besides people whose events a deployment records. */
export interface WantedEvents {
  readonly nodes: boolean;
  readonly serviceAccounts: 'none' | 'tokens' | 'all';
  readonly controlPlane: 'none' | 'outside' | 'all';
}

export const ONLY_PEOPLE: WantedEvents = { nodes: false, serviceAccounts: 'none', controlPlane: 'outside' };

/**
 * Returns whether the event is wanted, by its own user and the kinds of the CONTRACT only, not by what the pattern compares.
 */
export function isWanted(event: JsonObject, { nodes, serviceAccounts, controlPlane }: WantedEvents): boolean {
  const caller = parseCaller(objectAt(event, 'user') ?? {});
  if (actsForPerson(event)) return true;
  if (caller.kind === 'kubernetes-node') return nodes || !callsItselfKubelet(event);
  if (caller.kind === 'eks-service')
    return byIam(caller) || caller.username === 'eks:support-engineer' || controlPlane === 'all';
  if (caller.kind === 'kubernetes-service-account') return isWantedToken(event, caller, serviceAccounts);
  if (!/^system:(?:kube-.*|apiserver)$/.test(caller.username ?? '') || byIam(caller)) return true;
  return controlPlane === 'all' || (controlPlane === 'outside' && !comesFromAws(event));
}

function byIam({ uid }: Caller): boolean {
  return /^(?:aws-iam-authenticator|heptio-authenticator-aws):/.test(uid ?? '');
}

function actsForPerson(event: JsonObject): boolean {
  const username = parseImpersonatedUser(event)?.username;
  return username !== undefined && !username.startsWith('system:');
}

/**
 * Returns whether the event comes from AWS's own control plane, by its source IP as in FACTS: one address, its loopback, or a
 * private one with a program `kube-…`.
 */
function comesFromAws(event: JsonObject): boolean {
  const [address, another] = (Array.isArray(event.sourceIPs) ? event.sourceIPs : []).map(String);
  if (address === undefined || another !== undefined) return false;
  if (/^(?:127\.|::1$)/.test(address)) return true;
  return /^(?:10|172)\./.test(address) && /^kube-/.test(textAt(event, 'userAgent') ?? '');
}

function callsItselfKubelet(event: JsonObject): boolean {
  return /^kubelet(?:\.exe)?\//.test(textAt(event, 'userAgent') ?? '');
}

function isWantedToken(event: JsonObject, { username = '' }: Caller, wanted: WantedEvents['serviceAccounts']): boolean {
  if (wanted !== 'tokens') return wanted === 'all';
  const { resource, subresource } = objectAt(event, 'objectRef') ?? {};
  if (resource === 'serviceaccounts' && subresource === 'token') return true;
  const ids = objectAt(objectAt(event, 'user'), 'extra')?.['authentication.kubernetes.io/credential-id'];
  const hasId = Array.isArray(ids) && String(ids[0]).startsWith('JTI=');
  return hasId && username.split(':')[2] !== 'kube-system';
}

function isSuccessOfSts(record: JsonObject): boolean {
  return record.eventSource === 'sts.amazonaws.com' && !('errorCode' in record);
}

export function isGrant(record: JsonObject): boolean {
  return isSuccessOfSts(record) && GRANT_EVENTS.some((name) => name === record.eventName);
}

export function isTokenUse(record: JsonObject): boolean {
  return isSuccessOfSts(record) && record.eventName === 'GetCallerIdentity';
}

/** Records that show who is behind a session, although they are not from STS (CONTRACT, rules 4 and 5). */
const SIGN_INS: Readonly<Record<string, RegExp>> = {
  'signin.amazonaws.com': /^(?:ConsoleLogin|AuthorizeOAuth2Access|CreateOAuth2Token)$/,
  'sso.amazonaws.com': /^(?:CreateToken|GetRoleCredentials)$/,
  'iam.amazonaws.com': /^(?:Create|Update|Delete)SAMLProvider$/,
  'aws-mcp.amazonaws.com': /^CallReadWriteTool$/,
};

export function isSignIn(record: JsonObject): boolean {
  const names = SIGN_INS[String(record.eventSource)];
  return names?.test(String(record.eventName)) === true && !('errorCode' in record);
}

/** EventBridge's names for CloudTrail's values of `eventType` (EventBridge User Guide, "via AWS CloudTrail"). */
const DETAIL_TYPES: Readonly<Record<string, string>> = {
  AwsServiceEvent: 'AWS Service Event via CloudTrail',
  AwsConsoleSignIn: 'AWS Console Sign In via CloudTrail',
};

/** Returns a service's CloudTrail record in EventBridge's envelope. */
export function envelope(record: JsonObject): JsonObject {
  const source = `aws.${String(record.eventSource).split('.')[0]}`;
  const type = DETAIL_TYPES[String(record.eventType)] ?? 'AWS API Call via CloudTrail';
  return { version: '0', source, 'detail-type': type, detail: record };
}
