import type { Draft } from './calls.ts';
import { BASE, MINUTE } from './clock.ts';
import type { Draw } from './draw.ts';
import { auditEvent, eventOf, originalUser, sessionCall } from './events.ts';
import { ACCOUNTS, type Json, OPS, SERVICE_ACCOUNTS } from './pools.ts';

/** A cluster as an envelope states it: its name, the owner of its log group, and the account and Region that the subscription adds. */
export type StatedCluster = {
  readonly name: string;
  readonly owner?: string;
  readonly home?: readonly [account: string, region?: string];
};

/** An audit event, and the cluster that its envelope states. */
export type PlacedEvent = { readonly event: Json; readonly cluster: StatedCluster | undefined };

/** Clusters of equal names in several accounts and Regions, some without a Region or an account, and no cluster. */
export const CLUSTERS: readonly (StatedCluster | undefined)[] = [
  { name: 'prod' },
  { name: 'prod', owner: ACCOUNTS[0] },
  { name: 'prod', owner: ACCOUNTS[1] },
  { name: 'prod', owner: ACCOUNTS[0], home: [ACCOUNTS[1]] },
  { name: 'prod', home: [ACCOUNTS[0], 'us-east-1'] },
  { name: 'prod', home: [ACCOUNTS[1], 'us-east-1'] },
  { name: 'prod', home: [ACCOUNTS[0], 'eu-west-1'] },
  { name: 'dev' },
  undefined,
];
const SERVER = 'authentication.kubernetes.io';

/** Returns an event in which somebody who may be a trusted proxy acts for a person. */
export function proxyEvent(draft: Draft, templates: readonly string[], index: number): Json {
  const { draw } = draft;
  const call = draw.chance(0.3) ? proxyRole(draft, templates) : { user: proxyUser(draw) };
  const event = eventOf(draw, call, index);
  if (draw.chance(0.12)) return event;
  const username = draw.pick(['dora@example.com', 'u-4xk2p', 'bob', 'system:serviceaccount:shop:cart']);
  const uid = draw.chance(0.4) ? { uid: 'dora-1' } : {};
  const extra = draw.chance(0.45) ? { extra: originalUser(draw) } : {};
  return { ...event, impersonatedUser: { username, groups: ['staff'], ...uid, ...extra } };
}

/**
 * Returns events that issue tokens of service accounts, each with the token before, and one that uses the last token.
 */
export function tokenEvents(draft: Draft, templates: readonly string[], first: number): PlacedEvent[] {
  const { draw } = draft;
  const cluster = draw.pick(CLUSTERS);
  const hops = draw.pick([1, 1, 1, 1, 2, 2, 3, 10, 11]);
  const events: Json[] = [];
  /** Events that issued an id again: an admission policy can write one beside several tokens. */
  const others: Json[] = [];
  let user: Json | undefined;
  for (let hop = 0; hop < hops; hop += 1) {
    const account = draw.pick(SERVICE_ACCOUNTS);
    const id = `JTI=0b1c2d3e-${first}-${hop}`;
    events.push(
      issuing(
        draw,
        user ? tokenEvent(draw, user, events, first + hop) : anyEvent(draft, templates, first),
        account,
        id,
      ),
    );
    others.push(...issuedBeside(draft, templates, { events, account, id, first, hops }));
    user = accountUser(draw, account, id);
  }
  if (draw.chance(0.07)) closeLoop(draw, events);
  const uses = Array.from({ length: draw.pick([1, 1, 2]) }, (_, at) =>
    use(draw, user ?? {}, events, first + hops + at),
  );
  const elsewhere = draw.chance(0.1) ? draw.pick(CLUSTERS) : cluster;
  return [
    ...[...events, ...others].map((event) => ({ event, cluster })),
    ...uses.map((event) => ({ event, cluster: elsewhere })),
  ];
}

function anyEvent(draft: Draft, templates: readonly string[], index: number): Json {
  const { draw } = draft;
  if (draw.chance(0.12)) return eventOf(draw, { user: { username: 'system:node:ip-10-0-0-1.ec2.internal' } }, index);
  if (draw.chance(0.3)) return proxyEvent(draft, templates, index);
  return auditEvent(draft, templates, index);
}

/**
 * Returns an event that issues a token. Impersonation by the cluster's own callers is left out: no rule says whether
 * their token is a person's.
 */
function issuing(draw: Draw, event: Json, account: string, id: string): Json {
  const [namespace, name] = account.split(':');
  const key = `${draw.chance(0.85) ? SERVER : 'authentication.k8s.io'}/issued-credential-id`;
  const user = event.user as Json;
  const speaks = typeof user.uid === 'string' && !/^(system|eks):/.test(String(user.username));
  const { impersonatedUser, ...rest } = event;
  return {
    ...rest,
    ...(speaks && impersonatedUser ? { impersonatedUser } : {}),
    auditID: `issuing-${id}`,
    verb: 'create',
    requestURI: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace, name, apiVersion: 'v1' },
    annotations: { 'authorization.k8s.io/decision': 'allow', [key]: id },
  };
}

type Issuing = {
  readonly events: readonly Json[];
  readonly account: string;
  readonly id: string;
  readonly first: number;
  readonly hops: number;
};

/** Returns events that state to have issued the last event's token too: at other times, or at once with it. */
function issuedBeside(
  draft: Draft,
  templates: readonly string[],
  { events, account, id, first, hops }: Issuing,
): Json[] {
  const { draw } = draft;
  const isAgain = draw.chance(0.15);
  const again = isAgain ? [issuedAgain(draw, anyEvent(draft, templates, first), account, id)] : [];
  // Long series are rare, and with copies they are hardly ever complete.
  const isAtOnce = draw.chance(hops < 4 ? 0.2 : 0.02);
  const atOnce = isAtOnce ? [issuedAtOnce(draw, events.at(-1) ?? {}, otherEvent(draft, templates, events))] : [];
  return [...again, ...atOnce];
}

/** Returns another event that issued the same id. */
function issuedAgain(draw: Draw, event: Json, account: string, id: string): Json {
  return { ...issuing(draw, event, account, id), auditID: `again-${id}` };
}

/** Returns a copy of an issuing event, or another event of its time, that states another caller, or less of the same. */
function issuedAtOnce(draw: Draw, event: Json, { user, impersonatedUser }: Json): Json {
  const { user: own, impersonatedUser: _impersonated, ...rest } = event;
  const { extra: _extra, ...lean } = own as Json;
  const auditID = draw.chance(0.85) ? event.auditID : `at-once-${event.auditID}`;
  const stated = draw.chance(0.85) ? { user, ...(impersonatedUser ? { impersonatedUser } : {}) } : { user: lean };
  return { ...rest, ...stated, auditID };
}

/** Returns an event whose caller can have had a token issued too: anybody, or an event before that issued one. */
function otherEvent(draft: Draft, templates: readonly string[], before: readonly Json[]): Json {
  const { draw } = draft;
  if (draw.chance(0.3)) return draw.pick(before);
  const event = anyEvent(draft, templates, 0);
  // The reason is the same as above: no rule says who has a token that the cluster's own callers requested while they impersonated somebody.
  const { uid, username } = event.user as Json;
  const speaks = typeof uid === 'string' && !/^(system|eks):/.test(String(username));
  return speaks ? event : { ...event, impersonatedUser: undefined };
}

/** Returns the use of a token: mostly by its own service account, mostly with its own ID. */
function use(draw: Draw, user: Json, events: readonly Json[], index: number): Json {
  const other = { ...user, username: 'system:serviceaccount:shop:other' };
  const unknown = accountUser(draw, draw.pick(SERVICE_ACCOUNTS), draw.pick(['JTI=unknown', 'X509SHA256=0a1b2c']));
  return tokenEvent(draw, draw.pick([user, user, user, user, user, user, other, unknown]), events, index);
}

function tokenEvent(draw: Draw, user: Json, events: readonly Json[], index: number): Json {
  const before = Date.parse(String(events.at(-1)?.requestReceivedTimestamp).replace(' ', 'T').replace(/Z?$/, 'Z'));
  const earlier = draw.pick([-1, -MINUTE, -MINUTE - 1]);
  const after = draw.pick([0, 1, 1, MINUTE, MINUTE, 90 * MINUTE, draw.chance(0.3) ? earlier : 5]);
  const at = Number.isNaN(before) ? BASE : before + after;
  const event = eventOf(draw, { user }, index);
  const stamp = new Date(at).toISOString().replace('Z', `${draw.pick(['000', '000', '518'])}Z`);
  return draw.chance(0.03) ? event : { ...event, requestReceivedTimestamp: stamp };
}

/** Makes the last token issue the first, at the same time. */
function closeLoop(draw: Draw, events: Json[]): void {
  const first = events[0];
  const last = events.at(-1);
  const ref = last?.objectRef as { namespace?: string; name?: string } | undefined;
  if (!first || !last || !ref) return;
  first.user = accountUser(draw, `${ref.namespace}:${ref.name}`, String(last.auditID).replace('issuing-', ''));
  const stamp = new Date(BASE).toISOString();
  for (const event of events) event.requestReceivedTimestamp = stamp;
}

function accountUser(draw: Draw, account: string, id: string): Json {
  const pod = { [`${SERVER}/pod-name`]: ['cart-0'], [`${SERVER}/pod-uid`]: ['0b1c2d3e-9999'] };
  const node = draw.chance(0.7) ? { [`${SERVER}/node-name`]: ['ip-10-0-0-1.ec2.internal'] } : {};
  return {
    username: `system:serviceaccount:${account}`,
    uid: '5e4461f9-f529-4e66-9343-0b0cc9452284',
    groups: ['system:serviceaccounts'],
    extra: { [`${SERVER}/credential-id`]: [id], ...(draw.chance(0.5) ? { ...pod, ...node } : {}) },
  };
}

function proxyUser(draw: Draw): Json {
  const names = ['teleport:proxy', 'cattle-impersonation-system:cattle-impersonation-u-4xk2p', 'shop:cart'];
  const accounts = names.map((name) => ({ username: `system:serviceaccount:${name}` }));
  // A name with more parts is no service account's of that pattern; one of AWS's users is no proxy by its name.
  const odd = { username: 'system:serviceaccount:cattle-impersonation-system:cattle-impersonation-a:b' };
  const aws = { username: 'tailscale-proxy', uid: `aws-iam-authenticator:${OPS.account}:${OPS.id}` };
  return draw.pick<Json>([...accounts, ...accounts, { username: 'tailscale-proxy', uid: 'ts-1' }, odd, aws]);
}

function proxyRole(draft: Draft, templates: readonly string[]): { user: Json; at?: number; expires?: number } {
  const call = sessionCall(draft, templates);
  return draft.draw.chance(0.5)
    ? call
    : { ...call, user: { ...call.user, uid: `aws-iam-authenticator:${OPS.account}:${OPS.id}` } };
}
