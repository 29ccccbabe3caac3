import type { JsonObject } from '../../../lib/json.ts';
import { eventBy } from '../../builders/audit-event.ts';
import { ACCOUNT, utc } from '../../builders/company.ts';
import { iamUser, rootUser, userId } from '../../builders/trail-callers.ts';
import { callBy, federationGrant, grant, sessionTokenGrant } from '../../builders/trail-records.ts';
import { ALICE, MALLORY } from '../cast.ts';
import type { ExpectedAnswer, Scenario, ToldEvent } from '../scenario.ts';

const KEY = 'ASIADIRECTCALLERS001';
const LONG_TERM_KEY = 'AKIADIRECTCALLERS001';
const ROOT = { kind: 'root', name: 'root' } as const;
const GUEST = { kind: 'federated-user', sessionName: 'guest' } as const;

const eventOf = (user: JsonObject, expected: ExpectedAnswer): ToldEvent => ({ event: eventBy(user), expected });
/** Returns an event whose uid can be a root user's, or a federated user's without the name. It states only the key besides. */
const cutUid = (expected: ExpectedAnswer) =>
  eventOf(
    {
      uid: `aws-iam-authenticator:${ACCOUNT}:${ACCOUNT}`,
      username: 'kubernetes-admin',
      extra: { accessKeyId: [KEY] },
    },
    expected,
  );
const alice = (expected: ExpectedAnswer, key = KEY) =>
  eventOf(
    {
      uid: `aws-iam-authenticator:${ACCOUNT}:${userId('alice')}`,
      username: 'alice',
      extra: { accessKeyId: [key], arn: [`arn:aws:iam::${ACCOUNT}:user/alice`], sessionName: [''] },
    },
    expected,
  );

const began = (time: string): JsonObject => ({ sessionContext: { attributes: { creationDate: utc(time) } } });
const useBy = (identity: JsonObject, key = KEY) =>
  callBy({ ...identity, accessKeyId: key }, { eventID: `use-by-${String(identity.principalId)}` });
const guest: JsonObject = {
  type: 'FederatedUser',
  principalId: `${ACCOUNT}:guest`,
  arn: `arn:aws:sts::${ACCOUNT}:federated-user/guest`,
  accountId: ACCOUNT,
  ...began('12:00:00'),
};
/** Returns a user as some records state one: by name and ARN, without an ID. */
const withoutId = (name: string): JsonObject => {
  const { principalId: _, ...stated } = iamUser(name);
  return stated;
};
const mallorysGrant = grant({ id: 'grant-mallory', by: iamUser('mallory'), session: 'mallory', key: KEY });
const ITSELF: ExpectedAnswer = { status: 'attributed', method: 'direct', actor: ALICE };

/** 16: callers who act under their own identity, and the facts about their access key. */
export const DIRECT_KEYS: readonly Scenario[] = [
  {
    title: 'a federated user whose uid was cut to the account’s is whoever called GetFederationToken',
    records: [federationGrant('guest', { id: 'grant-guest', by: iamUser('mallory'), key: KEY })],
    events: [
      cutUid({
        status: 'attributed',
        method: 'access-key',
        actor: MALLORY,
        joinedBy: ['access-key'],
        provisionalAtFirst: false,
      }),
    ],
  },
  {
    title: 'a federated user whose uid was cut is no root user if only a use of the key is known',
    records: [useBy(guest)],
    events: [cutUid({ status: 'partial', method: 'direct', reason: 'grant-not-found', actor: GUEST })],
  },
  {
    title: 'a federated user whose uid was cut is no root user if the grant of the key is out of its time',
    records: [federationGrant('guest', { id: 'grant-guest', key: KEY, at: utc('01:00:00'), until: utc('02:00:00') })],
    events: [cutUid({ status: 'partial', method: 'direct', reason: 'grant-not-found', actor: GUEST })],
  },
  {
    title: 'the root user is the actor if its own use of the key is known',
    records: [useBy({ ...rootUser(), ...began('12:00:00') })],
    events: [cutUid({ status: 'attributed', method: 'direct', actor: ROOT })],
  },
  {
    title: 'a cut uid whose key is the root user’s and a federated user’s leaves both open',
    records: [useBy({ ...rootUser(), ...began('12:00:00') }), useBy(guest)],
    events: [cutUid({ status: 'ambiguous', candidates: ['federated-user', 'root'] })],
  },
  {
    title: 'an IAM user with a key that was issued to somebody else leaves both open',
    records: [mallorysGrant],
    events: [alice({ status: 'ambiguous', candidates: ['alice', 'mallory'] })],
  },
  {
    title: 'an IAM user with a key that another user is known to sign with leaves both open',
    records: [useBy(iamUser('mallory'), LONG_TERM_KEY)],
    events: [alice({ status: 'ambiguous', candidates: ['alice', 'mallory'] }, LONG_TERM_KEY)],
  },
  {
    title: 'an IAM user with a key that was somebody else’s at another time is the user, with a flag',
    records: [
      grant({
        id: 'grant-mallory',
        by: iamUser('mallory'),
        session: 'mallory',
        key: KEY,
        at: utc('01:00:00'),
        until: utc('02:00:00'),
      }),
    ],
    events: [alice({ ...ITSELF, flags: ['access-key-mismatch'] })],
  },
  {
    title: 'an IAM user with a key that GetSessionToken issued to them is the user, whatever else is known of it',
    records: [sessionTokenGrant({ id: 'grant-alice', key: KEY }), mallorysGrant],
    events: [alice(ITSELF)],
  },
  {
    title: 'a key that GetSessionToken issued to an IAM user without an ID does not belong to a user of another ARN',
    records: [sessionTokenGrant({ id: 'grant-mallory', by: withoutId('mallory'), key: KEY })],
    events: [alice({ status: 'ambiguous', candidates: ['alice', 'mallory'] })],
  },
  {
    title: 'a key that GetSessionToken issued to an IAM user without an ID belongs to the user of its ARN',
    records: [sessionTokenGrant({ id: 'grant-alice', by: withoutId('alice'), key: KEY })],
    events: [alice(ITSELF)],
  },
];
