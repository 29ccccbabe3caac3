import { describe, expect, it } from 'vitest';
import type { WhoAnswer } from '../../console/page/core/answers.ts';
import { ownerOf, sessionOfCaller, tieOf } from '../../console/page/core/sessions.ts';
import { type Actor, identified } from '../../lib/attribution/actor.ts';
import { accessKeyId } from '../../lib/identity/access-key.ts';
import { roleIdOf } from '../../lib/identity/arn.ts';

const CALLER = {
  kind: 'role-session',
  uid: 'aws-iam-authenticator:444455556666:AROAL3H6OXYWHJEXAMPLE',
  username: 'arn:aws:sts::444455556666:assumed-role/orders-developer/EKSGetTokenAuth',
  roleId: roleIdOf('AROAL3H6OXYWHJEXAMPLE'),
  sessionName: 'EKSGetTokenAuth',
} as const;

it('the value that finds a session is its access key, because several people can use a name', () => {
  expect(sessionOfCaller({ ...CALLER, accessKeyId: accessKeyId('ASIAEPSSBBJMDEXAMPLE') })).toBe('ASIAEPSSBBJMDEXAMPLE');
});

it('the value that finds a session without a known key is its role and name', () => {
  expect(sessionOfCaller(CALLER)).toBe('AROAL3H6OXYWHJEXAMPLE:EKSGetTokenAuth');
});

it('the cluster itself has no session', () => {
  expect(sessionOfCaller({ kind: 'kubernetes-system', username: 'system:apiserver' })).toBeUndefined();
});

const ana = identified({ kind: 'iam-user', name: 'ana', accountId: '111122223333', principalId: 'AIDAANA' });
const otherAna = identified({ kind: 'iam-user', name: 'ana', accountId: '444455556666', principalId: 'AIDAOTHERANA' });
const ben = identified({ kind: 'iam-user', name: 'ben', accountId: '111122223333', principalId: 'AIDABEN' });

function answer(subject: string, ...actors: readonly (Actor | undefined)[]): WhoAnswer {
  const sessions = actors.map((actor) => ({
    requests: 1,
    records: 2,
    attribution:
      actor === undefined
        ? { status: 'unattributed', reason: 'no-matching-grant' }
        : { status: 'attributed', actor, flags: ['impersonation'] },
  }));
  return { subject, sessions: sessions as unknown as NonNullable<WhoAnswer['sessions']> };
}

describe('a username of the cluster', () => {
  const ACCOUNT = 'the username system:serviceaccount:orders:deployer';

  it('has no owner, even if only one person acted under it', () => {
    expect(ownerOf(answer(ACCOUNT, ana))).toBeUndefined();
    expect(ownerOf(answer('the username admin', ana, ana))).toBeUndefined();
  });

  it('says how many requests the one actor made under it', () => {
    const { sessions: [session] = [], ...one } = answer(ACCOUNT, ana);
    const acting = (...requests: readonly number[]): WhoAnswer => ({
      ...one,
      sessions: requests.flatMap((each) => (session === undefined ? [] : { ...session, requests: each })),
    });
    expect(tieOf(acting(1))).toBe('1 request by ana, who impersonated this username');
    expect(tieOf(acting(1, 1))).toBe('2 requests by ana, who impersonated this username');
    expect(tieOf(acting(3))).toBe(
      '3 requests by ana, who used or impersonated this username, or requested a token for it',
    );
  });

  it.each([
    ['one of them has no name', answer(ACCOUNT, ana, undefined)],
    ['one of them is another’s', answer(ACCOUNT, ana, ben)],
    ['they are of two users of one name', answer(ACCOUNT, ana, otherAna)],
    ['some of them are left out', { ...answer(ACCOUNT, ana), left: 1 }],
    ['not all records were read', { ...answer(ACCOUNT, ana), complete: false as const }],
    ['none of them has a name', answer(ACCOUNT, undefined)],
    ['it is no username', answer('ana', ana)],
  ])('does not say so where %s', (_why, list) => {
    expect(tieOf(list)).toBeUndefined();
  });
});

it('sessions that may each have made one request have no owner', () => {
  expect(ownerOf({ ...answer('the session x of arn:y', ana, undefined), status: 'ambiguous' })).toBeUndefined();
});

it('the owner of a role’s sessions is the role', () => {
  expect(ownerOf(answer('the role admin', ana, undefined))).toEqual({ kind: 'role', of: 'admin' });
});

it('the sessions of a session name have no owner', () => {
  expect(
    ownerOf({ ...answer('the session name EKSGetTokenAuth', ana), sessionName: 'EKSGetTokenAuth' }),
  ).toBeUndefined();
});
