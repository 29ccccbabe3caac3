import { ACCOUNT } from '../../builders/company.ts';
import { ALICE, alices, JUMP, MALLORYS_KEY, sharedEvent, useOf, viaJump, viaJumpEvent } from '../cast.ts';
import type { Scenario } from '../scenario.ts';

const AS_ALICE = { request: { sourceIdentity: 'alice' }, response: { sourceIdentity: 'alice' } };
const JUMP_KEY = 'ASIAMALLORYJUMP00001';

/** 6: a source identity that contradicts the matched grant. STS keeps it unchanged through the role chain. */
export const SOURCE_IDENTITY: readonly Scenario[] = [
  {
    title: 'a hop whose source identity differs from the namesake’s is not the namesake’s',
    records: [
      alices({ ...JUMP, ...AS_ALICE, id: 'jump-alice' }),
      viaJump({ key: JUMP_KEY, sourceIdentity: 'mallory' }),
    ],
    events: [
      viaJumpEvent({
        status: 'partial',
        method: 'access-key',
        reason: 'upstream-grant-not-found',
        actor: { kind: 'role-session', sessionName: JUMP.session, sourceIdentity: 'mallory' },
        joinedBy: ['access-key'],
      }),
    ],
  },
  {
    title: 'a hop with the namesake’s source identity can be the namesake’s',
    records: [alices({ ...JUMP, ...AS_ALICE, id: 'jump-alice' }), viaJump({ key: JUMP_KEY, sourceIdentity: 'alice' })],
    events: [
      viaJumpEvent({
        status: 'attributed',
        method: 'access-key',
        flags: ['key-not-listed'],
        actor: { ...ALICE, sourceIdentity: 'alice' },
        joinedBy: ['session-start', 'access-key'],
      }),
    ],
  },
  {
    title: 'a use without a source identity contradicts no grant',
    records: [alices(AS_ALICE), useOf({ key: MALLORYS_KEY })],
    events: [
      sharedEvent(MALLORYS_KEY, {
        status: 'attributed',
        method: 'session-start',
        flags: ['key-not-listed'],
        actor: { ...ALICE, sourceIdentity: 'alice', accountId: ACCOUNT },
      }),
    ],
  },
  {
    title: 'a use with a source identity does not contradict a grant without one',
    records: [alices(), useOf({ key: MALLORYS_KEY, sourceIdentity: 'alice' })],
    events: [
      sharedEvent(MALLORYS_KEY, {
        status: 'attributed',
        method: 'session-start',
        flags: ['key-not-listed'],
        actor: ALICE,
      }),
    ],
  },
];
