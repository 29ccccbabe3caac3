import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { actorName } from '../../lib/attribution/actor-names.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { ecsEvent } from '../../lib/ecs/ecs-event.ts';
import type { EcsEvent } from '../../lib/ecs/event.ts';
import { isJsonObject } from '../../lib/json.ts';
import { REPOSITORY, runCommand } from '../builders/command.ts';
import { storedRecord } from '../contract/stored-record.ts';
import { documentOf, tableRows } from '../docs/document.ts';

const FILES = ['audit', 'cloudtrail'].flatMap((name) => [`--${name}`, join(REPOSITORY, 'examples', name)]);

/** Fields of ECS 8.17 that an event may have, and their types (elastic.co/guide/en/ecs/8.17/ecs-field-reference.html). */
const FIELDS: Readonly<Record<string, 'date' | 'keyword' | 'keyword[]' | 'long' | 'ip' | 'ip[]'>> = {
  '@timestamp': 'date',
  message: 'keyword',
  tags: 'keyword[]',
  'ecs.version': 'keyword',
  'event.kind': 'keyword',
  'event.category': 'keyword[]',
  'event.type': 'keyword[]',
  'event.action': 'keyword',
  'event.outcome': 'keyword',
  'event.severity': 'long',
  'event.reason': 'keyword',
  'event.code': 'keyword',
  'event.id': 'keyword',
  'event.module': 'keyword',
  'event.dataset': 'keyword',
  'event.provider': 'keyword',
  'user.name': 'keyword',
  'user.id': 'keyword',
  'user.domain': 'keyword',
  'user.effective.name': 'keyword',
  'user.effective.id': 'keyword',
  'user.effective.roles': 'keyword[]',
  'related.user': 'keyword[]',
  'related.ip': 'ip[]',
  'orchestrator.type': 'keyword',
  'orchestrator.cluster.name': 'keyword',
  'orchestrator.cluster.id': 'keyword',
  'orchestrator.namespace': 'keyword',
  'orchestrator.api_version': 'keyword',
  'orchestrator.resource.type': 'keyword',
  'orchestrator.resource.name': 'keyword',
  'cloud.account.id': 'keyword',
  'cloud.region': 'keyword',
  'cloud.provider': 'keyword',
  'cloud.service.name': 'keyword',
  'service.name': 'keyword',
  'service.type': 'keyword',
  'source.address': 'keyword',
  'source.ip': 'ip',
  'process.command_line': 'keyword',
  'user_agent.original': 'keyword',
  'url.original': 'keyword',
  'url.path': 'keyword',
  'url.query': 'keyword',
  'http.request.id': 'keyword',
  'http.response.status_code': 'long',
};
/** The values of `event.type` that ECS allows with the category `api`. */
const API_TYPES = [
  'access',
  'admin',
  'allowed',
  'change',
  'creation',
  'deletion',
  'denied',
  'end',
  'info',
  'start',
  'user',
];

function pathsOf(value: unknown, path = ''): [string, unknown][] {
  if (!isJsonObject(value)) return [[path, value]];
  return Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, path === '' ? name : `${path}.${name}`));
}

async function lines<T>(format: string): Promise<T[]> {
  const { status, output, errors } = await runCommand(['attribute', ...FILES, '--output', format]);
  expect(status, errors).toBe(0);
  return output.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as T]));
}

describe("the example's day as events of the Elastic Common Schema", () => {
  let pairs: { readonly record: AuditRecord; readonly event: EcsEvent }[];
  beforeAll(async () => {
    const [records, events] = await Promise.all([lines<AuditRecord>('jsonl'), lines<EcsEvent>('ecs')]);
    expect(events).toHaveLength(records.length);
    pairs = records.flatMap((record, at) => (events[at] === undefined ? [] : [{ record, event: events[at] }]));
  });

  it('has fields of ECS, and its own below eks_whois, each of its type', () => {
    for (const { event } of pairs) {
      const { eks_whois: _, ...mapped } = event;
      for (const [path, value] of pathsOf(mapped)) {
        const type = FIELDS[path];
        expect(type, path).toBeDefined();
        expect(Array.isArray(value), path).toBe(type?.endsWith('[]') === true);
        expect(typeof [value].flat()[0], path).toBe(type === 'long' ? 'number' : 'string');
      }
    }
  });

  it('has the types and the outcome of ECS', () => {
    for (const { event } of pairs) for (const type of event.event.type) expect(API_TYPES).toContain(type);
    const of = (verb: string) =>
      pairs.find(({ record: { request } }) => request?.verb === verb && request.subresource === undefined)?.event.event
        .type[0];
    expect(['create', 'get', 'patch', 'delete'].map(of)).toEqual(['creation', 'access', 'change', 'deletion']);
    const denied = pairs.filter(({ record }) => record.response?.code === 403);
    expect(denied.length).toBeGreaterThan(0);
    for (const { event } of denied) expect(event.event).toMatchObject({ outcome: 'failure' });
    for (const { event } of denied) expect(event.event.type).toContain('denied');
  });

  it('names by user.name the actor or a component of the cluster, and nobody whose name the caller chose', () => {
    for (const { record, event } of pairs) {
      const { actor, status } = record.attribution;
      const name = actor === undefined ? (status === 'system' ? record.caller.username : undefined) : actor.name;
      expect(event.user?.name).toBe(name);
      expect(event.user?.effective?.name).toBe(record.impersonated?.username ?? record.caller.username);
    }
  });

  it('lists every possible actor among the related users', () => {
    const ambiguous = pairs.filter(({ record }) => record.attribution.status === 'ambiguous');
    expect(ambiguous.length).toBeGreaterThan(0);
    for (const { record, event } of ambiguous)
      expect(event.related.user).toEqual(
        expect.arrayContaining(record.attribution.candidates?.map(({ actor }) => actorName(actor)) ?? []),
      );
  });

  it('has an event ID of its own for each record', () => {
    expect(new Set(pairs.map(({ event }) => event.event.id)).size).toBe(pairs.length);
  });
});

describe('An event of the Elastic Common Schema', () => {
  const digest = (text: string) => text;

  it('has a time even if that of the record cannot be read', () => {
    const { record } = storedRecord();
    expect(ecsEvent({ ...record, time: 'soon' }, digest)['@timestamp']).toBe('1970-01-01T00:00:00Z');
  });

  it.each<[Partial<AuditRecord>, string]>([
    [{ authorization: { decision: 'allow' }, response: { code: 200 } }, 'allowed'],
    [{ authorization: { decision: 'forbid' }, response: undefined }, 'denied'],
    [{ authorization: undefined, response: { code: 403 } }, 'denied'],
    [{ authorization: undefined, response: { code: 401 } }, 'denied'],
  ])('says by the word of the authorizer or by the response code whether it was let in: %j', (fields, type) => {
    expect(ecsEvent({ ...storedRecord().record, ...fields }, digest).event.type.at(-1)).toBe(type);
  });

  it('has as its source only the address that the client did not write', () => {
    const { record } = storedRecord();
    const { source, related } = ecsEvent({ ...record, source: { ips: ['198.51.100.1', '203.0.113.7'] } }, digest);
    expect(source).toEqual({ address: '203.0.113.7', ip: '203.0.113.7' });
    expect(related.ip).toEqual(['198.51.100.1', '203.0.113.7']);
    expect(ecsEvent({ ...record, source: { ips: ['not-an-ip'] } }, digest).source).toEqual({ address: 'not-an-ip' });
  });

  it('is documented field by field', () => {
    const documented = tableRows(documentOf('docs/ecs.md'), 'ECS').flatMap(([cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    );
    for (const name of Object.keys(FIELDS)) expect(documented, name).toContain(name);
  });
});
