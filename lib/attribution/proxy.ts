import type { ActingCaller, ImpersonatedUser } from '../audit/caller.ts';
import { isSameRole } from '../identity/arn.ts';
import type { TrustedProxy } from '../identity/trusted-proxy.ts';
import { isAwsUid } from '../identity/uid.ts';
import type { Actor } from './actor.ts';
import type { GrantIndex } from './grant-index.ts';
import { cutName } from './record.ts';
import { rolesOfCaller } from './session-claim.ts';

/**
 * The person whom a configured proxy names (CONTRACT, "Proxies"): the first of nested impersonations. Undefined where
 * the caller is no such proxy, or acts for nobody.
 *
 * Trust: it is the proxy's word. An impersonator that nobody configured is not believed.
 */
export function proxiedActor(
  caller: ActingCaller,
  impersonated: ImpersonatedUser | undefined,
  proxies: readonly TrustedProxy[],
  index: GrantIndex,
): Actor | undefined {
  if (impersonated === undefined) return undefined;
  const { username: name, uid } = impersonated.first ?? impersonated;
  if (name === undefined) return undefined;
  const proxy = proxies.find((each) => isProxy(caller, each, index));
  if (proxy === undefined) return undefined;
  return {
    kind: 'proxied-user',
    name: cutName(name),
    uid: cutName(uid),
    provider: proxy.role === undefined ? cutName(caller.username) : proxy.source,
  };
}

/** Whether the caller is that proxy, and acts for somebody. */
export function isProxiedBy(
  caller: ActingCaller,
  impersonated: ImpersonatedUser | undefined,
  proxy: TrustedProxy,
  index: GrantIndex,
): boolean {
  return proxiedActor(caller, impersonated, [proxy], index) !== undefined;
}

/** Of a caller with an AWS uid only the role counts: the mapping, or the session name, can make its username anything. */
function isProxy(caller: ActingCaller, { role, username }: TrustedProxy, index: GrantIndex): boolean {
  if (role !== undefined) return rolesOfCaller(caller, index).some((own) => isSameRole(own, role));
  const isAnybody = caller.kind === 'anonymous' || isAwsUid(caller.uid);
  return !isAnybody && username?.test(caller.username ?? '') === true;
}
