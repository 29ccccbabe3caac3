import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { MOST_AT_ONCE } from '../../lib/concurrency.ts';
import type { JsonObject } from '../../lib/json.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import { MINUTE } from '../../lib/time.ts';
import { answerAnything } from '../../lib/usecases/query/anything/anything.ts';
import { Informant } from '../../lib/usecases/query/anything/informant.ts';
import { type ServiceQuestions, serviceSources } from '../../lib/usecases/query/anything/service-sources.ts';
import { listKnown } from '../../lib/usecases/query/known-query.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { whoisOfCaller } from '../../lib/usecases/query/whois.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY, KEY, OTHER_ACCOUNT, utc } from '../builders/company.ts';
import { keyId } from '../builders/ids.ts';
import { accountOnly, iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from './service.ts';

const ACCOUNT = 'system:serviceaccount:shop:web';

let made = 0;

/** Alice's, in this namespace: refused, as it is in one that does not exist. */
function eventIn(namespace: string, more = {}) {
  made += 1;
  return eventBy(roleUser({ key: KEY }), {
    auditID: `event-${made}`,
    requestReceivedTimestamp: utc('12:10:01'),
    objectRef: { resource: 'pods', namespace, name: 'web-0', apiVersion: 'v1' },
    responseStatus: { code: 403 },
    ...more,
  });
}
const numbered = (name: string, count: number) => Array.from({ length: count }, (_, at) => `${name}-${at}`);
const invented = (count: number) => numbered('a-invented', count).map((namespace) => eventIn(namespace));
const proven = (count: number) =>
  numbered('team', count).map((namespace) => eventIn(namespace, { responseStatus: { code: 200 } }));
const as = { impersonatedUser: { username: ACCOUNT } };
const inShop = () => eventIn('shop', { ...as, responseStatus: { code: 200 } });

interface Limits {
  /** Questions of records that may be asked, before as much was asked as one question may ask. */
  readonly questions?: number;
  readonly grants?: readonly JsonObject[];
  /** Events that clusters of another account logged, and how many clusters. */
  readonly elsewhere?: readonly JsonObject[];
  readonly clusters?: number;
}

/** By somebody of another account. Each of their sessions is another principal. */
function tokenRequestBy(session: string, at: number) {
  const key = keyId(`ASIAELSEWHERE${String(at).padStart(7, '0')}`);
  const by = accountOnly('444455556666', `AROAELSEWHERE00000001:${session}`);
  const event = eventBy(roleUser({ key, session }), {
    auditID: session,
    verb: 'create',
    requestReceivedTimestamp: utc('12:10:02'),
    objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: 'web', apiVersion: 'v1' },
    responseStatus: { code: 201 },
  });
  return { event, assumed: grant({ id: session, by, key, session }) };
}

async function whoElse(
  events: readonly ReturnType<typeof eventIn>[],
  { questions = 1_000, grants = [], elsewhere = [], clusters = 1 }: Limits = {},
) {
  const clock = new SetClock(utc('12:11:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const running = new Service(stores, clock);
  await running.grants([grant({ id: 'alice', by: iamUser('alice') }), ...grants]);
  for (let at = 0; at < events.length; at += 500) await running.ingest(events.slice(at, at + 500));
  for (const [cluster, events] of Map.groupBy(elsewhere, (event) => elsewhere.indexOf(event) % clusters)) {
    const logEvents = events.map((event, at) => ({ id: String(at), message: JSON.stringify(event) }));
    const from = { logGroup: `/aws/eks/a-own-${cluster}/cluster`, logStream: 'kube-apiserver-audit-1' };
    const payload = { messageType: 'DATA_MESSAGE', owner: OTHER_ACCOUNT, ...from, logEvents };
    await running.ingestPayload(payload, `elsewhere-${cluster}`);
  }
  const deciding = { clock: clock.now, settings: DEFAULT_SETTINGS, deadline: 30 * MINUTE, lookups: undefined };
  let requestCount = 0;
  const service: ServiceQuestions = {
    clock: clock.now,
    records: (request) => {
      requestCount += 1;
      return queryRecords(request, stores);
    },
    known: ({ kind, prefix, limit, cursor }) => listKnown(kind, prefix, { limit, position: cursor }, stores),
    whois: ({ at, lookback, ...question }) =>
      whoisOfCaller({ by: 'caller', question, at, lookback }, { ...stores, ...deciding }),
    get isSpent() {
      return requestCount >= questions;
    },
  };
  const recognized = recognize(ACCOUNT);
  if (recognized.outcome !== 'subjects') throw new Error('nothing recognized');
  const { found } = await answerAnything(recognized, new Informant(serviceSources(service)));
  expect(requestCount).toBeLessThan(questions + MOST_AT_ONCE);
  return found[0]?.outcome;
}

describe('the search for others who used a username', () => {
  it.each([0, 101, 250])('finds them however many namespaces somebody invents: %i', async (count) => {
    expect(await whoElse([...invented(count), inShop()])).toMatchObject({
      kind: 'sessions',
      sessions: [{ attribution: { actor: { name: 'alice' } } }],
    });
  });

  it('starts with namespaces that are proven to exist, whatever comes first in the alphabet', async () => {
    const outcome = await whoElse([...invented(250), inShop()], { questions: 3 });
    expect(outcome).toMatchObject({ sessions: [{ attribution: { actor: { name: 'alice' } } }] });
    expect(outcome).toHaveProperty('note', expect.stringContaining('250 namespaces that no record proves to exist'));
  });

  it('covers more existing namespaces than one question can name', async () => {
    const outcome = await whoElse([...invented(150), ...proven(130), inShop()]);
    expect(outcome).toMatchObject({ sessions: [{ attribution: { actor: { name: 'alice' } } }] });
    expect(JSON.stringify(outcome)).not.toContain('Not searched');
  });

  it('finds them in a namespace that no record proves to exist', async () => {
    const outcome = await whoElse([...invented(150), ...proven(3), eventIn('b-invented', as)]);
    expect(outcome).toMatchObject({ sessions: [{ attribution: { actor: { name: 'alice' } } }] });
  });

  it('answers if many callers requested its tokens, and says for how many their use was not searched for', async () => {
    const requests = numbered('from-elsewhere', 200).map((session, at) => tokenRequestBy(session, at));
    const outcome = await whoElse([...requests.map(({ event }) => event), inShop()], {
      questions: 20,
      grants: requests.map(({ assumed }) => assumed),
    });
    expect(outcome).toMatchObject({ kind: 'sessions', sessions: expect.any(Array) });
    expect(outcome).toHaveProperty('note', expect.stringMatching(/\d+ of the callers who requested tokens/));
  });

  it.each([1, 130])(
    'searches each account in turn, however many namespaces somebody has in their own clusters: %i',
    async (clusters) => {
      const user = roleUser({ key: ANOTHER_KEY, session: 'mallory' });
      const more = { user, responseStatus: { code: 200 } };
      const elsewhere = numbered('a-team', 500).map((namespace) => eventIn(namespace, more));
      const outcome = await whoElse([inShop()], { questions: 4, elsewhere, clusters });
      expect(outcome).toMatchObject({ sessions: [{ attribution: { actor: { name: 'alice' } } }] });
    },
  );

  it('says how many namespaces were not searched', async () => {
    const outcome = await whoElse([...proven(160), inShop()], { questions: 3 });
    expect(outcome).toHaveProperty('note', expect.stringMatching(/Not searched .* \d+ of 161 namespaces/));
  });
});
