import type { Grant, GrantEventName } from '../cloudtrail/grant.ts';
import { formatInstant } from '../time.ts';
import { type Actor, PARTIAL_REASONS } from './actor.ts';
import type { RoleChain } from './chain.ts';
import { MATCH_METHODS, NO_MATCH_REASONS } from './match.ts';

export const STATUSES = ['attributed', 'partial', 'ambiguous', 'unattributed', 'pending', 'system'] as const;
export type Status = (typeof STATUSES)[number];

export const METHODS = [...MATCH_METHODS, 'direct'] as const;
export type Method = (typeof METHODS)[number];

export const REASONS = ['malformed-identity', ...NO_MATCH_REASONS, ...PARTIAL_REASONS] as const;
export type Reason = (typeof REASONS)[number];

/** In the order in which answers list them. */
export const FLAGS = [
  'access-key-mismatch',
  'name-chosen-by-caller',
  'node-role-used-by-person',
  'eks-name-used-by-person',
  'impersonation',
  'session-name-claims-other-actor',
  'source-identity-claims-other-actor',
] as const;
export type Flag = (typeof FLAGS)[number];

/** One hop of a role chain, as stored: the evidence for it is in CloudTrail under `eventIds`. */
export interface ChainLink {
  readonly eventName: GrantEventName;
  readonly eventIds: readonly string[];
  readonly region?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly roleId?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly issuedAt: string;
  readonly expiresAt: string;
}

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

export function chainLinks(chain: RoleChain): ChainLink[] {
  return chain.grants.map(chainLink);
}

function chainLink(grant: Grant): ChainLink {
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
