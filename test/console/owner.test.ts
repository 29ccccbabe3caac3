import { describe, expect, it } from 'vitest';
import type { WhoAnswer } from '../../console/page/core/answers.ts';
import { ownerOf } from '../../console/page/core/owner.ts';
import type { Actor } from '../../lib/attribution/actor.ts';

const ana: Actor = { kind: 'iam-user', name: 'ana', accountId: '111122223333', principalId: 'AIDAANA' };
const otherAna: Actor = { ...ana, accountId: '444455556666', principalId: 'AIDAOTHERANA' };

function answer(subject: string, ...actors: readonly (Actor | undefined)[]): WhoAnswer {
  const sessions = actors.map((actor) => ({
    attribution:
      actor === undefined ? { status: 'unattributed', reason: 'no-matching-grant' } : { status: 'attributed', actor },
  }));
  return { subject, sessions: sessions as unknown as NonNullable<WhoAnswer['sessions']> };
}

describe('the sessions that used a username of the cluster', () => {
  it('are somebody’s where each of them is', () => {
    expect(ownerOf(answer('the username admin', ana, ana))).toMatchObject({ kind: 'actor', of: 'ana' });
  });

  it.each([
    ['one of them has no name', answer('the username admin', ana, undefined)],
    ['one of them is another’s', answer('the username admin', ana, { ...ana, name: 'ben', principalId: 'AIDABEN' })],
    ['they are of two users of one name', answer('the username admin', ana, otherAna)],
    ['some of them are left out', { ...answer('the username admin', ana), left: 1 }],
    ['none of them has a name', answer('the username admin', undefined)],
  ])('are nobody’s where %s', (_why, asked) => {
    expect(ownerOf(asked)).toBeUndefined();
  });
});

it('those of one request that several can have made are nobody’s', () => {
  expect(ownerOf({ ...answer('the session x of arn:y', ana, undefined), status: 'ambiguous' })).toBeUndefined();
});

it('a role’s sessions are the role’s, whoever’s they are', () => {
  expect(ownerOf(answer('the role admin', ana, undefined))).toEqual({ kind: 'role', of: 'admin' });
});

it('the sessions of a name that only sessions bear are nobody’s', () => {
  expect(
    ownerOf({ ...answer('the session name EKSGetTokenAuth', ana), sessionName: 'EKSGetTokenAuth' }),
  ).toBeUndefined();
});
