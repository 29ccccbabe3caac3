/** DNS-1123, as most objects are named. */
const NAME = '[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?';
/** What kubectl says that it did. */
const DONE = '(?: (?:force )?[a-z-]{1,20})?(?: from [a-z0-9-]{1,63} namespace)?';
const SLASHED = new RegExp(`^([a-z][a-z0-9.-]{0,252})/(${NAME})${DONE}$`);
const QUOTED = new RegExp(`^([a-z][a-z0-9.]{0,252}) "(${NAME})"${DONE}$`);
/** What stands so in ARNs is AWS's. */
const OF_AWS = new Set(['assumed-role', 'federated-user', 'role', 'user']);

/** The name of an object of Kubernetes as kubectl writes it: `pod/web-0`, `shop/web-0`, `deployment.apps/web scaled`, `pod "web-0" deleted`. */
export function objectNameIn(text: string): string | undefined {
  const [, before, name] = SLASHED.exec(text) ?? QUOTED.exec(text) ?? [];
  return before === undefined || OF_AWS.has(before) ? undefined : name;
}
