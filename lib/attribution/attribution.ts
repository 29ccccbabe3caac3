import type { Grant, GrantEventName } from '../cloudtrail/grant.ts';
import { formatInstant } from '../time.ts';
import { type Actor, PARTIAL_REASONS } from './actor.ts';
import { GRANT_JOINS, type GrantJoin, type Hops } from './chain.ts';
import { NO_MATCH_REASONS } from './match.ts';

export const STATUSES = ['attributed', 'partial', 'ambiguous', 'unattributed', 'pending', 'system'] as const;
export type Status = (typeof STATUSES)[number];

export const METHODS = [...GRANT_JOINS, 'direct', 'use', 'token', 'proxy'] as const;
export type Method = (typeof METHODS)[number];

export const REASONS = ['malformed-identity', ...NO_MATCH_REASONS, ...PARTIAL_REASONS] as const;
export type Reason = (typeof REASONS)[number];

/** In the order in which answers list them. */
export const FLAGS = [
  'access-key-mismatch',
  'name-chosen-by-caller',
  'key-not-listed',
  'token-of-service-account',
  'through-agent',
  'identity-provider-changed',
  'node-role-used-by-person',
  'eks-name-used-by-person',
  'impersonation',
  'session-name-claims-other-actor',
  'source-identity-claims-other-actor',
] as const;
export type Flag = (typeof FLAGS)[number];

/**
 * One hop of a role chain, as stored: the evidence for it is in CloudTrail under `eventIds`. Times are RFC 3339 in UTC.
 * Trust: what `Grant` says of the fields of these names.
 */
export interface GrantLink {
  readonly eventName: GrantEventName;
  readonly eventIds: readonly string[];
  readonly region?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly roleId?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly issuedAt: string;
  readonly expiresAt: string;
  /** How the grant was found; absent in records that version 0.1 stored. */
  readonly joinedBy?: GrantJoin | undefined;
}

/** A service account token that a request was made with; the evidence is the audit event that issued it. */
export interface TokenLink {
  readonly eventName: 'TokenRequest';
  /** The `auditID` of the issuing event: the client may have chosen it. */
  readonly eventIds: readonly string[];
  /** `<namespace>:<name>` */
  readonly serviceAccount: string;
  readonly credentialId: string;
  readonly issuedAt: string;
  readonly joinedBy: 'token';
}

export type ChainLink = GrantLink | TokenLink;

export interface Candidate {
  readonly actor: Actor;
  readonly chain: readonly ChainLink[];
}

/** Our conclusion on one audit event (CONTRACT, rule 6 and record). */
export interface Attribution {
  readonly status: Status;
  readonly method?: Method | undefined;
  /** Whether grants that come later could still change the answer. */
  readonly provisional: boolean;
  readonly reason?: Reason | undefined;
  readonly flags: readonly Flag[];
  readonly actor?: Actor | undefined;
  readonly chain?: readonly ChainLink[] | undefined;
  readonly candidates?: readonly Candidate[] | undefined;
}

export function chainLinks(hops: Hops): ChainLink[] {
  return hops.map(({ grant, joinedBy }) => ({ ...grantLink(grant), joinedBy }));
}

function grantLink(grant: Grant): Omit<GrantLink, 'joinedBy'> {
  return {
    eventName: grant.eventName,
    eventIds: grant.eventIds,
    region: grant.region,
    roleArn: grant.roleArn,
    roleId: grant.roleId,
    sessionName: grant.sessionName,
    accessKeyId: grant.accessKeyId,
    issuedAt: formatInstant(grant.issuedAt),
    expiresAt: formatInstant(grant.expiresAt),
  };
}
