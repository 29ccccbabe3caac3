import { readFileSync } from 'node:fs';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectations } from '../../examples/day.ts';
import { problemAnswer, problemOf } from '../../functions/http/problem.ts';
import { PATHS, POST_PATHS } from '../../infra/api.ts';
import { GRANT_JOINS } from '../../lib/attribution/chain.ts';
import { ACTOR_KINDS } from '../../lib/attribution/stated-actor.ts';
import { CALLER_KINDS } from '../../lib/audit/caller.ts';
import { isJsonObject, listAt, objectAt, textAt } from '../../lib/json.ts';
import { FIELD_NAMES, FIELDS } from '../../lib/usecases/query/filter.ts';
import { negatedName } from '../../lib/usecases/query/question.ts';
import { freePort } from '../../local/service/port.ts';
import manifest from '../../package.json' with { type: 'json' };
import { type GivenAnswer, OpenApiDocument } from './openapi-document.ts';
import { type RunningService, startService } from './running-service.ts';

const openapi = new OpenApiDocument();

/** A path and its query. */
type Question = readonly [path: string, query: Readonly<Record<string, string>>];

const KEY = 'ASIATMFNRFYKCEXAMPLE';
const UID = 'aws-iam-authenticator:777788889999:AROA745FCN3QWUEXAMPLE';
const ROLE_ARN = 'arn:aws:sts::777788889999:assumed-role/legacy';
const SESSION = 'AROAHV7GPLCB4FEXAMPLE:etl-debug';

const ARN = 'arn:aws:sts::444455556666:assumed-role/orders-developer/EKSGetTokenAuth';

const EVENT = JSON.stringify({
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  auditID: 'one-of-its-own',
  stage: 'ResponseComplete',
  verb: 'get',
  requestReceivedTimestamp: '2026-03-10T08:25:00.000000Z',
  objectRef: { resource: 'secrets', namespace: 'orders', name: 'token' },
  user: { username: 'legacy-ops', uid: UID },
});

/** Valid questions of each kind. Together they use every parameter. */
const RIGHT: readonly Question[] = [
  ['/whois', { uid: UID, username: 'legacy-ops' }],
  ['/whois', { q: `User "${ARN}" cannot get resource "secrets" in API group "" in the namespace "orders"` }],
  ['/whois', { q: `user=${ARN} verb=list uri=/api/v1/namespaces/orders/pods` }],
  ['/whois', { q: `User "${ARN}" cannot get resource "nodes" in API group "" at the cluster scope` }],
  ['/whois', { uid: UID, username: 'legacy-ops', accessKeyId: KEY, at: '2026-03-10T08:25:00+01:00' }],
  ['/whois', { uid: 'a', username: 'system:serviceaccount:default:default' }],
  ['/whois', { uid: 'aws-iam-authenticator:nonsense', username: 'nobody' }],
  ['/whois', { uid: 'aws-iam-authenticator:111122223333:111122223333', username: 'root' }],
  ['/whois', { principal: SESSION }],
  ['/whois', { arn: ARN }],
  ['/whois', { principal: 'AROADMCQVBBMI6EXAMPLE:EKSGetTokenAuth', at: '2026-03-10T10:33:00Z' }],
  ['/whois', { principal: 'AROAL3H6OXYWHJEXAMPLE:EKSGetTokenAuth', accessKeyId: KEY }],
  ['/whois', { principal: '111122223333:somebody' }],
  [
    '/whois',
    { uid: UID, username: 'legacy-ops', sessionName: 'jane@example.com', arn: `${ROLE_ARN}/jane@example.com` },
  ],
  ['/whois', { principal: SESSION, arn: `${ROLE_ARN}/etl-debug` }],
  ['/whois', { accessKeyId: KEY }],
  ['/whois', { accessKeyId: KEY, at: '2026-03-10T08:25:00Z', lookback: '0.5' }],
  ['/whois', { accessKeyId: 'AKIAUNKNOWNEXAMPLE00', lookback: '2160' }],
  ['/whois', { auditId: 'fe837e73-f4ba-47e6-a348-7d4406f8a9a5' }],
  ['/whois', { q: KEY, at: '2026-03-10T08:25:00Z' }],
  ['/whois', { q: 'ana.silva', quick: 'true' }],
  ['/whois', { q: KEY, at: '2026-03-10T08:25:00Z', lookback: '24' }],
  ['/whois', { q: `${SESSION} ${KEY} arn:aws:iam::111122223333:user/nobody` }],
  ['/whois', { q: 'arn:aws:iam::777788889999:role/payments-developer' }],
  ['/whois', { q: 'EMMA.FISCHER@example.com' }],
  ['/whois', { q: '60e442b4-3ced-423b-a0e2-2c3a7220f24e' }],
  ['/whois', { q: EVENT }],
  ['/records', { object: 'payments-api*', quick: 'true' }],
  ['/records', { actor: 'ana.silva' }],
  ['/records', { actor: 'arn:aws:iam::111122223333:user/ana.silva', limit: '1' }],
  ['/records', { actor: 'ana.silva', from: '2026-03-10T09:00:00Z', to: '2026-03-10T11:00:00+02:00' }],
  ['/records', { actor: 'nobody' }],
  ['/records', { session: SESSION }],
  ['/records', { session: KEY, limit: '1000' }],
  ['/records', { session: '111122223333:somebody' }],
  ['/records', { cluster: 'staging', namespace: 'payments' }],
  ['/records', { auditId: '60e442b4-3ced-423b-a0e2-2c3a7220f24e' }],
  ['/records', { status: 'unattributed' }],
  ['/records', { status: 'ambiguous' }],
  ['/records', { status: 'pending' }],
  ['/records', { status: 'partial' }],
  ['/records', { status: 'attributed', from: '2026-03-10T09:00:00Z' }],
  ['/records', { candidate: 'ben.okafor' }],
  ['/records', { role: 'payments-developer', key: KEY }],
  ['/records', { cluster: 'staging', verb: 'delete', resource: 'configmaps', object: 'feature-flags', code: '2xx' }],
  ['/records', { ip: '203.0.113.0/24', userAgent: 'kubectl', flag: 'name-chosen-by-caller', method: 'session-name' }],
  ['/records', { firstSeenSince: '2026-03-10T00:00:00Z', noSystem: 'true' }],
  ['/records', { username: 'system:kube-scheduler', cluster: 'prod', notUsername: 'system:anonymous' }],
  ...FIELD_NAMES.map((name): Question => ['/records', { cluster: 'staging', [name]: FIELDS[name].example }]),
  ...FIELD_NAMES.map(
    (name): Question => ['/records', { to: '2026-03-11T00:00:00Z', [negatedName(name)]: FIELDS[name].example }],
  ),
  ['/fleet', {}],
  ['/known', { kind: 'actor' }],
  ['/known', { kind: 'role', limit: '1' }],
  ['/known', { kind: 'cluster' }],
  ['/known', { kind: 'namespace', prefix: 'pay' }],
  ['/known', { kind: 'cluster', newest: 'true' }],
  ['/sessions', {}],
  ['/sessions', { status: 'unattributed', limit: '2' }],
  ['/sessions', { status: 'ambiguous', notes: 'true' }],
  ['/sessions', { status: 'pending' }],
  ['/sessions', { status: 'partial' }],
  ['/related', { auditId: 'fe837e73-f4ba-47e6-a348-7d4406f8a9a5' }],
  ['/related', { auditId: 'fe837e73-f4ba-47e6-a348-7d4406f8a9a5', at: '2026-03-10T17:05:00Z' }],
  ['/related', { q: readFileSync('examples/pasted/falco-exec.json', 'utf8') }],
  ['/changes', {}],
  ['/changes', { limit: '2' }],
  ['/changes', { notCluster: 'staging' }],
  ['/changes', { cluster: 'staging', actor: 'ana.silva', from: '2026-03-01T00:00:00Z', to: '2026-03-11T00:00:00Z' }],
  ['/notes', { about: 'claim:nobody wrote about it' }],
  ['/notes', { since: new Date(Date.now() - 86_400_000).toISOString(), limit: '1' }],
  ['/summary', {}],
  ['/summary', { from: '2026-03-10T00:00:00Z', to: '2026-03-11T00:00:00Z', by: 'actor', cluster: 'staging' }],
  ['/summary', { from: '2026-03-10T00:00:00Z', to: '2026-03-11T00:00:00Z', by: 'flag', bucket: 'day' }],
];

/** Invalid questions, each with the parameter that the answer must name. */
const WRONG: readonly (readonly [...Question, parameter: string])[] = [
  ['/whois', {}, 'uid'],
  ['/whois', { uid: UID }, 'username'],
  ['/whois', { username: 'legacy-ops' }, 'uid'],
  ['/whois', { uid: UID, username: 'legacy-ops', principal: SESSION }, 'principal'],
  ['/whois', { uid: 'AROA745FCN3QWUEXAMPLE', username: `${ROLE_ARN}/jane`, accessKeyId: KEY }, 'uid'],
  ['/whois', { uid: 'x', username: 'y', accessKeyId: KEY }, 'accessKeyId'],
  ['/whois', { uid: UID, username: 'legacy-ops', sessionName: 'two words' }, 'sessionName'],
  ['/whois', { principal: SESSION, arn: 'etl-debug' }, 'arn'],
  ['/whois', { accessKeyId: KEY, at: '2099-01-01T00:00:00Z' }, 'at'],
  ['/whois', { principal: 'nobody' }, 'principal'],
  ['/whois', { principal: 'AIDACNVVQOT53YEXAMPLE:x' }, 'principal'],
  ['/whois', { accessKeyId: 'REDACTED' }, 'accessKeyId'],
  ['/whois', { auditId: 'x', accessKeyId: KEY }, 'accessKeyId'],
  ['/whois', { auditId: 'x', at: '2026-03-10T08:25:00Z' }, 'at'],
  ['/whois', { auditId: '' }, 'auditId'],
  ['/whois', { accessKeyId: KEY, at: 'yesterday' }, 'at'],
  ['/whois', { accessKeyId: KEY, at: '2026-02-30T00:00:00Z' }, 'at'],
  ['/whois', { accessKeyId: KEY, lookback: '0' }, 'lookback'],
  ['/whois', { accessKeyId: KEY, lookback: '2160.5' }, 'lookback'],
  ['/whois', { principal: `AROAL3H6OXYWHJEXAMPLE:${'a'.repeat(2_048)}` }, 'principal'],
  ['/whois', { q: 'hello world' }, 'q'],
  ['/whois', { q: KEY, principal: SESSION }, 'principal'],
  ['/whois', { q: 'a'.repeat(8_193) }, 'q'],
  ['/records', {}, 'from'],
  ['/records', { limit: '1' }, 'from'],
  ['/records', { session: 'AROA:' }, 'session'],
  ['/records', { notStatus: 'nameless' }, 'notStatus'],
  ['/records', { ip: '10.0.0' }, 'ip'],
  ['/records', { noSystem: 'yes' }, 'noSystem'],
  ['/records', { actor: 'a'.repeat(2_049) }, 'actor'],
  ['/records', { actor: 'a', limit: '0' }, 'limit'],
  ['/records', { actor: 'a', limit: '1001' }, 'limit'],
  ['/records', { actor: 'a', limit: '1.5' }, 'limit'],
  ['/records', { actor: 'a', from: 'then' }, 'from'],
  ['/records', { actor: 'a', to: 'now' }, 'to'],
  ['/records', { actor: 'a', from: '2026-03-11T00:00:00Z', to: '2026-03-10T00:00:00Z' }, 'from'],
  ['/records', { actor: 'a', cursor: 'mine' }, 'cursor'],
  ['/records', { firstSeenSince: 'lately' }, 'firstSeenSince'],
  ['/records', { username: 'system:kube-scheduler' }, 'username'],
  ['/fleet', { cluster: 'prod' }, 'cluster'],
  ['/known', {}, 'kind'],
  ['/known', { kind: 'cluster', cursor: 'x'.repeat(1_025) }, 'cursor'],
  ['/sessions', { status: 'attributed' }, 'status'],
  ['/sessions', { status: 'Partial' }, 'status'],
  ['/sessions', { limit: '-1' }, 'limit'],
  ['/sessions', { cursor: 'mine' }, 'cursor'],
  ['/related', {}, 'auditId'],
  ['/related', { q: 'alice' }, 'q'],
  ['/related', { q: 'pod/web-0', auditId: 'a' }, 'q'],
  ['/related', { auditId: 'a', at: 'soon' }, 'at'],
  ['/changes', { verb: 'get' }, 'verb'],
  ['/changes', { from: '2024-03-01T00:00:00Z' }, 'from'],
  ['/changes', { cursor: 'mine' }, 'cursor'],
  ['/notes', {}, 'about'],
  ['/notes', { about: 'somebody' }, 'about'],
  ['/notes', { since: '2001-01-01T00:00:00Z' }, 'since'],
  ['/notes', { about: 'claim:x', cursor: 'mine' }, 'cursor'],
  ['/summary', { by: 'pod' }, 'by'],
  ['/summary', { bucket: 'minute' }, 'bucket'],
  ['/summary', { from: '2026-03-11T00:00:00Z', to: '2026-03-10T00:00:00Z' }, 'from'],
  ['/summary', { to: 'tomorrow' }, 'to'],
];

describe('openapi.yaml', () => {
  it('is of this version, and describes the paths that are deployed and nothing else', () => {
    expect(openapi.root.openapi).toMatch(/^3\.1\.\d$/);
    expect(objectAt(openapi.root, 'info')?.version).toBe(manifest.version);
    expect(openapi.paths()).toEqual([...PATHS]);
    for (const path of openapi.paths()) {
      const isTaking = POST_PATHS.some((each) => each === path);
      const operations = { get: openapi.operation(path), ...(isTaking && { post: openapi.operation(path, 'post') }) };
      expect(objectAt(objectAt(openapi.root, 'paths'), path)).toEqual(operations);
      expect(openapi.operation(path).operationId).toBe(path.slice(1));
    }
  });

  it('has schemas of JSON Schema 2020-12, and uses each of its components', () => {
    expect(openapi.compileAll()).toContain('Record');
    const used = new Set([...JSON.stringify(openapi.root).matchAll(/"\$ref":"#([^"]+)"/g)].map(([, at]) => at));
    const components = objectAt(openapi.root, 'components') ?? {};
    const there = Object.entries(components).flatMap(([kind, named]) =>
      kind === 'securitySchemes' || !isJsonObject(named)
        ? []
        : Object.keys(named).map((name) => `/components/${kind}/${name}`),
    );
    expect([...used].sort()).toEqual(there.sort());
  });

  it.each<[path: string, words: readonly string[]]>([
    ['Actor/properties/kind', ACTOR_KINDS],
    ['CallerKind', CALLER_KINDS],
    ['GrantLink/properties/joinedBy', GRANT_JOINS],
  ])('has every word of %s, and no other', (path, words) => {
    const schemas = objectAt(objectAt(openapi.root, 'components'), 'schemas');
    const schema = path.split('/').reduce((at, key) => objectAt(at, key), schemas);
    expect(listAt(schema, 'enum')?.toSorted()).toEqual([...words].toSorted());
  });

  it('says how to sign: SigV4, or a bearer token', () => {
    const schemes = objectAt(objectAt(openapi.root, 'components'), 'securitySchemes');
    expect(openapi.root.security).toEqual(Object.keys(schemes ?? {}).map((name) => ({ [name]: [] })));
    expect(schemes).toMatchObject({
      sigv4: { type: 'apiKey', in: 'header', name: 'Authorization', 'x-amazon-apigateway-authtype': 'awsSigv4' },
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    });
  });

  it.each(openapi.examples().map((example) => [example.pointer, example] as const))(
    'has a valid example: %s',
    (_, { flaws, status, value }) => {
      expect(flaws).toBeUndefined();
      if (isJsonObject(value) && 'status' in value) expect(String(value.status)).toBe(status);
    },
  );

  it.each(
    openapi
      .paths()
      .flatMap((path) => openapi.parameters(path).map((parameter) => [path, parameter.name, parameter] as const)),
  )('%s has a valid example of %s', (_path, _name, parameter) => {
    expect(parameter.value.in).toBe('query');
    expect(openapi.flawsOfParameter(parameter, parameter.example)).toBeUndefined();
  });
});

describe('the service, as openapi.yaml says', () => {
  let service: RunningService;

  beforeAll(async () => {
    service = await startService();
  });

  afterAll(async () => {
    await service?.stop();
  });

  async function got(question: string): Promise<GivenAnswer> {
    const response = await fetch(`${service.url}${question}`);
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  const answered = (path: string, query: Readonly<Record<string, string>>) =>
    got(`${path}?${new URLSearchParams(query)}`);

  it.each(RIGHT)('answers %s %o', async (path, query) => {
    const answer = await answered(path, query);
    expect(answer.status).toBe(200);
    expect(openapi.flawsOfAnswer(path, answer)).toBeUndefined();
  });

  it.each(RIGHT)('documents the values of %s %o', (path, query) => {
    for (const parameter of openapi.parameters(path)) {
      const value = query[parameter.name];
      if (value !== undefined) expect(openapi.flawsOfParameter(parameter, value), parameter.name).toBeUndefined();
    }
  });

  it.each([
    ['/whois', { accessKeyId: KEY }, 'lookback', '2160', ['0', '2160.5', '2161']],
    ['/whois', {}, 'accessKeyId', KEY, ['AAAAAAAA', 'ASIASHORT', `${KEY}x`]],
    ['/whois', {}, 'principal', SESSION, ['nobody', 'AROAHV7GPLCB4FEXAMPLE:', 'AIDACNVVQOT53YEXAMPLE:x', '1:x']],
    ['/whois', { accessKeyId: KEY }, 'at', '2026-03-10T08:25:00.5Z', ['yesterday', '10:00', '1773100000']],
    ['/records', { actor: 'a' }, 'limit', '1000', ['0', '1.5', '1001']],
    ['/records', {}, 'actor', 'a'.repeat(2_048), ['', 'a'.repeat(2_049)]],
    ['/records', {}, 'status', 'partial', ['Partial', 'nameless']],
    ['/records', {}, 'code', '4XX', ['4x', '600']],
    ['/records', {}, 'resource', 'pods/exec', ['pods/', 'two words']],
    ['/records', {}, 'key', KEY, ['REDACTED']],
    ['/records', {}, 'noSystem', 'true', ['yes', '']],
    ['/known', {}, 'kind', 'role', ['roles', 'user']],
    ['/sessions', {}, 'limit', '1000', ['0', '1001']],
    ['/sessions', {}, 'status', 'pending', ['attributed', 'system']],
  ] as const)('has the same limits as the document: %s %o %s', async (path, query, name, right, wrong) => {
    const parameter = openapi.parameters(path).find((each) => each.name === name);
    const flawsOf = (value: string) => parameter && openapi.flawsOfParameter(parameter, value);
    expect((await answered(path, { ...query, [name]: right })).status).toBe(200);
    expect(flawsOf(right)).toBeUndefined();
    for (const value of wrong) {
      expect((await answered(path, { ...query, [name]: value })).status, value).toBe(400);
      expect(flawsOf(value), value).toBeDefined();
    }
  });

  it.each(WRONG)('refuses %s %o and names %s', async (path, query, parameter) => {
    const answer = await answered(path, query);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ status: 400, parameter });
    expect(openapi.flawsOfAnswer(path, answer)).toBeUndefined();
  });

  it('returns every record of the examples as the document says, by /records, /whois and /related', async () => {
    const auditIds = new Set(expectations().map(({ auditId }) => auditId));
    for (const auditId of auditIds) {
      for (const path of ['/records', '/whois', '/related']) {
        const answer = await answered(path, { auditId });
        expect(answer.status, auditId).toBe(200);
        expect(openapi.flawsOfAnswer(path, answer), auditId).toBeUndefined();
      }
    }
  });

  it('answers /related with 404 if the records do not show which request a text is about', async () => {
    const answer = await answered('/related', { q: 'pods "report-runner-0" not found' });
    expect(answer).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('2 by grace.kim@example.com') },
    });
    expect(openapi.flawsOfAnswer('/related', answer)).toBeUndefined();
  });

  it.each(['/whois', '/related'])('answers %s with 404 if no record has the audit ID', async (path) => {
    const answer = await answered(path, { auditId: 'nothing' });
    expect(answer.status).toBe(404);
    expect(openapi.flawsOfAnswer(path, answer)).toBeUndefined();
  });

  it.each(['nobody-of-this-name', '00000000-0000-0000-0000-000000000000'])(
    'answers 404 if nothing is known about %s',
    async (q) => {
      const answer = await answered('/whois', { q });
      expect(answer.status).toBe(404);
      expect(openapi.flawsOfAnswer('/whois', answer)).toBeUndefined();
    },
  );

  it('gives the examples as its answers', async () => {
    const examples = openapi.examples().filter(({ question }) => question !== undefined);
    expect(new Set(examples.map(({ status }) => status))).toEqual(new Set(['200', '400', '404']));
    for (const { question = '', status, value, pointer } of examples) {
      const answer = await got(question);
      const body = withoutSalt(answer.body);
      expect({ status: String(answer.status), body }, pointer).toEqual({ status, body: withoutSalt(value) });
    }
  });

  it('stores a note as the document says, and refuses anything else', async () => {
    const send = async (type: string, text: string): Promise<GivenAnswer> => {
      const request = { method: 'POST', headers: { 'content-type': type }, body: text };
      const response = await fetch(`${service.url}/notes`, request);
      return { status: response.status, headers: response.headers, body: await response.json() };
    };
    const json = 'application/json';
    const note = JSON.stringify({ about: 'audit:x', kind: 'note', text: 'seen' });
    const long = JSON.stringify({ about: 'audit:x', kind: 'note', text: 'x'.repeat(20_000) });
    const answers = [
      await send(json, note),
      await send(json, '{}'),
      await send(json, long),
      await send('text/plain', note),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 400, 413, 415]);
    for (const answer of answers) expect(openapi.flawsOfAnswer('/notes', answer, 'post')).toBeUndefined();
    const kept = await answered('/notes', { about: 'audit:x' });
    expect(kept.body).toEqual({ notes: [answers[0]?.body] });
    expect(openapi.flawsOfAnswer('/notes', kept)).toBeUndefined();
  });

  it('counts by /summary what /records lists', async () => {
    const day = { from: '2026-03-10T00:00:00Z', to: '2026-03-11T00:00:00Z' };
    for (const cluster of ['prod', 'staging']) {
      const { body: page } = await answered('/records', {
        ...day,
        to: '2026-03-10T23:59:59.999999Z',
        cluster,
        limit: '1000',
      });
      const { body: summary } = await answered('/summary', { ...day, cluster });
      const records = listAt(isJsonObject(page) ? page : undefined, 'records') ?? [];
      expect(records.length).toBeGreaterThan(0);
      expect(summary).toMatchObject({ total: records.length, counting: { behind: [] } });
    }
  });

  it.each(openapi.paths())('takes exactly the documented parameters at %s', async (path) => {
    const documented = openapi.parameters(path).map(({ name }) => name);
    const used = RIGHT.filter(([asking]) => asking === path).flatMap(([, query]) => Object.keys(query));
    expect(new Set([...used, ...(documented.includes('cursor') ? ['cursor'] : [])])).toEqual(new Set(documented));
    for (const name of ['colour', 'Limit', 'access_key_id']) {
      const answer = await answered(path, { [name]: '1' });
      expect(answer.body).toMatchObject({ status: 400, parameter: name });
      expect(openapi.flawsOfAnswer(path, answer)).toBeUndefined();
      if (documented.length === 0) continue;
      const known = /parameters are (.*)\.$/.exec(
        (isJsonObject(answer.body) && textAt(answer.body, 'detail')) || '',
      )?.[1];
      expect(known?.split(', ').sort()).toEqual([...documented].sort());
    }
  });

  it.each(openapi.paths())('accepts several values for lists at %s, and for nothing else', async (path) => {
    for (const parameter of openapi.parameters(path)) {
      const { name, example } = parameter;
      const query = new URLSearchParams({ [name]: example });
      query.append(name, example);
      if (path === '/records' && name === 'username') query.append('cluster', 'prod'); // it is not asked for by itself
      const answer = await got(`${path}?${query}`);
      if (openapi.isList(parameter)) expect(answer.status, name).toBe(200);
      else expect(answer.body).toMatchObject({ status: 400, parameter: name });
      expect(openapi.flawsOfAnswer(path, answer)).toBeUndefined();
    }
  });

  it.each([
    ['/records', { actor: 'ana.silva', limit: '1' }, 'records'],
    ['/records', { session: SESSION, limit: '1' }, 'records'],
    ['/records', { cluster: 'staging', namespace: 'payments', limit: '3' }, 'records'],
    ['/records', { status: 'partial' }, 'records'],
    ['/records', { status: 'ambiguous', limit: '1' }, 'records'],
    ['/records', { cluster: 'prod', limit: '5' }, 'records'],
    ['/records', { role: 'payments-developer', limit: '2' }, 'records'],
    ['/known', { kind: 'namespace', limit: '1' }, 'known'],
    ['/sessions', { limit: '1' }, 'sessions'],
    ['/sessions', { status: 'partial', limit: '1' }, 'sessions'],
  ] as const)('continues with the cursor until there is none: %s %o', async (path, query, list) => {
    const found: unknown[] = [];
    let cursor: string | undefined;
    do {
      const answer = await answered(path, { ...query, ...(cursor !== undefined && { cursor }) });
      expect(answer.status).toBe(200);
      expect(openapi.flawsOfAnswer(path, answer)).toBeUndefined();
      const body = isJsonObject(answer.body) ? answer.body : {};
      found.push(...(listAt(body, list) ?? []));
      cursor = textAt(body, 'cursor');
    } while (cursor !== undefined);
    const texts = found.map((each) => JSON.stringify(each));
    expect(texts.length).toBeGreaterThan(1);
    expect(new Set(texts).size).toBe(texts.length);
  });
});

describe('a service that cannot answer, as openapi.yaml says', () => {
  afterAll(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('answers 503 with the time to retry if the tables cannot be reached', async () => {
    for (const method of ['log', 'warn', 'error'] as const) vi.spyOn(console, method).mockReturnValue(undefined);
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${await freePort()}`);
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
    vi.stubEnv('POWERTOOLS_DEV', 'true');
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
    for (const table of ['SESSIONS', 'CLAIMS', 'RECORDS']) vi.stubEnv(`${table}_TABLE`, table.toLowerCase());
    const { handler } = await import('../../functions/api.ts');
    for (const [path, query] of [
      ['/whois', { accessKeyId: KEY }],
      ['/records', { actor: 'ana.silva' }],
      ['/known', { kind: 'cluster' }],
      ['/sessions', {}],
    ] as const) {
      const event = {
        rawPath: path,
        rawQueryString: String(new URLSearchParams(query)),
        requestContext: { requestId: 'q' },
      };
      const context = { awsRequestId: 'q', getRemainingTimeInMillis: () => 600_000 };
      const answer = givenBy(await handler(event as APIGatewayProxyEventV2, context as Context));
      expect(answer.status).toBe(503);
      expect(openapi.flawsOfAnswer(path, answer)).toBeUndefined();
    }
  });

  it('answers 500 without details if it has an error itself', () => {
    const answer = givenBy(problemAnswer(problemOf(new Error('internal'))));
    expect(answer.status).toBe(500);
    for (const path of openapi.paths()) expect(openapi.flawsOfAnswer(path, answer)).toBeUndefined();
  });

  function givenBy({ statusCode = 0, headers, body = '' }: APIGatewayProxyStructuredResultV2): GivenAnswer {
    const given = Object.entries(headers ?? {}).map(([name, value]): [string, string] => [name, String(value)]);
    return { status: statusCode, headers: new Headers(given), body: JSON.parse(body) };
  }
});

/** Returns the body without the random salt in a cursor of claims, which differs in each answer. */
function withoutSalt(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('cursor' in body) || typeof body.cursor !== 'string') return body;
  const [encoded = ''] = body.cursor.split('~');
  const place: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
  return {
    ...body,
    cursor: typeof place === 'object' && place !== null && 'salt' in place ? { ...place, salt: '' } : place,
  };
}
