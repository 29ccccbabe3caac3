import type { Action } from './action.ts';

/** The input of the oracle: parsed JSON as in files, and the configuration that the rules use. */
export type World = {
  audit: unknown[];
  cloudtrail: unknown[];
  /** The templates. Each can be bound to a role: `<role ARN>=<template>`. */
  usernameTemplates: string[];
  trustedProxies: string[];
  /** The organization's own identity stores of Identity Center, by ID or ARN. */
  identityStores: string[];
  /** The silences that a deployed service noted. Times are in milliseconds; without `to`, the silence lasts. */
  silences?: readonly Silence[];
};

export type Silence = {
  readonly accountId: string;
  readonly region: string;
  readonly from: number;
  readonly to?: number;
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

/** The way in which a grant was matched from the event. The first three ways also match a grant from the one after it. */
export type JoinedGrant = 'access-key' | 'session-start' | 'web-identity-token' | 'session-name' | 'username';
export type Method = JoinedGrant | 'direct' | 'use' | 'token' | 'proxy';

export type Actor = {
  kind: string;
  id?: string;
  idBasis?: string;
  name?: string;
  nameToday?: string;
  sessionName?: string;
  accountId?: string;
  principalId?: string;
  arn?: string;
  /** The uid of a proxied user, as the proxy gave it. */
  uid?: string;
  sourceIdentity?: string;
  provider?: string;
  nameIdFormat?: string;
  userId?: string;
  directory?: string;
  roleArn?: string;
  knownAs?: string;
  /** The directory that a record states, and whether it is a sign-in through Identity Center. Answers have neither. */
  store?: string;
  bySignIn?: boolean;
  workload?: string;
  delegate?: { accountId: string };
};

export type GrantLink = {
  eventName: string;
  eventIds: string[];
  region?: string;
  sourceIp?: string;
  userAgent?: string;
  roleArn?: string;
  roleId?: string;
  sessionName?: string;
  accessKeyId?: string;
  callerAccessKeyId?: string;
  issuedAt: string;
  expiresAt: string;
  joinedBy: JoinedGrant;
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
/** The CloudTrail record in which a session states its owner. */
export type UseLink = { eventName: string; eventIds: string[]; region?: string; time?: string };
/** A record that shows a fact that no grant of the chain shows. */
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
  uri?: string;
  action?: Action;
  caller: {
    kind: CallerKind;
    sessionName?: string;
    sessionNameFrom?: 'username';
    accountId?: string;
    roleId?: string;
    accessKeyId?: string;
    canonicalArn?: string;
    credentialId?: string;
    pod?: Pod;
  };
  impersonated?: { username?: string; uid?: string; first?: { username: string; uid?: string }; original?: string };
  attribution: Attribution;
};
