import { describe, expect, it } from 'vitest';
import { LIST_LIMIT } from '../../lib/attribution/record.ts';
import { recordOf } from '../builders/answer.ts';
import { auditEvent, bareRoleUser, eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, KEY, ROLE_ARN, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { userId } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';

describe('a record', () => {
  it('has the form that the contract shows', () => {
    const event = auditEvent({ impersonatedUser: { username: 'bob', groups: ['ops'] } });
    expect(recordOf({ event, records: [grant({ id: 'event-of-alice' })] })).toEqual({
      schemaVersion: 1,
      auditId: '7a0e1c5e-0000-4000-8000-000000000001',
      stage: 'ResponseComplete',
      time: utc('12:10:00.000000'),
      request: {
        verb: 'delete',
        uri: '/api/v1/namespaces/shop/pods/web-0',
        apiGroup: '',
        resource: 'pods',
        namespace: 'shop',
        name: 'web-0',
      },
      response: { code: 200 },
      authorization: { decision: 'allow', reason: 'RBAC: allowed' },
      source: { ips: ['198.51.100.7'], userAgent: 'kubectl/v1.33.0' },
      caller: {
        kind: 'role-session',
        username: 'project-admin',
        uid: `aws-iam-authenticator:${ACCOUNT}:${ROLE_ID}`,
        groups: ['system:authenticated'],
        accountId: ACCOUNT,
        roleId: ROLE_ID,
        sessionName: 'alice-session',
        accessKeyId: KEY,
        arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${ROLE_NAME}/alice-session`,
      },
      impersonated: { username: 'bob', groups: ['ops'] },
      attribution: {
        status: 'attributed',
        method: 'access-key',
        provisional: false,
        flags: ['impersonation'],
        actor: {
          kind: 'iam-user',
          id: `iam-user/${ACCOUNT}/${userId('alice')}`,
          idBasis: 'principal',
          name: 'alice',
          accountId: ACCOUNT,
          principalId: userId('alice'),
          arn: `arn:aws:iam::${ACCOUNT}:user/alice`,
        },
        chain: [
          {
            eventName: 'AssumeRole',
            eventIds: ['event-of-alice'],
            region: 'eu-west-1',
            roleArn: ROLE_ARN,
            roleId: ROLE_ID,
            sessionName: 'alice-session',
            accessKeyId: KEY,
            callerAccessKeyId: 'AKIAALICE00000000000',
            issuedAt: utc('12:00:00'),
            expiresAt: utc('13:00:00'),
            joinedBy: 'access-key',
          },
        ],
      },
    });
  });

  it('leaves out each field without a value', () => {
    const record = recordOf({ event: { auditID: 'x', user: {} } });
    expect(record).toEqual({
      schemaVersion: 1,
      auditId: 'x',
      caller: { kind: 'anonymous' },
      attribution: { status: 'system', provisional: false, flags: [] },
    });
  });

  it('never contains a body', () => {
    const event = auditEvent({ requestObject: { data: 'c2VjcmV0' }, responseObject: { data: 'c2VjcmV0' } });
    expect(JSON.stringify(recordOf({ event }))).not.toContain('c2VjcmV0');
  });

  it("shows the session's own name after the decision, if the username has it with @ as -", () => {
    const event = eventBy(bareRoleUser('admin:alice-example.com'));
    const templates = ['admin:{{SessionName}}'];
    const records = [grant({ session: 'alice@example.com' })];
    expect(recordOf({ event, templates, records }).caller.sessionName).toBe('alice@example.com');
    expect(recordOf({ event, templates }).caller.sessionName).toBeUndefined();
  });

  it('shows no key that only a username template reads', () => {
    const event = eventBy(bareRoleUser(`k:${KEY}`));
    expect(recordOf({ event, templates: ['k:{{AccessKeyID}}'] }).caller.accessKeyId).toBeUndefined();
  });

  it('is cut at the documented lengths, and says so by …', () => {
    const event = eventBy(roleUser({ username: 'u'.repeat(5_000) }), {
      userAgent: '😀'.repeat(5_000),
      requestURI: `/${'x'.repeat(9_000)}`,
      sourceIPs: Array.from({ length: 500 }, (_, at) => `198.51.100.${at}`),
      auditID: 'a'.repeat(300),
    });
    const { auditId, caller, source, request } = recordOf({ event });
    expect(caller.username).toBe(`${'u'.repeat(1_023)}…`);
    expect(source?.userAgent).toMatch(/^(?:😀)+…$/u);
    expect(source?.ips).toHaveLength(LIST_LIMIT);
    expect(source?.ips?.at(-1)).toBe('198.51.100.499'); // the only one that no client writes
    expect(request?.uri).toHaveLength(4_096);
    expect(auditId).toHaveLength(256);
  });
});
