import { describe, expect, it } from 'vitest';
import { accessKeyId } from '../../lib/identity/access-key.ts';
import { parseUid } from '../../lib/identity/uid.ts';

const ACCOUNT = '111122223333';

describe('a uid of the AWS authenticator', () => {
  describe.each(['aws-iam-authenticator', 'heptio-authenticator-aws'])('with the prefix %s', (prefix) => {
    it.each([
      ['AROA…', `${ACCOUNT}:AROAPROJECT0001`, { kind: 'role', accountId: ACCOUNT, roleId: 'AROAPROJECT0001' }],
      ['AIDA…', `${ACCOUNT}:AIDAALICE0001`, { kind: 'user', accountId: ACCOUNT, userId: 'AIDAALICE0001' }],
      ['the account once more', `${ACCOUNT}:${ACCOUNT}`, { kind: 'root', accountId: ACCOUNT }],
      [
        'the account once more and a name',
        `${ACCOUNT}:${ACCOUNT}:bob`,
        { kind: 'federated-user', accountId: ACCOUNT, name: 'bob' },
      ],
      [
        'a federated name with colons',
        `${ACCOUNT}:${ACCOUNT}:bob:x`,
        { kind: 'federated-user', accountId: ACCOUNT, name: 'bob:x' },
      ],
      [
        'administrative',
        `${ACCOUNT}:administrative:eks:addon-manager`,
        { kind: 'administrative', username: 'eks:addon-manager' },
      ],
    ])('says by %s who calls', (_, rest, expected) => {
      expect(parseUid(`${prefix}:${rest}`)).toEqual(expected);
    });

    it.each([
      ['nothing', ''],
      ['an account alone', ACCOUNT],
      ['no account', 'AROAPROJECT0001'],
      ['an account that is none', 'company:AROAPROJECT0001'],
      ['a role with a session name behind it', `${ACCOUNT}:AROAPROJECT0001:alice`],
      ['lower case', `${ACCOUNT}:aroaproject0001`],
      ['a kind of id that cannot sign in', `${ACCOUNT}:AGPAGROUP0001`],
      ['two different accounts', `${ACCOUNT}:444455556666`],
      ['a newline behind the role', `${ACCOUNT}:AROAPROJECT0001\n`],
      ['administrative without a username', `${ACCOUNT}:administrative:`],
    ])('is malformed with %s', (_, rest) => {
      expect(parseUid(`${prefix}:${rest}`)).toEqual({ kind: 'malformed' });
    });
  });

  it.each([
    ['a uuid', '0e5b5ac8-5fd1-4d2c-8a2e-7f0a4b1c2d3e'],
    ['an OIDC subject', 'https://idp.example.com#alice'],
    ['the prefix somewhere else', `x-aws-iam-authenticator:${ACCOUNT}:AROAPROJECT0001`],
    ['the prefix without its colon', 'aws-iam-authenticator'],
    ['nothing', ''],
  ])('is not %s', (_, uid) => {
    expect(parseUid(uid)).toBeUndefined();
  });

  it('is not missing text', () => {
    expect(parseUid(undefined)).toBeUndefined();
  });
});

describe('an access key id', () => {
  it.each(['ASIAALICESESSION0001', 'AKIAALICE00000000001', 'ASIA012345678901', `ASIA${'X'.repeat(124)}`])(
    'is %s',
    (key) => expect(accessKeyId(key)).toBe(key),
  );

  it.each([
    ['the placeholder AAAAAAAA', 'AAAAAAAAAAAAAAAA'],
    ['REDACTED', 'REDACTED'],
    ['too short', 'ASIA01234567890'],
    ['too long', `ASIA${'X'.repeat(125)}`],
    ['in lower case', 'asiaalicesession0001'],
    ['followed by a newline', 'ASIAALICESESSION0001\n'],
    ['another kind of id', 'AROAPROJECTADMIN00001'],
    ['missing', undefined],
  ])('is not one that is %s', (_, text) => {
    expect(accessKeyId(text)).toBeUndefined();
  });
});
