/** What the oracle is asked: raw parsed JSON, as it stands in files. */
export type World = { audit: unknown[]; cloudtrail: unknown[]; usernameTemplates: string[] };

export type CallerKind =
  | 'role-session'
  | 'kubernetes-node'
  | 'eks-service'
  | 'iam-user'
  | 'root'
  | 'federated-user'
  | 'malformed'
  | 'kubernetes-service-account'
  | 'anonymous'
  | 'kubernetes-system'
  | 'kubernetes-user';

export type Status = 'attributed' | 'partial' | 'ambiguous' | 'unattributed' | 'system';
export type Method = 'access-key' | 'session-start' | 'session-name' | 'username' | 'direct';

export type Actor = {
  kind: string;
  name?: string;
  sessionName?: string;
  accountId?: string;
  principalId?: string;
  arn?: string;
  sourceIdentity?: string;
  provider?: string;
  workload?: string;
};

export type Hop = {
  eventName: string;
  eventIds: string[];
  region?: string;
  roleArn?: string;
  roleId?: string;
  sessionName?: string;
  accessKeyId?: string;
  issuedAt: string;
  expiresAt: string;
};

export type Candidate = { actor: Actor; chain: Hop[] };

export type Attribution = {
  status: Status;
  method?: Method;
  provisional: false;
  reason?: string;
  flags: string[];
  actor?: Actor;
  chain?: Hop[];
  candidates?: Candidate[];
};

export type OracleRecord = {
  auditId: string;
  caller: { kind: CallerKind; sessionName?: string; accountId?: string; roleId?: string; accessKeyId?: string };
  attribution: Attribution;
};
