import { isSameRole, roleOfIamArn } from './arns.ts';
import { type Caller, extraValue } from './caller.ts';
import { type JsonObject, object, present, text } from './json.ts';
import type { Actor, Attribution, OracleRecord } from './types.ts';

/** Callers that are configured as trusted to impersonate people. */
const PINNIPED = 'original-user-info.impersonation-proxy.concierge.pinniped.dev';
const KUBE_OIDC_PROXY = 'originaluser.jetstack.io';

/** Returns the proxy that a caller is, as records name it: its username, or its role's ARN as configured. */
export function proxyOf(caller: Caller, trustedProxies: readonly string[]): string | undefined {
  const trusted = trustedProxies.find((text) => isProxy(caller, text));
  return trusted !== undefined && roleOfIamArn(trusted) ? trusted : trusted && caller.username;
}

/** Returns the answer by the proxy's word: the first person of a chain of impersonations. */
export function byProxy(provider: string, impersonated: JsonObject): Attribution | undefined {
  const given = readImpersonated(impersonated);
  const person = originalOf(impersonated) ?? given;
  if (given?.name === undefined) return undefined;
  const actor = present<Actor>({ kind: 'proxied-user', name: person?.name, uid: person?.uid, provider });
  return { status: 'attributed', method: 'proxy', provisional: false, flags: [], actor };
}

/**
 * Returns what a record says about the impersonated user. The first user of a chain is included only if a trusted proxy
 * names another one.
 */
export function impersonatedOf(raw: JsonObject, { method, actor }: Attribution): OracleRecord['impersonated'] {
  const given = readImpersonated(raw);
  const original = method === 'proxy' && actor?.name !== given?.name ? actor?.name : undefined;
  const stated = originalOf(raw);
  const first = stated && present<FirstUser>({ username: stated.name, uid: stated.uid });
  return present({ username: given?.name, uid: given?.uid, first, original });
}

type FirstUser = { username: string; uid?: string };
type NamedProxy = { readonly name?: string; readonly uid?: string };

function readImpersonated(raw: JsonObject): NamedProxy {
  return present<NamedProxy>({ name: text(raw.username), uid: text(raw.uid) });
}

/** Returns the first of a chain of impersonated users. */
export function originalOf(impersonated: JsonObject): (NamedProxy & { readonly name: string }) | undefined {
  const first = userInfo(extraValue(impersonated, PINNIPED));
  const name = first?.name ?? extraValue(impersonated, `${KUBE_OIDC_PROXY}-user`);
  const uid = first?.name === undefined ? extraValue(impersonated, `${KUBE_OIDC_PROXY}-uid`) : first.uid;
  return name === undefined ? undefined : { name, ...present<NamedProxy>({ uid }) };
}

function userInfo(json: string | undefined): NamedProxy | undefined {
  try {
    return readImpersonated(object(JSON.parse(json ?? 'null')) ?? {});
  } catch {
    return undefined;
  }
}

/**
 * Returns whether the caller is the trusted proxy. A role session is compared by its role, and a caller without a uid of AWS's
 * by its username.
 */
function isProxy(caller: Caller, trusted: string): boolean {
  const role = roleOfIamArn(trusted);
  if (role) return caller.roleId !== undefined && caller.roles.some((own) => isSameRole(own, role));
  return !caller.isAws && caller.username !== undefined && usernamePattern(trusted).test(caller.username);
}

/**
 * Returns a pattern. In a service account's name, a star stands for any part of it. In other usernames it is a star.
 */
function usernamePattern(trusted: string): RegExp {
  const literal = trusted.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`^${trusted.startsWith('system:serviceaccount:') ? literal.replaceAll('\\*', '[^:]*') : literal}$`);
}
