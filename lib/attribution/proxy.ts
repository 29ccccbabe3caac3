import type { ActingCaller } from '../audit/caller.ts';
import { isSameRole } from '../identity/arn.ts';
import type { TrustedProxy } from '../identity/trusted-proxy.ts';
import { isAwsUid } from '../identity/uid.ts';
import { type Actor, identified } from './actor.ts';
import type { Action } from './answer.ts';
import type { GrantIndex } from './grant-index.ts';
import { cutName } from './record.ts';
import { rolesOfCaller } from './session-claim.ts';

/**
 * Returns the person that a configured proxy states (CONTRACT, "Proxies"). If impersonations are nested, this is the
 * first one. Undefined if the caller is no such proxy, or impersonates nobody.
 * Trust: the proxy states the person. Other callers who impersonate somebody are not believed.
 */
export function proxiedActor(action: Action, proxies: readonly TrustedProxy[], index: GrantIndex): Actor | undefined {
  const { caller, impersonated } = action;
  if (impersonated === undefined) return undefined;
  const { username: name, uid } = impersonated.first ?? impersonated;
  if (name === undefined) return undefined;
  const proxy = proxies.find((each) => isProxy(caller, each, index));
  if (proxy === undefined) return undefined;
  const provider = proxy.role === undefined ? cutName(caller.username) : proxy.source;
  const person = { kind: 'proxied-user', name: cutName(name), uid: cutName(uid), provider } as const;
  return identified(person, action.clusterKey);
}

/** Returns whether the caller is this proxy and acts for somebody. */
export function isProxiedBy(action: Action, proxy: TrustedProxy, index: GrantIndex): boolean {
  return proxiedActor(action, [proxy], index) !== undefined;
}

/**
 * Returns whether the caller is the proxy. If the caller has an AWS uid, only its role counts, because a mapping or a
 * session name can produce any username.
 */
function isProxy(caller: ActingCaller, { role, username }: TrustedProxy, index: GrantIndex): boolean {
  if (role !== undefined)
    return caller.roleId !== undefined && rolesOfCaller(caller, index).some((own) => isSameRole(own, role));
  const isAnybody = caller.kind === 'anonymous' || isAwsUid(caller.uid);
  return !isAnybody && username?.test(caller.username ?? '') === true;
}
