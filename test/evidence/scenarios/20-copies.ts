import type { JsonObject } from '../../../lib/json.ts';
import { auditEvent, eventBy, roleUser } from '../../builders/audit-event.ts';
import { ALICE, ALICES_KEY, alices, SHARED } from '../cast.ts';
import type { ExpectedAnswer, Scenario } from '../scenario.ts';

const DORA = { username: 'dora@example.com', uid: 'dora-1', groups: ['staff'] };
const BY_DORA: ExpectedAnswer = {
  status: 'attributed',
  method: 'direct',
  actor: { kind: 'kubernetes-user', name: 'dora@example.com' },
};
const FLAGGED: ExpectedAnswer = { ...BY_DORA, flags: ['conflicting-copies'] };

const byDora = (fields: JsonObject = {}) => auditEvent({ user: DORA, ...fields });
const decided = (decision: string): JsonObject => ({ annotations: { 'authorization.k8s.io/decision': decision } });
const asAlice = (username: string) =>
  eventBy(roleUser({ session: SHARED, key: ALICES_KEY }), { auditID: 'as another', impersonatedUser: { username } });
const ALICE_FLAGGED: ExpectedAnswer = {
  status: 'attributed',
  method: 'access-key',
  flags: ['conflicting-copies', 'impersonation'],
  actor: ALICE,
};

/** Copies of one event. Whoever can write to the log can add another version of a request. */
export const COPIES: readonly Scenario[] = [
  {
    title: 'a harmless version of a request hides nothing: both are records, and flagged',
    records: [],
    events: [byDora(), byDora({ verb: 'get' })].map((event) => ({ event, expected: FLAGGED })),
  },
  {
    title: 'each of three versions is a record, and flagged',
    records: [],
    events: [byDora(), byDora({ verb: 'get' }), byDora({ responseStatus: { code: 403 } })].map((event) => ({
      event,
      expected: FLAGGED,
    })),
  },
  {
    title: 'a version that names another object than the path hides nothing: both are records, and flagged',
    records: [],
    events: [byDora(), byDora({ objectRef: { resource: 'configmaps', namespace: 'shop', name: 'web-0' } })].map(
      (event) => ({ event, expected: FLAGGED }),
    ),
  },
  {
    title: 'a version that the authorizer forbids hides nothing: both are records, and flagged',
    records: [],
    events: ['allow', 'forbid'].map((decision) => ({ event: byDora(decided(decision)), expected: FLAGGED })),
  },
  {
    title: 'a copy from an export without annotations is no record of its own, and no conflict',
    records: [],
    events: [byDora({ annotations: undefined }), byDora(decided('allow'))].map((event) => ({
      event,
      expected: BY_DORA,
    })),
  },
  {
    title: 'two versions that impersonate two users are two records',
    records: [alices()],
    events: ['bob', 'carol'].map((name) => ({ event: asAlice(name), expected: ALICE_FLAGGED })),
  },
  {
    title: 'a copy from an export that lacks fields is no record of its own, and no conflict',
    records: [],
    events: [byDora({ responseStatus: undefined, verb: undefined }), byDora()].map((event) => ({
      event,
      expected: BY_DORA,
    })),
  },
  {
    title: 'an event of another cluster is no copy, whatever it states',
    records: [],
    events: [
      { event: byDora(), expected: BY_DORA },
      { event: byDora({ verb: 'get' }), cluster: 'dev-1', expected: BY_DORA },
    ],
  },
];
