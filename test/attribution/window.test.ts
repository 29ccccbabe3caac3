import { describe, expect, it } from 'vitest';
import { answerOf, verdictOf } from '../builders/answer.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY, KEY, utc } from '../builders/company.ts';
import { iamUser, roleSession } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';

const FOUND = 'attributed access-key iam-user alice';
const OUTSIDE = 'unattributed outside-session-validity';

/** The grant is of 12:00:00 and lasts until 13:00:00. */
describe("an event's time must lie within its session's", () => {
  it.each([
    ['60 s before the grant, to the microsecond', '11:59:00.000000', FOUND],
    ['a microsecond earlier than that', '11:58:59.999999', OUTSIDE],
    ['at the grant', '12:00:00.000000', FOUND],
    ['at the expiration', '13:00:00.000000', FOUND],
    ['in the second of the expiration', '13:00:00.204518', FOUND],
    ['in the second 10 min after the expiration, to the microsecond', '13:10:00.999999', FOUND],
    ['a microsecond later than that', '13:10:01.000000', OUTSIDE],
    ['in the year before', '00:00:00', OUTSIDE],
  ])('%s', (name, time, expected) => {
    const at = name.endsWith('the year before') ? '2025-03-10T12:10:00Z' : utc(time);
    expect(verdictOf({ event: auditEvent({ requestReceivedTimestamp: at }), records: [grant()] })).toBe(expected);
  });

  it('by name as well', () => {
    const user = roleUser({ key: null });
    const verdictAt = (time: string) =>
      verdictOf({ event: auditEvent({ user, requestReceivedTimestamp: utc(time) }), records: [grant()] });
    expect(verdictAt('13:10:00')).toBe('attributed session-name iam-user alice');
    expect(verdictAt('13:10:01')).toBe(OUTSIDE);
  });

  it('by session start as well', () => {
    const use = callBy(roleSession({ ...SESSION, key: ANOTHER_KEY, began: utc('12:00:00') }));
    const verdictAt = (time: string) =>
      verdictOf({
        event: auditEvent({ user: roleUser({ key: ANOTHER_KEY }), requestReceivedTimestamp: utc(time) }),
        records: [grant(), use],
      });
    expect(verdictAt('13:10:00')).toBe('attributed session-start iam-user alice');
    expect(verdictAt('13:10:01')).toBe(OUTSIDE);
  });

  it('in any time zone; without a zone it is UTC', () => {
    for (const time of ['2026-03-10T13:40:00+01:00', '2026-03-10 12:40:00', '2026-03-10T12:40:00']) {
      expect(verdictOf({ event: auditEvent({ requestReceivedTimestamp: time }), records: [grant()] })).toBe(FOUND);
    }
  });

  it.each([undefined, '', 'soon', 7])('and if it is %j, no grant matches', (requestReceivedTimestamp) => {
    const event = auditEvent({ requestReceivedTimestamp, stageTimestamp: utc('12:10:00') });
    expect(verdictOf({ event, records: [grant()] })).toBe('unattributed no-event-time');
  });
});

const SESSION = { roleId: 'AROAPROJECTADMIN00001', session: 'alice-session', roleName: 'project-admin' };

describe('a stage that arrives late', () => {
  it('belongs to the session in which the request began', () => {
    const exec = { verb: 'create', requestURI: '/api/v1/namespaces/shop/pods/web-0/exec', auditID: 'exec' };
    const late = auditEvent({ ...exec, stage: 'ResponseComplete', stageTimestamp: utc('21:00:00') });
    const started = auditEvent({ ...exec, stage: 'ResponseStarted' });
    for (const event of [started, late]) expect(verdictOf({ event, records: [grant()] })).toBe(FOUND);
  });
});

describe('an access key that recurs', () => {
  const mornings = grant({ by: iamUser('bob'), at: utc('06:00:00'), until: utc('07:00:00') });
  it('belongs to the session in whose time the event lies', () => {
    const records = [mornings, grant()];
    const verdictAt = (time: string) =>
      verdictOf({ event: auditEvent({ requestReceivedTimestamp: utc(time) }), records });
    expect(verdictAt('06:30:00')).toBe('attributed access-key iam-user bob');
    expect(verdictAt('12:30:00')).toBe(FOUND);
    expect(verdictAt('09:00:00')).toBe(OUTSIDE);
  });

  it('is no contradiction if another session had it at another time', () => {
    const others = grant({ by: iamUser('bob'), session: 'bob', at: utc('06:00:00'), until: utc('07:00:00') });
    expect(verdictOf({ event: auditEvent(), records: [others, grant()] })).toBe(FOUND);
  });

  it('makes both people candidates if two sessions have it at one time', () => {
    const records = [grant({ by: iamUser('bob') }), grant()];
    expect(verdictOf({ event: auditEvent(), records })).toBe('ambiguous alice or bob');
  });

  it('gives the latest grant if two sessions of one person have it', () => {
    const records = [grant({ id: 'second', at: utc('12:05:00') }), grant({ id: 'first' })];
    const { actor, chain } = answerOf({ event: auditEvent(), records });
    expect([actor?.name, chain?.[0]?.eventIds]).toEqual(['alice', ['second']]);
    expect(chain?.[0]).toMatchObject({ accessKeyId: KEY });
  });
});
