import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import { recordIdentity } from '../../lib/attribution/copies.ts';
import { type AuditRecord, LIST_LIMIT, recordHead } from '../../lib/attribution/record.ts';
import type { JsonObject } from '../../lib/json.ts';
import { apiActivity } from '../../lib/ocsf/api-activity.ts';
import { type ApiActivity, OCSF_VERSIONS, type OcsfVersion } from '../../lib/ocsf/event.ts';
import { parsedEvent, recordOf } from '../builders/answer.ts';
import { auditEvent, eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, KEY, OTHER_ACCOUNT } from '../builders/company.ts';
import { iamUser, rootUser, samlUser } from '../builders/trail-callers.ts';
import { federationGrant, grant, rootGrant } from '../builders/trail-records.ts';
import { schemaFlaws } from './schema-flaws.ts';

/** Returns the event of a record. Checks that it fits the schema of each version. */
function written(record: AuditRecord): ApiActivity {
  for (const version of OCSF_VERSIONS) expect(schemaFlaws(writtenAs(version, record))).toEqual([]);
  return writtenAs('1.3.0', record);
}

function writtenAs(schema: OcsfVersion, record: AuditRecord): ApiActivity {
  return JSON.parse(JSON.stringify(apiActivity(record, { version: '1.2.3', schema, digest: sha256 }))) as ApiActivity;
}

function eventOf(fields: JsonObject = {}, records: readonly JsonObject[] = [grant({ id: 'e1' })]): ApiActivity {
  return written(recordOf({ event: auditEvent(fields), records }));
}

describe('the activity of an event', () => {
  it.each<[string | undefined, string | undefined, number, string, string]>([
    ['create', undefined, 1, 'Create', 'Create'],
    ['get', undefined, 2, 'Read', 'Read'],
    ['list', undefined, 2, 'Read', 'Read'],
    ['watch', undefined, 2, 'Read', 'Read'],
    ['update', undefined, 3, 'Update', 'Update'],
    ['patch', 'status', 3, 'Update', 'Update'],
    ['delete', undefined, 4, 'Delete', 'Delete'],
    ['deletecollection', undefined, 4, 'Delete', 'Delete'],
    ['create', 'eviction', 1, 'Create', 'Create'],
    ['get', 'exec', 99, 'exec', 'Other'],
    ['create', 'portforward', 99, 'portforward', 'Other'],
    ['connect', undefined, 99, 'connect', 'Other'],
    [undefined, undefined, 0, 'Unknown', 'Unknown'],
  ])('%s of a pod, subresource %s, is activity %i', (verb, subresource, id, name, type) => {
    const event = eventOf({ verb, objectRef: { resource: 'pods', namespace: 'shop', name: 'web-0', subresource } });
    expect(event).toMatchObject({ activity_id: id, activity_name: name });
    expect(event).toMatchObject({ type_uid: 600_300 + id, type_name: `API Activity: ${type}` });
  });

  it('is a verb for a method of a request that names no resource, too', () => {
    const event = eventOf({ verb: 'put', requestURI: '/custom', objectRef: undefined });
    expect(event).toMatchObject({ activity_name: 'Update', message: 'alice put /custom' });
    expect(event).not.toHaveProperty('resources');
  });

  it('has the API group, its version, and the object with its path', () => {
    const objectRef = {
      resource: 'deployments',
      apiGroup: 'apps',
      namespace: 'shop',
      name: 'web',
      subresource: 'scale',
    };
    const requestURI = '/apis/apps/v1/namespaces/shop/deployments/web/scale?dryRun=All';
    const { api, resources, http_request, message } = eventOf({ verb: 'patch', objectRef, requestURI });
    const path = '/apis/apps/v1/namespaces/shop/deployments/web/scale';
    expect(api).toMatchObject({ operation: 'patch', group: { name: 'apps' }, version: 'v1', response: { code: 200 } });
    expect(resources).toEqual([
      { name: 'web', namespace: 'shop', type: 'deployments/scale', uid: path, version: 'v1' },
    ]);
    expect(http_request?.url).toEqual({ path, query_string: 'dryRun=All', url_string: requestURI });
    expect(message).toBe('alice patch deployments/scale web in shop');
  });
});

describe('the outcome of an event', () => {
  it.each<[JsonObject, string, string | undefined]>([
    [{ responseStatus: { code: 201 } }, 'Success', '201'],
    [{ responseStatus: { code: 101 }, stage: 'ResponseStarted' }, 'Success', '101'],
    [{ responseStatus: { code: 400 } }, 'Failure', '400'],
    [{ responseStatus: { code: 403 } }, 'Failure', '403'],
    [{ responseStatus: undefined, stage: 'RequestReceived' }, 'Unknown', undefined],
    [{ responseStatus: undefined, stage: 'Panic' }, 'Failure', undefined],
  ])('%j', (fields, status, code) => {
    expect(eventOf(fields)).toMatchObject({ status, ...(code !== undefined && { status_code: code }) });
  });

  it('states no reason if an actor is named', () => {
    expect(eventOf()).not.toHaveProperty('status_detail');
  });

  it('has the decision of the authorizer', () => {
    expect(eventOf().actor.authorizations).toEqual([{ decision: 'allow' }]);
    expect(eventOf().unmapped['authorization.reason']).toBe('RBAC: allowed');
  });
});

describe('the time of an event', () => {
  it('is in whole milliseconds since the epoch, and as written', () => {
    const event = eventOf({ requestReceivedTimestamp: '2026-03-10T08:01:12.204999Z' });
    expect(event).toMatchObject({ time: Date.parse('2026-03-10T08:01:12.204Z') });
    expect(event.metadata.original_time).toBe('2026-03-10T08:01:12.204999Z');
  });

  it('is 0 if the event has no readable time, with the reason why the actor is unidentified', () => {
    expect(eventOf({ requestReceivedTimestamp: 'noon' })).toMatchObject({
      time: 0,
      status_detail: 'unattributed: no-event-time',
      metadata: { original_time: 'noon' },
    });
  });
});

describe('the identity of an event', () => {
  it("has the product, the event's identity as in the tables, and the audit ID to correlate", () => {
    expect(eventOf({ auditID: 'reused' }).metadata).toMatchObject({
      version: '1.3.0',
      profiles: ['cloud'],
      product: { name: 'eks-whois', vendor_name: 'eks-whois', version: '1.2.3' },
      uid: sha256(recordIdentity(recordHead(parsedEvent(auditEvent({ auditID: 'reused' })), {}))),
      correlation_uid: 'reused',
    });
  });

  it('separates two events with one audit ID', () => {
    const [one, other] = ['shop', 'pay'].map((namespace) => eventOf({ requestURI: `/api/v1/namespaces/${namespace}` }));
    expect(one?.metadata.correlation_uid).toBe(other?.metadata.correlation_uid);
    expect(one?.metadata.uid).not.toBe(other?.metadata.uid);
  });
});

describe('the source of an event', () => {
  it('is the last address, because the client wrote those before it', () => {
    const event = eventOf({ sourceIPs: ['10.0.0.1', 'not an address', '2001:db8::7', '198.51.100.7'] });
    expect(event.src_endpoint).toEqual({ ip: '198.51.100.7' });
    expect(event.http_request?.x_forwarded_for).toEqual(['10.0.0.1', '2001:db8::7']);
    expect(JSON.parse(event.unmapped['source.ips'] ?? '')).toHaveLength(4);
  });

  it.each(['::1', '2001:db8::7', '2001:db8:0:1:1:1:1:1', '::ffff:0:1', '255.1.10.199'])(
    'is an address for %s',
    (ip) => {
      expect(eventOf({ sourceIPs: [ip] }).src_endpoint).toEqual({ ip });
    },
  );

  it.each(['proxy', '256.1.1.1', '1:2', '1::2::3', 'fe80::1%eth0', '1:2:3:4:5:6:7:8:9', ':'])(
    'is no address for %s',
    (name) => {
      expect(eventOf({ sourceIPs: [name] }).src_endpoint).toEqual({ name });
    },
  );

  it('is unknown if there is no address, or so many that the last one was cut off', () => {
    expect(eventOf({ sourceIPs: undefined }).src_endpoint).toEqual({ name: 'unknown' });
    const sourceIPs = Array.from({ length: LIST_LIMIT + 1 }, () => '10.0.0.1');
    expect(eventOf({ sourceIPs }).src_endpoint).toEqual({ name: 'unknown' });
  });
});

describe('the user of an event', () => {
  it('is the caller while the answer is pending, with the note that grants may still arrive', () => {
    const record = recordOf({ event: auditEvent(), records: [], settled: false });
    expect(written(record)).toMatchObject({
      status_detail: expect.stringMatching(/^pending: /) as string,
      actor: { user: { name: 'project-admin', type: 'role-session' } },
      unmapped: { 'attribution.status': 'pending', 'attribution.provisional': 'true' },
    });
  });

  it('has no name from a username that claims one: it is the caller’s, typed as such', () => {
    const event = written(recordOf({ event: eventBy(roleUser({ username: 'alice' })), records: [] }));
    expect(event.actor.user).toMatchObject({ name: 'alice', type: 'role-session', type_id: 99 });
    expect(event.observables?.map(({ name }) => name)).toEqual(['src_endpoint.ip']);
  });

  it('is of unknown type for a malformed identity', () => {
    const user = { uid: 'aws-iam-authenticator:nothing', username: 'alice' };
    expect(written(recordOf({ event: eventBy(user) }))).toMatchObject({
      actor: { user: { uid: user.uid, type: 'Unknown', type_id: 0 } },
      status_detail: 'unattributed: malformed-identity',
    });
  });

  it('is absent for a request that was not authenticated', () => {
    expect(written(recordOf({ event: eventBy({}) })).actor.user).toEqual({
      name: '(not authenticated)',
      type: 'anonymous',
      type_id: 99,
    });
  });

  it('is an admin for the root user; for an assumed root session it is who assumed it', () => {
    const user = {
      uid: `aws-iam-authenticator:${ACCOUNT}:${ACCOUNT}`,
      username: 'root',
      extra: { accessKeyId: [KEY] },
    };
    const own = written(recordOf({ event: eventBy(user) }));
    expect(own.actor.user).toMatchObject({ name: 'root', type: 'Admin', credential_uid: KEY });
    const assumed = written(recordOf({ event: eventBy(user), records: [rootGrant(ACCOUNT)] }));
    expect(assumed.actor).toMatchObject({ user: { name: 'alice' }, session: { credential_uid: KEY } });
  });

  it('roles assumed by the root user and by SAML', () => {
    expect(eventOf({}, [grant({ by: rootUser() })]).actor.user).toMatchObject({ name: 'root', type_id: 2 });
    const saml = grant({ by: samlUser('bob'), eventName: 'AssumeRoleWithSAML' });
    expect(eventOf({}, [saml]).actor).toMatchObject({ user: { name: 'bob' }, idp: { uid: 'company-idp' } });
  });

  it('is partial and without a name for a federated user without a known grant; the chosen name is in the session only', () => {
    const arn = `arn:aws:sts::${ACCOUNT}:federated-user/alice`;
    const uid = `aws-iam-authenticator:${ACCOUNT}:${ACCOUNT}:alice`;
    const event = written(recordOf({ event: eventBy({ uid, username: 'reader', extra: { arn: [arn] } }) }));
    expect(event.actor).toMatchObject({
      user: { uid: `federated/${ACCOUNT}/alice`, uid_alt: arn, type: 'federated-user' },
    });
    expect(event.actor.session).toMatchObject({ uid: `${ACCOUNT}:alice` });
    expect(event.actor.user).not.toHaveProperty('name');
    const known = recordOf({
      event: eventBy({ uid, username: 'reader', extra: { arn: [arn], accessKeyId: [KEY] } }),
      records: [federationGrant('alice', { by: iamUser('carol') })],
    });
    expect(written(known).actor.user.name).toBe('carol');
  });

  it('is the caller of an impersonation, and the impersonated user is stored separately', () => {
    const { actor, unmapped } = eventOf({ impersonatedUser: { username: 'bob', groups: ['ops'] } });
    expect(actor.user.name).toBe('alice');
    expect(unmapped).toMatchObject({ 'impersonated.username': 'bob', 'impersonated.groups': '["ops"]' });
  });
});

describe('the user of an event, in version 3', () => {
  const TOKEN = 'JTI=0b1e3c1c-31c1-4f62-8f2e-1f0f9c0b9e11';
  const deployer = (extra: JsonObject = {}) => ({ username: 'system:serviceaccount:shop:deployer', extra });
  const issuing = auditEvent({
    verb: 'create',
    objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: 'deployer' },
    annotations: { 'authentication.kubernetes.io/issued-credential-id': TOKEN },
  });
  const used = eventBy(deployer({ 'authentication.kubernetes.io/credential-id': [TOKEN] }));

  it('is whoever had the service account token issued, and the session is the token', () => {
    const { actor, unmapped, metadata } = written(recordOf({ event: used, records: [grant()], issuing: [issuing] }));
    expect(actor.user).toMatchObject({ name: 'alice', type: 'User' });
    expect(actor.session).toEqual({
      uid: TOKEN,
      issuer: 'system:serviceaccount:shop:deployer',
      created_time: Date.parse(String(issuing.requestReceivedTimestamp)),
    });
    expect(unmapped).toMatchObject({ 'attribution.method': 'token', 'caller.credentialId': TOKEN });
    expect(metadata.labels).toEqual(['token-of-service-account']);
  });

  it('is the service account if it is unknown who had the token issued', () => {
    const { actor } = written(recordOf({ event: used }));
    expect(actor.user).toMatchObject({ name: 'system:serviceaccount:shop:deployer', credential_uid: TOKEN });
    expect(actor).not.toHaveProperty('session');
  });

  it('has its ID from a trusted proxy, and the proxy is the idp', () => {
    const event = eventBy(deployer(), { impersonatedUser: { username: 'bob', uid: 'u-1' } });
    const proxies = ['system:serviceaccount:shop:deployer'];
    expect(written(recordOf({ event, proxies })).actor).toMatchObject({
      idp: { uid: 'system:serviceaccount:shop:deployer' },
      user: { name: 'bob', uid: 'proxied/name:/system:serviceaccount:shop:deployer/u-1', uid_alt: 'u-1', type: 'User' },
    });
    expect(written(recordOf({ event })).actor.user.name).toBe('shop:deployer');
  });

  it('is partial and notable for somebody of another account with this identity', () => {
    const by = iamUser('alice', { invokedByDelegate: { accountId: OTHER_ACCOUNT } });
    expect(eventOf({}, [grant({ by })])).toMatchObject({
      severity: 'Low',
      status_detail: 'partial: acts-by-delegation',
      actor: { user: { name: 'alice' } },
      unmapped: { 'attribution.actor.delegate': JSON.stringify({ accountId: OTHER_ACCOUNT }) },
    });
  });
});

describe('whatever the audit log contains', () => {
  const text = fc.option(fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('', '::', '?', '/')), {
    nil: undefined,
  });
  const event = fc.record({
    auditID: fc.string(),
    stage: text,
    verb: text,
    requestURI: text,
    requestReceivedTimestamp: text,
    userAgent: text,
    sourceIPs: fc.option(fc.array(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()), { maxLength: 70 }), { nil: undefined }),
    responseStatus: fc.option(fc.record({ code: fc.oneof(fc.integer(), fc.double()) }), { nil: undefined }),
    objectRef: fc.option(
      fc.record({ resource: text, subresource: text, namespace: text, name: text, apiGroup: text }),
      {
        nil: undefined,
      },
    ),
    user: fc.record({ uid: text, username: text, groups: fc.array(fc.string(), { maxLength: 3 }) }),
  });

  it('the event fits the schema', () => {
    fc.assert(fc.property(event, (fields) => void eventOf(fields)));
  });
});
