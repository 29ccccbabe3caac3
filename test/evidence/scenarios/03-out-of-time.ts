import { utc } from '../../builders/company.ts';
import {
  alices,
  JUMP,
  MALLORY,
  MALLORYS_KEY,
  mallorys,
  sharedEvent,
  signIn,
  ssoEvent,
  ssoUse,
  useOf,
  viaJump,
  viaJumpEvent,
} from '../cast.ts';
import type { ExpectedAnswer, Scenario } from '../scenario.ts';

const MORNING = { at: utc('09:00:00'), until: utc('10:00:00') };
const ALL_DAY = { at: utc('09:00:00'), until: utc('21:00:00') };
const JUMP_KEY = 'ASIAMALLORYJUMP00001';
const OUT_OF_TIME: ExpectedAnswer = { status: 'unattributed', reason: 'outside-session-validity' };
const BY_MALLORY: ExpectedAnswer = {
  status: 'attributed',
  method: 'access-key',
  actor: MALLORY,
  joinedBy: ['access-key'],
};
const OWN_KEY = 'ASIASSOMORNING000001';

/** 3: the search ends if the key’s own grant is known but out of its time. */
export const OUT_OF_TIME_GRANTS: readonly Scenario[] = [
  {
    title: 'a key whose grant has ended belongs to nobody else whose session began in the same second',
    records: [mallorys(MORNING), alices(ALL_DAY), useOf({ key: MALLORYS_KEY, began: utc('09:00:00') })],
    events: [sharedEvent(MALLORYS_KEY, OUT_OF_TIME)],
  },
  {
    title: 'the second in which the window of a grant ends belongs to it, to the microsecond',
    records: [mallorys({ at: utc('11:00:00'), until: utc('12:00:10') })],
    events: [sharedEvent(MALLORYS_KEY, BY_MALLORY, { requestReceivedTimestamp: utc('12:10:10.999999') })],
  },
  {
    title: 'the second after the end of a grant’s window does not belong to it',
    records: [mallorys({ at: utc('11:00:00'), until: utc('12:00:10') })],
    events: [sharedEvent(MALLORYS_KEY, OUT_OF_TIME, { requestReceivedTimestamp: utc('12:10:11.000000') })],
  },
  {
    title: 'a request a microsecond before the window of a grant does not belong to it',
    records: [mallorys({ at: utc('12:11:00') })],
    events: [sharedEvent(MALLORYS_KEY, OUT_OF_TIME, { requestReceivedTimestamp: utc('12:09:59.999999') })],
  },
  {
    title: 'a hop whose key’s grant has ended belongs to nobody else whose session began in the same second',
    records: [
      mallorys({ ...MORNING, ...JUMP, id: 'jump-mallory', key: JUMP_KEY }),
      alices({ ...ALL_DAY, ...JUMP, id: 'jump-alice', key: 'ASIAALICEJUMP0000001' }),
      viaJump({ key: JUMP_KEY, began: utc('09:00:00') }),
    ],
    events: [
      viaJumpEvent({
        status: 'partial',
        method: 'access-key',
        reason: 'upstream-grant-not-found',
        actor: { kind: 'role-session', sessionName: JUMP.session },
        joinedBy: ['access-key'],
      }),
    ],
  },
  {
    title: 'Identity Center’s name does not replace a key whose grant has ended',
    records: [
      signIn('alice@example.com', { ...MORNING, id: 'sign-in-morning', key: OWN_KEY }),
      signIn('alice@example.com', { ...ALL_DAY, id: 'sign-in-all-day' }),
      ssoUse('alice@example.com', OWN_KEY, {}, utc('09:00:00')),
    ],
    events: [ssoEvent('alice@example.com', OWN_KEY, OUT_OF_TIME)],
  },
];
