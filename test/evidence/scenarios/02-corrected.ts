import { auditEvent, eventBy, iamUserOfCluster, roleUser } from '../../builders/audit-event.ts';
import { ACCOUNT, OTHER_ACCOUNT, utc } from '../../builders/company.ts';
import { accountOnly, iamUser, userId } from '../../builders/trail-callers.ts';
import { callBy, grant, rootGrant } from '../../builders/trail-records.ts';
import {
  ALICE,
  ALICES_KEY,
  alices,
  JUMP,
  MALLORY,
  MALLORYS_KEY,
  mallorys,
  sharedEvent,
  useOf,
  viaJump,
  viaJumpEvent,
  withIdentity,
} from '../cast.ts';
import type { ExpectedAnswer, Scenario } from '../scenario.ts';

const claiming = (session: string) => eventBy(roleUser({ session, key: MALLORYS_KEY }));
const MALLORY_CLAIMING: ExpectedAnswer = {
  status: 'attributed',
  method: 'access-key',
  flags: ['session-name-claims-other-actor'],
  actor: MALLORY,
  joinedBy: ['access-key'],
};
const bareUser = (name: string) => {
  const { extra: _extra, ...user } = iamUserOfCluster('AKIACAROL00000000000', userId(name));
  return { ...user, username: 'ops' };
};
const visitors = grant({
  id: 'owner-copy',
  session: 'visitor-2026',
  key: ALICES_KEY,
  by: accountOnly(OTHER_ACCOUNT, userId('grace')),
  fields: { sharedEventID: 'call-1' },
});
const visit = (expected: ExpectedAnswer) => ({
  event: eventBy(roleUser({ session: 'visitor-2026', key: ALICES_KEY })),
  expected,
});
const graces = iamUser('grace', { accountId: OTHER_ACCOUNT, arn: `arn:aws:iam::${OTHER_ACCOUNT}:user/grace` });

const JUMP_KEY = 'ASIAALICEJUMP0000001';
const SECOND = utc('12:05:01');
const alicesJump = alices({ ...JUMP, id: 'jump-alice', key: JUMP_KEY });
/** One call in the logs of two accounts, which differ in the second. */
const callersCopy = viaJump({ key: JUMP_KEY }, { fields: { sharedEventID: 'call-2' } });
const ownersCopy = {
  ...callersCopy,
  eventID: 'owner-copy-of-call-2',
  eventTime: SECOND,
  userIdentity: accountOnly(ACCOUNT, `${JUMP.roleId}:${JUMP.session}`),
};

/** 2: an answer that a later fact changes is corrected, even if it was not provisional. */
export const CORRECTED: readonly Scenario[] = [
  {
    title: 'an IAM user gets the name that a later record states, if the event has only the ID',
    records: [callBy(iamUser('carol'))],
    events: [
      {
        event: eventBy(bareUser('carol')),
        expected: { status: 'attributed', method: 'direct', actor: { kind: 'iam-user', name: 'carol' } },
      },
    ],
  },
  {
    title: 'a session with a user’s name is flagged once a later record states that user',
    records: [mallorys({ session: 'bob' }), callBy(iamUser('bob'))],
    events: [{ event: claiming('bob'), expected: MALLORY_CLAIMING }],
  },
  {
    title: 'a source identity with a user’s name is flagged once a later record states that user',
    records: [mallorys({ response: { sourceIdentity: 'bob' } }), callBy(iamUser('bob'))],
    events: [
      sharedEvent(MALLORYS_KEY, {
        ...MALLORY_CLAIMING,
        flags: ['source-identity-claims-other-actor'],
        actor: { ...MALLORY, sourceIdentity: 'bob' },
      }),
    ],
  },
  {
    title: 'the other account’s copy of a call names its caller, whenever it arrives',
    records: [visitors, { ...visitors, eventID: 'caller-copy', userIdentity: graces }],
    events: [visit({ status: 'attributed', method: 'access-key', actor: { kind: 'iam-user', name: 'grace' } })],
  },
  {
    title: 'the copies of one call are one grant, whatever second each states',
    records: [alicesJump, callersCopy, ownersCopy],
    events: [
      viaJumpEvent({
        status: 'attributed',
        method: 'access-key',
        actor: ALICE,
        joinedBy: ['access-key', 'access-key'],
      }),
    ],
  },
  {
    title: 'a session that began in the second of one copy belongs to the caller that the other copy names',
    records: [
      alicesJump,
      callersCopy,
      ownersCopy,
      useOf({ session: 'deploy-2026-03', key: MALLORYS_KEY, began: SECOND }),
    ],
    events: [
      {
        event: eventBy(roleUser({ session: 'deploy-2026-03', key: MALLORYS_KEY })),
        expected: {
          status: 'attributed',
          method: 'session-start',
          flags: ['key-not-listed'],
          actor: ALICE,
          joinedBy: ['access-key', 'session-start'],
          provisionalAtFirst: true,
        },
      },
    ],
  },
  {
    title: 'a caller of another account is named by any record that states the name of its ID',
    records: [visitors, callBy(graces)],
    events: [visit({ status: 'attributed', method: 'access-key', actor: { kind: 'iam-user', name: 'grace' } })],
  },
  {
    title: 'a user who was renamed before has the later name',
    records: [
      callBy(iamUser('carol')),
      callBy(iamUser('caroline', { principalId: userId('carol') }), { eventTime: utc('12:05:00') }),
    ],
    events: [
      {
        event: eventBy(bareUser('carol')),
        expected: { status: 'attributed', method: 'direct', actor: { kind: 'iam-user', name: 'caroline' } },
      },
    ],
  },
  {
    title: 'a session that was matched by its name alone is open again once a namesake is known',
    records: [
      grant({ id: 'one', session: 'deploy-2026-01', key: 'ASIADEPLOYSESSION001', by: iamUser('alice') }),
      mallorys({ session: 'deploy-2026-01' }),
    ],
    events: [
      {
        event: eventBy(roleUser({ session: 'deploy-2026-01', key: null })),
        expected: { status: 'ambiguous', candidates: ['alice', 'mallory'] },
      },
    ],
  },
  {
    title: 'root is whoever requested AssumeRoot, whenever that becomes known',
    records: [rootGrant(ACCOUNT, { id: 'root', by: iamUser('mallory'), key: 'ASIAROOTSESSION00001' })],
    events: [
      {
        event: auditEvent({
          user: {
            uid: `aws-iam-authenticator:${ACCOUNT}:${ACCOUNT}`,
            username: 'root',
            extra: { accessKeyId: ['ASIAROOTSESSION00001'], arn: [`arn:aws:iam::${ACCOUNT}:root`] },
          },
        }),
        expected: { status: 'attributed', method: 'access-key', actor: MALLORY, joinedBy: ['access-key'] },
      },
    ],
  },
  {
    title: 'a copy that says more of its caller replaces the one that says less',
    records: [withIdentity(mallorys(), { userName: undefined, arn: undefined }), mallorys({ id: 'grant-mallory' })],
    events: [sharedEvent(MALLORYS_KEY, { status: 'attributed', method: 'access-key', actor: MALLORY })],
  },
];
