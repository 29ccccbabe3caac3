import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { asRequests } from '../../lib/recognize/recognition.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { cases } from '../builders/chance.ts';
import { OTHER_ACCOUNT } from '../builders/company.ts';
import { keyId } from '../builders/ids.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { ARN, AROUND, BOBS, GRANTS, MALLORYS, SESSION, STRANGERS, timeOf } from './pasted-texts.ts';
import { namedIn, overFiles, overService, type PastedWorld } from './pasted-world.ts';

beforeEach(() => void vi.spyOn(process.stderr, 'write').mockReturnValue(true)); // how many grants were read
afterEach(() => void vi.restoreAllMocks());

/** A request about a pod, an hour after another one. */
interface Deed {
  readonly key: string;
  readonly verb: string;
  readonly pod: string;
  readonly namespace: string;
  readonly code: number;
  readonly subresource?: string | undefined;
  readonly query?: string | undefined;
}

const DEED: Deed = { key: BOBS, verb: 'delete', pod: 'api-0', namespace: 'shop', code: 200 };

function pathOf({ namespace, pod, subresource }: Deed): string {
  return `/api/v1/namespaces/${namespace}/pods/${pod}${subresource === undefined ? '' : `/${subresource}`}`;
}

function worldOf(deeds: readonly Deed[]): PastedWorld {
  const events = deeds.map((deed, at) => {
    const { key, verb, pod, namespace, code, subresource, query } = deed;
    return eventBy(roleUser({ session: SESSION, key, username: ARN }), {
      auditID: `deed-${at}`,
      verb,
      requestURI: `${pathOf(deed)}${query === undefined ? '' : `?${query}`}`,
      objectRef: { resource: 'pods', namespace, name: pod, apiVersion: 'v1', ...(subresource && { subresource }) },
      responseStatus: { metadata: {}, code },
      requestReceivedTimestamp: timeOf(at * 60_000),
    });
  });
  return { grants: GRANTS, events: [...AROUND, ...events] };
}

const PLACES = { files: overFiles, service: overService } as const;

/** Texts that people paste about a pod. They state no caller. */
const TEXTS: Readonly<Record<string, (deed: Deed) => string>> = {
  NotFound: ({ pod }) => `Error from server (NotFound): pods "${pod}" not found`,
  AlreadyExists: ({ pod }) => `Error from server (AlreadyExists): pods "${pod}" already exists`,
  Status: ({ pod }) => JSON.stringify({ kind: 'Status', message: `pods "${pod}" not found`, code: 404 }),
  'pod NAME': ({ pod }) => `pod ${pod}`,
  'NAMESPACE/NAME': ({ namespace, pod }) => `${namespace}/${pod}`,
  path: pathOf,
  URL: (deed) => `https://10.0.0.1${pathOf(deed)}/?timeout=32s`,
};

const answerTo = (text: string) => {
  const found = asRequests(recognize(text));
  if (found.outcome !== 'subjects') throw new Error(text);
  return found;
};

describe.each(['files', 'service'] as const)('a text about a pod without a caller, over %s', (place) => {
  it.each(Object.entries(TEXTS))('lists who did anything to it, deleted or not: %s', async (name, textOf) => {
    const deeds: Deed[] = [
      { ...DEED, key: STRANGERS, verb: 'get' },
      DEED,
      { ...DEED, key: MALLORYS, pod: 'api-1' },
      { ...DEED, key: MALLORYS, verb: 'get', subresource: 'log' },
    ];
    const answer = await PLACES[place](worldOf(deeds), textOf(DEED));
    const [outcome] = answer.found.map((each) => each.outcome);
    const byPath = name === 'path' || name === 'URL';
    expect(outcome).toMatchObject({
      kind: 'sessions',
      sessions: [...(byPath ? [] : [{ accessKeyId: MALLORYS }]), { accessKeyId: BOBS }, { accessKeyId: STRANGERS }],
      inLog: { result: 'similar', requests: byPath ? 2 : 3 },
    });
    expect(namedIn(answer)).toEqual([]);
  });

  it('lists who changed it, and no reads, for a conflict', async () => {
    const writes: Deed[] = [
      { ...DEED, verb: 'patch' },
      { ...DEED, verb: 'update', subresource: 'status' },
      { ...DEED, verb: 'delete' },
    ];
    const others: Deed[] = [
      { ...DEED, key: STRANGERS, verb: 'get' },
      { ...DEED, key: STRANGERS, verb: 'create', subresource: 'exec' },
      { ...DEED, key: STRANGERS, verb: 'patch', pod: 'api-1' },
    ];
    const line = `Error from server (Conflict): Operation cannot be fulfilled on pods "${DEED.pod}": the object has been modified`;
    const answer = await PLACES[place](worldOf([...writes, ...others]), line);
    expect(answer.found[0]?.outcome).toMatchObject({
      sessions: [{ accessKeyId: BOBS }],
      inLog: { result: 'similar', requests: 3 },
      note: expect.stringContaining('the last 24 hours of the data'),
    });
    expect(namedIn(answer)).toEqual([]);
  });

  it.each([
    ['limit=500&watch=true', ['watch=true&resourceVersion=7', 'watch=true'], ['watch=1', undefined]],
    ['labelSelector=a%3Db', ['limit=1&labelSelector=a%3Db', 'labelSelector=a=b'], ['labelSelector=a%3Dc', undefined]],
    ['limit=500', [undefined, 'continue=x&limit=7'], ['labelSelector=a']],
  ])('a path with a query matches what asks the same: %s', async (query, same, others) => {
    const deeds = [...same, ...others].map((each): Deed => ({ ...DEED, verb: 'get', query: each }));
    const { found } = await PLACES[place](worldOf(deeds), `GET ${pathOf(DEED)}?${query}`);
    expect(found[0]?.outcome).toMatchObject({ inLog: { requests: same.length, agrees: ['verb', 'uri'] } });
  });
});

describe.each(['files', 'service'] as const)('the ID of a token, over %s', (place) => {
  const [TOKEN, OTHER] = ['JTI=4c1f5b1e-0000-4000-8000-000000000001', 'JTI=4c1f5b1e-0000-4000-8000-000000000002'];
  const account = 'system:serviceaccount:shop:deployer';
  const at = (minutes: number) => ({ requestReceivedTimestamp: timeOf(minutes * 60_000) });
  const issued = eventBy(roleUser({ session: SESSION, key: MALLORYS, username: ARN }), {
    auditID: 'issued',
    verb: 'create',
    objectRef: {
      resource: 'serviceaccounts',
      subresource: 'token',
      namespace: 'shop',
      name: 'deployer',
      apiVersion: 'v1',
    },
    annotations: { 'authentication.kubernetes.io/issued-credential-id': TOKEN },
    ...at(1),
  });
  const uses = [TOKEN, OTHER, TOKEN].map((token, number) =>
    eventBy(
      { username: account, extra: { 'authentication.kubernetes.io/credential-id': [token] } },
      { auditID: `use-${number}`, ...at(2 + number) },
    ),
  );
  const world = { grants: GRANTS, events: [...AROUND, issued, ...uses] };

  it.each([
    TOKEN,
    `"authentication.kubernetes.io/credential-id": ["${TOKEN}"]`,
    `authentication.kubernetes.io/credential-id=${TOKEN}`,
    `["${TOKEN}"],`,
    `"jti": "${TOKEN.slice(4)}"`,
    `who used the token ${TOKEN.slice(4)}?`,
  ])('leads to the request that issued it, and lists the requests that were made with it: %s', async (text) => {
    const { as, found } = await PLACES[place](world, text);
    expect(as).toBe('the ID of a token');
    const [{ outcome } = {}] = found;
    expect(outcome).toMatchObject({
      kind: 'attributed',
      attribution: { method: 'access-key', actor: { name: 'mallory' } },
      record: { auditId: 'issued' },
      inLog: { requests: 2, agrees: ['credentialId'], listed: [{ auditId: 'use-2' }, { auditId: 'use-0' }] },
    });
    expect(outcome).toHaveProperty('note', expect.stringContaining('2 requests were made.'));
  });

  const from = (event: JsonObject, ip: string, userAgent: string) => ({ ...event, sourceIPs: [ip], userAgent });

  it('says both places if the token is used elsewhere, and calls neither of them new for who requested it', async () => {
    const events = [
      eventBy(roleUser({ session: SESSION, key: MALLORYS, username: ARN }), { auditID: 'before', ...at(0) }),
      issued,
    ].map((event) => from(event, '203.0.113.12', 'kubectl/v1.33.2'));
    const used = uses.map((event) => from(event, '192.0.2.61', 'python-requests/2.32.4'));
    const stolen = { grants: GRANTS, events: [...AROUND, ...events, ...used] };
    const places =
      'The token was requested from 203.0.113.12 with kubectl, used from 192.0.2.61 with python-requests. The source IP and the user agent differ.';
    for (const text of [TOKEN, 'use-2'].map((each) => (each === TOKEN ? each : `auditID: ${each}`))) {
      const [{ outcome } = {}] = (await PLACES[place](stolen, text)).found;
      expect(outcome).toHaveProperty('note', expect.stringContaining(places));
      expect(JSON.stringify(outcome?.kind === 'attributed' && outcome.firstUses?.listed)).not.toContain('192.0.2.61');
    }
  });

  it.each([
    ['two events that issued it, by two callers', BOBS, 'issued'],
    ['another one with the same audit ID', BOBS, 'other'],
  ])('names no single caller if the log has %s', async (_, key, auditID) => {
    const other = { ...issued, ...eventBy(roleUser({ session: SESSION, key, username: ARN }), {}), auditID };
    const fields = ['verb', 'objectRef', 'annotations', 'requestReceivedTimestamp'] as const;
    const copy = { ...other, ...Object.fromEntries(fields.map((field) => [field, issued[field]])) };
    const { found } = await PLACES[place]({ ...world, events: [...world.events, copy] }, TOKEN);
    expect(found[0]?.outcome).toMatchObject({ kind: 'sessions', inLog: { result: 'similar', requests: 2 } });
    expect(found[0]?.outcome).toHaveProperty(
      'note',
      expect.stringContaining('No single request is known to have issued the token'),
    );
  });

  it.each([
    'what was done with the token that mallory requested?',
    'what was done with the token that mallory requested for service account shop/deployer',
    'what was done with the tokens mallory created for the service account deployer in namespace shop',
    'who used the token that mallory requested',
  ])('can be asked for by whoever requested it: %s', async (text) => {
    const [{ outcome } = {}] = (await PLACES[place](world, text)).found;
    expect(outcome).toMatchObject({
      attribution: { actor: { name: 'mallory' } },
      record: { auditId: 'issued' },
      inLog: { requests: 2, listed: [{ auditId: 'use-2' }, { auditId: 'use-0' }] },
      note: expect.stringContaining('Whoever has a token can use it'),
    });
  });

  it('of several that somebody requested is not chosen: the requests with all of them are listed', async () => {
    const again = {
      ...issued,
      auditID: 'again',
      annotations: { [Object.keys(issued.annotations as JsonObject)[0] ?? '']: OTHER },
    };
    const answer = await PLACES[place](
      { ...world, events: [...world.events, again] },
      'what was done with tokens that mallory requested?',
    );
    expect(answer.found[0]?.outcome).toMatchObject({
      kind: 'sessions',
      inLog: { requests: 3 },
      note: expect.stringContaining('Tokens in these requests: 2. Whoever has a token can use it'),
    });
    expect(namedIn(answer)).toEqual([]);
  });

  it.each([10, 60])('is found by a name that %i users of another account have too', async (count) => {
    const keys = Array.from({ length: count }, (_, n) => keyId(`ASIAFOREIGN${String(n).padStart(9, '0')}`));
    const grants = [
      grant({ id: 'ana', by: iamUser('ana@example.com'), session: SESSION, key: MALLORYS }),
      ...keys.map((key, n) =>
        grant({ id: `f${n}`, by: iamUser(`ana@${n}`, { accountId: OTHER_ACCOUNT }), session: SESSION, key }),
      ),
    ];
    const foreign = keys.map((key, n) =>
      eventBy(roleUser({ session: SESSION, key, username: ARN }), { auditID: `foreign-${n}`, ...at(1) }),
    );
    const answer = await PLACES[place](
      { ...world, grants, foreign },
      'what was done with the token that ana requested',
    );
    expect(answer.found[0]?.outcome).toMatchObject({ inLog: { requests: 2 } });
    expect(namedIn(answer)).toEqual([]);
    const note = place === 'service' && count > 40 ? 'More than 40 names begin with ana@.' : 'by ana@example.com';
    expect(answer.found[0]?.outcome).toMatchObject({ note: expect.stringContaining(note) });
  });

  it.each(['bob', 'mallory requested for service account shop/other'])(
    'that was not requested so has no requests: %s',
    async (who) => {
      const text = `what was done with the token that ${who.includes(' ') ? who : `${who} requested`}?`;
      const { found } = await PLACES[place](world, text);
      expect(found[0]?.outcome).toMatchObject({
        kind: 'not-known',
        why: expect.stringContaining(`eks-whois records --resource serviceaccounts/token --actor ${who.split(' ')[0]}`),
      });
    },
  );

  it('is found without its prefix too, if no record has the UUID as its audit ID', async () => {
    const { as, found } = await PLACES[place](world, TOKEN.slice(4));
    expect(as).toBe('a UUID (an audit ID, a CloudTrail event ID or a token ID)');
    expect(found[0]?.outcome).toMatchObject({ record: { auditId: 'issued' }, inLog: { requests: 2 } });
  });

  it('is said to be unknown too, if nothing has the UUID', async () => {
    const { found } = await PLACES[place](world, '00000000-0000-4000-8000-000000000009');
    const why = /No record has this audit ID\..*The audit log has no request with the token JTI=00000000-/;
    expect(found[0]?.outcome).toMatchObject({ kind: 'not-known', why: expect.stringMatching(why) });
  });

  it('that nobody used leads to the request that issued it over files only', async () => {
    const { found } = await PLACES[place]({ grants: GRANTS, events: [...AROUND, issued] }, TOKEN);
    expect(found[0]?.outcome).toMatchObject(
      place === 'files'
        ? { kind: 'attributed', record: { auditId: 'issued' }, inLog: { requests: 0 } }
        : { kind: 'not-known', why: expect.stringContaining('--resource serviceaccounts/token') },
    );
  });

  it('says so if no request was made with it', async () => {
    const { found } = await PLACES[place](world, 'JTI=nobody');
    expect(found[0]?.outcome).toMatchObject({ kind: 'not-known', inLog: { result: 'none' } });
  });
});

const deed: fc.Arbitrary<Deed> = fc.record({
  key: fc.constantFrom(BOBS, MALLORYS, STRANGERS),
  verb: fc.constantFrom('get', 'delete', 'create'),
  pod: fc.constantFrom('api-0', 'api-1'),
  namespace: fc.constantFrom('shop', 'web'),
  code: fc.constantFrom(200, 403, 404, 409),
  subresource: fc.constantFrom(undefined, undefined, 'log', 'exec'),
  query: fc.constantFrom(undefined, 'limit=500', 'watch=true'),
});

it.each(['files', 'service'] as const)(
  'a text without a caller names nobody, whatever the log has, over %s',
  async (place) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(deed, { maxLength: 4 }),
        deed,
        fc.constantFrom(...Object.values(TEXTS)),
        async (deeds, about, textOf) => {
          const text = textOf(about);
          expect(answerTo(text).subjects).toMatchObject([{ by: 'request' }]);
          expect(namedIn(await PLACES[place](worldOf(deeds), text))).toEqual([]);
        },
      ),
      { numRuns: cases(40) },
    );
  },
);
