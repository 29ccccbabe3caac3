import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { answerOf } from '../builders/answer.ts';
import { auditEvent, bareRoleUser, eventBy, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY, KEY, ROLE_ID, utc } from '../builders/company.ts';
import { awsService, iamUser, roleSession } from '../builders/trail-callers.ts';
import { callBy, type GrantOptions, grant } from '../builders/trail-records.ts';

const EARLY = { at: utc('06:00:00'), until: utc('07:00:00') };
const OTHER = { roleId: 'AROAOTHER000000000001', session: 'other' };
const noTime = { requestReceivedTimestamp: 'x' };
const noKey = roleUser({ key: null });

describe('the reason of an unattributed answer is the first that holds', () => {
  it.each<[string, string, JsonObject, GrantOptions[]]>([
    ['no readable time, before all that the key would say', 'no-event-time', auditEvent(noTime), [OTHER]],
    ['no readable time and no key', 'no-event-time', eventBy(noKey, noTime), [{}]],
    ["the key's grant belongs to another session", 'access-key-contradicts-session', auditEvent(), [OTHER]],
    [
      "the key's own grant is out of its time, before another session's grant of it",
      'outside-session-validity',
      auditEvent(),
      [OTHER, EARLY],
    ],
    ["the key's grant is out of its time", 'outside-session-validity', auditEvent(), [EARLY]],
    [
      "the key's grant is out of its time, before others of that name are known",
      'outside-session-validity',
      auditEvent(),
      [EARLY, { key: ANOTHER_KEY }],
    ],
    [
      'grants of role and name are known, none issued the key',
      'access-key-not-seen',
      auditEvent(),
      [{ key: ANOTHER_KEY }],
    ],
    ['the same, of another day', 'access-key-not-seen', auditEvent(), [{ key: ANOTHER_KEY, ...EARLY }]],
    ['the same, without any key', 'access-key-not-seen', auditEvent(), [{ key: null }]],
    [
      'the same, to a service without assumedRoleUser',
      'access-key-not-seen',
      auditEvent(),
      [{ key: ANOTHER_KEY, by: awsService('ec2.amazonaws.com'), namesRoleUser: false }],
    ],
    ['nothing is known of key, role and name', 'no-matching-grant', auditEvent(), []],
    [
      'only other names of the role are known',
      'no-matching-grant',
      auditEvent(),
      [{ key: ANOTHER_KEY, session: 'other' }],
    ],
    [
      'a name with a key is guessed only',
      'no-matching-grant',
      eventBy(bareRoleUser('admin:alice-0001', { key: KEY })),
      [{ key: ANOTHER_KEY, session: 'alice-0001' }],
    ],
    ['there is neither key nor name', 'session-name-unknown', eventBy(bareRoleUser('admin')), [{}]],
    [
      'there is not even a username',
      'session-name-unknown',
      eventBy({ uid: `aws-iam-authenticator:111122223333:${ROLE_ID}` }),
      [{}],
    ],
    [
      'the name was guessed, and there is a candidate at another time',
      'outside-session-validity',
      eventBy(bareRoleUser('a:alice-session')),
      [EARLY],
    ],
    ['a stated name is known at another time only', 'outside-session-validity', eventBy(noKey), [EARLY]],
    ['a stated name is not known', 'no-matching-grant', eventBy(noKey), [OTHER]],
  ])('%s: %s', (_, reason, event, grants) => {
    const answer = answerOf({ event, records: grants.map(grant) });
    expect([answer.status, answer.reason]).toEqual(['unattributed', reason]);
    expect([answer.actor, answer.method, answer.chain, answer.candidates]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('a use of the key belongs to another session: access-key-contradicts-session', () => {
    const use = callBy(roleSession({ ...OTHER, key: KEY }));
    expect(answerOf({ event: auditEvent(), records: [use] }).reason).toBe('access-key-contradicts-session');
  });

  it('the session that a use began is out of its time: outside-session-validity', () => {
    const use = callBy(
      roleSession({ roleId: ROLE_ID, session: 'alice-session', key: ANOTHER_KEY, began: utc('06:00:00') }),
    );
    const records = [use, grant({ ...EARLY, key: null })];
    const event = eventBy(roleUser({ key: ANOTHER_KEY }));
    expect(answerOf({ event, records }).reason).toBe('outside-session-validity');
  });

  it('a templated name is known: access-key-not-seen', () => {
    const event = eventBy(bareRoleUser('admin:alice', { key: KEY }));
    const records = [grant({ session: 'alice', key: ANOTHER_KEY })];
    expect(answerOf({ event, templates: ['admin:{{SessionName}}'], records }).reason).toBe('access-key-not-seen');
  });
});

/** Whoever may write files, or call STS by a name of his choice, must not be able to put a deed on somebody. */
describe('a forged', () => {
  it.each<[string, unknown]>([
    [
      'EventBridge envelope, which anybody may put',
      { source: 'com.mallory', 'detail-type': 'AWS API Call via CloudTrail', detail: grant() },
    ],
    [
      'envelope of AWS, but not of STS',
      { source: 'aws.ec2', 'detail-type': 'AWS API Call via CloudTrail', detail: grant() },
    ],
    ['grant by another source of events', grant({ fields: { eventSource: 'sts.mallory.com' } })],
    ['grant that was denied', grant({ fields: { errorCode: 'AccessDenied' } })],
  ])('%s names no actor', (_, record) => {
    expect(answerOf({ event: auditEvent(), records: [record] }).status).toBe('unattributed');
  });

  it("session name, alice's, on the same role names no actor if the event has a key", () => {
    const records = [grant({ by: iamUser('mallory'), key: ANOTHER_KEY })];
    expect(answerOf({ event: auditEvent(), records }).status).toBe('unattributed');
  });

  it('copy with the ID of a real call does not replace it', () => {
    const real = grant({ id: 'e1', by: iamUser('alice') });
    const forged = grant({
      id: 'e1',
      by: iamUser('mallory', { invokedBy: 'x', onBehalfOf: { userId: 'x' } }),
      key: ANOTHER_KEY,
    });
    for (const records of [
      [real, forged],
      [forged, real],
    ]) {
      expect(answerOf({ event: auditEvent(), records }).actor?.name).toBe('alice');
    }
  });

  it('body of a request names no actor', () => {
    const user = roleUser({ session: 'bob', key: ANOTHER_KEY });
    const event = auditEvent({ requestObject: { user }, responseObject: user, impersonatedUser: user });
    expect(answerOf({ event, records: [grant()] }).actor?.name).toBe('alice');
    expect(answerOf({ event: eventBy({}, { requestObject: { user: roleUser() } }), records: [grant()] }).status).toBe(
      'system',
    );
  });
});
