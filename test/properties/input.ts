import fc from 'fast-check';
import type { JsonObject } from '../../lib/json.ts';
import { auditEvent, bareRoleUser, eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, utc } from '../builders/company.ts';
import { accountOnly, awsService, iamUser, roleSession, samlUser } from '../builders/trail-callers.ts';
import { callBy, federationGrant, grant, rootGrant } from '../builders/trail-records.ts';

/** Values to begin with: each shape that the product reads. */
const SHAPES: readonly unknown[] = [
  auditEvent(),
  eventBy(bareRoleUser('admin:alice-0001')),
  eventBy(roleUser({ key: null }), { impersonatedUser: { username: 'bob' } }),
  { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: [auditEvent()] },
  { messageType: 'DATA_MESSAGE', logGroup: '/aws/eks/a/cluster', logStream: 's', logEvents: [{ message: '{}' }] },
  { awslogs: { data: 'H4sIAAAAAAAAA6uuBQBDv6ajAgAAAA==' } },
  { events: [{ logStreamName: 's', timestamp: 1, message: JSON.stringify(auditEvent()) }] },
  { results: [[{ field: '@message', value: JSON.stringify(auditEvent()) }]] },
  { '@message': JSON.stringify(auditEvent()), '@log': '1:/aws/eks/a/cluster' },
  { Records: [grant()] },
  { Events: [{ CloudTrailEvent: JSON.stringify(grant()) }] },
  { source: 'aws.sts', 'detail-type': 'AWS API Call via CloudTrail', detail: grant() },
  grant({ by: roleSession({ roleId: 'AROAJUMP0000000000001', session: 'x', key: ANOTHER_KEY }) }),
  grant({ by: samlUser('alice'), eventName: 'AssumeRoleWithSAML', path: '/aws-reserved/sso.amazonaws.com/' }),
  federationGrant('bob'),
  rootGrant(ACCOUNT),
  callBy(iamUser('alice')),
];

/** Any JSON at all, and values of the right shape with one part after the other replaced by something else. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc
    .tuple(fc.constantFrom(...SHAPES), fc.array(fc.tuple(fc.nat(), junk()), { minLength: 1, maxLength: 4 }))
    .map(([shape, changes]) => changes.reduce((value, [at, by]) => replaced(value, at, by), shape)),
);

function junk(): fc.Arbitrary<unknown> {
  const odd = ['', ':', '__proto__', 'AROA:', '\u0000', '\ud800', '{{SessionName}}', '2026-03-10T12:00:00Z', '{', '[]'];
  return fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom<unknown>(undefined, null, 7, [], {}, ...odd));
}

/** The value with its n-th part, counted through all depths, replaced. */
function replaced(value: unknown, part: number, by: unknown): unknown {
  const paths = pathsOf(value, []);
  const path = paths[part % paths.length] ?? [];
  return put(value, path, by);
}

type Path = readonly (string | number)[];

function pathsOf(value: unknown, at: Path): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, entry]) => pathsOf(entry, [...at, key]))];
}

function put(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((entry, index) => (String(index) === key ? put(entry, rest, by) : entry));
  const entries = Object.entries(value as JsonObject);
  return Object.fromEntries(entries.map(([name, entry]) => [name, name === key ? put(entry, rest, by) : entry]));
}

/** Grants and uses that have to do with one another: few names, few keys, few roles, few times. */
const session = fc.record({
  roleId: fc.constantFrom('AROAPROJECTADMIN00001', 'AROAJUMP0000000000001', 'AROAOTHER000000000001'),
  session: fc.constantFrom('alice-session', 'bob-0000001', 'al', 'alice@example.com', 'alice-example.com'),
  key: fc.constantFrom(KEY, ANOTHER_KEY, 'ASIATHIRDSESSION0003', null),
});
const at = fc.constantFrom('11:00:00', '11:58:00', '12:00:00', '12:00:02', '12:09:00').map(utc);
const caller: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.constantFrom('alice', 'bob', 'carol').map((name) => iamUser(name)),
  fc.tuple(session, at).map(([who, began]) => roleSession({ ...who, began })),
  fc.constantFrom(
    samlUser('alice'),
    awsService('ec2.amazonaws.com'),
    accountOnly('444455556666', 'AIDABOB00000000000000'),
  ),
);

export const anyRecord: fc.Arbitrary<JsonObject> = fc
  .record({
    session,
    at,
    by: caller,
    id: fc.nat(30),
    shared: fc.option(fc.nat(3)),
    eventName: fc.constantFrom('AssumeRole', 'AssumeRole', 'AssumeRoleWithSAML', 'GetCallerIdentity'),
    path: fc.constantFrom('/', '/aws-reserved/sso.amazonaws.com/'),
    namesRoleUser: fc.boolean(),
  })
  .map(({ session, id, shared, ...rest }) =>
    grant({
      ...session,
      ...rest,
      id: `e${id}`,
      fields: shared === null ? {} : { sharedEventID: `s${shared}` },
    }),
  );

export const anyEvent: fc.Arbitrary<JsonObject> = fc
  .tuple(
    session,
    fc.constantFrom('admin', 'admin:alice-example.com', 'bob-0000001', 'system:node:x', 'eks:x'),
    fc.constantFrom('12:01:00', '12:10:00', '12:50:00'),
    fc.boolean(),
  )
  .map(([{ roleId, session: name, key }, username, time, states]) =>
    eventBy(roleUser({ roleId, key, username, session: states ? name : null }), {
      requestReceivedTimestamp: utc(time),
    }),
  );
