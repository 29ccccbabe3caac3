import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAuditEvent } from '../../lib/audit/event.ts';
import { parseRecording } from '../../lib/audit/recording.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { parsedEvent } from '../builders/answer.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { cases } from '../builders/chance.ts';
import { anyValue } from '../properties/input.ts';

const EVERY_READ = parseRecording('omit-reads:*');

function read(fields: JsonObject = {}) {
  const objectRef = { resource: 'leases', apiGroup: 'coordination.k8s.io', namespace: 'kube-system', name: 'lock' };
  return parsedEvent(auditEvent({ verb: 'get', objectRef, ...fields }));
}

describe('the recorded requests', () => {
  it('are all of them by default', () => {
    const { omits, omitted } = parseRecording('all');
    expect(omits).toEqual([]);
    expect(omitted(read())).toBe(false);
  });

  it.each(['get', 'list', 'watch'])('exclude a %s of the chosen resources, and of no others', (verb) => {
    const { omitted } = parseRecording('omit-reads:events,leases,nodes/metrics');
    expect(omitted(read({ verb }))).toBe(true);
    expect(omitted(read({ verb, objectRef: { resource: 'nodes', subresource: 'metrics' } }))).toBe(true);
    expect(omitted(read({ verb, objectRef: { resource: 'nodes' } }))).toBe(false);
    expect(omitted(read({ verb, objectRef: { resource: 'configmaps' } }))).toBe(false);
  });

  it('are chosen by resource names as in filters: with a group, or as kubectl accepts them', () => {
    const ofGroup = parseRecording('omit-reads:leases.coordination.k8s.io');
    expect(ofGroup.omitted(read())).toBe(true);
    expect(ofGroup.omitted(read({ objectRef: { resource: 'leases', apiGroup: 'example.com' } }))).toBe(false);
    const { omits } = parseRecording('omit-reads:lease, ev, po/log, leases,*/status,*.metrics.k8s.io');
    expect(omits).toEqual(['leases', 'events', 'pods/log', '*/status', '*.metrics.k8s.io']);
  });

  it.each([
    ['a change', { verb: 'patch' }],
    ['a verb that nobody knows', { verb: 'GET' }],
    ['no verb', { verb: undefined }],
    ['a secret', { objectRef: { resource: 'secrets', namespace: 'shop' } }],
    ['exec over WebSockets', { objectRef: { resource: 'pods', subresource: 'exec' } }],
    ['attach', { objectRef: { resource: 'pods', subresource: 'attach' } }],
    ['a forwarded port', { objectRef: { resource: 'pods', subresource: 'portforward' } }],
    ["a kubelet's API", { objectRef: { resource: 'nodes', subresource: 'proxy' } }],
    ['a token', { objectRef: { resource: 'serviceaccounts', subresource: 'token' } }],
    ['what was denied', { responseStatus: { code: 403 } }],
    ['what was not found', { responseStatus: { code: 404 } }],
    ['a connection that goes on in both directions', { responseStatus: { code: 101 } }],
    ['what has no answer', { responseStatus: undefined }],
    ['what was forbidden, whatever was answered', { annotations: { 'authorization.k8s.io/decision': 'forbid' } }],
    ['what says of no decision', { annotations: {} }],
    ['what is impersonated', { impersonatedUser: { username: 'bob' } }],
    ['nobody', { user: { username: 'system:anonymous' } }],
    ['a malformed identity', { user: roleUser({ roleId: 'nonsense' }) }],
    ['a time that nobody can read', { requestReceivedTimestamp: 'soon' }],
    ['a panic', { stage: 'Panic' }],
    ['what names no resource', { objectRef: undefined, requestURI: '/version' }],
  ])('always include %s', (_, fields) => {
    expect(EVERY_READ.omitted(read())).toBe(true);
    expect(EVERY_READ.omitted(read(fields))).toBe(false);
  });

  it.each([
    ['reads', /"reads" is neither/],
    ['omit-reads:', /"" is no resource/],
    ['omit-reads:pods,,events', /"" is no resource/],
    ['omit-reads:Pods And Nodes', /is no resource/],
    ['omit-reads:pods,secret', /"secret" is always recorded/],
    ['omit-reads:pods/exec', /"pods\/exec" is always recorded/],
    [`omit-reads:${'a'.repeat(1_100)}`, /more than 1024 characters/],
  ])('cannot be configured as %j', (text, says) => {
    expect(() => parseRecording(text)).toThrow(says);
  });

  it('always include changes, exec, secrets and denied requests, whatever else an event has', () => {
    const verb = fc.constantFrom(
      'get',
      'list',
      'watch',
      'create',
      'update',
      'patch',
      'delete',
      'deletecollection',
      'x',
    );
    const objectRef = fc.record(
      {
        resource: fc.constantFrom('pods', 'secrets', 'leases', 'nodes', 'serviceaccounts'),
        subresource: fc.constantFrom('exec', 'attach', 'log', 'portforward', 'proxy', 'status', 'token'),
        apiGroup: fc.constantFrom('', 'apps', 'example.com'),
      },
      { requiredKeys: [] },
    );
    const code = fc.oneof(fc.constantFrom(200, 201, 403), fc.integer({ min: 0, max: 599 }));
    const decision = fc.constantFrom('allow', 'forbid', undefined);
    const event = fc.record({ verb, objectRef, code, decision }).map(({ code, decision, ...fields }) => {
      const annotations = { 'authorization.k8s.io/decision': decision };
      return { sent: auditEvent({ ...fields, responseStatus: { code }, annotations }), code, decision };
    });
    let omitted = 0;
    fc.assert(
      fc.property(event, ({ sent, code, decision }) => {
        const parsed = parsedEvent(sent);
        if (!EVERY_READ.omitted(parsed)) return;
        omitted += 1;
        expect(['get', 'list', 'watch']).toContain(parsed.request.verb);
        expect(parsed.request.resource).not.toBe('secrets');
        expect(['exec', 'attach', 'portforward', 'proxy', 'token']).not.toContain(parsed.request.subresource);
        expect(code).toBeLessThan(400);
        expect(decision).toBe('allow');
      }),
      { numRuns: cases(1_000) },
    );
    expect(omitted).toBeGreaterThan(0);
  });

  it('include an event that is damaged in a field that decides', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const event = isJsonObject(value) ? parseAuditEvent(value) : 'none';
        if (typeof event !== 'string' && EVERY_READ.omitted(event)) {
          expect(['get', 'list', 'watch']).toContain(event.request.verb);
          expect(event.responseCode).toBeLessThan(400);
        }
      }),
      { numRuns: cases(500) },
    );
  });
});
