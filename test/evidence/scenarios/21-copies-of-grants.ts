import type { JsonObject } from '../../../lib/json.ts';
import { eventBy, roleUser } from '../../builders/audit-event.ts';
import { ACCOUNT, OTHER_ACCOUNT, utc } from '../../builders/company.ts';
import { accountOnly, iamUser, roleSession, userId } from '../../builders/trail-callers.ts';
import { federationGrant, type GrantOptions, grant, sessionTokenGrant } from '../../builders/trail-records.ts';
import { ALICE, ALICES_KEY, alices, sharedEvent } from '../cast.ts';
import type { ExpectedAnswer, Scenario } from '../scenario.ts';

const CONFLICT = ['conflicting-grant-copies'];
const EITHER: ExpectedAnswer = { status: 'ambiguous', flags: CONFLICT, candidates: ['alice', 'mallory'] };
const sharedEventID = 'one-call';
const JUMP = {
  roleId: 'AROAJUMPHOST000000001',
  roleName: 'jump',
  session: 'jump',
  key: 'ASIAJUMPHOSTSESSION1',
} as const;

/** Returns a record of the same call, as another file states it. */
function copied(record: JsonObject, fields: JsonObject = {}): JsonObject {
  return { ...record, sharedEventID, ...fields };
}
/** Returns the copy of a record that somebody wrote, with mallory as the caller. */
function forged(record: JsonObject, fields: JsonObject = {}): JsonObject {
  return copied(record, { userIdentity: iamUser('mallory'), eventID: 'forged', ...fields });
}
const both = (record: JsonObject) => [copied(record), forged(record)];
const story = (title: string, records: readonly JsonObject[], expected = EITHER): Scenario => ({
  title,
  records,
  events: [sharedEvent(ALICES_KEY, expected)],
});

const jump = (options: GrantOptions = {}) =>
  grant({ ...JUMP, id: 'grant-jump', at: utc('11:30:00'), until: utc('12:30:00'), ...options });
const direct: JsonObject = {
  uid: `aws-iam-authenticator:${ACCOUNT}:${userId('alice')}`,
  username: 'alice',
  extra: { accessKeyId: [ALICES_KEY], arn: [`arn:aws:iam::${ACCOUNT}:user/alice`], sessionName: [''] },
};
const ownToken = sessionTokenGrant({ id: 'session-token', key: ALICES_KEY });
const federation = federationGrant('guest', { id: 'federation', key: ALICES_KEY });
const guest: JsonObject = {
  uid: `aws-iam-authenticator:${ACCOUNT}:${ACCOUNT}:guest`,
  username: 'guest',
  extra: { accessKeyId: [ALICES_KEY] },
};

/** Copies of one grant. Whoever can write to the trail's files can add one that names somebody else. */
export const COPIES_OF_GRANTS: readonly Scenario[] = [
  story('a copy of a grant that names another caller leaves both open', both(alices())),
  story('a copy with the same event ID that names another caller leaves both open', [
    alices(),
    { ...alices(), userIdentity: iamUser('mallory') },
  ]),
  story('a copy that states more about another caller leaves both open', [
    copied(alices()),
    forged(alices(), { userIdentity: iamUser('mallory', { sessionContext: { sourceIdentity: 'mallory' } }) }),
  ]),
  story(
    'a copy of the role’s account that states another account leaves both open',
    [copied(alices()), copied(alices({ id: 'owners', by: accountOnly(OTHER_ACCOUNT, userId('mallory')) }))],
    { ...EITHER, candidates: ['alice', 'aws-account-principal'] },
  ),
  story(
    'the copy of the role’s account states less about the caller, and contradicts nothing',
    [
      copied(alices()),
      copied(alices({ id: 'owners', by: accountOnly(ACCOUNT, userId('alice')), at: utc('12:00:01') })),
    ],
    { status: 'attributed', method: 'access-key', actor: ALICE, provisionalAtFirst: false },
  ),
  story('a copy of the grant before leaves both open', [
    ...both(jump()),
    alices({ by: roleSession({ ...JUMP, began: utc('11:30:00') }) }),
  ]),
  story(
    'copies that give one user two names name nobody for certain',
    [copied(alices()), forged(alices(), { userIdentity: iamUser('alice', { userName: 'alicia' }) })],
    { status: 'attributed', method: 'access-key', flags: CONFLICT, actor: ALICE },
  ),
  {
    title: 'a copy of a direct caller’s GetSessionToken that names somebody else leaves both open',
    records: both(ownToken),
    events: [{ event: eventBy(direct), expected: EITHER }],
  },
  {
    title: 'a copy of GetFederationToken that names another caller leaves both open',
    records: both(federation),
    events: [{ event: eventBy(guest), expected: EITHER }],
  },
  {
    title: 'without an access key, copies of one grant leave both callers open',
    records: both(alices()),
    events: [
      sharedEvent(null, EITHER),
      { event: eventBy(roleUser({ session: 'EKSGetTokenAuth', key: null }), { auditID: 'again' }), expected: EITHER },
    ],
  },
];
