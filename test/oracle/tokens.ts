import type { AuditEvent } from './audit.ts';
import { type Caller, extraValue } from './caller.ts';
import { text } from './json.ts';
import { BEFORE } from './match.ts';
import { originalOf } from './proxies.ts';
import { compare } from './records.ts';
import { printTime } from './time.ts';
import type { Attribution, TokenLink } from './types.ts';

/** Service account tokens: an event made with a token is its issuer's. */
const MOST_HOPS = 10;

export type TokenUse = { readonly event: AuditEvent; readonly caller: Caller };

/**
 * Returns the events that issued the token of this event, the one that was followed to first at the front. Empty if no
 * token is known, `system` if they lead to nobody.
 */
export function issuersOf(
  asked: TokenUse,
  all: readonly TokenUse[],
  notice: (word: string) => void,
): TokenUse[] | 'system' {
  const path: TokenUse[] = [];
  for (let issuer = issuerOf(asked, all, notice); issuer; issuer = issuerOf(issuer, all, notice)) {
    const loops = issuer === asked || path.includes(issuer);
    if (loops || path.length === MOST_HOPS) notice(loops ? 'token loop' : 'token chain too long');
    if (loops || path.length === MOST_HOPS) return 'system';
    path.unshift(issuer);
  }
  return path;
}

/** Returns the issuing event's answer as that of an event made with its token. */
export function byToken(answer: Attribution, path: readonly TokenUse[]): Attribution {
  const links = path.flatMap(({ event }) => linkOf(event) ?? []);
  const { candidates, chain, method, ...rest } = answer;
  return {
    ...rest,
    ...(method === undefined ? {} : { method: 'token', chain: [...(chain ?? []), ...links] }),
    flags: [...answer.flags, 'token-of-service-account'],
    ...(candidates ? { candidates: candidates.map((one) => ({ ...one, chain: [...one.chain, ...links] })) } : {}),
  };
}

function issuerOf(
  { event, caller }: TokenUse,
  all: readonly TokenUse[],
  notice: (word: string) => void,
): TokenUse | undefined {
  const { credentialId } = caller;
  if (!credentialId?.startsWith('JTI=') || caller.kind !== 'kubernetes-service-account') return undefined;
  const named = all.filter((other) => other.event.issued?.credentialId === credentialId);
  const issuers = named.filter((other) => canIssue(other.event, event, caller, notice));
  if (issuers.length > 1) notice('several events issued the token');
  return issuers.sort((a, b) => (a.event.time ?? 0) - (b.event.time ?? 0) || compare(issuerText(a), issuerText(b)))[0];
}

/** Returns the fields by which issuing events of one time are ordered (rule 8.2). Texts sort before `null`. */
function issuerText({ event: { auditId, user, impersonated = {} }, caller }: TokenUse): string {
  const { statedName, accessKeyId, arn, credentialId } = caller;
  const first = originalOf(impersonated);
  const own = [text(user.uid), text(user.username), statedName, accessKeyId, arn, extraValue(user, 'canonicalArn')];
  const persons = [text(impersonated.username), text(impersonated.uid), first?.name, first?.uid];
  return JSON.stringify([auditId, ...own, credentialId, ...persons]);
}

function canIssue(issuer: AuditEvent, event: AuditEvent, caller: Caller, notice: (word: string) => void): boolean {
  if (issuer.cluster !== event.cluster)
    notice(isOfOneName(issuer, event) ? 'a token of a cluster of the same name' : "another cluster's token");
  else if (`system:serviceaccount:${issuer.issued?.serviceAccount}` !== caller.username)
    notice("another account's token");
  else if (issuer.time === undefined || event.time === undefined) notice('token without a time');
  else if (issuer.time - BEFORE > event.time) notice('token issued later');
  else {
    if (issuer.time > event.time) notice('token issued later, within the slack');
    return true;
  }
  return false;
}

function isOfOneName({ cluster: a = '' }: AuditEvent, { cluster: b = '' }: AuditEvent): boolean {
  return a.split('/').at(-1) === b.split('/').at(-1);
}

function linkOf({ auditId, issued, time }: AuditEvent): TokenLink | undefined {
  if (!issued || time === undefined) return undefined;
  const { serviceAccount, credentialId } = issued;
  const issuedAt = printTime(time);
  return { eventName: 'TokenRequest', eventIds: [auditId], serviceAccount, credentialId, issuedAt, joinedBy: 'token' };
}
