import type { JsonObject } from '../../../lib/json.ts';
import { eventBy, roleUser } from '../../builders/audit-event.ts';
import { ACCOUNT, utc } from '../../builders/company.ts';
import { callBy } from '../../builders/trail-records.ts';
import {
  ALICES_KEY,
  alices,
  JUMP,
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
  withIdentity,
} from '../cast.ts';
import type { ExpectedAnswer, Scenario } from '../scenario.ts';

const STORE = `arn:aws:identitystore::${ACCOUNT}:identitystore/d-1234567890`;
const FUNCTION = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:reconciler`;
const KEY = 'ASIAUNLISTEDKEY00001';
const INSTANCE = 'i-0abc123def4567890';

const inFunction = { inScopeOf: { issuerType: 'AWS::Lambda::Function', credentialsIssuedTo: FUNCTION } };
const onBehalfOf = (userId: string, identityStoreArn = STORE) => ({ onBehalfOf: { userId, identityStoreArn } });
const BOBS_ID = '92a51494-6011-70e5-b0b0-0000000000b0';
/** The ID of a user in a directory that a member account created for itself. */
const FORGED_ID = '0123456789-00000000-0000-0000-0000-0000000000b0';
const FORGED_STORE = 'arn:aws:identitystore::444455556666:identitystore/d-0987654321';
const UNKNOWN_ID = '92a51494-6011-70e5-b0b0-0000000000ff';

/** Identity Center's own record of bob, which states both his ID and his name. */
const bob = callBy(
  { type: 'IdentityCenterUser', accountId: ACCOUNT, userName: 'bob@example.com', ...onBehalfOf(BOBS_ID) },
  { eventID: 'sso-bob', eventSource: 'sso.amazonaws.com', eventName: 'GetRoleCredentials' },
);

const LAMBDA: ExpectedAnswer = {
  status: 'attributed',
  method: 'use',
  actor: { kind: 'aws-service', name: 'lambda.amazonaws.com', workload: FUNCTION },
  joinedBy: [],
};
const EC2 = { kind: 'aws-service', name: 'ec2.amazonaws.com', workload: INSTANCE };
const eventOf = (session: string, expected: ExpectedAnswer) => ({
  event: eventBy(roleUser({ session, key: KEY })),
  expected,
});
const useOfSession = (session: string): JsonObject => useOf({ key: KEY, session });
const jumpOf = (session: string): JsonObject => viaJump({ session, key: 'ASIAJUMPUNLISTED0001' });
const delivered = (record: JsonObject) => withContext(record, { ec2RoleDelivery: '2.0' });

/** 10: role sessions that state their own owner. */
export const SAYING_WHOSE: readonly Scenario[] = [
  {
    title: 'a use names the function that the session’s credentials were issued to',
    records: [withIdentity(useOfSession('reconciler'), inFunction)],
    events: [eventOf('reconciler', LAMBDA)],
  },
  {
    title: 'the earliest of several uses that name the function is the evidence',
    records: ['12:20:00', '12:00:00', '12:10:00'].map((time) => ({
      ...withIdentity(useOfSession('reconciler'), inFunction),
      eventID: `use-at-${time}`,
      eventTime: utc(time),
    })),
    events: [eventOf('reconciler', { ...LAMBDA, use: ['use-at-12:00:00'] })],
  },
  {
    title: 'a hop names the function that its caller’s credentials were issued to',
    records: [withIdentity(jumpOf('reconciler'), inFunction)],
    events: [viaJumpEvent({ ...LAMBDA, method: 'access-key', joinedBy: ['access-key'] })],
  },
  {
    title: 'a use shows that an instance got the session’s credentials',
    records: [delivered(useOfSession(INSTANCE))],
    events: [eventOf(INSTANCE, { status: 'attributed', method: 'use', actor: EC2, joinedBy: [] })],
  },
  {
    title: 'a hop shows that an instance got its caller’s credentials',
    records: [delivered(jumpOf(INSTANCE))],
    events: [viaJumpEvent({ status: 'attributed', method: 'access-key', actor: EC2, joinedBy: ['access-key'] })],
  },
  {
    title: 'credentials of the instance metadata name nobody if the session name is not an instance’s',
    records: [delivered(jumpOf('reconciler'))],
    events: [
      viaJumpEvent({
        status: 'partial',
        method: 'access-key',
        reason: 'upstream-grant-not-found',
        actor: { kind: 'role-session', sessionName: 'reconciler' },
      }),
    ],
  },
  {
    title: 'a use names the person on whose behalf the session acts, by the name that any record states',
    records: [withIdentity(useOfSession('bob-work'), onBehalfOf(BOBS_ID)), bob],
    events: [
      eventOf('bob-work', {
        status: 'attributed',
        method: 'use',
        actor: { kind: 'identity-center-user', name: 'bob@example.com', provider: STORE },
        joinedBy: [],
      }),
    ],
  },
  {
    title: 'the directory distinguishes somebody who has another person’s name in a directory of a member account',
    records: [
      bob,
      callBy(
        { type: 'IdentityCenterUser', userName: 'bob@example.com', ...onBehalfOf(FORGED_ID, FORGED_STORE) },
        { eventID: 'sso-forged', eventSource: 'sso.amazonaws.com', eventName: 'CreateToken' },
      ),
      withIdentity(useOfSession('mallory'), onBehalfOf(FORGED_ID, FORGED_STORE)),
    ],
    events: [
      eventOf('mallory', {
        status: 'attributed',
        method: 'use',
        actor: { kind: 'identity-center-user', name: 'bob@example.com', provider: FORGED_STORE },
        joinedBy: [],
      }),
    ],
  },
  {
    title: 'a user of a stranger’s directory who assumes the role is shown with the directory, and flagged',
    stores: [STORE],
    records: [
      alices({
        by: { type: 'IdentityCenterUser', userName: 'bob@example.com', ...onBehalfOf(FORGED_ID, FORGED_STORE) },
      }),
      mallorys({ by: { type: 'IdentityCenterUser', userName: 'bob@example.com', ...onBehalfOf(BOBS_ID) } }),
    ],
    events: [
      sharedEvent(ALICES_KEY, {
        status: 'attributed',
        method: 'access-key',
        flags: ['foreign-identity-store'],
        actor: {
          kind: 'identity-center-user',
          name: 'bob@example.com',
          knownAs: 'bob@example.com (d-0987654321 of 444455556666)',
          id: `idc/d-0987654321/${FORGED_ID}`,
        },
      }),
      sharedEvent(
        MALLORYS_KEY,
        {
          status: 'attributed',
          method: 'access-key',
          actor: { kind: 'identity-center-user', name: 'bob@example.com', id: `idc/d-1234567890/${BOBS_ID}` },
        },
        { auditID: 'own' },
      ),
    ],
  },
  {
    title: 'a person whose name no record states is named by the ID',
    records: [withIdentity(jumpOf('bob-work'), onBehalfOf(UNKNOWN_ID))],
    events: [
      viaJumpEvent({
        status: 'attributed',
        method: 'access-key',
        actor: { kind: 'identity-center-user', name: UNKNOWN_ID, provider: STORE },
      }),
    ],
  },
  {
    title: 'an unknown person on whose behalf a session acts contradicts nobody',
    records: [signIn('alice@example.com'), ssoUse('alice@example.com', SSO_KEY, onBehalfOf(UNKNOWN_ID))],
    events: [
      ssoEvent('alice@example.com', SSO_KEY, {
        status: 'attributed',
        method: 'access-key',
        actor: { kind: 'identity-center-user', name: 'alice@example.com' },
      }),
    ],
  },
  {
    title: 'another known person on whose behalf a session acts leaves both open',
    records: [signIn('alice@example.com'), ssoUse('alice@example.com', SSO_KEY, onBehalfOf(BOBS_ID)), bob],
    events: [
      ssoEvent('alice@example.com', SSO_KEY, {
        status: 'ambiguous',
        candidates: ['alice@example.com', 'bob@example.com'],
      }),
    ],
  },
  {
    title: 'a person on whose behalf an IAM user’s session acts leaves both open',
    records: [alices(), withIdentity(useOf({ key: ALICES_KEY }), onBehalfOf(BOBS_ID)), bob],
    events: [sharedEvent(ALICES_KEY, { status: 'ambiguous', candidates: ['alice', 'bob@example.com'] })],
  },
  {
    title: 'a known grant has precedence over what a use says about the session',
    records: [
      alices({ ...JUMP, id: 'jump-alice', key: 'ASIAALICEJUMP0000001' }),
      viaJump({ key: 'ASIAALICEJUMP0000001', began: utc('12:00:00') }),
      withIdentity(
        useOf({ key: 'ASIAVIAJUMPSESSION01', session: 'deploy-2026-03', began: utc('12:05:00') }),
        inFunction,
      ),
    ],
    events: [
      viaJumpEvent({
        status: 'attributed',
        method: 'access-key',
        actor: { kind: 'iam-user', name: 'alice' },
        joinedBy: ['access-key', 'access-key'],
      }),
    ],
  },
];
