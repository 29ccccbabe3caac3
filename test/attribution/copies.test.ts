import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  copyContent,
  copyPlace,
  isConflict,
  recordIdentity,
  statesAll,
  withConflict,
} from '../../lib/attribution/copies.ts';
import { recordHead } from '../../lib/attribution/record.ts';
import type { JsonObject } from '../../lib/json.ts';
import { parsedEvent, recordOf } from '../builders/answer.ts';
import { auditEvent, bareRoleUser, roleUser } from '../builders/audit-event.ts';
import { OTHER_ACCOUNT, utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';

const headOf = (fields: JsonObject, cluster?: string, handedOverBy?: string) =>
  recordHead(parsedEvent(auditEvent(fields)), {
    cluster,
    origin: handedOverBy === undefined ? undefined : { handedOverBy },
  });
const usual = headOf({});

describe('two events', () => {
  it.each<[string, JsonObject]>([
    ['audit ID', { auditID: 'another' }],
    ['stage', { stage: 'ResponseStarted' }],
    ['time', { requestReceivedTimestamp: utc('12:10:00.000001') }],
  ])('that differ in their %s are no copies', (_, fields) => {
    expect(copyPlace(headOf(fields))).not.toBe(copyPlace(usual));
  });

  it('of two clusters, or handed over by two accounts, are no copies', () => {
    const arn = (account: string) => `arn:aws:eks:eu-west-1:${account}:cluster/prod`;
    const places = [
      usual,
      headOf({}, 'prod'),
      { ...headOf({}, 'prod'), clusterArn: arn('111122223333') },
      { ...headOf({}, 'prod'), clusterArn: arn('999999999999') },
      headOf({}, 'prod', OTHER_ACCOUNT),
      { ...usual, accountId: '111122223333' },
      { ...usual, accountId: '999999999999' },
    ].map(copyPlace);
    expect(new Set(places).size).toBe(7);
  });

  it('whose times are the same microsecond are copies, however it is written', () => {
    const moved = headOf({ requestReceivedTimestamp: '2026-03-10T13:10:00.0000001+01:00' });
    expect(copyPlace(moved)).toBe(copyPlace(usual));
  });

  it.each<[string, JsonObject]>([
    ['verb', { verb: 'get' }],
    ['path', { requestURI: '/api/v1/secrets' }],
    ['resource', { objectRef: { resource: 'secrets', namespace: 'shop', name: 'web-0' } }],
    ['namespace', { objectRef: { resource: 'pods', namespace: 'kube-system', name: 'web-0' } }],
    ['object', { objectRef: { resource: 'pods', namespace: 'shop', name: 'web-1' } }],
    ['username', { user: { ...roleUser(), username: 'other' } }],
    ['uid', { user: { ...roleUser(), uid: 'other' } }],
    ['access key', { user: roleUser({ key: 'ASIAOTHER00000000001' }) }],
    ['session', { user: roleUser({ session: 'other' }) }],
    ['response code', { responseStatus: { code: 500 } }],
  ])('of one place conflict if their %s differ', (_, fields) => {
    const copy = headOf(fields);
    expect(copyPlace(copy)).toBe(copyPlace(usual));
    expect(isConflict(copyContent(copy), copyContent(usual))).toBe(true);
    expect(recordIdentity(copy)).not.toBe(recordIdentity(usual));
  });

  it.each(['apiGroup', 'subresource'])('conflict if both state the %s, and differ in it', (field) => {
    const [one, other] = ['one', 'other'].map((value) =>
      copyContent(headOf({ objectRef: { resource: 'pods', namespace: 'shop', name: 'web-0', [field]: value } })),
    );
    expect(isConflict(one ?? [], other ?? [])).toBe(true);
  });

  it('conflict if they impersonate two users, or groups', () => {
    const [one, other, groups] = [{ username: 'bob' }, { username: 'eve' }, { username: 'bob', groups: ['ops'] }].map(
      (impersonatedUser) => copyContent(headOf({ impersonatedUser })),
    );
    expect([isConflict(one ?? [], other ?? []), isConflict(one ?? [], groups ?? [])]).toEqual([true, false]);
  });

  it.each<[string, JsonObject]>([
    ['time of the stage', { stageTimestamp: utc('18:00:00') }],
    ['user agent', { userAgent: 'curl' }],
    ['groups', { user: { ...roleUser(), groups: [] } }],
  ])('that differ in their %s only are one record', (_, fields) => {
    expect(recordIdentity(headOf(fields))).toBe(recordIdentity(usual));
  });

  it('do not conflict in a field that one of them lacks', () => {
    const lean = copyContent(headOf({ responseStatus: undefined, user: bareRoleUser('project-admin') }));
    const full = copyContent(headOf({ user: { ...roleUser(), uid: bareRoleUser('project-admin').uid } }));
    expect([isConflict(lean, full), statesAll(full, lean), statesAll(lean, full)]).toEqual([false, true, false]);
  });
});

it('a record has one identity, whatever is learned of its session', () => {
  const user = bareRoleUser('team:alice-mfa-2026');
  const event = auditEvent({ user });
  const [before, after] = [[], [grant({ session: 'alice-mfa-2026', key: 'ASIAOTHER00000000001' })]].map((records) =>
    recordOf({ event, records }),
  );
  expect(after?.caller.sessionName).toBe('alice-mfa-2026');
  expect(after && recordIdentity(after)).toBe(before && recordIdentity(before));
});

it('the identity cannot be made equal by moving text from one field to the next', () => {
  const fields = fc.record({ verb: fc.string(), requestURI: fc.string(), auditID: fc.string() });
  fc.assert(
    fc.property(fields, fields, (one, other) => {
      const contents = [one, other].map((each) => headOf(each));
      const [a, b] = contents.map((each) => JSON.stringify([copyPlace(each), copyContent(each)]));
      const [c, d] = contents.map((each) => recordIdentity(each));
      expect(c === d).toBe(a === b);
    }),
  );
});

it('the flag stands first, once, and leaves the others', () => {
  const { attribution } = recordOf({ event: auditEvent({ impersonatedUser: { username: 'bob' } }) });
  expect(withConflict(withConflict(attribution)).flags).toEqual(['conflicting-copies', 'impersonation']);
});
