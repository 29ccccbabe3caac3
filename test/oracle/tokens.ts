import type { AuditEvent } from './audit.ts';
import { type Caller, extraValue } from './caller.ts';
import { text } from './json.ts';
import { BEFORE } from './match.ts';
import { originalOf } from './proxies.ts';
import { compare } from './records.ts';
import { printTime } from './time.ts';
import type { Attribution, TokenLink } from './types.ts';

/** The maximum number of service account tokens to follow. An event made with a token belongs to the token's issuer. */
const MOST_HOPS = 10;

export type TokenUse = { readonly event: AuditEvent; readonly caller: Caller };

/** The events that issued one token after the other, the first one at the front; `cut` if they are a loop or too many. */
type Path = readonly TokenUse[] | 'cut';

/** Returns each path to an event that issued the first token: one, empty, if no token is known. */
export function issuersOf(request: TokenUse, all: readonly TokenUse[], notice: (word: string) => void): Path[] {
  return pathsFrom(request, [], all, notice);
}

function pathsFrom(
  at: TokenUse,
  path: readonly TokenUse[],
  all: readonly TokenUse[],
  notice: (word: string) => void,
): Path[] {
  const issuers = issuersAt(at, all, notice);
  if (issuers.length === 0) return [path];
  return issuers.flatMap((issuer): Path[] => {
    const loops = path.some(({ event }) => event.issued?.credentialId === issuer.event.issued?.credentialId);
    if (loops || path.length === MOST_HOPS) notice(loops ? 'token loop' : 'token chain too long');
    return loops || path.length === MOST_HOPS ? ['cut'] : pathsFrom(issuer, [issuer, ...path], all, notice);
  });
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

/** Returns the events of the earliest time that issued the token, without those whose statements another one has all. */
function issuersAt(
  { event, caller }: TokenUse,
  all: readonly TokenUse[],
  notice: (word: string) => void,
): readonly TokenUse[] {
  const { credentialId } = caller;
  if (!credentialId?.startsWith('JTI=') || caller.kind !== 'kubernetes-service-account') return [];
  const named = all.filter((other) => other.event.issued?.credentialId === credentialId);
  const issuers = named.filter((other) => canIssue(other.event, event, caller, notice));
  if (issuers.length > 1) notice('several events issued the token');
  const first = Math.min(...issuers.map((issuer) => issuer.event.time ?? 0));
  const atOnce = issuers.filter((issuer) => issuer.event.time === first);
  const ordered = atOnce.sort((a, b) => compare(orderText(a), orderText(b)));
  const stated = ordered.map(statementOf);
  const isNeeded = (_: TokenUse, at: number) =>
    !stated.some((other, place) => {
      const mine = stated[at] ?? [];
      return place !== at && isWithin(mine, other) && (place < at || !isWithin(other, mine));
    });
  const counting = ordered.filter(isNeeded);
  if (counting.length < ordered.length) notice('an issuing event that another one states too');
  if (counting.length > 1) notice('several issuers of one token');
  return counting;
}

type Statement = readonly (string | undefined)[];

/** Returns the fields by which issuing events of one time are compared (rule 8.9). */
function statementOf({ event: { user, impersonated = {}, raw }, caller }: TokenUse): Statement {
  const { statedName, accessKeyId, arn, credentialId } = caller;
  const first = originalOf(impersonated);
  const own = [text(user.uid), text(user.username), statedName, accessKeyId, arn, extraValue(user, 'canonicalArn')];
  const client = isUnusualClient(caller, raw) ? 'unusual' : undefined;
  return [...own, credentialId, text(impersonated.username), text(impersonated.uid), first?.name, first?.uid, client];
}

/** Returns whether a client that nodes do not use acts as a node (rule 6.17). */
export function isUnusualClient({ kind }: Caller, raw: AuditEvent['raw']): boolean {
  const client = text(raw.userAgent)?.split('/');
  const names = ['kubelet', 'kube-proxy', 'coredns'].flatMap((name) => [name, `${name}.exe`]);
  if (kind !== 'kubernetes-node' || client === undefined) return false;
  return client.length < 2 || !names.includes(client[0] ?? '');
}

function isWithin(mine: Statement, other: Statement): boolean {
  return mine.every((value, at) => value === undefined || value === other[at]);
}

/** Texts sort before `null`. */
function orderText(issuer: TokenUse): string {
  return JSON.stringify([issuer.event.auditId, ...statementOf(issuer)]);
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
