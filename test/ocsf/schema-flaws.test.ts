import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { apiActivity } from '../../lib/ocsf/api-activity.ts';
import { OCSF_VERSIONS } from '../../lib/ocsf/event.ts';
import { recordOf } from '../builders/answer.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { readSchema, schemaFlaws } from './schema-flaws.ts';

describe.each(OCSF_VERSIONS)("the schema's definition of the class in %s", (schema) => {
  const EVENT = apiActivity(recordOf({ event: auditEvent() }), { version: '1', schema, digest: (text) => text });

  it('is of the version that events state', () => {
    expect(readSchema(schema).version).toBe(schema);
    expect(EVENT.metadata.version).toBe(schema);
    expect(schemaFlaws(EVENT)).toEqual([]);
  });

  it.each<[string, JsonObject]>([
    ['nosuch: not in the schema', { nosuch: 1 }],
    ['actor: required and missing', { actor: undefined }],
    ['src_endpoint.: none of', { src_endpoint: {} }],
    ['actor.invoked_by: deprecated', { actor: { ...EVENT.actor, invoked_by: 'x' } }],
    ['time_dt: its profile datetime is not stated', { time_dt: '2026-03-10T08:00:00Z' }],
    ['severity_id: 7 is not enumerated', { severity_id: 7 }],
    ['severity: Low beside 1', { severity: 'Low', severity_id: 1 }],
    ['time: no whole number', { time: 1.5 }],
    ['src_endpoint.ip: here does not fit', { src_endpoint: { ip: 'here' } }],
    ['resources: no array', { resources: {} }],
    ['resources[0].: none of', { resources: [{ type: 'pods' }] }],
    ['message: no text', { message: 1 }],
    ['metadata.version: there is no schema 0.9.0', { metadata: { ...EVENT.metadata, version: '0.9.0' } }],
    ['metadata.profiles: the class has no profile host', { metadata: { ...EVENT.metadata, profiles: ['host'] } }],
  ])('finds %s', (flaw, fields) => {
    const event = JSON.parse(JSON.stringify({ ...EVENT, ...fields })) as unknown;
    expect(schemaFlaws(event).join('\n')).toContain(flaw);
  });
});
