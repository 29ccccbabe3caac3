import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { answerOf, knownFrom } from '../builders/answer.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, KEY, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { roleSession } from '../builders/trail-callers.ts';
import { callBy } from '../builders/trail-records.ts';

const functionArn = (name: string) => `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:${name}`;
const event = eventBy(roleUser({ session: 'reconciler', key: KEY }));

interface Told {
  readonly of?: string;
  readonly context?: JsonObject;
}

/** A use of the event's key that says to which function the session's credentials were issued. */
function use(fields: JsonObject, { of = 'reconciler', context = {} }: Told = {}): JsonObject {
  const session = roleSession({ roleId: ROLE_ID, roleName: ROLE_NAME, session: 'reconciler', key: KEY });
  const by = { ...session, inScopeOf: { credentialsIssuedTo: functionArn(of) }, ...context };
  return callBy(by, { eventName: 'DescribeCluster', awsRegion: 'eu-central-1', ...fields });
}

const idOf = (records: readonly JsonObject[]) => answerOf({ event, records }).use?.eventIds;

describe('the evidence of an answer by a use', () => {
  it('is the CloudTrail record of the use: its id, what was called, where and when', () => {
    const answer = answerOf({ event, records: [use({ eventID: 'u-1', eventTime: utc('12:00:07') })] });
    expect(answer).toMatchObject({ status: 'attributed', method: 'use', chain: [] });
    expect(answer.use).toEqual({
      eventName: 'DescribeCluster',
      eventIds: ['u-1'],
      region: 'eu-central-1',
      time: utc('12:00:07'),
    });
  });

  it.each<[string, readonly JsonObject[], readonly string[]]>([
    [
      'the earliest',
      [
        { eventID: 'a', eventTime: utc('12:01:00') },
        { eventID: 'b', eventTime: utc('12:00:00') },
      ],
      ['b'],
    ],
    ['of one time the smallest id', [{ eventID: 'b' }, { eventID: 'a' }], ['a']],
    ['one with a time', [{ eventID: 'a', eventTime: 'x' }, { eventID: 'b' }], ['b']],
    ['one with an id', [{ eventID: null, eventTime: utc('11:00:00') }, { eventID: 'b' }], ['b']],
    ['one without an id, where none has one', [{ eventID: null }], []],
  ])('is of several uses that say the same %s, in whatever order they come', (_, uses, ids) => {
    const records = uses.map((fields) => use(fields));
    expect(idOf(records)).toEqual(ids);
    expect(idOf(records.toReversed())).toEqual(ids);
  });

  it('is the earliest also where the uses say other things besides', () => {
    const agent = { invokedBy: 'aws-mcp.amazonaws.com' };
    const records = [
      use({ eventID: 'late', eventTime: utc('12:30:00') }),
      use({ eventID: 'early', eventTime: utc('12:10:00') }, { context: agent }),
    ];
    expect(idOf(records)).toEqual(['early']);
    expect(idOf(records.toReversed())).toEqual(['early']);
  });

  it('is told of each who can be meant, where uses say different things', () => {
    const records = [use({ eventID: 'one' }), use({ eventID: 'two' }, { of: 'other' })];
    const { status, candidates } = answerOf({ event, records });
    expect(status).toBe('ambiguous');
    expect(candidates?.map(({ actor, use: said }) => [actor.workload, said?.eventIds])).toEqual([
      [functionArn('other'), ['two']],
      [functionArn('reconciler'), ['one']],
    ]);
  });

  it('goes on to what is done with a token that the session had issued', () => {
    const credentialId = 'JTI=4c1f5b1e-0000-4000-8000-000000000001';
    const account = 'system:serviceaccount:shop:web';
    const issuing = {
      ...event,
      auditID: 'issue',
      verb: 'create',
      objectRef: {
        resource: 'serviceaccounts',
        subresource: 'token',
        namespace: 'shop',
        name: 'web',
        apiVersion: 'v1',
      },
      responseStatus: { code: 201 },
      annotations: { 'authentication.kubernetes.io/issued-credential-id': credentialId },
    };
    const extra = { 'authentication.kubernetes.io/credential-id': [credentialId] };
    const records = [use({ eventID: 'u-1' })];
    const answer = answerOf({ event: eventBy({ username: account, extra }), records, issuing: [issuing] });
    expect(answer).toMatchObject({ method: 'token', use: { eventIds: ['u-1'] } });
    expect(answer.chain?.map(({ eventName }) => eventName)).toEqual(['TokenRequest']);
  });

  it('is not kept of uses that do not say whose the session is: each token that a cluster verifies leaves one', () => {
    const plain = callBy(roleSession({ roleId: ROLE_ID, roleName: ROLE_NAME, session: 'reconciler', key: KEY }));
    const [kept, ...others] = knownFrom([plain, { ...plain, eventID: 'another' }]).usesOfKey(KEY);
    expect([kept?.record, others]).toEqual([undefined, []]);
  });
});
