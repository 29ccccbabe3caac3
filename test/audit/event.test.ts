import { describe, expect, it } from 'vitest';
import { looksLikeAuditEvent, parseAuditEvent } from '../../lib/audit/event.ts';
import type { JsonObject } from '../../lib/json.ts';
import { parsedEvent } from '../builders/answer.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { KEY, ROLE_ID, utc } from '../builders/company.ts';

describe('an audit event', () => {
  it('is reduced to who did what, when and with what result', () => {
    expect(parsedEvent(auditEvent())).toMatchObject({
      auditId: '7a0e1c5e-0000-4000-8000-000000000001',
      stage: 'ResponseComplete',
      time: utc('12:10:00.000000'),
      at: Date.parse(utc('12:10:00')),
      request: {
        verb: 'delete',
        uri: '/api/v1/namespaces/shop/pods/web-0',
        apiGroup: '',
        resource: 'pods',
        namespace: 'shop',
        name: 'web-0',
      },
      responseCode: 200,
      authorization: { decision: 'allow', reason: 'RBAC: allowed' },
      sourceIps: ['198.51.100.7'],
      userAgent: 'kubectl/v1.33.0',
    });
  });

  it('is not one without an auditID', () => {
    expect(parseAuditEvent(auditEvent({ auditID: undefined }))).toBe('audit-event-without-auditID');
    expect(parseAuditEvent(auditEvent({ auditID: 7 }))).toBe('audit-event-without-auditID');
  });

  it.each([undefined, null, 'alice', ['alice'], 7])('is not one with the user %j', (user) => {
    expect(parseAuditEvent(auditEvent({ user }))).toBe('audit-event-without-user');
  });

  it('treats each other field of a wrong type as absent', () => {
    const wrong = {
      stage: 1,
      requestURI: {},
      verb: [],
      sourceIPs: '198.51.100.7',
      userAgent: 7,
      objectRef: 'pods',
      responseStatus: 200,
      requestReceivedTimestamp: 1_772_000_000,
      annotations: [],
      impersonatedUser: 'bob',
    };
    const { auditId, caller, ...rest } = parsedEvent(auditEvent(wrong));
    expect(caller.kind).toBe('role-session');
    expect(JSON.parse(JSON.stringify(rest))).toEqual({ request: {} });
    expect(auditId).toBe('7a0e1c5e-0000-4000-8000-000000000001');
  });

  it.each([2 ** 53, 1e21, 200.5, -(2 ** 31) - 1])('with the code %d has none, because it is no int32', (code) => {
    expect(parsedEvent(auditEvent({ responseStatus: { code } })).responseCode).toBeUndefined();
  });

  it('without a resource has no API group, and one of the core group has an empty one', () => {
    expect(parsedEvent(auditEvent({ objectRef: undefined })).request.apiGroup).toBeUndefined();
    expect(parsedEvent(auditEvent({ objectRef: { resource: 'pods' } })).request.apiGroup).toBe('');
    expect(parsedEvent(auditEvent({ objectRef: { resource: 'jobs', apiGroup: 'batch' } })).request.apiGroup).toBe(
      'batch',
    );
  });

  it.each(['', 'yesterday', '2026-02-30T00:00:00Z', '1772000000'])('with the time %j has no readable time', (time) => {
    const event = parsedEvent(auditEvent({ requestReceivedTimestamp: time }));
    expect(event.at).toBeUndefined();
    expect(event.time).toBe(time || undefined);
  });

  it('never takes a caller from a body or from the impersonated user', () => {
    const body = { spec: { uid: 'aws-iam-authenticator:999999999999:AROAFORGED0001', username: 'mallory' } };
    const event = auditEvent({
      requestObject: body,
      responseObject: body,
      impersonatedUser: roleUser({ session: 'x' }),
    });
    expect(parsedEvent(event).caller).toMatchObject({
      roleId: ROLE_ID,
      sessionName: 'alice-session',
      accessKeyId: KEY,
    });
    expect(JSON.stringify(parsedEvent(event))).not.toContain('mallory');
  });
});

describe('a value that looks like an audit event', () => {
  it.each<[string, JsonObject, boolean]>([
    ['an auditID', { auditID: 'x' }, true],
    ['the API version', { apiVersion: 'audit.k8s.io/v1beta1' }, true],
    ['the API version of something else', { apiVersion: 'v1', kind: 'Pod' }, false],
  ])('is %s: %j %s', (_, value, expected) => {
    expect(looksLikeAuditEvent(value)).toBe(expected);
  });
});
