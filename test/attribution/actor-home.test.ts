import { describe, expect, it } from 'vitest';
import { identified } from '../../lib/attribution/actor.ts';
import { homeText, isActorId, nameInId } from '../../lib/attribution/actor-id.ts';
import { actorLabel, labelsApart } from '../../lib/attribution/actor-names.ts';

const admin = (accountId: string) =>
  identified({ kind: 'iam-user', name: 'admin', accountId, principalId: `AIDA${accountId}` });

describe('an actor ID', () => {
  it.each([
    ['iam-user/111122223333/AIDAALICE', 'account 111122223333', undefined],
    ['iam-user-name/111122223333/alice%20b', 'account 111122223333', 'alice b'],
    ['root/111122223333', 'account 111122223333', undefined],
    ['idc/d-1234567890/906b', 'directory d-1234567890', undefined],
    [
      'saml/arn:aws:iam::111122223333:saml-provider%2Fadfs/bob',
      'provider arn:aws:iam::111122223333:saml-provider/adfs',
      'bob',
    ],
    ['oidc/token.example.com/repo:a%2Fb', 'issuer token.example.com', 'repo:a/b'],
    [
      'service/ec2.amazonaws.com/arn:aws:iam::111122223333:role%2Fnode',
      'role arn:aws:iam::111122223333:role/node',
      'ec2.amazonaws.com',
    ],
    ['k8s-user/name:prod/carol@example.com', 'cluster prod', 'carol@example.com'],
    ['k8s-sa/name:prod/shop/web', 'cluster prod', 'shop:web'],
    ['k8s-sa/name:from:444455556666%2Fprod/shop/web', 'cluster prod (handed over by 444455556666)', 'shop:web'],
    ['k8s-user/name:from:444455556666%2F/carol', 'cluster (handed over by 444455556666)', 'carol'],
    ['k8s-user/name:444455556666%2Fprod/carol', 'cluster prod (444455556666)', 'carol'],
    ['unnamed/aws-service/ec2.amazonaws.com', undefined, undefined],
    ['k8s-user/name:/carol', undefined, 'carol'],
    ['unnamed/iam-user/-', undefined, undefined],
  ])('%s says where it is valid, and the name if it holds one', (id, home, name) => {
    expect([isActorId(id), homeText(id), nameInId(id)]).toEqual([true, home, name]);
  });

  it('is distinguished from a name', () => {
    expect(['alice', 'arn:aws:iam::111122223333:user/alice', 'AIDAALICE', 'team/alice'].filter(isActorId)).toEqual([]);
  });
});

describe('labels', () => {
  it('have the account only where two people have one name', () => {
    const [one, other] = [admin('111122223333'), admin('444455556666')];
    expect(labelsApart([one, one], actorLabel)).toEqual(['iam-user admin', 'iam-user admin']);
    expect(labelsApart([one, other, { ...one, name: 'bob' }], actorLabel)).toEqual([
      'iam-user admin (account 111122223333)',
      'iam-user admin (account 444455556666)',
      'iam-user bob',
    ]);
  });

  it('have the principal ID where two people of one account have one name', () => {
    const twins = ['AIDAOLD', 'AIDANEW'].map((principalId) =>
      identified({ kind: 'iam-user', name: 'admin', accountId: '111122223333', principalId }),
    );
    expect(labelsApart([...twins, admin('444455556666')], actorLabel)).toEqual([
      'iam-user admin (account 111122223333, AIDAOLD)',
      'iam-user admin (account 111122223333, AIDANEW)',
      'iam-user admin (account 444455556666)',
    ]);
  });
});
