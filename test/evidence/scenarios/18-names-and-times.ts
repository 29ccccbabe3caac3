import type { JsonObject } from '../../../lib/json.ts';
import { eventBy, iamUserOfCluster, roleUser } from '../../builders/audit-event.ts';
import { ACCOUNT, OTHER_ACCOUNT, utc } from '../../builders/company.ts';
import { accountOnly, iamUser, userId } from '../../builders/trail-callers.ts';
import { callBy, federationGrant, grant } from '../../builders/trail-records.ts';
import {
  ALICES_KEY,
  alices,
  MALLORY,
  MALLORYS_KEY,
  mallorys,
  SSO_KEY,
  sharedEvent,
  signIn,
  ssoEvent,
  ssoUse,
  useOf,
  withIdentity,
} from '../cast.ts';
import type { ExpectedAnswer, Scenario } from '../scenario.ts';

const STORE = `arn:aws:identitystore::${ACCOUNT}:identitystore/d-1234567890`;
const ALICES_ID = '92a51494-6011-70e5-b0b0-0000000000a1';
const MALLORYS_ID = '92a51494-6011-70e5-b0b0-0000000000b0';
const KEY = 'ASIAUNLISTEDKEY00001';
const BEFORE = utc('11:00:00');
const MUCH_LATER = '2026-03-19T09:00:00Z';
const IN_MAY = '2026-05-04T09:00:00Z';

const onBehalfOf = (user: string) => ({ onBehalfOf: { userId: user, identityStoreArn: STORE } });

/** Returns Identity Center's own record of a user, with the name of that time. */
function centerNames(user: string, userName: string, eventTime: string): JsonObject {
  const by = { type: 'IdentityCenterUser', accountId: ACCOUNT, userName, ...onBehalfOf(user) };
  const call = { eventSource: 'sso.amazonaws.com', eventName: 'GetRoleCredentials', eventTime };
  return callBy(by, { eventID: `${user} ${userName}`, ...call });
}

/** Returns a call by the IAM user with the ID of `of`, under the name of that time. */
function userNamed(of: string, userName: string, eventTime: string): JsonObject {
  const arn = `arn:aws:iam::${ACCOUNT}:user/${userName}`;
  return callBy(iamUser(of, { userName, arn }), { eventID: `${of} ${userName} ${eventTime}`, eventTime });
}

function byIam(eventName: string, eventTime: string, requestParameters: JsonObject, fields: JsonObject = {}) {
  const call = { eventSource: 'iam.amazonaws.com', eventName, eventTime, eventID: `${eventName} ${eventTime}` };
  return callBy(iamUser('admin'), { ...call, requestParameters, responseElements: null, ...fields });
}

const renamed = (userName: string, newUserName: string, at: string) =>
  byIam('UpdateUser', at, { userName, newUserName });
const deleted = (userName: string, at: string) => byIam('DeleteUser', at, { userName });
const created = (userName: string, of: string, at: string) =>
  byIam('CreateUser', at, { userName }, { responseElements: { user: { userName, userId: userId(of) } } });

const { extra: _extra, ...withoutArn } = iamUserOfCluster('AKIAMALLORY000000000', userId('mallory'));
const bareMallory = { ...withoutArn, username: 'ops' };

/** Returns a story about mallory's session, which has the user's name. */
function claiming(title: string, known: readonly JsonObject[], flags: readonly string[], session = 'alice'): Scenario {
  const event = eventBy(roleUser({ session, key: MALLORYS_KEY }));
  const expected = { status: 'attributed', method: 'access-key', actor: MALLORY, flags };
  return { title, records: [mallorys({ session }), ...known], events: [{ event, expected }] };
}

const { name: _mallory, ...NAMELESS } = MALLORY;
const CLAIMS = ['session-name-claims-other-actor'];
const usedOnBehalf = (session: string) => withIdentity(useOf({ key: KEY, session }), onBehalfOf(MALLORYS_ID));
const behalfOf = (name: string, nameToday?: string): ExpectedAnswer => ({
  status: 'attributed',
  method: 'use',
  actor: { kind: 'identity-center-user', name, ...(nameToday !== undefined && { nameToday }) },
  joinedBy: [],
});
const MARRIED = { kind: 'identity-center-user', name: 'alice.smith@example.com' };
const marriedEvent = (expected: Partial<ExpectedAnswer>) =>
  ssoEvent('alice.smith@example.com', SSO_KEY, { status: 'attributed', method: 'access-key', ...expected });
const herUse = withIdentity(ssoUse('alice.smith@example.com', SSO_KEY), onBehalfOf(ALICES_ID));
const herGrant = signIn('alice.smith@example.com', { id: 'sign-in-alice' });

/** 16: a name is a fact with a time. */
export const NAMES_AND_TIMES: readonly Scenario[] = [
  ...[
    ['IAM gave it to her later', [renamed('mallory', 'alice', MUCH_LATER)]] as const,
    ['a user who was renamed later had it', [renamed('alice', 'former', MUCH_LATER)]] as const,
    ['a user who was deleted later had it', [deleted('ALICE', MUCH_LATER)]] as const,
  ].map(([why, changes]) => ({
    title: `nobody has a name that she was first seen with later, because ${why}`,
    records: [
      grant({ id: 'other-account', by: accountOnly(ACCOUNT, userId('mallory')), key: MALLORYS_KEY }),
      ...changes,
      userNamed('mallory', 'alice', IN_MAY),
    ],
    events: [
      {
        event: eventBy(roleUser({ key: MALLORYS_KEY })),
        expected: {
          status: 'attributed',
          method: 'access-key',
          actor: { ...NAMELESS, principalId: userId('mallory') },
        },
      },
      {
        event: eventBy(bareMallory, { auditID: 'direct' }),
        expected: { status: 'attributed', method: 'direct', actor: NAMELESS },
      },
    ],
  })),
  {
    title: 'a name that somebody of another account gave up later stays the name of whoever was seen with it',
    records: [
      { ...renamed('alice', 'former', MUCH_LATER), recipientAccountId: OTHER_ACCOUNT },
      userNamed('mallory', 'alice', IN_MAY),
    ],
    events: [
      {
        event: eventBy(bareMallory),
        expected: { status: 'attributed', method: 'direct', actor: { kind: 'iam-user', name: 'alice' } },
      },
    ],
  },
  {
    title: 'somebody who is renamed to alice nine days after the request made it as mallory',
    records: [
      usedOnBehalf('deploy'),
      centerNames(MALLORYS_ID, 'mallory@example.com', BEFORE),
      centerNames(ALICES_ID, 'alice@example.com', BEFORE),
      centerNames(ALICES_ID, 'former@example.com', MUCH_LATER),
      centerNames(MALLORYS_ID, 'alice@example.com', MUCH_LATER),
    ],
    events: [
      {
        event: eventBy(roleUser({ session: 'deploy', key: KEY })),
        expected: behalfOf('mallory@example.com', 'alice@example.com'),
      },
    ],
  },
  {
    title: 'somebody who was not seen before the request has the earliest name after it',
    records: [
      usedOnBehalf('deploy'),
      centerNames(MALLORYS_ID, 'mallory@example.com', utc('12:30:00')),
      centerNames(MALLORYS_ID, 'alice@example.com', MUCH_LATER),
    ],
    events: [
      {
        event: eventBy(roleUser({ session: 'deploy', key: KEY })),
        expected: behalfOf('mallory@example.com', 'alice@example.com'),
      },
    ],
  },
  {
    title: 'an IAM user has the name of that time, if the event has only the ID',
    records: [
      userNamed('mallory', 'mallory', BEFORE),
      renamed('mallory', 'alice', '2026-03-19T08:00:00Z'),
      userNamed('mallory', 'alice', MUCH_LATER),
    ],
    events: [
      {
        event: eventBy(bareMallory),
        expected: { status: 'attributed', method: 'direct', actor: { ...MALLORY, nameToday: 'alice' } },
      },
    ],
  },
  {
    title: 'an IAM user whose only known name was somebody else’s at the time has no name',
    records: [
      userNamed('alice', 'alice', BEFORE),
      renamed('alice', 'former', '2026-03-19T07:00:00Z'),
      renamed('mallory', 'alice', '2026-03-19T08:00:00Z'),
      userNamed('mallory', 'alice', MUCH_LATER),
    ],
    events: [
      {
        event: eventBy(bareMallory),
        expected: { status: 'attributed', method: 'direct', actor: NAMELESS },
      },
    ],
  },
  {
    title: 'an Identity Center user whose only known name was somebody else’s at the time has the ID as name',
    records: [
      usedOnBehalf('deploy'),
      centerNames(ALICES_ID, 'alice@example.com', BEFORE),
      centerNames(ALICES_ID, 'former@example.com', MUCH_LATER),
      centerNames(MALLORYS_ID, 'alice@example.com', MUCH_LATER),
    ],
    events: [
      {
        event: eventBy(roleUser({ session: 'deploy', key: KEY })),
        expected: behalfOf(MALLORYS_ID, 'alice@example.com'),
      },
    ],
  },
  {
    title: 'two events of an IAM user before and after a renaming each have the name of their time',
    records: [userNamed('mallory', 'mallory', BEFORE), userNamed('mallory', 'mal', utc('12:15:00'))],
    events: [
      {
        event: eventBy(bareMallory, { auditID: 'before', requestReceivedTimestamp: utc('12:14:59') }),
        expected: { status: 'attributed', method: 'direct', actor: { ...MALLORY, nameToday: 'mal' } },
      },
      {
        event: eventBy(bareMallory, { auditID: 'after', requestReceivedTimestamp: utc('12:15:00') }),
        expected: { status: 'attributed', method: 'direct', actor: { kind: 'iam-user', name: 'mal' } },
      },
    ],
  },
  {
    title: 'another account’s caller has the name of that time',
    records: [
      alices({ by: accountOnly(OTHER_ACCOUNT, userId('mallory')) }),
      userNamed('mallory', 'mallory', BEFORE),
      userNamed('mallory', 'alice', MUCH_LATER),
    ],
    events: [
      sharedEvent(ALICES_KEY, {
        status: 'attributed',
        method: 'access-key',
        actor: { ...MALLORY, nameToday: 'alice' },
      }),
    ],
  },
  {
    title: 'the name that the grant states stays, with today’s beside it',
    records: [mallorys(), userNamed('mallory', 'alice', MUCH_LATER)],
    events: [
      sharedEvent(MALLORYS_KEY, {
        status: 'attributed',
        method: 'access-key',
        actor: { ...MALLORY, nameToday: 'alice' },
      }),
    ],
  },
  {
    title: 'whoever federated a user has the name of that time, too',
    records: [
      federationGrant('guest', { by: iamUser('mallory'), key: MALLORYS_KEY }),
      userNamed('mallory', 'alice', MUCH_LATER),
    ],
    events: [
      {
        event: eventBy({
          uid: `aws-iam-authenticator:${ACCOUNT}:${ACCOUNT}:guest`,
          username: 'guest',
          extra: { accessKeyId: [MALLORYS_KEY] },
        }),
        expected: { status: 'attributed', method: 'access-key', actor: { ...MALLORY, nameToday: 'alice' } },
      },
    ],
  },
  {
    title: 'a person who married stays one person, by the id in her grant',
    records: [
      withIdentity(herGrant, onBehalfOf(ALICES_ID)),
      herUse,
      centerNames(ALICES_ID, 'alice.jones@example.com', MUCH_LATER),
    ],
    events: [marriedEvent({ actor: { ...MARRIED, nameToday: 'alice.jones@example.com' } })],
  },
  {
    title: 'a person who married stays one person, by the name of that time',
    records: [
      herGrant,
      herUse,
      centerNames(ALICES_ID, 'alice.smith@example.com', BEFORE),
      centerNames(ALICES_ID, 'alice.jones@example.com', MUCH_LATER),
    ],
    events: [marriedEvent({ actor: MARRIED })],
  },
  {
    title: 'a person who was renamed between the grant and the request stays one person',
    records: [
      herGrant,
      herUse,
      centerNames(ALICES_ID, 'alice.smith@example.com', BEFORE),
      centerNames(ALICES_ID, 'alice.jones@example.com', utc('12:05:00')),
    ],
    events: [marriedEvent({ actor: MARRIED })],
  },
  {
    title: 'somebody who is renamed to the actor’s name later was somebody else',
    records: [
      herGrant,
      withIdentity(herUse, onBehalfOf(MALLORYS_ID)),
      centerNames(MALLORYS_ID, 'mallory@example.com', BEFORE),
      centerNames(MALLORYS_ID, 'alice.smith@example.com', MUCH_LATER),
    ],
    events: [
      ssoEvent('alice.smith@example.com', SSO_KEY, {
        status: 'ambiguous',
        candidates: ['alice.smith@example.com', 'mallory@example.com'],
      }),
    ],
  },
  claiming(
    'a user who has the name of everybody’s sessions, and was not seen before May, is claimed by no session of March',
    [callBy(iamUser('eksgettokenauth'), { eventTime: IN_MAY })],
    [],
    'EKSGetTokenAuth',
  ),
  claiming('a user who was seen before is claimed', [userNamed('alice', 'alice', BEFORE)], CLAIMS),
  claiming('a user who was made before is claimed', [created('Alice', 'alice', BEFORE)], CLAIMS),
  claiming('a user who was renamed to it before is claimed', [renamed('carol', 'alice', BEFORE)], CLAIMS),
  claiming(
    'a name that the user gave up before belongs to nobody',
    [userNamed('alice', 'alice', utc('10:00:00')), renamed('alice', 'alicia', BEFORE)],
    [],
  ),
  claiming(
    'a name belongs to nobody after the user was seen under another one',
    [userNamed('alice', 'alice', utc('10:00:00')), userNamed('alice', 'alicia', BEFORE)],
    [],
  ),
  claiming(
    'a name that the user gives up later is still claimed',
    [userNamed('alice', 'alice', BEFORE), renamed('alice', 'alicia', MUCH_LATER)],
    CLAIMS,
  ),
  claiming(
    'a user who was deleted before is not claimed any more',
    [userNamed('alice', 'alice', utc('10:00:00')), deleted('ALICE', BEFORE)],
    [],
  ),
  claiming(
    'a user of another account who was deleted does not end the name',
    [userNamed('alice', 'alice', utc('10:00:00')), { ...deleted('alice', BEFORE), recipientAccountId: OTHER_ACCOUNT }],
    CLAIMS,
  ),
  claiming(
    'a user who was deleted and created again is claimed',
    [
      userNamed('alice', 'alice', utc('10:00:00')),
      deleted('alice', utc('10:30:00')),
      created('alice', 'alice-again', BEFORE),
    ],
    CLAIMS,
  ),
  {
    title: 'a source identity is compared with whoever had the name at that time',
    records: [
      mallorys({ response: { sourceIdentity: 'bob' } }),
      grant({ id: 'bobs', by: iamUser('bob'), at: IN_MAY, key: 'ASIABOBSLATERKEY0001' }),
    ],
    events: [
      sharedEvent(MALLORYS_KEY, {
        status: 'attributed',
        method: 'access-key',
        actor: { ...MALLORY, sourceIdentity: 'bob' },
      }),
    ],
  },
];
