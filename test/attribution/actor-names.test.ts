import { describe, expect, it } from 'vitest';
import { whoisText } from '../../cli/format/whois-text.ts';
import { identified } from '../../lib/attribution/actor.ts';
import { actorFields, actorName, namesOfActor } from '../../lib/attribution/actor-names.ts';
import type { StatedActor } from '../../lib/attribution/stated-actor.ts';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';

const ID = '544894e8-80c1-707f-60e3-3ba6510dfac1';
const OLD_ID = `90671234ab-${ID}`;

/** Returns how to look up the name of an Identity Center user, if no record states it. */
const lookupOf = (name: string) =>
  new Map(actorFields(identified({ kind: 'identity-center-user', name }))).get('user ID');

describe('an Identity Center user whose name is not known', () => {
  it.each([ID, OLD_ID])('is not shown as if %s were a name', (name) => {
    expect(actorName({ kind: 'identity-center-user', name })).toBe(`Identity Center user ${name}`);
    expect(lookupOf(name)).toContain(`describe-user --user-id ${name} `);
  });

  it('is shown with how to look up the name by whois', () => {
    const actor = identified({ kind: 'identity-center-user', name: ID });
    const text = whoisText({
      attribution: { status: 'attributed', method: 'use', actor, chain: [], provisional: false, flags: [] },
    });
    expect(text).toMatch(/^Identity Center user 544894e8-80c1-707f-60e3-3ba6510dfac1 {2}\(Identity Center user\)/);
    expect(text).toMatch(/^ {2}user ID +no record here states the name of this user ID/m);
  });

  it('is neither a user with a name, nor another kind of actor', () => {
    expect(actorName({ kind: 'identity-center-user', name: 'ana@example.com' })).toBe('ana@example.com');
    expect(lookupOf('ana@example.com')).toBeUndefined();
    expect(actorName({ kind: 'kubernetes-user', name: ID })).toBe(ID);
  });
});

describe('a name that can be read as somebody else’s', () => {
  const ALICE = 'arn:aws:iam::111122223333:user/alice';
  const cluster = clusterKeyOf({ cluster: 'prod' });
  const provider = (kind: string, name: string) => `arn:aws:iam::444455556666:${kind}-provider/${name}`;
  const mallory: readonly (readonly [string, StatedActor, string])[] = [
    [
      'the subject of a token',
      { kind: 'web-identity-user', name: ALICE, provider: provider('oidc', 'evil.example.com') },
      'issuer evil.example.com',
    ],
    [
      'a NameID',
      { kind: 'saml-user', name: ALICE, provider: provider('saml', 'evil') },
      `provider ${provider('saml', 'evil')}`,
    ],
    [
      'a NameID that another account’s provider can assert',
      { kind: 'saml-user', name: 'alice@example.com', provider: provider('saml', 'evil') },
      `provider ${provider('saml', 'evil')}`,
    ],
    [
      'a subject that another issuer can state',
      { kind: 'web-identity-user', name: 'alice', provider: provider('oidc', 'evil.example.com') },
      'issuer evil.example.com',
    ],
    ['a username', { kind: 'kubernetes-user', name: ALICE }, 'cluster prod'],
    ['a username like an ID', { kind: 'kubernetes-user', name: 'iam-user/111122223333/AIDAALICE' }, 'cluster prod'],
    ['a username with an account', { kind: 'kubernetes-user', name: 'alice (account 111122223333)' }, 'cluster prod'],
    ['a username like an unknown session', { kind: 'kubernetes-user', name: 'session deploy' }, 'cluster prod'],
    ['a blank username', { kind: 'kubernetes-user', name: ' ' }, 'cluster prod'],
  ];

  it.each(mallory)('is shown with where it comes from: %s', (_what, stated, home) => {
    expect(actorName(identified(stated, cluster))).toBe(`${stated.name} (${home})`);
  });

  it('does not lead from a question about an ARN to whoever has it as the subject of a token', () => {
    const [, stated = { kind: 'web-identity-user' }] = mallory[0] ?? [];
    const actor = identified(stated);
    expect(namesOfActor(actor)).toEqual([actor.id]);
  });

  it('is not the ARN in a token that AWS issued, nor a usual name', () => {
    const issuer = provider('oidc', '2a1b2c3d-0000-4000-8000-000000000001.tokens.sts.global.api.aws');
    const ofAws = identified({ kind: 'web-identity-user', name: ALICE, provider: issuer });
    expect(actorName(ofAws)).toBe(ALICE);
    expect(namesOfActor(ofAws)).toContain(ALICE);
    const usual = [
      'carol@example.com',
      'https://idp.example.com#carol',
      'Carol Smith',
      'repo:company/shop:ref:refs/heads/main',
    ];
    for (const name of usual) expect(actorName(identified({ kind: 'kubernetes-user', name }, cluster))).toBe(name);
  });
});
