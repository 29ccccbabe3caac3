import { describe, expect, it } from 'vitest';
import { type Actor, identified, sameActor } from '../../lib/attribution/actor.ts';
import type { StatedActor } from '../../lib/attribution/stated-actor.ts';
import type { JsonObject } from '../../lib/json.ts';
import { answerOf } from '../builders/answer.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { ACCOUNT, KEY, utc } from '../builders/company.ts';
import {
  awsService,
  iamUser,
  roleSession,
  rootUser,
  samlUser,
  userId,
  webIdentityUser,
} from '../builders/trail-callers.ts';
import { callBy, type GrantOptions, grant } from '../builders/trail-records.ts';

const sso = { eventName: 'AssumeRoleWithSAML', path: '/aws-reserved/sso.amazonaws.com/' };
const saml = {
  eventName: 'AssumeRoleWithSAML',
  request: { principalArn: `arn:aws:iam::${ACCOUNT}:saml-provider/company` },
};
const pod = [
  { key: 'kubernetes-namespace', value: 'shop' },
  { key: 'kubernetes-pod-name', value: 'web-0' },
];
const federated = (issuer: JsonObject): JsonObject => ({
  type: 'FederatedUser',
  principalId: `${ACCOUNT}:chosen`,
  arn: `arn:aws:sts::${ACCOUNT}:federated-user/chosen`,
  accountId: ACCOUNT,
  sessionContext: { sessionIssuer: issuer },
});

describe('the caller of the first grant is the actor', () => {
  it.each<[string, JsonObject, GrantOptions, Partial<Actor>]>([
    [
      'an IAM user',
      iamUser('alice'),
      {},
      { kind: 'iam-user', name: 'alice', accountId: ACCOUNT, principalId: userId('alice') },
    ],
    [
      'an IAM user with a temporary key',
      iamUser('alice', { accessKeyId: 'ASIACONSOLE000000001' }),
      {},
      { kind: 'iam-user', name: 'alice' },
    ],
    [
      'an IAM user whose name is missing',
      iamUser('alice', { userName: undefined }),
      {},
      { kind: 'iam-user', name: 'alice' },
    ],
    ['the root user', rootUser(), {}, { kind: 'root', name: 'root', accountId: ACCOUNT, principalId: ACCOUNT }],
    [
      'a SAML user of Identity Center',
      samlUser('alice@example.com'),
      sso,
      { kind: 'identity-center-user', name: 'alice@example.com' },
    ],
    [
      'an Identity Center user',
      { type: 'IdentityCenterUser', userName: 'alice', onBehalfOf: { userId: '0f-1' } },
      {},
      { kind: 'identity-center-user', name: 'alice' },
    ],
    [
      'an Identity Center user without a name',
      { type: 'IdentityCenterUser', onBehalfOf: { userId: '0f-1' } },
      {},
      { kind: 'identity-center-user', name: '0f-1' },
    ],
    ['a SAML user', samlUser('alice'), saml, { kind: 'saml-user', name: 'alice', provider: saml.request.principalArn }],
    [
      'a SAML user of a provider that CloudTrail names only',
      samlUser('alice', 'idp-name'),
      { eventName: 'AssumeRoleWithSAML' },
      { kind: 'saml-user', provider: 'idp-name' },
    ],
    [
      'a web identity',
      webIdentityUser('repo:company/shop', 'token.actions.githubusercontent.com'),
      { eventName: 'AssumeRoleWithWebIdentity' },
      { kind: 'web-identity-user', name: 'repo:company/shop', provider: 'token.actions.githubusercontent.com' },
    ],
    [
      'a web identity without a name',
      webIdentityUser(undefined, 'accounts.google.com'),
      { eventName: 'AssumeRoleWithWebIdentity' },
      { kind: 'web-identity-user', name: 'accounts.google.com:sts.amazonaws.com:repo:company/shop' },
    ],
    [
      'the IAM user who issued a federated session',
      federated({ type: 'IAMUser', userName: 'alice', principalId: userId('alice'), accountId: ACCOUNT }),
      {},
      { kind: 'iam-user', name: 'alice', principalId: userId('alice') },
    ],
    [
      'the root user who issued a federated session',
      federated({ type: 'Root', principalId: ACCOUNT, accountId: ACCOUNT }),
      {},
      { kind: 'root', name: 'root' },
    ],
    [
      'a service for an instance',
      awsService('ec2.amazonaws.com'),
      { session: 'alice-session' },
      { kind: 'aws-service', name: 'ec2.amazonaws.com', workload: 'alice-session' },
    ],
    [
      'a service that only invokedBy names',
      { invokedBy: 'codebuild.amazonaws.com' },
      {},
      { kind: 'aws-service', name: 'codebuild.amazonaws.com' },
    ],
    [
      'a service in the scope of a function',
      awsService('lambda.amazonaws.com', {
        inScopeOf: { credentialsIssuedTo: 'arn:aws:lambda:eu-west-1:1:function:f' },
      }),
      {},
      { kind: 'aws-service', workload: 'arn:aws:lambda:eu-west-1:1:function:f' },
    ],
    [
      'a pod by Pod Identity',
      awsService('pods.eks.amazonaws.com'),
      { request: { tags: pod } },
      { kind: 'aws-service', name: 'pods.eks.amazonaws.com', workload: 'shop/web-0' },
    ],
    [
      'no pod by tags that somebody else set',
      awsService('ecs-tasks.amazonaws.com'),
      { request: { tags: pod } },
      { kind: 'aws-service', workload: 'alice-session' },
    ],
  ])('%s', (_, by, options, actor) => {
    const answer = answerOf({ event: auditEvent(), records: [grant({ by, ...options })] });
    expect(answer).toMatchObject({ status: 'attributed', method: 'access-key', actor });
  });

  it('and a renamed user has the name of that time, with today’s name, in any order of the records', () => {
    const { userName: _name, arn: _arn, ...unnamed } = iamUser('alice');
    const seen = (userName: string, eventTime: string) => callBy({ ...unnamed, userName }, { eventTime });
    const names = [seen('alice-before', utc('09:00:00')), seen('alice-now', utc('12:30:00'))];
    for (const known of [names, names.toReversed()]) {
      const { actor } = answerOf({ event: auditEvent(), records: [grant({ by: unnamed }), ...known] });
      expect(actor).toMatchObject({ kind: 'iam-user', name: 'alice-before', nameToday: 'alice-now' });
    }
  });

  it('and a federated caller without a stated issuer is partial, without a name', () => {
    const answer = answerOf({ event: auditEvent(), records: [grant({ by: federated({}) })] });
    expect(answer).toMatchObject({
      status: 'partial',
      reason: 'grant-not-found',
      actor: { kind: 'federated-user', sessionName: 'chosen' },
    });
    expect(answer.actor?.name).toBeUndefined();
  });

  it("and a function's ARN is taken from the next hop, which its session signed", () => {
    const role = { roleId: 'AROAFUNCTION000000001', roleName: 'function', session: 'fn', key: 'ASIAFUNCTION00000001' };
    const inScopeOf = { credentialsIssuedTo: 'arn:aws:lambda:eu-west-1:1:function:f' };
    const records = [
      grant({ ...role, by: awsService('lambda.amazonaws.com') }),
      grant({ by: roleSession({ ...role, began: null, fields: { inScopeOf } }) }),
    ];
    expect(answerOf({ event: auditEvent(), records }).actor?.workload).toBe(inScopeOf.credentialsIssuedTo);
  });

  it('and is never called by a name that a caller chose', () => {
    for (const by of [{ type: 'AssumedRole' }, { type: 'AWSAccount' }, { type: 'Unknown', userName: 'root' }, {}]) {
      expect(answerOf({ event: auditEvent(), records: [grant({ by })] }).actor?.name).toBeUndefined();
    }
  });
});

describe('two actors are the same', () => {
  const alice: StatedActor = { kind: 'iam-user', name: 'alice', accountId: ACCOUNT, principalId: 'AIDA1' };
  const service: StatedActor = { kind: 'aws-service', name: 'ec2.amazonaws.com', workload: 'i-1' };
  it.each<[string, StatedActor, StatedActor, boolean]>([
    ['by account and principal, whatever the names', alice, { ...alice, name: 'renamed', arn: 'arn:renamed' }, true],
    ['whether or not the name is known', alice, { ...alice, kind: 'aws-account-principal', name: undefined }, true],
    ['not where a user was deleted and made again', alice, { ...alice, principalId: 'AIDA2' }, false],
    ['not in two accounts', alice, { ...alice, accountId: '444455556666' }, false],
    ['not by a name, which somebody else may have', alice, { ...alice, principalId: undefined }, false],
    ['as services with one workload', service, { ...service }, true],
    ['not as services with two', service, { ...service, workload: 'i-2' }, false],
  ])('%s', (_, one, other, expected) => {
    expect(sameActor(identified(one), identified(other))).toBe(expected);
  });

  it('so several sessions of one instance give one answer, and those of two instances give two', () => {
    const of = (session: string, at: string) =>
      grant({ by: awsService('ec2.amazonaws.com'), key: KEY, session, at, namesRoleUser: false });
    const event = auditEvent({
      user: { uid: `aws-iam-authenticator:${ACCOUNT}:AROAPROJECTADMIN00001`, extra: { accessKeyId: [KEY] } },
    });
    expect(answerOf({ event, records: [of('i-1', utc('12:00:00')), of('i-1', utc('12:05:00'))] }).status).toBe(
      'attributed',
    );
    expect(answerOf({ event, records: [of('i-1', utc('12:00:00')), of('i-2', utc('12:05:00'))] }).status).toBe(
      'ambiguous',
    );
  });
});
