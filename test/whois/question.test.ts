import { describe, expect, it } from 'vitest';
import { callerOfQuestion, type WhoisQuestion, WhoisQuestionError } from '../../lib/usecases/query/whois-question.ts';

const ROLE = 'AROADEV0000000000001';
const KEY = 'ASIADEV0000000000001';
const UID = `aws-iam-authenticator:111122223333:${ROLE}`;
const ARN = 'arn:aws:sts::111122223333:assumed-role/shop-dev/jane@example.com';

function refused(question: WhoisQuestion): WhoisQuestionError {
  try {
    callerOfQuestion(question);
  } catch (error) {
    if (error instanceof WhoisQuestionError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('the options of a question count as user.extra would', () => {
  it('a session name and an ARN with uid and username', () => {
    const query = { uid: UID, username: 'admin:jane', sessionName: 'jane@example.com', arn: ARN, accessKeyId: KEY };
    expect(callerOfQuestion(query)).toMatchObject({
      kind: 'role-session',
      roleId: ROLE,
      sessionName: 'jane@example.com',
      arn: ARN,
      accessKeyId: KEY,
    });
  });

  it('an ARN alone states the session name', () => {
    expect(callerOfQuestion({ uid: UID, username: 'admin:jane', arn: ARN })).toMatchObject({
      sessionName: 'jane@example.com',
    });
  });

  it('an ARN with a principal states the role and the account', () => {
    expect(callerOfQuestion({ principal: `${ROLE}:jane@example.com`, arn: ARN })).toMatchObject({
      roleId: ROLE,
      sessionName: 'jane@example.com',
      accountId: '111122223333',
      arn: ARN,
    });
  });

  it('but not if it contradicts the principal', () => {
    expect(refused({ principal: `${ROLE}:jane`, sessionName: 'joe' }).parameter).toBe('sessionName');
    expect(refused({ principal: `${ROLE}:jane`, arn: ARN }).parameter).toBe('arn');
    expect(refused({ uid: UID, username: 'a', arn: 'shop-dev' }).parameter).toBe('arn');
    expect(refused({ uid: UID, username: 'a', sessionName: 'two words' }).parameter).toBe('sessionName');
    expect(refused({ accessKeyId: KEY, sessionName: 'jane' }).parameter).toBe('sessionName');
    expect(refused({ arn: ARN }).parameter).toBe('arn');
  });
});

describe('a uid with an AWS ID and without the prefix', () => {
  it.each([
    ROLE,
    `111122223333:${ROLE}`,
    'AIDAALICE00000000001',
    '111122223333:AIDAALICE00000000001',
    '111122223333',
    '111122223333:111122223333',
    `iam:111122223333:${ROLE}`,
    ARN,
  ])('%s is wrong, and the right form is shown', (uid) => {
    const { parameter, message } = refused({ uid, username: ARN });
    expect(parameter).toBe('uid');
    expect(message).toMatch(/aws-iam-authenticator:(?:111122223333|<account>):/);
  });

  it('is shown in the right form, with the account of the username', () => {
    expect(refused({ uid: ROLE, username: ARN }).message).toContain(UID);
    expect(refused({ uid: ROLE, username: 'admin:jane' }).message).toContain(`aws-iam-authenticator:<account>:${ROLE}`);
  });

  it('is not refused if it looks like a uid of another authenticator', () => {
    for (const uid of ['x', 'jane@example.com', '550e8400-e29b-41d4-a716-446655440000', 'https://issuer#AIDAN'])
      expect(callerOfQuestion({ uid, username: 'y' })).toMatchObject({ kind: 'kubernetes-user' });
  });
});

describe('a key, a session name or an ARN as an option', () => {
  it.each([
    { uid: 'x', username: 'y' },
    { uid: 'x', username: 'system:serviceaccount:shop:web' },
    { uid: 'aws-iam-authenticator:nonsense', username: 'y' },
    { uid: 'aws-iam-authenticator:111122223333:administrative:eks:cloud', username: 'eks:cloud' },
  ])('is refused with $uid and $username, because it would be ignored', (user) => {
    expect(refused({ ...user, accessKeyId: KEY }).parameter).toBe('accessKeyId');
    expect(refused({ ...user, sessionName: 'jane' }).parameter).toBe('sessionName');
    expect(refused({ ...user, arn: ARN }).parameter).toBe('arn');
  });
});
