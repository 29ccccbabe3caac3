import { describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import { sameActor } from '../../lib/attribution/actor.ts';
import { actorName, filedName, namesOfActor } from '../../lib/attribution/actor-names.ts';
import { ecsEvent } from '../../lib/ecs/ecs-event.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { ocsfActor } from '../../lib/ocsf/actor.ts';
import { CSV_COLUMNS } from '../../lib/words/record-csv.ts';
import { answerOf } from '../builders/answer.ts';
import { eventBy, iamUserOfCluster, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, KEY, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { keyId } from '../builders/ids.ts';
import { iamUser, roleSession } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';
import { storedRecord } from '../contract/stored-record.ts';

const functionArn = (name: string) => `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:${name}`;
const event = eventBy(roleUser({ session: 'reconciler', key: KEY }));

interface UseOptions {
  readonly of?: string;
  readonly context?: JsonObject;
}

/** A use of the event's key that says to which function the session's credentials were issued. */
function use(fields: JsonObject, { of = 'reconciler', context = {} }: UseOptions = {}): JsonObject {
  const session = roleSession({ roleId: ROLE_ID, roleName: ROLE_NAME, session: 'reconciler', key: KEY });
  const by = { ...session, inScopeOf: { credentialsIssuedTo: functionArn(of) }, ...context };
  return callBy(by, { eventName: 'DescribeCluster', awsRegion: 'eu-central-1', ...fields });
}

const idOf = (records: readonly JsonObject[]) => answerOf({ event, records }).use?.eventIds;

describe('the evidence of an answer by a use', () => {
  it('is the CloudTrail record of the use: its ID, call, Region and time', () => {
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
    ['that of one time with the smallest ID', [{ eventID: 'b' }, { eventID: 'a' }], ['a']],
    ['one with a time', [{ eventID: 'a', eventTime: 'x' }, { eventID: 'b' }], ['b']],
    ['one with an ID', [{ eventID: null, eventTime: utc('11:00:00') }, { eventID: 'b' }], ['b']],
    ['one without an ID, if none has one', [{ eventID: null }], []],
  ])('is, of several uses that name the same actor, %s, in any order', (_, uses, ids) => {
    const records = uses.map((fields) => use(fields));
    expect(idOf(records)).toEqual(ids);
    expect(idOf(records.toReversed())).toEqual(ids);
  });

  it('is the earliest, even if the uses also state other things', () => {
    const agent = { invokedBy: 'aws-mcp.amazonaws.com' };
    const records = [
      use({ eventID: 'late', eventTime: utc('12:30:00') }),
      use({ eventID: 'early', eventTime: utc('12:10:00') }, { context: agent }),
    ];
    expect(idOf(records)).toEqual(['early']);
    expect(idOf(records.toReversed())).toEqual(['early']);
  });

  it('is shown for each candidate if uses name different actors', () => {
    const records = [use({ eventID: 'one' }), use({ eventID: 'two' }, { of: 'other' })];
    const { status, candidates } = answerOf({ event, records });
    expect(status).toBe('ambiguous');
    expect(candidates?.map(({ actor, use: evidence }) => [actor.workload, evidence?.eventIds])).toEqual([
      [functionArn('other'), ['two']],
      [functionArn('reconciler'), ['one']],
    ]);
  });

  it('also applies to requests with a token that the session had issued', () => {
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
});

const LISTED = keyId('ASIALISTEDKEY0000001');
const ALICE = 'AIDAALICE00000000001';
const PROVIDER = '999988887777';
const AGENT = 'aws-mcp.amazonaws.com';
const SIGN_IN = 'arn:aws:signin:eu-west-1:111122223333:session/0b0c5a2e-0000-4000-8000-000000000001';

/** Alice's session, whose grant lists another key than the event's. */
const begun = grant({ id: 'grant', by: iamUser('alice'), key: LISTED, session: 'reconciler' });
/** Returns a record that a key of that session signed. */
function signed(id: string, fields: JsonObject = {}, { key = KEY, at = '12:10:00' } = {}): JsonObject {
  const began = utc('12:00:00');
  const session = roleSession({ roleId: ROLE_ID, roleName: ROLE_NAME, session: 'reconciler', key, began });
  return callBy({ ...session, ...fields }, { eventID: id, eventTime: utc(at), eventName: 'GetCallerIdentity' });
}
const inSignIn = ({ sessionContext = {}, ...signer }: JsonObject) => ({
  ...signer,
  sessionContext: { ...(isJsonObject(sessionContext) && sessionContext), signInSessionArn: SIGN_IN },
});
const ofSignIn = (record: JsonObject): JsonObject => ({
  ...record,
  userIdentity: inSignIn(isJsonObject(record.userIdentity) ? record.userIdentity : {}),
});
const shown = (records: readonly JsonObject[], of = event) =>
  answerOf({ event: of, records }).uses?.map(({ shows, eventIds: [id] }) => `${shows} ${id}`);
const both = (records: readonly JsonObject[], of = event) => {
  const [one, other] = [shown(records, of), shown(records.toReversed(), of)];
  expect(other).toEqual(one);
  return one;
};

describe('the evidence of uses, if no grant shows the same,', () => {
  it('is the earliest use whose session start found the grant', () => {
    const records = [begun, signed('later'), signed('first', {}, { at: '12:01:00' })];
    expect(answerOf({ event, records })).toMatchObject({ method: 'session-start', actor: { name: 'alice' } });
    expect(both(records)).toEqual(['session-start first']);
    expect(answerOf({ event, records }).uses).toEqual([
      {
        shows: 'session-start',
        eventName: 'GetCallerIdentity',
        eventIds: ['first'],
        region: 'eu-west-1',
        time: utc('12:01:00'),
      },
    ]);
  });

  const keyed = grant({ id: 'grant', by: iamUser('alice'), key: KEY, session: 'reconciler' });

  it('is absent if the key’s grant shows everything', () => {
    expect(both([keyed, signed('plain')])).toBeUndefined();
  });

  it('is the use that names a temporary delegate, also of a direct caller', () => {
    const delegated = { invokedByDelegate: { accountId: PROVIDER } };
    expect(both([keyed, signed('plain'), signed('by provider', delegated)])).toEqual([
      'acts-by-delegation by provider',
    ]);
    const hers = callBy(
      { ...iamUser('alice', { accessKeyId: KEY, principalId: ALICE }), ...delegated },
      { eventID: 'by provider' },
    );
    const direct = eventBy(iamUserOfCluster(KEY, ALICE));
    expect(answerOf({ event: direct, records: [hers] })).toMatchObject({ method: 'direct', status: 'partial' });
    expect(both([hers], direct)).toEqual(['acts-by-delegation by provider']);
  });

  it('is the use of an agent; else the one that names the sign-in, and the agent’s own record in it', () => {
    const agents = { invokedBy: AGENT };
    expect(both([keyed, signed('plain'), signed('agent', agents)])).toEqual(['through-agent agent']);
    const records = [
      keyed,
      ofSignIn(signed('hers')),
      ofSignIn(signed('agent', agents, { key: LISTED })),
      ofSignIn(signed('agent before', agents, { key: LISTED, at: '12:05:00' })),
    ];
    expect(answerOf({ event, records }).flags).toContain('through-agent');
    expect(both(records)).toEqual(['through-agent hers', 'through-agent agent before']);
  });

  it('is shown for each candidate if uses name different actors, with the delegate', () => {
    const delegated = { invokedByDelegate: { accountId: '999988887777' } };
    const records = [use({ eventID: 'one' }), use({ eventID: 'two' }, { of: 'other', context: delegated })];
    const { status, candidates } = answerOf({ event, records });
    expect(status).toBe('ambiguous');
    expect(candidates).toHaveLength(2);
    for (const { actor, uses } of candidates ?? []) {
      expect(actor.delegate).toEqual({ accountId: '999988887777' });
      expect(uses).toMatchObject([{ shows: 'acts-by-delegation', eventIds: ['two'] }]);
    }
  });

  it('is shown for each candidate', () => {
    const other = grant({ id: 'other', by: iamUser('bob'), key: keyId('ASIALISTEDKEY0000002'), session: 'reconciler' });
    const { candidates } = answerOf({ event, records: [begun, other, signed('use')] });
    expect(candidates?.map(({ actor, uses }) => [actor.name, uses?.map(({ eventIds }) => eventIds)])).toEqual([
      ['bob', [['use']]],
      ['alice', [['use']]],
    ]);
  });
});

const STORE = 'arn:aws:identitystore::111122223333:identitystore/d-1234567890';
const FOREIGN = 'arn:aws:identitystore::444455556666:identitystore/d-0987654321';

describe('users of two directories', () => {
  const userId = '92a51494-6011-70e5-b0b0-0000000000b0';
  const behalf = (store: string) => ({ onBehalfOf: { userId, identityStoreArn: store } });
  const named = (userName: string, store: string, at: string) =>
    callBy(
      { type: 'IdentityCenterUser', userName, ...behalf(store) },
      { eventID: `${userName} ${at}`, eventTime: utc(at) },
    );
  const bob = named('bob@example.com', STORE, '11:00:00');

  it('are never the same, even if their IDs and names are equal', () => {
    const forged = named('bob@example.com', FOREIGN, '11:30:00');
    const of = (store: string) => answerOf({ event, records: [bob, forged, signed('use', behalf(store))] }).actor;
    const [own, foreign] = [of(STORE), of(FOREIGN)];
    expect(own).toMatchObject({ name: 'bob@example.com', knownAs: 'bob@example.com (d-1234567890 of 111122223333)' });
    expect(foreign).toMatchObject({
      name: 'bob@example.com',
      knownAs: 'bob@example.com (d-0987654321 of 444455556666)',
    });
    const actors = [own, foreign].flatMap((actor) => actor ?? []);
    expect(actors.map((actor) => actors.map((other) => sameActor(actor, other)))).toEqual([
      [true, false],
      [false, true],
    ]);
    for (const actor of actors) expect(namesOfActor(actor)).toEqual([actor.knownAs, actor.id]);
    expect(actors.map(actorName)).toEqual(actors.map(({ knownAs }) => knownAs));
  });

  it('are distinct in a SIEM and in a spreadsheet', () => {
    const record = (store: string) => {
      const answer = answerOf({ event, records: [bob, signed('use', behalf(store))] });
      return { ...storedRecord(event).record, attribution: answer };
    };
    const names = [STORE, FOREIGN].map((store) => {
      const { user } = ecsEvent(record(store), sha256);
      const cells = [...CSV_COLUMNS].flatMap(([column, of]) => (column === 'actorName' ? [of(record(store))] : []));
      return [user?.name, ocsfActor(record(store)).user?.name, ...cells];
    });
    expect(names[0]).toEqual(Array(3).fill('bob@example.com (d-1234567890 of 111122223333)'));
    expect(names[1]?.[0]).not.toBe('bob@example.com');
    expect(names[1]?.[1]).toBe(names[1]?.[0]);
    expect(names[1]?.[2]).toBe(names[1]?.[0]);
  });

  it('have the names of their own directory, even if another directory names the ID later', () => {
    const renaming = named('ceo@example.com', FOREIGN, '11:45:00');
    const records = [bob, renaming, signed('use', behalf(STORE))];
    for (const each of [records, records.toReversed()])
      expect(answerOf({ event, records: each }).actor?.name).toBe('bob@example.com');
  });

  it('are both candidates if uses of one key name one ID in both', () => {
    const records = [bob, signed('one', behalf(STORE)), signed('two', behalf(FOREIGN))];
    expect(answerOf({ event, records }).candidates?.map(({ actor }) => actor.provider)).toEqual([FOREIGN, STORE]);
  });

  describe('with one configured as your own', () => {
    const records = (store: string) => [
      bob,
      named('bob@example.com', FOREIGN, '11:30:00'),
      signed('use', behalf(store)),
    ];
    const of = (store: string, ...stores: string[]) => answerOf({ event, records: records(store), stores });

    it.each(['d-1234567890', STORE])('have plain names there, and the flag if they are of the other: %s', (own) => {
      const hers = of(STORE, own);
      expect(hers).toMatchObject({
        status: 'attributed',
        flags: [],
        actor: { name: 'bob@example.com', provider: STORE },
      });
      expect(hers.actor).not.toHaveProperty('knownAs');
      const foreign = of(FOREIGN, own);
      expect(foreign.flags).toEqual(['foreign-identity-store']);
      expect(foreign.actor?.knownAs).toBe('bob@example.com (d-0987654321 of 444455556666)');
      expect([hers, foreign].flatMap(({ actor }) => actor ?? []).map(filedName)).toEqual([
        'bob@example.com',
        foreign.actor?.knownAs,
      ]);
    });

    it('can both be your own', () => {
      expect(of(FOREIGN, 'd-0987654321', STORE)).toMatchObject({ flags: [], actor: { name: 'bob@example.com' } });
    });

    it('are the same as before if nothing is configured', () => {
      expect(of(FOREIGN)).toMatchObject({ flags: [], actor: { knownAs: expect.stringContaining('d-0987654321') } });
    });

    it('are candidates: one by the plain name, the other by the name with its directory, without a flag', () => {
      const both = [bob, signed('one', behalf(STORE)), signed('two', behalf(FOREIGN))];
      const { candidates, flags } = answerOf({ event, records: both, stores: [STORE] });
      expect(candidates?.map(({ actor }) => filedName(actor))).toEqual([
        `${userId} (d-0987654321 of 444455556666)`,
        'bob@example.com',
      ]);
      expect(flags).toEqual([]);
    });
  });
});
