import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { answerOf } from '../builders/answer.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY, KEY, utc } from '../builders/company.ts';
import { awsService, iamUser, roleSession } from '../builders/trail-callers.ts';
import { callBy, type GrantOptions, grant } from '../builders/trail-records.ts';

const NODE = { roleName: 'node', roleId: 'AROANODE0000000000001', session: 'i-0123456789abcdef0' };

function nodeGrant(options: GrantOptions = {}): JsonObject {
  return grant({ ...NODE, by: awsService('ec2.amazonaws.com'), ...options });
}

describe.each([
  ['system:node:ip-10-0-0-1.ec2.internal', 'node-role-used-by-person'],
  ['eks:node-manager', 'eks-name-used-by-person'],
])('a role session that the cluster calls %s', (username, flag) => {
  const event = (key: string | null = KEY) =>
    auditEvent({ user: roleUser({ ...NODE, key, username }), userAgent: 'kubelet/v1.33.1' });
  const BY_A_PERSON = { status: 'attributed', flags: expect.arrayContaining([flag]), actor: { name: 'alice' } };

  it.each<[string, JsonObject[]]>([
    ['nothing is known', []],
    ['a service asked for its key', [nodeGrant()]],
    ["only another session's grant is known", [grant({ by: iamUser('mallory') })]],
    [
      'a person has a session of its name, but the key is another',
      [nodeGrant({ by: iamUser('alice'), key: ANOTHER_KEY })],
    ],
    [
      'a person had its key at another time',
      [nodeGrant({ by: iamUser('alice'), at: utc('06:00:00'), until: utc('07:00:00') })],
    ],
  ])('is system if %s', (_, records) => {
    expect(answerOf({ event: event(), records })).toEqual({ status: 'system', provisional: false, flags: [] });
  });

  it('is a person if a person obtained its key', () => {
    const answer = answerOf({ event: event(), records: [nodeGrant({ by: iamUser('alice') })] });
    expect(answer).toMatchObject({ ...BY_A_PERSON, method: 'access-key' });
  });

  it('is a person if a person began the session of the key', () => {
    const use = callBy(roleSession({ ...NODE, key: ANOTHER_KEY, began: utc('12:00:00') }));
    const answer = answerOf({ event: event(ANOTHER_KEY), records: [use, nodeGrant({ by: iamUser('alice') })] });
    expect(answer).toMatchObject({ ...BY_A_PERSON, method: 'session-start' });
  });

  it('is a person, by name, if there is no key', () => {
    const answer = answerOf({ event: event(null), records: [nodeGrant({ by: iamUser('alice') })] });
    expect(answer).toMatchObject({ ...BY_A_PERSON, method: 'session-name' });
  });

  it('is the person behind a role session, whoever began it', () => {
    const by = roleSession({ roleId: 'AROAJUMP0000000000001', session: 'x', began: null });
    const answer = answerOf({ event: event(), records: [nodeGrant({ by })] });
    expect(answer).toMatchObject({ status: 'partial', reason: 'upstream-grant-not-found', flags: [flag] });
  });

  it("is ambiguous if a service's grant and a person's match, with the flag", () => {
    const records = [nodeGrant(), nodeGrant({ by: iamUser('alice'), key: ANOTHER_KEY })];
    const answer = answerOf({ event: event(null), records });
    expect([answer.status, answer.flags]).toEqual(['ambiguous', [flag]]);
    expect(answer.candidates?.map(({ actor }) => actor.name).sort()).toEqual(['alice', 'ec2.amazonaws.com']);
  });

  it("is system if only services' grants match by its name", () => {
    expect(answerOf({ event: event(null), records: [nodeGrant()] }).status).toBe('system');
  });

  it('is system if the time is unreadable', () => {
    const fields = { requestReceivedTimestamp: 'x', userAgent: 'kubelet/v1.33.1' };
    const late = auditEvent({ user: roleUser({ ...NODE, username }), ...fields });
    expect(answerOf({ event: late, records: [nodeGrant({ by: iamUser('alice') })] }).status).toBe('system');
  });

  it('is provisional while grants may arrive', () => {
    expect(answerOf({ event: event(), settled: false })).toMatchObject({ status: 'system', provisional: true });
  });
});
