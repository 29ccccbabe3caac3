/** What a text, or a part of it, can be taken for, in words: one of it, and several. */
const WORDS = {
  'audit-event': ['an audit event', 'audit events'],
  'audit-user': ['the user of an audit event', 'users of audit events'],
  'cut-audit-event': ['an audit event that was cut', 'audit events that were cut'],
  record: ['a record of eks-whois', 'records of eks-whois'],
  'cloudtrail-record': ['a CloudTrail record', 'CloudTrail records'],
  'cloudtrail-identity': ['the userIdentity of a CloudTrail record', 'userIdentities of CloudTrail records'],
  'caller-identity': ['an answer of sts get-caller-identity', 'answers of sts get-caller-identity'],
  'guardduty-finding': ['a GuardDuty finding', 'GuardDuty findings'],
  'guardduty-event': ['a GuardDuty finding (EventBridge)', 'GuardDuty findings (EventBridge)'],
  'securityhub-finding': ['a Security Hub finding', 'Security Hub findings'],
  'ocsf-finding': ['a finding in OCSF', 'findings in OCSF'],
  'ocsf-activity': ['an event in OCSF', 'events in OCSF'],
  'access-key-id': ['an access key id', 'access key ids'],
  'role-id': ["a role's id", "roles' ids"],
  'session-principal': ['a role session', 'role sessions'],
  'federated-principal': ['a federated user', 'federated users'],
  'user-id': ["an IAM user's id", "IAM users' ids"],
  uid: ['a uid', 'uids'],
  'uid-and-username': ['a uid and a username', 'uids and usernames'],
  'role-arn': ["a role's ARN", "roles' ARNs"],
  'user-arn': ["an IAM user's ARN", "IAM users' ARNs"],
  'root-arn': ["a root user's ARN", "root users' ARNs"],
  'session-arn': ["a role session's ARN", "role sessions' ARNs"],
  'federated-arn': ["a federated user's ARN", "federated users' ARNs"],
  uuid: ['a UUID, an audit id or the event id of a CloudTrail record', 'audit ids or event ids'],
  'audit-id': ['an audit id', 'audit ids'],
  'event-id': ['the event id of a CloudTrail record', 'event ids of CloudTrail records'],
  email: ['an e-mail address', 'e-mail addresses'],
  username: ['a username of Kubernetes', 'usernames of Kubernetes'],
  name: ['a name', 'names'],
  'shown-name': ['a name as answers show it', 'names as answers show them'],
  'workload-arn': ["a workload's ARN", "workloads' ARNs"],
  'refused-request': ['an error of kubectl or the API server', 'errors of kubectl or the API server'],
  'insights-row': [
    'a row of a Logs Insights answer, of chosen columns',
    'rows of a Logs Insights answer, of chosen columns',
  ],
  'log-line': ['a line of a log or of an event', 'lines of logs or events'],
} as const;

export type Kind = keyof typeof WORDS;

/** `an audit event`, `2 audit events and a CloudTrail record`. */
export function inWords(counts: ReadonlyMap<Kind, number>): string {
  const parts = [...counts].map(([kind, count]) => (count === 1 ? WORDS[kind][0] : `${count} ${WORDS[kind][1]}`));
  const last = parts.pop() ?? '';
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`;
}
