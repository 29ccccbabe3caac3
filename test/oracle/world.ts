import { withAction, withOtherBodies } from './actions.ts';
import type { Draft } from './calls.ts';
import { BASE, MINUTE, SECOND } from './clock.ts';
import { type Draw, drawFrom } from './draw.ts';
import { auditEvent, originalUser } from './events.ts';
import { object } from './json.ts';
import { CLUSTERS, type PlacedEvent, proxyEvent, tokenEvents } from './kubernetes.ts';
import {
  ACCOUNTS,
  canonicalArn,
  type Json,
  KEYS,
  NAMES,
  OWN_STORES,
  PROXIES,
  ROLES,
  SOURCE_IDENTITIES,
  sessionArn,
  TEMPLATES,
} from './pools.ts';
import { STORIES } from './stories.ts';
import type { Silence, World } from './types.ts';

const MOST_RECORDS = 30;
const FEWEST_EVENTS = 3;
const MOST_EVENTS = 12;

/**
 * Returns a small world with many similar names and times, the same for the same seed: audit events and CloudTrail
 * records.
 */
export function generateWorld(seed: number): World {
  const draw = drawFrom(seed);
  const usernameTemplates = draw.shuffle(TEMPLATES).slice(0, draw.pick([0, 0, 1, 2, 3]));
  const trustedProxies = draw.shuffle(PROXIES).slice(0, draw.pick([0, 1, 2, 3]));
  const draft = writeStories(draw);
  const records = draft.records.slice(0, MOST_RECORDS - 3);
  const events = writeEvents(draft, usernameTemplates, drawFrom(seed + 1e9));
  return {
    audit: draw.shuffle([...events, ...repeatedEvents(draw, events)]),
    cloudtrail: draw.shuffle([...records, ...repeatedRecords(draw, records)]).map((record) => inEnvelope(draw, record)),
    usernameTemplates,
    trustedProxies,
    identityStores: draw.pick(OWN_STORES),
  };
}

/** Returns the silences that a deployed service noted in the world. Files know none. */
export function generateSilences(seed: number): readonly Silence[] {
  const draw = drawFrom(seed + 2e9);
  return Array.from({ length: draw.pick([0, 0, 1, 1, 2]) }, () => {
    const from = BASE + draw.pick([-48 * 60, -13 * 60, -60, 0, 1, 30, 24 * 60]) * MINUTE + draw.pick([0, 1, SECOND]);
    const length = draw.pick([0, 30, 60, 600]) * MINUTE;
    const place = { accountId: draw.pick(ACCOUNTS), region: draw.pick(['us-east-1', 'eu-west-1']) };
    return { ...place, from, ...(draw.chance(0.8) && { to: from + length }) };
  });
}

function writeStories(draw: Draw): Draft {
  const sourceIdentity = draw.pick(SOURCE_IDENTITIES);
  const written = { records: [], sessions: [], used: [], federated: [], signedIn: [], webTokens: [], roots: [] };
  const draft: Draft = { draw, ...written, sourceIdentity };
  const count = draw.pick([0, 3, 5, 7, 8, 9, 10, 11, 12]);
  for (let story = 0; story < count; story += 1) draw.pick(STORIES)(draft);
  return draft;
}

/** @param actions draws what the requests did. */
function writeEvents(draft: Draft, templates: readonly string[], actions: Draw): unknown[] {
  const { draw } = draft;
  const count = FEWEST_EVENTS + draw.below(MOST_EVENTS - FEWEST_EVENTS - 1);
  const clustered = draw.chance(0.3);
  const single = Array.from({ length: count }, (_, index): PlacedEvent => {
    const write = draw.chance(0.1) ? proxyEvent : auditEvent;
    return { event: write(draft, templates, index), cluster: clustered ? draw.pick(CLUSTERS) : undefined };
  });
  const tokens = draw.chance(0.35) ? tokenEvents(draft, templates, count) : [];
  const all = [...single, ...tokens].map(({ event, cluster }) => ({ event: withAction(actions, event), cluster }));
  const copies = draw.chance(0.25)
    ? Array.from({ length: draw.pick([1, 1, 2, 3]) }, () => copyOf(draw, actions, all))
    : [];
  return [...all, ...copies].map((placed) => inLogGroup(draw, placed));
}

const DECISION = 'authorization.k8s.io/decision';

/** Returns a copy of some event, changed as an export or a forger would: other values, or fields that are missing. */
function copyOf(draw: Draw, actions: Draw, all: readonly PlacedEvent[]): PlacedEvent {
  const { event, cluster } = draw.pick(all);
  const {
    user: { extra: _extra, uid: _uid, ...user } = {},
    impersonatedUser: _user,
    ...rest
  } = event as {
    user?: Json;
    impersonatedUser?: Json;
  };
  const other = draw.pick(all).event as Json;
  const copied = draw.pick<Json>([
    { ...event, user: other.user },
    { ...event, user: other.user },
    { ...event, user: { ...(event.user as Json), extra: (other.user as Json | undefined)?.extra } },
    { ...event, verb: 'get' },
    { ...event, requestURI: '/api/v1/nodes' },
    { ...event, objectRef: { resource: draw.pick(['secrets', 'nodes']), name: draw.pick(['web-0', 'web-1']) } },
    { ...event, responseStatus: { code: draw.pick([200, 403]) } },
    { ...event, impersonatedUser: { username: draw.pick(['bob', 'carol']), groups: ['staff'] } },
    { ...event, annotations: { ...object(event.annotations), [DECISION]: draw.pick(['allow', 'forbid']) } },
    { ...event, user: { ...user, uid: (event.user as Json | undefined)?.uid } },
    { ...rest, user },
    { ...rest, user: event.user },
    ...otherStatements(draw).map((extra) => ({ ...event, user: withExtra(event.user, extra) })),
    { ...event, impersonatedUser: withExtra(event.impersonatedUser ?? { username: 'bob' }, originalUser(draw)) },
    { auditID: event.auditID, stage: event.stage, requestReceivedTimestamp: event.requestReceivedTimestamp, user: {} },
  ]);
  return { event: withOtherBodies(actions, copied), cluster: draw.chance(0.9) ? cluster : draw.pick(CLUSTERS) };
}

/** Returns single fields of a caller's `extra` that a copy can state differently. */
function otherStatements(draw: Draw): Json[] {
  const [role, name] = [draw.pick(ROLES), draw.pick(NAMES)];
  return [
    { sessionName: [name] },
    { arn: [sessionArn(role, name)] },
    { canonicalArn: [canonicalArn(role)] },
    { accessKeyId: [draw.pick(KEYS)] },
    { 'authentication.kubernetes.io/pod-name': [draw.pick(['cart-0', 'cart-1'])] },
  ];
}

/** Returns the user with these fields in `extra`, instead of those of the same name in any case. */
function withExtra(user: unknown, fields: Json): Json {
  const names = Object.keys(fields).map((name) => name.toLowerCase());
  const others = Object.entries(object(object(user)?.extra) ?? {}).filter(
    ([name]) => !names.includes(name.toLowerCase()),
  );
  return { ...object(user), extra: { ...Object.fromEntries(others), ...fields } };
}

/**
 * Returns the events with some delivered twice, with a harmless request that reuses an ID, and with values that are no
 * audit events.
 */
function repeatedEvents(draw: Draw, events: readonly unknown[]): unknown[] {
  const again = draw.chance(0.3) ? [structuredClone(draw.pick(events))] : [];
  const odd = draw.chance(0.1)
    ? [draw.pick<unknown>([{ auditID: 7, user: {} }, { auditID: 'a', user: 'bob' }, 'text', null])]
    : [];
  return [...again, ...odd];
}

/** Returns the event in its log group's envelope. Other groups and streams have no audit events, whatever they say. */
function inLogGroup(draw: Draw, { event, cluster }: PlacedEvent): unknown {
  const { owner } = cluster ?? {};
  const group = { logGroup: `/aws/eks/${cluster?.name}/cluster`, logStream: 'kube-apiserver-audit-0123abcd' };
  const genuine = { owner, ...group };
  const [account, region] = cluster?.home ?? [];
  const stated = account === undefined ? {} : { extractedFields: { '@aws.account': account, '@aws.region': region } };
  if (cluster !== undefined && draw.chance(0.95)) return logEnvelope(genuine, event, stated);
  if (cluster === undefined && draw.chance(0.98)) return event;
  return logEnvelope(
    draw.pick([
      { ...genuine, logStream: 'authenticator-0123abcd' },
      { ...genuine, logGroup: '/aws/containerinsights/prod/application' },
      { ...genuine, logGroup: '/aws/lambda/web' },
    ]),
    event,
  );
}

function logEnvelope(
  origin: { owner?: string | undefined; logGroup: string; logStream: string },
  content: Json,
  stated: Json = {},
): Json {
  const logEvents = [{ id: '0', timestamp: 0, message: JSON.stringify(content), ...stated }];
  return { messageType: 'DATA_MESSAGE', ...origin, subscriptionFilters: ['all'], logEvents };
}

/** Returns the records with some delivered again, in another file. */
function repeatedRecords(draw: Draw, records: readonly Json[]): Json[] {
  return draw.shuffle(records).slice(0, draw.pick([0, 0, 1, 3]));
}

function inEnvelope(draw: Draw, detail: Json): unknown {
  if (!draw.chance(0.15)) return detail;
  if (draw.chance(0.25)) return inTrailGroup(draw, detail);
  const service = String(detail.eventSource).split('.')[0];
  const genuine = { 'detail-type': 'AWS API Call via CloudTrail', source: `aws.${service}`, detail };
  if (draw.chance(0.7)) return genuine;
  return draw.pick<unknown>([
    { ...genuine, source: 'com.example.app' },
    { ...genuine, source: 'awssts' },
    { ...genuine, source: 'aws.signin' },
    { ...genuine, 'detail-type': 'Deployment' },
    { detail },
  ]);
}

/**
 * Returns the record in a log group: a trail's own, or one that does not count, because an application or a stream of
 * another name wrote it.
 */
function inTrailGroup(draw: Draw, detail: Json): unknown {
  const genuine = { logGroup: 'trail', logStream: `${ACCOUNTS[0]}_CloudTrail_us-east-1` };
  const organisation = { ...genuine, logStream: `o-1a2b3c_${ACCOUNTS[1]}_CloudTrail_eu-central-1_3` };
  if (draw.chance(0.6)) return logEnvelope(draw.pick([genuine, organisation]), detail);
  return logEnvelope(
    draw.pick([
      { ...genuine, logStream: 'app-7f9c' },
      { ...genuine, logGroup: '/aws/lambda/web' },
      { ...genuine, logGroup: '/aws/containerinsights/prod/application' },
    ]),
    detail,
  );
}
