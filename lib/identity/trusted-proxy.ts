import type { ErrorCode } from '../error-code.ts';
import { type RoleRef, roleRef } from './arn.ts';

/**
 * A caller that is trusted to impersonate people (CONTRACT, "Proxies"). It is identified by its username, by a pattern
 * of service accounts, or by its role. The operator of eks-whois configures it. By default, there is none.
 */
export interface TrustedProxy {
  /** The text as it was configured. */
  readonly source: string;
  readonly role?: RoleRef;
  /** Matches the whole username of a caller that has no AWS identity. */
  readonly username?: RegExp;
}

export class TrustedProxyError extends Error {
  readonly code = 'trusted-proxy' satisfies ErrorCode;
}

const SERVICE_ACCOUNT = /^system:serviceaccount:[^:*]+:[^:]+$/;

/**
 * Parses `system:serviceaccount:<namespace>:<name>`, another username, or a role's ARN. In the name of a service
 * account, `*` matches any text without a colon. A pattern for the usernames of a whole group (`system:*`) is refused,
 * because it would trust everybody.
 * @throws TrustedProxyError that says what is wrong.
 */
export function parseTrustedProxy(source: string): TrustedProxy {
  if (source.trim() === '') throw invalid(source, 'is empty');
  if (source.startsWith('arn:')) return parseRoleProxy(source);
  if (!SERVICE_ACCOUNT.test(source)) {
    if (source.includes('*')) throw invalid(source, "has a * outside of a service account's name");
    if (source.startsWith('system:serviceaccount:')) throw invalid(source, 'is not a complete service account');
  }
  return { source, username: patternOf(source) };
}

function parseRoleProxy(source: string): TrustedProxy {
  const role = roleRef(source);
  if (role === undefined || source.includes('*')) throw invalid(source, 'is not the ARN of a role');
  return { source, role };
}

function patternOf(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^:]*')}$`, 's');
}

function invalid(source: string, what: string): TrustedProxyError {
  return new TrustedProxyError(
    `The trusted proxy "${source}" ${what}: use a service account (system:serviceaccount:<namespace>:<name>, with * in its name for several), another username, or a role's ARN.`,
  );
}
