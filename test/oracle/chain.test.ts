import { describe, expect, it } from 'vitest';
import { answer, at, event, grant, K1, K2, session, summaryOf, UNLISTED, use, user } from './cases.ts';

const KEYED = event({ accessKeyId: [K2] });
const ALICE = grant(user('alice'), { name: 'first' });
const second = (caller: object) => grant({ ...caller }, { key: K2, name: 'second', time: 3 });
const LAMBDA = { inScopeOf: { credentialsIssuedTo: 'arn:aws:lambda:us-east-1:111122223333:function:report' } };
const BEHALF = (userId: string) => ({
  onBehalfOf: { userId, identityStoreArn: 'arn:aws:identitystore::1:identitystore/d-1' },
});
const NAMED = use({ type: 'IdentityCenterUser', userName: 'carol', ...BEHALF('u-carol') });

describe('the chain', () => {
  it('states for each link how it was found', () => {
    const { chain } = answer(KEYED, [ALICE, second(session('first', K1, 0))]).attribution;
    expect(chain).toMatchObject([
      { sessionName: 'first', joinedBy: 'access-key' },
      { sessionName: 'second', joinedBy: 'access-key' },
    ]);
  });

  it('sets key-not-listed for a hop by session start, in the same second only', () => {
    const found = answer(KEYED, [ALICE, second(session('first', UNLISTED, 0))]);
    expect(summaryOf(found)).toBe('attributed, access-key, iam-user alice, key-not-listed');
    expect(found.attribution.chain).toMatchObject([{ joinedBy: 'session-start' }, { joinedBy: 'access-key' }]);
    expect(summaryOf(answer(KEYED, [ALICE, second(session('first', UNLISTED, 1))]))).toBe(
      'partial, access-key, upstream-grant-not-found, role-session first',
    );
  });

  it('ends if the grant of the key is out of its time', () => {
    const late = grant(session('first', K1, 9000), { key: K2, time: 9003 });
    const other = grant(user('bob'), { name: 'first', key: 'ASIAAAAAAAAAAAAA0003', time: 9000 });
    const request = { ...KEYED, requestReceivedTimestamp: at(9010) };
    expect(summaryOf(answer(request, [ALICE, other, late]))).toBe(
      'partial, access-key, upstream-grant-not-found, role-session first',
    );
  });

  it('respects what contradicts a hop', () => {
    const mfa = session('first', UNLISTED, 0, { sessionContext: { attributes: { mfaAuthenticated: 'true' } } });
    expect(summaryOf(answer(KEYED, [ALICE, second(mfa)]))).toContain('upstream-grant-not-found');
  });
});

describe('a token that AWS issued', () => {
  const ROLE = 'arn:aws-us-gov:iam::444455556666:role/shipping';
  const issue = (caller: object) => ({
    ...grant({ ...caller }),
    eventName: 'GetWebIdentityToken',
    responseElements: { webIdentityTokenId: 'token-1', expiration: at(300) },
  });
  const take = (subject: string, says: object = {}, identityProvider = 'x.tokens.sts.global.api.aws') => ({
    ...grant(
      {
        type: 'WebIdentityUser',
        principalId: `${identityProvider}:sts:${subject}`,
        userName: subject,
        identityProvider,
      },
      { key: K2, time: 3, eventName: 'AssumeRoleWithWebIdentity', request: { webIdentityTokenId: 'token-1' } },
    ),
    ...says,
  });
  const vouched = (sourcePrincipalArn: string) => ({
    additionalEventData: { crossPartitionData: { sourcePrincipalArn } },
  });
  const ALICE_ARN = String(user('alice').arn);

  it('leads to who had it issued', () => {
    const found = answer(KEYED, [issue(user('alice')), take(ALICE_ARN, vouched(ALICE_ARN))]);
    expect(summaryOf(found)).toBe('attributed, access-key, iam-user alice');
    expect(found.attribution.chain).toMatchObject([{ joinedBy: 'web-identity-token' }, { joinedBy: 'access-key' }]);
  });

  it('ends where the records of AWS end, if it is not known who had it issued', () => {
    const lost = 'partial, access-key, upstream-grant-not-found';
    expect(summaryOf(answer(KEYED, [take(ROLE, vouched(ROLE))]))).toContain(`${lost}, role-session`);
    expect(summaryOf(answer(KEYED, [take(ROLE)]))).toBe(`${lost}, web-identity-user ${ROLE}`);
    expect(summaryOf(answer(KEYED, [issue(user('bob')), take(ALICE_ARN, vouched(ROLE))]))).toContain(lost);
  });

  it('does not count if anybody can run the provider', () => {
    const forged = take(ALICE_ARN, {}, 'idp.example.com');
    expect(summaryOf(answer(KEYED, [issue(user('alice')), forged]))).toBe(
      `attributed, access-key, web-identity-user ${ALICE_ARN}`,
    );
  });
});

describe('a session that states itself what it is', () => {
  it('is a workload, an instance, or a person at the start of a chain', () => {
    const of = (statement: object) =>
      answer(KEYED, [second(session('i-0abc123def4567890', UNLISTED, 0, { ...statement })), NAMED]);
    expect(of(LAMBDA).attribution).toMatchObject({
      status: 'attributed',
      method: 'access-key',
      actor: {
        kind: 'aws-service',
        name: 'lambda.amazonaws.com',
        workload: 'arn:aws:lambda:us-east-1:111122223333:function:report',
      },
    });
    expect(of({ sessionContext: { ec2RoleDelivery: '2.0' } }).attribution.actor).toEqual({
      kind: 'aws-service',
      name: 'ec2.amazonaws.com',
      workload: 'i-0abc123def4567890',
      roleArn: 'arn:aws:iam::111122223333:role/admin',
      id: 'service/ec2.amazonaws.com/arn:aws:iam::111122223333:role%2Fadmin',
      idBasis: 'principal',
    });
    expect(of(BEHALF('u-carol')).attribution.actor).toEqual({
      kind: 'identity-center-user',
      name: 'carol',
      userId: 'u-carol',
      directory: 'd-1',
      provider: 'arn:aws:identitystore::1:identitystore/d-1',
      id: 'idc/d-1/u-carol',
      idBasis: 'principal',
      knownAs: 'carol (d-1 of 1)',
    });
    expect(of(BEHALF('u-nobody')).attribution.actor).toEqual({
      kind: 'identity-center-user',
      name: 'u-nobody',
      userId: 'u-nobody',
      directory: 'd-1',
      provider: 'arn:aws:identitystore::1:identitystore/d-1',
      id: 'idc/d-1/u-nobody',
      idBasis: 'principal',
      knownAs: 'u-nobody (d-1 of 1)',
    });
  });

  it("counts by a use of the event's key if no grant matches", () => {
    const keyed = event({ accessKeyId: [UNLISTED] });
    const found = answer(keyed, [use(session('x1', UNLISTED, 0, LAMBDA))]).attribution;
    expect(found).toMatchObject({
      status: 'attributed',
      method: 'use',
      chain: [],
      actor: { name: 'lambda.amazonaws.com' },
    });
  });

  it('does not count if a grant of the key is known, out of its time', () => {
    const late = { ...event({ accessKeyId: [K1] }), requestReceivedTimestamp: at(9000) };
    expect(summaryOf(answer(late, [ALICE, use(session('first', K1, 0, LAMBDA))]))).toBe(
      'unattributed, outside-session-validity',
    );
  });

  it('does not count at a hop if a grant of its session is known, out of its time', () => {
    const request = { ...KEYED, requestReceivedTimestamp: at(9010) };
    for (const key of [K1, UNLISTED]) {
      const hop = grant(session('first', key, 0, LAMBDA), { key: K2, name: 'second', time: 9003 });
      expect(summaryOf(answer(request, [ALICE, hop]))).toBe(
        'partial, access-key, upstream-grant-not-found, role-session first',
      );
    }
  });
});

describe('onBehalfOf', () => {
  const keyed = event({ accessKeyId: [K1] });
  const center = grant({ type: 'IdentityCenterUser', userName: 'dave', accountId: '1' }, { name: 'dave' });

  it('makes the answer ambiguous if it contradicts the chain', () => {
    expect(summaryOf(answer(keyed, [ALICE, NAMED, use(session('first', K1, 0, BEHALF('u-carol')))]))).toBe(
      'ambiguous, alice|carol',
    );
    expect(summaryOf(answer(keyed, [center, NAMED, use(session('dave', K1, 0, BEHALF('u-carol')))]))).toBe(
      'ambiguous, carol|dave',
    );
  });

  it('contradicts no answer with an unknown userId', () => {
    expect(summaryOf(answer(keyed, [ALICE, use(session('first', K1, 0, BEHALF('u-carol')))]))).toContain(
      'attributed, access-key, iam-user alice',
    );
  });
});

describe('temporary delegation', () => {
  const delegate = { invokedByDelegate: { accountId: '999988887777' } };

  it('is partial, with the approver as the actor, and the delegate', () => {
    const byUse = answer(event({ accessKeyId: [K1] }), [ALICE, use(session('first', K1, 0, delegate))]);
    const byCaller = answer(event({ accessKeyId: [K1] }), [
      grant({ ...user('alice'), ...delegate }, { name: 'first' }),
    ]);
    for (const record of [byUse, byCaller]) {
      expect(summaryOf(record)).toBe('partial, access-key, acts-by-delegation, iam-user alice');
      expect(record.attribution.actor?.delegate).toEqual({ accountId: '999988887777' });
    }
  });

  it('is shown for users who need no grant, too', () => {
    const request = event(
      { accessKeyId: [UNLISTED] },
      { user: { uid: 'aws-iam-authenticator:111122223333:AIDAALICE0000' } },
    );
    const signed = use({ ...user('alice'), accessKeyId: UNLISTED, ...delegate });
    expect(summaryOf(answer(request, [signed]))).toBe('partial, direct, acts-by-delegation, iam-user alice');
  });
});

describe('agents', () => {
  const agent = { invokedBy: 'aws-mcp.amazonaws.com' };
  const keyed = event({ accessKeyId: [K1] });

  it('leave the person the actor', () => {
    expect(summaryOf(answer(keyed, [ALICE, use(session('first', K1, 0, agent))]))).toBe(
      'attributed, access-key, iam-user alice, through-agent',
    );
    expect(summaryOf(answer(keyed, [grant({ ...user('alice'), ...agent })]))).toBe(
      'attributed, access-key, iam-user alice, through-agent',
    );
  });

  it('are found by the sign-in that records share', () => {
    const signIn = { sessionContext: { signInSessionArn: 'arn:aws:signin:us-east-1:1:session/1' } };
    const mine = use(session('first', K1, 0, signIn));
    const theirs = use(session('first', UNLISTED, 0, { ...signIn, ...agent }));
    expect(summaryOf(answer(keyed, [ALICE, mine, theirs]))).toContain('through-agent');
    expect(summaryOf(answer(keyed, [ALICE, theirs]))).not.toContain('through-agent');
  });
});

describe("an Identity Center grant's provider", () => {
  const provider = 'arn:aws:iam::111122223333:saml-provider/AWSSSO_1';
  const request = {
    roleArn: 'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/R',
    principalArn: provider,
  };
  const signIn = grant(
    { type: 'SAMLUser', userName: 'carol' },
    { eventName: 'AssumeRoleWithSAML', request, name: 'carol' },
  );
  const change = (by: object, time: number, fields = {}) => ({
    ...use({ ...by }, time),
    eventSource: 'iam.amazonaws.com',
    eventName: 'UpdateSAMLProvider',
    requestParameters: { sAMLProviderArn: provider },
    ...fields,
  });
  const flags = (record: object) => answer(event({ accessKeyId: [K1] }), [signIn, record]).attribution.flags;

  it('has a flag if anybody but Identity Center changed it before', () => {
    expect(flags(change(user('mallory'), -60))).toEqual(['identity-provider-changed']);
    expect(flags(change(user('mallory'), 60))).toEqual([]);
    expect(flags(change({ type: 'AWSService', invokedBy: 'sso.amazonaws.com' }, -60))).toEqual([]);
    expect(flags(change(user('mallory'), -60, { errorCode: 'AccessDenied' }))).toEqual([]);
  });
});

describe('Roles Anywhere', () => {
  const caller = { type: 'AWSService', invokedBy: 'rolesanywhere.amazonaws.com' };
  const workload = (request: object) =>
    answer(event({ accessKeyId: [K1] }), [grant(caller, { name: 'chosen', request: { ...request } })]).attribution.actor
      ?.workload;

  it("names the certificate's subject, never a chosen session name", () => {
    expect(workload({ sourceIdentity: 'CN=laptop-9' })).toBe('laptop-9');
    expect(workload({ tags: [{ key: 'x509Subject/CN', value: 'laptop-9' }] })).toBe('laptop-9');
    expect(workload({})).toBeUndefined();
  });
});
