/** The kinds of text that are recognized, each as words in singular and plural. */
const WORDS = {
  'audit-event': ['an audit event', 'audit events'],
  'audit-user': ['the user of an audit event', 'users of audit events'],
  'cut-audit-event': ['an incomplete audit event', 'incomplete audit events'],
  record: ['an eks-whois record', 'eks-whois records'],
  'cloudtrail-record': ['a CloudTrail record', 'CloudTrail records'],
  'cloudtrail-identity': ['the userIdentity of a CloudTrail record', 'userIdentities of CloudTrail records'],
  'caller-identity': ['output of aws sts get-caller-identity', 'outputs of aws sts get-caller-identity'],
  'guardduty-finding': ['a GuardDuty finding', 'GuardDuty findings'],
  'guardduty-event': ['a GuardDuty finding from EventBridge', 'GuardDuty findings from EventBridge'],
  'securityhub-finding': ['a Security Hub finding', 'Security Hub findings'],
  'ocsf-finding': ['an OCSF finding', 'OCSF findings'],
  'ocsf-activity': ['an OCSF event', 'OCSF events'],
  'falco-alert': ['an alert of Falco', 'alerts of Falco'],
  'elastic-alert': ['an alert or event of Elastic', 'alerts or events of Elastic'],
  'datadog-event': ['an event of Datadog', 'events of Datadog'],
  'unknown-alert': ['an alert in JSON', 'alerts in JSON'],
  'kubernetes-event': ['an event of Kubernetes', 'events of Kubernetes'],
  'kubernetes-object': ['an object of Kubernetes', 'objects of Kubernetes'],
  token: ['a token', 'tokens'],
  'aws-token': ['a token of aws eks get-token', 'tokens of aws eks get-token'],
  'access-key-id': ['an access key ID', 'access key IDs'],
  'role-id': ['a role ID', 'role IDs'],
  'session-principal': ['a role session', 'role sessions'],
  'federated-principal': ['a federated user', 'federated users'],
  'actor-id': ['an actor ID', 'actor IDs'],
  'user-id': ['an IAM user ID', 'IAM user IDs'],
  uid: ['a uid', 'uids'],
  'uid-and-username': ['a uid and a username', 'uids and usernames'],
  'role-arn': ['a role ARN', 'role ARNs'],
  'user-arn': ['an IAM user ARN', 'IAM user ARNs'],
  'root-arn': ['a root user ARN', 'root user ARNs'],
  'session-arn': ['a role session ARN', 'role session ARNs'],
  'federated-arn': ['a federated user ARN', 'federated user ARNs'],
  uuid: [
    'a UUID (an audit ID, a CloudTrail event ID or a token ID)',
    'UUIDs (audit IDs, CloudTrail event IDs or token IDs)',
  ],
  'audit-id': ['an audit ID', 'audit IDs'],
  'event-id': ['a CloudTrail event ID', 'CloudTrail event IDs'],
  email: ['an email address', 'email addresses'],
  'source-ip': ['a source IP', 'source IPs'],
  username: ['a Kubernetes username', 'Kubernetes usernames'],
  name: ['a name', 'names'],
  'shown-name': ['a name as eks-whois shows it', 'names as eks-whois shows them'],
  'workload-arn': ['a workload ARN', 'workload ARNs'],
  'kubectl-output': ['a line of kubectl', 'lines of kubectl'],
  'refused-request': ['an error of kubectl or the API server', 'errors of kubectl or the API server'],
  'aws-error': ['an error of AWS', 'errors of AWS'],
  'insights-row': ['a row of a query with selected columns', 'rows of queries with selected columns'],
  'log-line': ['a line of a log or an event', 'lines of logs or events'],
} as const;

export type Kind = keyof typeof WORDS;

/** Returns the kinds and their numbers as a phrase: `an audit event`, `2 audit events and a CloudTrail record`. */
export function inWords(counts: ReadonlyMap<Kind, number>): string {
  const parts = [...counts].map(([kind, count]) => (count === 1 ? WORDS[kind][0] : `${count} ${WORDS[kind][1]}`));
  const last = parts.pop() ?? '';
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`;
}
