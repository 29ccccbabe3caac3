import { UID_PREFIXES } from '../../lib/identity/uid.ts';
import type { Draft } from './calls.ts';
import { BASE, MINUTE, SECOND } from './clock.ts';
import type { Draw } from './draw.ts';
import type { Session } from './identities.ts';
import {
  ACCOUNTS,
  canonicalArn,
  federatedArn,
  inChina,
  type Json,
  KEYS,
  LOOKALIKE_ISSUER,
  NAMES,
  PLACEHOLDER_KEYS,
  ROLES,
  STRANGER_ID,
  sessionArn,
  TOKEN_ISSUER,
  UNLISTED_KEYS,
  USERS,
  userArn,
  WEB_PROVIDERS,
} from './pools.ts';

/** The caller of an audit event: its `user` block, and the validity around whose ends its time is drawn. */
export type Call = { readonly user: Json; readonly at?: number; readonly expires?: number };

type ClaimedSession = Pick<Session, 'role' | 'name' | 'key'>;

/** Returns an audit event of one of the draft's sessions, or of an invented caller. */
export function auditEvent(draft: Draft, templates: readonly string[], index: number): Json {
  const { draw } = draft;
  return eventOf(draw, draw.chance(0.72) ? sessionCall(draft, templates) : otherCall(draft), index);
}

export function eventOf(draw: Draw, { user, at, expires }: Call, index: number): Json {
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: draw.chance(0.9) ? `audit-${index}` : 'audit-0',
    stage: draw.pick(['ResponseComplete', 'ResponseComplete', 'ResponseStarted']),
    verb: draw.pick(['list', 'delete']),
    requestURI: draw.pick(['/api/v1/pods', '/api/v1/secrets']),
    user,
    sourceIPs: ['198.51.100.7'],
    ...(String(user.username).startsWith('system:node:') ? NODE_CLIENTS[index % NODE_CLIENTS.length] : {}),
    ...(user.username === 'system:anonymous' ? anonymousRequest(draw) : {}),
    ...impersonation(draw),
    ...receivedAt(draw, at ?? BASE, expires ?? BASE + 60 * MINUTE),
  };
}

const NODE_CLIENTS: readonly Json[] = [
  {},
  ...['kubelet/v1.33.1', 'kubelets', 'curl/8.5.0'].map((userAgent) => ({ userAgent })),
];

function receivedAt(draw: Draw, at: number, expires: number): Json {
  if (draw.chance(0.04))
    return draw.pick([{}, { requestReceivedTimestamp: 'yesterday' }, { requestReceivedTimestamp: 7 }]);
  const before = [at - MINUTE, at - MINUTE - 1, at - 30 * SECOND];
  const last = expires + 10 * MINUTE;
  const after = [expires, last, last + 204, last + SECOND - 1, last + SECOND];
  const inside = [at, at + SECOND, at + 5 * MINUTE];
  const time = draw.pick([...inside, ...inside, ...before, ...after]);
  const written = new Date(time).toISOString().replace('Z', `${draw.pick(['000', '000', '518', '999'])}Z`);
  return { requestReceivedTimestamp: draw.chance(0.9) ? written : written.replace('T', ' ').replace('Z', '') };
}

/** Returns a request without credentials, and its response. */
function anonymousRequest(draw: Draw): Json {
  const decision = draw.pick(['allow', 'forbid']);
  const paths = [
    '/healthz',
    '/readyz?verbose',
    '/livez/ping',
    '/version',
    '/api',
    '/apis/apps/v1',
    '/openapi/v3/apis/apps/v1',
  ];
  return {
    verb: draw.pick(['get', 'get', 'list', 'post']),
    requestURI: draw.pick([
      ...paths,
      '/api/v1/secrets',
      '/',
      '/apis/apps/v1/deployments',
      '/openid/v1/jwks',
      '/metrics',
    ]),
    ...(draw.chance(0.2) && { objectRef: { resource: 'secrets' } }),
    ...(draw.chance(0.8) && { responseStatus: { code: draw.pick([101, 200, 200, 302, 403, 404, 500]) } }),
    annotations: { 'authorization.k8s.io/decision': decision },
  };
}

function impersonation(draw: Draw): Json {
  if (!draw.chance(0.1)) return {};
  const username = draw.pick(['bob', 'system:admin', 'system:serviceaccount:shop:cart']);
  const extra = { accesskeyid: [KEYS[0]], sessionname: [NAMES[1]], ...(draw.chance(0.2) ? originalUser(draw) : {}) };
  const uid = draw.chance(0.3) ? { uid: 'u-7' } : {};
  return { impersonatedUser: { username, groups: ['system:masters'], ...uid, extra } };
}

/** Returns the first user of a chain of impersonations, as Pinniped and kube-oidc-proxy keep them. */
export function originalUser(draw: Draw): Json {
  const username = draw.pick(['dora@example.com', 'bob']);
  const uid = draw.chance(0.6) ? 'dora-1' : undefined;
  const info = draw.chance(0.85)
    ? JSON.stringify({ username, uid, groups: ['staff'] })
    : draw.pick(['{', '{"uid":"dora-1"}']);
  if (draw.chance(0.5)) return { 'original-user-info.impersonation-proxy.concierge.pinniped.dev': [info] };
  return {
    'originaluser.jetstack.io-user': [username],
    ...(uid === undefined ? {} : { 'originaluser.jetstack.io-uid': [uid] }),
  };
}

export function sessionCall(draft: Draft, templates: readonly string[]): Call {
  const { draw } = draft;
  const session = draft.sessions.length > 0 && draw.chance(0.94) ? oneOf(draft) : strayedSession(draw);
  const name = draw.chance(0.88) ? session.name : draw.pick(NAMES);
  const role = draw.chance(0.94) ? session.role : draw.pick(ROLES);
  const claimed = { ...session, name, role };
  // Without any extra field, only the username shows the session.
  const bare = templates.length > 0 && draw.chance(0.2);
  const user = {
    uid: `${prefix(draw)}:${role.account}:${role.id}`,
    username: bare ? templateUsername(draw, claimed, templates) : roleUsername(draw, claimed, templates),
    groups: ['system:authenticated'],
    ...extraOf(draw, bare ? {} : roleExtra(draw, claimed, session.key)),
  };
  // The key may be used while another similar session is valid.
  const { at, expires } = draft.sessions.length > 0 && draw.chance(0.1) ? draw.pick(draft.sessions) : session;
  return { user, at, expires };
}

// The last hop of a long chain is one session among many, so the sessions written last are drawn more often.
function oneOf({ draw, sessions, used }: Draft): Session {
  if (used.length > 0 && draw.chance(0.3)) return draw.pick(used);
  return draw.chance(0.35) ? draw.pick(sessions.slice(-2)) : draw.pick(sessions);
}

function strayedSession(draw: Draw): Session {
  return {
    role: draw.pick(ROLES),
    name: draw.pick(NAMES),
    key: draw.pick(KEYS),
    at: BASE,
    expires: BASE + 60 * MINUTE,
  };
}

/**
 * Returns a uid prefix from the product's own list, so that the oracle is tested with each. Today's prefix is the most
 * frequent.
 */
function prefix(draw: Draw): string {
  return draw.pick([UID_PREFIXES[0], ...UID_PREFIXES]).slice(0, -1);
}

function roleUsername(draw: Draw, { role, name, key }: ClaimedSession, templates: readonly string[]): string {
  const dashed = name.replaceAll('@', '-');
  if (draw.chance(0.2)) return sessionArn(role, dashed);
  if (draw.chance(0.14)) return draw.pick([`system:node:${name}`, 'system:node:ip-10-0-0-1.ec2.internal']);
  if (draw.chance(0.07)) return draw.pick([`eks:${name}`, 'eks:addon-manager']);
  if (templates.length > 0 && draw.chance(0.45)) return templateUsername(draw, { role, name, key }, templates);
  return draw.pick([
    'admin',
    'admins',
    name,
    dashed,
    `people:${name}`,
    `${name}/ops`,
    `people:${dashed}`,
    `x${name}`,
    `${name}_2`,
    `ops:${dashed}:eu`,
    `x-${name}-y`,
    `a${name}-y`,
  ]);
}

function templateUsername(draw: Draw, { role, name, key }: ClaimedSession, templates: readonly string[]): string {
  const template = draw.pick(templates).replace(/^arn:[^=]*=/, '');
  // Sometimes somebody chooses another person's key as a name: `k-<key>` looks like the result of a template.
  const shown = template.includes('{{AccessKeyID}}') && draw.chance(0.3) ? draw.pick(KEYS) : key;
  return fillIn(template, role.account, name, shown);
}

function fillIn(template: string, account: string, name: string, key: string): string {
  return template
    .replace('{{SessionName}}', name.replaceAll('@', '-'))
    .replace('{{SessionNameRaw}}', name)
    .replace('{{AccountID}}', account)
    .replace('{{AccessKeyID}}', key);
}

function roleExtra(draw: Draw, { role, name }: Session, ownKey: string): Json {
  const key = draw.pick([
    ownKey,
    ownKey,
    ownKey,
    draw.pick(UNLISTED_KEYS),
    draw.pick(KEYS),
    draw.pick(PLACEHOLDER_KEYS),
    undefined,
    undefined,
  ]);
  const keyed = key === undefined ? {} : { accessKeyId: key };
  const arn = { arn: sessionArn(role, name), canonicalArn: canonicalArn(role) };
  const full = { ...keyed, ...arn, sessionName: name };
  return draw.pick([
    {},
    keyed,
    keyed,
    { ...keyed, ...arn },
    { ...keyed, sessionName: name },
    full,
    full,
    { ...full, principalId: role.id },
  ]);
}

/**
 * Returns `extra` as its writers fill it: mostly lists, also plain texts and keys in another case. Absent if there is
 * nothing to write.
 */
function extraOf(draw: Draw, values: Json): Json {
  const entries = Object.entries(values);
  if (entries.length === 0 && draw.chance(0.7)) return {};
  const recased = draw.chance(0.1) ? (key: string) => key.toLowerCase() : (key: string) => key;
  const bare = draw.chance(0.1);
  return { extra: Object.fromEntries(entries.map(([key, value]) => [recased(key), bare ? value : [value]])) };
}

function otherCall(draft: Draft): Call {
  const { draw } = draft;
  return draw.pick([
    iamUserCall,
    iamUserCall,
    rootCall,
    rootCall,
    federatedCall,
    federatedCall,
    clusterCall,
    clusterCall,
    webTokenCall,
    webTokenCall,
    oddCall,
  ])(draft);
}

/** Returns a call with a long-term key, or with a key from a sign-in, about which uses may show more. */
function iamUserCall({ draw, signedIn }: Draft): Call {
  const made = signedIn.length > 0 && draw.chance(0.6) ? draw.pick(signedIn) : undefined;
  const user = made?.user ?? draw.pick(USERS);
  const id = draw.chance(0.85) ? user.id : STRANGER_ID;
  const accessKeyId = made?.key ?? draw.pick(['AKIAAAAAAAAAAAAA0001', ...UNLISTED_KEYS, ...KEYS]);
  const extra = made || draw.chance(0.6) ? { arn: userArn(user), sessionName: '', accessKeyId } : {};
  return { user: { uid: `${prefix(draw)}:${user.account}:${id}`, username: 'an-iam-user', ...extraOf(draw, extra) } };
}

function rootCall(draft: Draft): Call {
  const { draw } = draft;
  const assumed = draft.roots.length > 0 && draw.chance(0.8) ? draw.pick(draft.roots) : undefined;
  const account = assumed && draw.chance(0.9) ? assumed.account : draw.pick(ACCOUNTS);
  const key = draw.chance(0.9) ? (assumed?.key ?? draw.pick(KEYS)) : undefined;
  const keyed = key === undefined ? {} : { accessKeyId: key };
  // An old authenticator writes only the key.
  const extra = draw.chance(0.4) ? keyed : { arn: `arn:aws:iam::${account}:root`, sessionName: '', ...keyed };
  const user = { uid: `${prefix(draw)}:${account}:${account}`, username: 'the-root', ...extraOf(draw, extra) };
  return assumed ? { user, at: assumed.at, expires: assumed.expires } : { user };
}

function federatedCall(draft: Draft): Call {
  const { draw } = draft;
  const made = draft.federated.length > 0 && draw.chance(0.85) ? draw.pick(draft.federated) : undefined;
  const account = made?.account ?? draw.pick(ACCOUNTS);
  const name = made && draw.chance(0.9) ? made.name : draw.pick(['alice', 'guest']);
  const key = draw.pick([made?.key, made?.key, undefined, draw.pick(KEYS)]);
  const keyed = key === undefined ? {} : { accessKeyId: key };
  const arn = federatedArn(account, name);
  const session = draw.pick([
    { ...keyed, arn, sessionName: name },
    { ...keyed, arn },
    { ...keyed, sessionName: name },
    keyed,
  ]);
  const uid = `${prefix(draw)}:${account}:${account}`;
  const user = draw.chance(0.4)
    ? { uid: `${uid}:${name}`, username: 'fed', ...extraOf(draw, keyed) }
    : { uid, username: 'fed', ...extraOf(draw, session) };
  return made ? { user, at: made.at, expires: made.expires } : { user };
}

function clusterCall({ draw }: Draft): Call {
  const eks = 'eks:fargate-manager';
  const user = draw.pick<Json>([
    { username: 'system:serviceaccount:shop:cart', uid: '5e4461f9-f529-4e66-9343-0b0cc9452284' },
    { username: 'system:serviceaccount:shop:cart' },
    { username: 'system:node:ip-10-0-0-1.ec2.internal' },
    { username: 'system:kube-scheduler' },
    { username: 'system:anonymous' },
    { username: eks },
    { username: eks, uid: `${prefix(draw)}:administrative:${eks}` },
    { username: 'carol@example.com', uid: 'oidc-carol' },
    { username: 'alice' },
    {},
  ]);
  return { user };
}

/** Returns a call with a token of AWS's own, or with another issuer's token that has the ID of one. */
function webTokenCall({ draw, webTokens }: Draft): Call {
  const made = webTokens.length > 0 && draw.chance(0.9) ? draw.pick(webTokens) : undefined;
  const arn = made?.arn ?? userArn(draw.pick(USERS));
  const stated = draw.chance(0.8) ? arn : draw.pick([userArn(draw.pick(USERS)), inChina(arn)]);
  const subject = draw.chance(0.1) ? 'carol@example.com' : stated;
  const issuer = draw.chance(0.75) ? TOKEN_ISSUER : draw.pick([LOOKALIKE_ISSUER, WEB_PROVIDERS[0]]);
  const url = issuer.replace(/^.*:oidc-provider\//, 'https://');
  const username = draw.chance(0.9) ? `${url}#${subject}` : draw.pick([subject, `${url}:${subject}`, `${url}#`]);
  const id = draw.chance(0.9)
    ? `JTI=${made?.id ?? 'token-9'}`
    : draw.pick([`X509SHA256=${made?.id}`, String(made?.id)]);
  const key = 'authentication.kubernetes.io/credential-id';
  const user = { username, groups: ['system:authenticated'], extra: { [key]: draw.pick<unknown>([[id], [id], id]) } };
  return made ? { user, at: made.at, expires: made.at + 300 * SECOND } : { user };
}

function oddCall({ draw }: Draft): Call {
  const rest = draw.pick(['', `${ACCOUNTS[0]}:`, `${ACCOUNTS[0]}:AGPAGROUP00000000001`, 'no-account']);
  return { user: { uid: `${prefix(draw)}:${rest}`, username: draw.pick(['alice', 'system:node:alice']) } };
}
