import { ACCOUNT, ROLE_NAME, utc } from '../../builders/company.ts';
import { iamUser } from '../../builders/trail-callers.ts';
import {
  ALICE,
  ALICES_KEY,
  alices,
  JUMP,
  SHARED,
  sharedEvent,
  useOf,
  viaJump,
  viaJumpEvent,
  withIdentity,
} from '../cast.ts';
import type { ExpectedAnswer, Scenario } from '../scenario.ts';

const PROVIDER = '999988887777';
const DELEGATED = { invokedByDelegate: { accountId: PROVIDER } };
const BY_DELEGATE: ExpectedAnswer = {
  status: 'partial',
  method: 'access-key',
  reason: 'acts-by-delegation',
  actor: { ...ALICE, delegate: { accountId: PROVIDER } },
};

/** 8: temporary delegation. */
export const DELEGATION: readonly Scenario[] = [
  {
    title: 'a provider that requests a session with the approver’s identity is reported beside the approver',
    records: [alices({ by: iamUser('alice', DELEGATED) })],
    events: [sharedEvent(ALICES_KEY, BY_DELEGATE)],
  },
  {
    title: 'a use of the key by a provider is reported beside the approver',
    records: [alices(), withIdentity(useOf({ key: ALICES_KEY }), DELEGATED)],
    events: [sharedEvent(ALICES_KEY, BY_DELEGATE)],
  },
  {
    title: 'credentials of GetDelegatedAccessToken are a grant',
    records: [
      alices({
        eventName: 'GetDelegatedAccessToken',
        by: iamUser('alice', DELEGATED),
        namesRoleUser: false,
        request: { roleArn: undefined, roleSessionName: undefined },
        response: { assumedPrincipal: `arn:aws:sts::${ACCOUNT}:assumed-role/${ROLE_NAME}/${SHARED}` },
      }),
    ],
    events: [sharedEvent(ALICES_KEY, { ...BY_DELEGATE, joinedBy: ['access-key'] })],
  },
  {
    title: 'a provider in the middle of a role chain is reported',
    records: [
      alices({ ...JUMP, id: 'jump-alice' }),
      withIdentity(viaJump({ key: ALICES_KEY, began: utc('12:00:00') }), DELEGATED),
    ],
    events: [viaJumpEvent({ ...BY_DELEGATE, joinedBy: ['access-key', 'access-key'] })],
  },
];
