import { ACCOUNT, utc } from '../../builders/company.ts';
import { iamUser, webIdentityUser } from '../../builders/trail-callers.ts';
import {
  ALICE,
  alices,
  JUMP,
  MALLORY,
  MALLORYS_KEY,
  mallorys,
  SSO_KEY,
  sharedEvent,
  signIn,
  ssoEvent,
  ssoUse,
  useOf,
  viaJump,
  viaJumpEvent,
  withContext,
} from '../cast.ts';
import type { ExpectedAnswer, Scenario } from '../scenario.ts';

const NOT_SEEN: ExpectedAnswer = { status: 'unattributed', reason: 'access-key-not-seen' };
const ALICE_BY_START: ExpectedAnswer = {
  status: 'attributed',
  method: 'session-start',
  flags: ['key-not-listed'],
  actor: ALICE,
  joinedBy: ['session-start'],
  provisionalAtFirst: true,
};
const CUT_AT_JUMP: ExpectedAnswer = {
  status: 'partial',
  method: 'access-key',
  reason: 'upstream-grant-not-found',
  actor: { kind: 'role-session', sessionName: JUMP.session },
  joinedBy: ['access-key'],
  provisionalAtFirst: true,
};
const JUMP_KEY = 'ASIAMALLORYJUMP00001';
const alicesJump = alices({ ...JUMP, id: 'jump-alice', key: 'ASIAALICEJUMP0000001' });
const mallorysJump = mallorys({ ...JUMP, id: 'jump-mallory', key: JUMP_KEY });
const GITHUB = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
const GITLAB = `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.example.com`;

/** 1: earlier rules took the second in which a session began for proof. */
export const SESSION_START: readonly Scenario[] = [
  {
    title: 'a session that began one second after a namesake of the shared name is not the namesake’s',
    records: [alices(), useOf({ key: MALLORYS_KEY, began: utc('12:00:01') })],
    events: [sharedEvent(MALLORYS_KEY, NOT_SEEN)],
  },
  {
    title: 'a namesake that began in the same second is named with a warning while the key’s own grant is missing',
    records: [alices(), useOf({ key: MALLORYS_KEY })],
    events: [sharedEvent(MALLORYS_KEY, ALICE_BY_START)],
  },
  {
    title: 'the key’s own grant decides the answer, however late it arrives',
    records: [alices(), useOf({ key: MALLORYS_KEY }), mallorys()],
    events: [
      sharedEvent(MALLORYS_KEY, {
        status: 'attributed',
        method: 'access-key',
        actor: MALLORY,
        joinedBy: ['access-key'],
        provisionalAtFirst: false,
      }),
    ],
  },
  {
    title: 'a key that was issued to another session leads to nobody, although its use states this one',
    records: [mallorys({ session: 'nightly' }), alices(), useOf({ key: MALLORYS_KEY })],
    events: [sharedEvent(MALLORYS_KEY, { status: 'unattributed', reason: 'access-key-contradicts-session' })],
  },
  {
    title: 'two namesakes that began in the same second leave the owner of the key open',
    records: [alices(), mallorys({ key: 'ASIAMALLORYOTHER0001' }), useOf({ key: MALLORYS_KEY })],
    events: [sharedEvent(MALLORYS_KEY, { status: 'ambiguous', candidates: ['alice', 'mallory'] })],
  },
  {
    title: 'a hop whose key’s grant is missing leads to a namesake that began in the same second, with a warning',
    records: [alicesJump, viaJump({ key: JUMP_KEY })],
    events: [
      viaJumpEvent({
        status: 'attributed',
        method: 'access-key',
        flags: ['key-not-listed'],
        actor: ALICE,
        joinedBy: ['session-start', 'access-key'],
        provisionalAtFirst: true,
      }),
    ],
  },
  {
    title: 'a hop that began a second later than the namesake ends there',
    records: [alicesJump, viaJump({ key: JUMP_KEY, began: utc('12:00:01') })],
    events: [viaJumpEvent(CUT_AT_JUMP)],
  },
  {
    title: 'a hop’s own grant decides the hop, however late it arrives',
    records: [alicesJump, viaJump({ key: JUMP_KEY }), mallorysJump],
    events: [
      viaJumpEvent({
        status: 'attributed',
        method: 'access-key',
        actor: MALLORY,
        joinedBy: ['access-key', 'access-key'],
        provisionalAtFirst: false,
      }),
    ],
  },
  {
    title: 'a use of a web identity does not belong to a session that a user requested',
    records: [
      alices(),
      withContext(useOf({ key: MALLORYS_KEY }), { webIdFederationData: { federatedProvider: GITHUB } }),
    ],
    events: [sharedEvent(MALLORYS_KEY, NOT_SEEN)],
  },
  {
    title: 'a use without MFA does not belong to a session that was requested with MFA',
    records: [
      alices({ request: { serialNumber: `arn:aws:iam::${ACCOUNT}:mfa/alice` } }),
      withContext(useOf({ key: MALLORYS_KEY }), {}, { mfaAuthenticated: 'false' }),
    ],
    events: [sharedEvent(MALLORYS_KEY, NOT_SEEN)],
  },
  {
    title: 'a hop without MFA does not belong to a session that was requested with MFA',
    records: [
      alices({ ...JUMP, id: 'jump-alice', request: { serialNumber: `arn:aws:iam::${ACCOUNT}:mfa/alice` } }),
      withContext(viaJump({ key: JUMP_KEY }), {}, { mfaAuthenticated: 'false' }),
    ],
    events: [viaJumpEvent(CUT_AT_JUMP)],
  },
  {
    title: 'a use with MFA does not belong to a session that was requested without MFA',
    records: [alices(), withContext(useOf({ key: MALLORYS_KEY }), {}, { mfaAuthenticated: 'true' })],
    events: [sharedEvent(MALLORYS_KEY, NOT_SEEN)],
  },
  {
    title: 'a use with MFA can belong to a session that was requested with MFA',
    records: [
      alices({ request: { serialNumber: `arn:aws:iam::${ACCOUNT}:mfa/alice` } }),
      withContext(useOf({ key: MALLORYS_KEY }), {}, { mfaAuthenticated: 'true' }),
    ],
    events: [sharedEvent(MALLORYS_KEY, ALICE_BY_START)],
  },
  {
    title: 'a use with another source identity does not belong to the grant’s session',
    records: [
      alices({ request: { sourceIdentity: 'alice' }, response: { sourceIdentity: 'alice' } }),
      useOf({ key: MALLORYS_KEY, sourceIdentity: 'mallory' }),
    ],
    events: [sharedEvent(MALLORYS_KEY, NOT_SEEN)],
  },
  {
    title: 'a use of another web identity provider’s session does not belong to the grant’s session',
    records: [
      alices({ by: webIdentityUser('repo:company/shop', GITHUB), eventName: 'AssumeRoleWithWebIdentity' }),
      withContext(useOf({ key: MALLORYS_KEY }), { webIdFederationData: { federatedProvider: GITLAB, attributes: {} } }),
    ],
    events: [sharedEvent(MALLORYS_KEY, NOT_SEEN)],
  },
  {
    title: 'a hop with MFA does not belong to a session that was requested without MFA',
    records: [alicesJump, withContext(viaJump({ key: JUMP_KEY }), {}, { mfaAuthenticated: 'true' })],
    events: [viaJumpEvent(CUT_AT_JUMP)],
  },
  {
    title: 'a session whose name AWS set is proven within two seconds, without a warning',
    records: [
      signIn('alice@example.com', { key: SSO_KEY }),
      ssoUse('alice@example.com', 'ASIASSOCONSOLE000001', {}, utc('12:00:02')),
      alices({ by: iamUser('alice') }),
    ],
    events: [
      ssoEvent('alice@example.com', 'ASIASSOCONSOLE000001', {
        status: 'attributed',
        method: 'session-start',
        actor: { kind: 'identity-center-user', name: 'alice@example.com' },
        joinedBy: ['session-start'],
        provisionalAtFirst: false,
      }),
    ],
  },
];
