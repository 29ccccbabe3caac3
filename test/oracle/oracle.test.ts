import { describe, expect, it } from 'vitest';
import { ADMIN_ARN, answer, at, event, grant, K1, K2, session, summaryOf, UNLISTED, use, user } from './cases.ts';

const SHARED = 'EKSGetTokenAuth';
const ALICE = grant(user('alice'));
const BOB = grant(user('bob'), { key: K2, time: 1 });
const withKey = (accessKeyId: string) => event({ accessKeyId: [accessKeyId], sessionName: [SHARED] });
const byUsername = (username: string, extra = {}) => event(extra, { user: { username } });

describe('by access key', () => {
  it('decides without a flag', () => {
    const record = answer(withKey(K1), [ALICE, BOB]);
    expect(summaryOf(record)).toBe('attributed, access-key, iam-user alice');
    expect(record.attribution.chain).toMatchObject([{ joinedBy: 'access-key', sessionName: SHARED }]);
  });

  it('stops the search if the grant of the key is out of its time, even if another would match by session start', () => {
    const later = grant(user('bob'), { key: K2, time: 9000 });
    const late = { ...withKey(K1), requestReceivedTimestamp: at(9010) };
    expect(summaryOf(answer(late, [ALICE, later, use(session(SHARED, K1, 9000))]))).toBe(
      'unattributed, outside-session-validity',
    );
  });

  it('comes before a contradiction if a grant agrees except for the time', () => {
    const late = { ...withKey(K1), requestReceivedTimestamp: at(9010) };
    expect(summaryOf(answer(late, [ALICE, grant(user('bob'), { name: 'other' })]))).toBe(
      'unattributed, outside-session-validity',
    );
  });

  it('accepts GetDelegatedAccessToken as a grant', () => {
    const delegated = {
      ...grant(user('alice'), { named: false, request: { roleArn: undefined, roleSessionName: undefined } }),
    };
    expect(summaryOf(answer(withKey(K1), [{ ...delegated, eventName: 'GetDelegatedAccessToken' }]))).toBe(
      'attributed, access-key, iam-user alice',
    );
  });
});

describe('by session start', () => {
  const began = (seconds: number, context = {}) => use(session(SHARED, UNLISTED, seconds, { sessionContext: context }));

  it('is provisional: it accepts the same second only, and sets key-not-listed', () => {
    expect(summaryOf(answer(withKey(UNLISTED), [ALICE, began(0.9)]))).toBe(
      'attributed, session-start, iam-user alice, key-not-listed',
    );
  });

  it('does not accept the second before or after', () => {
    expect(summaryOf(answer(withKey(UNLISTED), [ALICE, began(1)]))).toBe('unattributed, access-key-not-seen');
    expect(summaryOf(answer(withKey(UNLISTED), [ALICE, BOB, began(1)]))).toBe(
      'attributed, session-start, iam-user bob, key-not-listed',
    );
  });

  it('accepts two seconds if AWS itself set the name, and then needs no flag', () => {
    const reserved = `arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_A`;
    const request = { roleArn: reserved, principalArn: 'arn:aws:iam::111122223333:saml-provider/AWSSSO_1' };
    const person = { type: 'SAMLUser', userName: 'carol@example.com' };
    const signIn = grant(person, { eventName: 'AssumeRoleWithSAML', request });
    expect(summaryOf(answer(withKey(UNLISTED), [signIn, began(2)]))).toBe(
      'attributed, session-start, identity-center-user carol@example.com',
    );
    // Out of the two seconds Identity Center's name still stands against the key.
    expect(summaryOf(answer(withKey(UNLISTED), [signIn, began(3)]))).toContain('session-name');
  });

  it('does not match if the use contradicts the grant', () => {
    const stated = grant(user('alice'), { request: { sourceIdentity: 'alice' } });
    expect(summaryOf(answer(withKey(UNLISTED), [stated, began(0, { sourceIdentity: 'bob' })]))).toBe(
      'unattributed, access-key-not-seen',
    );
    expect(summaryOf(answer(withKey(UNLISTED), [ALICE, began(0, { sourceIdentity: 'bob' })]))).toContain(
      'iam-user alice',
    );
  });

  it('does not match for a session with MFA if the request has no serial number', () => {
    const mfa = began(0, { attributes: { mfaAuthenticated: 'true' } });
    const serialNumber = 'arn:aws:iam::111122223333:mfa/phone';
    expect(summaryOf(answer(withKey(UNLISTED), [ALICE, mfa]))).toBe('unattributed, access-key-not-seen');
    expect(summaryOf(answer(withKey(UNLISTED), [grant(user('bob'), { request: { serialNumber } }), mfa]))).toContain(
      'iam-user bob',
    );
  });

  it('matches a session of a web identity to grants of its provider only', () => {
    const web = { type: 'WebIdentityUser', userName: 'runner', identityProvider: 'arn:aws:iam::1:oidc-provider/a' };
    const signIn = grant(web, { eventName: 'AssumeRoleWithWebIdentity' });
    const from = (federatedProvider: string) => began(0, { webIdFederationData: { federatedProvider } });
    expect(summaryOf(answer(withKey(UNLISTED), [signIn, from('arn:aws:iam::1:oidc-provider/b')]))).toBe(
      'unattributed, access-key-not-seen',
    );
    expect(summaryOf(answer(withKey(UNLISTED), [signIn, from('arn:aws:iam::1:oidc-provider/a')]))).toContain(
      'web-identity-user runner',
    );
    expect(summaryOf(answer(withKey(UNLISTED), [ALICE, from('arn:aws:iam::1:oidc-provider/b')]))).toBe(
      'unattributed, access-key-not-seen',
    );
  });
});

describe('by template', () => {
  const K_TEMPLATE = 'k-{{AccessKeyID}}';
  const grants = [
    grant(user('alice'), { name: 'alice-2024', key: K1 }),
    grant(user('bob'), { name: `k-${K1}`, key: K2 }),
  ];

  it('uses a key from a username as a candidate, never as proof', () => {
    const found = answer(byUsername(`k-${K1}`), grants.slice(0, 1), { usernameTemplates: [K_TEMPLATE] });
    expect(summaryOf(found)).toBe('attributed, username, iam-user alice, name-chosen-by-caller');
    expect(found.caller.accessKeyId).toBeUndefined();
  });

  it('has neighbors for an unbound template: those who chose the username as a session name', () => {
    expect(summaryOf(answer(byUsername(`k-${K1}`), grants, { usernameTemplates: [K_TEMPLATE] }))).toBe(
      'ambiguous, alice|bob',
    );
    expect(summaryOf(answer(byUsername(`k-${K1}`), grants.slice(1), { usernameTemplates: [K_TEMPLATE] }))).toBe(
      'ambiguous, bob',
    );
  });

  it('has no neighbors for a bound one, which counts for callers of its role only', () => {
    const bound = (arn: string) => ({ usernameTemplates: [`${arn}=${K_TEMPLATE}`] });
    expect(summaryOf(answer(byUsername(`k-${K1}`), grants, bound(ADMIN_ARN)))).toContain(
      'attributed, username, iam-user alice',
    );
    // The template is bound to another role, so the name is guessed: the username contains all of bob's session name.
    expect(summaryOf(answer(byUsername(`k-${K1}`), grants, bound('arn:aws:iam::111122223333:role/ops')))).toContain(
      'iam-user bob',
    );
  });

  it("takes the caller's role from any record that states it", () => {
    const stating = use(session('somebody', UNLISTED, 0));
    const bound = { usernameTemplates: [`${ADMIN_ARN}=corp:{{SessionName}}`] };
    const unnamed = grant(user('bob'), { name: 'ab', named: false });
    expect(summaryOf(answer(byUsername('corp:ab'), [unnamed], bound))).toBe('unattributed, session-name-unknown');
    expect(summaryOf(answer(byUsername('corp:ab'), [unnamed, stating], bound))).toBe('unattributed, no-matching-grant');
  });
});

describe('by a guess', () => {
  const named = (name: string, who = 'alice') => grant(user(who), { name });

  it('finds a name anywhere, if it is cut off on each side', () => {
    expect(summaryOf(answer(byUsername('ops:jdoe-20240501:eu'), [named('jdoe-20240501')]))).toBe(
      'attributed, username, iam-user alice, name-chosen-by-caller',
    );
    expect(summaryOf(answer(byUsername('xjdoe-20240501:eu'), [named('jdoe-20240501')]))).toBe(
      'unattributed, session-name-unknown',
    );
    expect(summaryOf(answer(byUsername('ops:jdoe-20240501_2'), [named('jdoe-20240501')]))).toBe(
      'unattributed, session-name-unknown',
    );
  });

  it('is at best a candidate if the name is short or has no digit, even alone', () => {
    expect(summaryOf(answer(byUsername('ops:alice-2'), [named('alice-2')]))).toBe('ambiguous, alice');
    expect(summaryOf(answer(byUsername('ops:alice-example'), [named('alice-example')]))).toBe('ambiguous, alice');
  });

  it('does not decide against the true name within the username', () => {
    expect(summaryOf(answer(byUsername('x-bob-y-jdoe-20240501'), [named('jdoe-20240501'), named('bob', 'bob')]))).toBe(
      'ambiguous, alice|bob',
    );
  });
});

describe('a grant to a service without a role id', () => {
  const service = { type: 'AWSService', invokedBy: 'lambda.amazonaws.com' };
  const unnamed = grant(service, { named: false, name: 'report' });
  const other = grant(service, {
    named: false,
    name: 'report',
    request: { roleArn: 'arn:aws:iam::111122223333:role/other' },
  });
  const thief = grant(user('mallory'), { name: 'report', key: K2 });

  it('matches if any record states the role of the role ID', () => {
    expect(summaryOf(answer(event({ sessionName: ['report'] }), [unnamed, thief]))).toBe(
      'ambiguous, lambda.amazonaws.com|mallory',
    );
    expect(summaryOf(answer(event({ sessionName: ['report'] }), [other, thief]))).toBe(
      'attributed, session-name, iam-user mallory, name-chosen-by-caller',
    );
  });

  it('matches, whatever its role, if no record states it', () => {
    expect(summaryOf(answer(event({ sessionName: ['report'] }), [unnamed]))).toContain(
      'aws-service lambda.amazonaws.com',
    );
    expect(summaryOf(answer(event({ sessionName: ['report'] }), [other]))).toContain(
      'aws-service lambda.amazonaws.com',
    );
  });
});

describe('claimed names', () => {
  it('are compared without case and with @ as -', () => {
    const claims = (name: string, known: string) =>
      summaryOf(answer(event({ accessKeyId: [K1] }), [grant(user('mallory'), { name }), use(user(known))]));
    expect(claims('ALICE', 'alice')).toContain('session-name-claims-other-actor');
    expect(claims('bob-corp.com', 'Bob@corp.com')).toContain('session-name-claims-other-actor');
    expect(claims('Mallory', 'mallory')).not.toContain('claims');
  });
});

describe('copies of a call', () => {
  it('are the one that says most of its caller, whether or not it states the type', () => {
    const service = { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' };
    const lambda = 'arn:aws:lambda:us-east-1:111122223333:function:cleanup';
    const working = { invokedBy: 'ec2.amazonaws.com', inScopeOf: { credentialsIssuedTo: lambda } };
    const copies = [service, working].map((caller) => ({ ...grant(caller), sharedEventID: 'shared' }));
    expect(answer(event({ accessKeyId: [K1] }), copies).attribution.actor?.workload).toBe(lambda);
  });
});
