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
 * Returns the person whom a configured proxy names (CONTRACT, "Proxies"): the first of nested impersonations. Undefined
 * if the caller is no such proxy, or acts for nobody.
 *
 * Trust: the proxy states the person. An impersonator that is not configured as a proxy is not believed.
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

/** Returns whether the caller is that proxy, and acts for somebody. */
export function isProxiedBy(action: Action, proxy: TrustedProxy, index: GrantIndex): boolean {
  return proxiedActor(action, [proxy], index) !== undefined;
}

/**
 * Returns whether the caller is the proxy. For a caller with an AWS uid, only the role counts: the mapping or the
 * session name can give it any username.
 */
function isProxy(caller: ActingCaller, { role, username }: TrustedProxy, index: GrantIndex): boolean {
  if (role !== undefined)
    return caller.roleId !== undefined && rolesOfCaller(caller, index).some((own) => isSameRole(own, role));
  const isAnybody = caller.kind === 'anonymous' || isAwsUid(caller.uid);
  return !isAnybody && username?.test(caller.username ?? '') === true;
}
