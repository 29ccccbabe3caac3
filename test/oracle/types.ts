/** What the oracle is asked: raw parsed JSON, as it stands in files, and the configuration that bears on the rules. */
export type World = {
  audit: unknown[];
  cloudtrail: unknown[];
  /** May be bound to a role: `<role ARN>=<template>`. */
  usernameTemplates: string[];
  trustedProxies: string[];
  /** Directories of Identity Center that are one's own, by id or ARN. */
  identityStores: string[];
};

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

/** How a grant was found: from the event (each of these), from the grant after it (the first two). */
export type JoinedHop = 'access-key' | 'session-start' | 'session-name' | 'username';
export type Method = JoinedHop | 'direct' | 'use' | 'token' | 'proxy';

export type Actor = {
  kind: string;
  name?: string;
  sessionName?: string;
  accountId?: string;
  principalId?: string;
  arn?: string;
  /** Of a proxied user, as the proxy gave it. */
  uid?: string;
  sourceIdentity?: string;
  provider?: string;
  knownAs?: string;
  workload?: string;
  delegate?: { accountId: string };
};

export type GrantLink = {
  eventName: string;
  eventIds: string[];
  region?: string;
  roleArn?: string;
  roleId?: string;
  sessionName?: string;
  accessKeyId?: string;
  issuedAt: string;
  expiresAt: string;
  joinedBy: JoinedHop;
};

export type TokenLink = {
  eventName: 'TokenRequest';
  eventIds: string[];
  serviceAccount: string;
  credentialId: string;
  issuedAt: string;
  joinedBy: 'token';
};

export type Link = GrantLink | TokenLink;
/** The CloudTrail record in which a session says whose it is. */
export type UseLink = { eventName: string; eventIds: string[]; region?: string; time?: string };
/** A record that shows what no grant of the chain does. */
export type ShowingUse = UseLink & { shows: 'session-start' | 'acts-by-delegation' | 'through-agent' };
export type Candidate = { actor: Actor; chain: Link[]; use?: UseLink; uses?: ShowingUse[] };

export type Attribution = {
  status: Status;
  method?: Method;
  provisional: false;
  reason?: string;
  flags: string[];
  actor?: Actor;
  chain?: Link[];
  use?: UseLink;
  uses?: ShowingUse[];
  candidates?: Candidate[];
};

export type Pod = { name?: string; uid?: string; node?: string };

export type OracleRecord = {
  auditId: string;
  caller: {
    kind: CallerKind;
    sessionName?: string;
    accountId?: string;
    roleId?: string;
    accessKeyId?: string;
    credentialId?: string;
    pod?: Pod;
  };
  impersonated?: { username?: string; uid?: string; original?: string };
  attribution: Attribution;
};
