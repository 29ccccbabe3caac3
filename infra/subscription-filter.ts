/**
 * The filter patterns that subscriptions carry (CloudWatch Logs User Guide, "Filter pattern syntax", JSON). They match
 * valid JSON only: entries that were cut at 1 MB never reach a subscription.
 */

const AWS_IDENTITY = '$.user.uid = "aws-iam-authenticator:*" || $.user.uid = "heptio-authenticator-aws:*"';
const OTHER_AUTHENTICATOR = '($.user.username != "system:*" && $.user.username != "eks:*")';

/**
 * Audit events of everybody but Kubernetes itself, whose traffic is by far the most. The uid stays outside the client's
 * reach; the third part lets OIDC users in. `nodeTraffic` lets nodes in as well: they have an AWS identity, and may be
 * somebody who took over a node's role.
 */
export function auditFilterPattern(nodeTraffic: boolean): string {
  const callers = `(${AWS_IDENTITY} || ${OTHER_AUTHENTICATOR})`;
  return nodeTraffic
    ? `{ ${AWS_IDENTITY} || ${OTHER_AUTHENTICATOR} }`
    : `{ ${callers} && $.user.username != "system:node:*" }`;
}

/** STS's records in a trail's log group that are grants (or uses, where asked for). Denied calls have an errorCode. */
export function trailFilterPattern(eventNames: readonly string[]): string {
  const named = eventNames.map((name) => `$.eventName = "${name}"`).join(' || ');
  return `{ $.eventSource = "sts.amazonaws.com" && $.errorCode NOT EXISTS && (${named}) }`;
}
