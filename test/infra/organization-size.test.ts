import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../infra/deployment.ts';
import { environmentOf } from '../../infra/environment.ts';
import { policyOf } from '../../infra/policies.ts';
import { stackOf } from '../../infra/stack.ts';
import { isJsonObject, type JsonObject, listAt, objectAt } from '../../lib/json.ts';
import { deployed } from '../functions/deployed.ts';
import { propertiesOf } from './packaged.ts';
import { ownTemplate } from './stacks.ts';

/** AWS's limits (FACTS): EventBridge quotas, "Event bus policy size"; SQS policy quotas; IAM quotas, "Role inline policies". */
const BUS_POLICY = 10_240;
const QUEUE_POLICY = { bytes: 8_192, statements: 20, conditions: 10, principals: 50 };
const ROLE_POLICY = 10_240;

const ORGANIZATION = 'o-exampleorg1';
const ACCOUNTS = Array.from({ length: 500 }, (_, at) => String(111_122_220_000 + at));

/** Returns the JSON with the longest texts that CloudFormation could put in place of its names. */
function written(value: unknown): string {
  return JSON.stringify(value).replaceAll(/\$\{[^}]+\}|\{"(?:Ref|Fn::GetAtt)":[^}]+\}/g, 'x'.repeat(100));
}

/** Returns the size of each bus's policy: EventBridge joins the statements of a bus. */
function busPolicies(of: Deployment): number[] {
  const sizes = new Map<string, number>();
  for (const { EventBusName, Statement, StatementId } of propertiesOf(ownTemplate(of), 'AWS::Events::EventBusPolicy')) {
    const bus = JSON.stringify(EventBusName);
    const own = written({ Sid: StatementId, ...(isJsonObject(Statement) ? Statement : {}) }).length + 1;
    sizes.set(bus, (sizes.get(bus) ?? '{"Version":"2012-10-17","Statement":[]}'.length) + own);
  }
  return [...sizes.values()];
}

function conditionsIn(statement: JsonObject): number {
  return Object.values(objectAt(statement, 'Condition') ?? {}).flatMap((each) =>
    Object.keys(isJsonObject(each) ? each : {}),
  ).length;
}

describe('a hub of an organization with 500 accounts', () => {
  const hub = deployed({ organization: ORGANIZATION });

  it('names the organization and no account, so that nothing grows with the accounts', () => {
    const text = JSON.stringify(stackOf(hub));
    expect(text).toContain(`"aws:PrincipalOrgID":"${ORGANIZATION}"`);
    expect(text.match(/\b\d{12}\b/g)).toBeNull();
  });

  it('may assume the role for look-ups in accounts of the organization only, and knows no list', () => {
    for (const name of ['settle', 'api'] as const) {
      const assuming = policyOf(hub, name).filter(({ Action }) => Action.includes('sts:AssumeRole'));
      expect(assuming).toMatchObject([
        {
          Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::*:role/eks-whois-lookup' },
          Condition: { StringEquals: { 'aws:ResourceOrgID': ORGANIZATION } },
        },
      ]);
      const { LOOKUP_ORGANIZATION_ROLE, LOOKUP_ROLES, OWN_ACCOUNT } = environmentOf(hub, name);
      expect(LOOKUP_ORGANIZATION_ROLE).toEqual({
        'Fn::Sub': 'arn:${AWS::Partition}:iam::{account}:role/eks-whois-lookup',
      });
      expect(OWN_ACCOUNT).toEqual({ Ref: 'AWS::AccountId' });
      expect(LOOKUP_ROLES).toBeUndefined();
    }
  });

  it('may assume the role in listed accounts besides, and in no account that is neither', () => {
    const accounts = ['444455556666', '777788889999'];
    const both = deployed({ organization: ORGANIZATION, accounts: accounts.join(',') });
    const assuming = policyOf(both, 'settle').filter(({ Action }) => Action.includes('sts:AssumeRole'));
    expect(assuming.map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'aws:ResourceAccount': accounts } },
      { StringEquals: { 'aws:ResourceOrgID': ORGANIZATION } },
    ]);
  });

  it('has policies of its event buses within the limit of EventBridge', () => {
    const units = Array.from(
      { length: 20 },
      (_, at) => `${ORGANIZATION}/r-ab12/ou-ab12-${String(at).padStart(32, '0')}/*`,
    );
    for (const of of [hub, deployed({ organization: ORGANIZATION, organizationPaths: units.join(',') })]) {
      const sizes = busPolicies(of);
      expect(sizes).toHaveLength(2);
      for (const size of sizes) expect(size).toBeLessThanOrEqual(BUS_POLICY);
    }
  });

  it('lets the account that deploys the spokes report them, also if the units of the organization leave it out', () => {
    const policies = (of: Deployment) =>
      propertiesOf(ownTemplate(of), 'AWS::Events::EventBusPolicy')
        .map(({ Statement }) => JSON.stringify(Statement))
        .filter((text) => text.includes('-roll-out-*'));
    expect(policies(hub)).toHaveLength(1);
    const [ofUnits, ofRollOut] = policies(
      deployed({ organization: ORGANIZATION, organizationPaths: `${ORGANIZATION}/r-ab12/ou-ab12-11111111/*` }),
    );
    expect(ofUnits).toContain('aws:PrincipalOrgPaths');
    expect(ofRollOut).not.toContain('aws:PrincipalOrgPaths');
    expect(ofRollOut).toContain('"events:detail-type":"Roll-out report"');
    expect(ofRollOut).toContain(`"aws:PrincipalOrgID":"${ORGANIZATION}"`);
  });

  it('has policies of its queues within the limits of SQS: one principal, because EventBridge alone may send', () => {
    const documents = propertiesOf(ownTemplate(hub), 'AWS::SQS::QueuePolicy').map((each) =>
      objectAt(each, 'PolicyDocument'),
    );
    expect(documents.length).toBeGreaterThan(0);
    for (const document of documents) {
      const statements = (listAt(document, 'Statement') ?? []).filter(isJsonObject);
      expect(written(document).length).toBeLessThanOrEqual(QUEUE_POLICY.bytes);
      expect(statements.length).toBeLessThanOrEqual(QUEUE_POLICY.statements);
      expect(new Set(statements.map(({ Principal }) => JSON.stringify(Principal)))).toEqual(
        new Set(['{"Service":"events.amazonaws.com"}']),
      );
      const conditions = statements.reduce((sum, each) => sum + conditionsIn(each), 0);
      expect(conditions).toBeLessThanOrEqual(QUEUE_POLICY.conditions);
    }
  });

  it('has roles whose policies fit into IAM', () => {
    for (const role of propertiesOf(ownTemplate(hub), 'AWS::IAM::Role')) {
      const [policy] = (listAt(role, 'Policies') ?? []).filter(isJsonObject);
      expect(written(policy?.PolicyDocument).length).toBeLessThanOrEqual(ROLE_POLICY);
    }
  });
});

describe('a list of 500 accounts', () => {
  it('is refused, because it does not fit: an organization needs no list', () => {
    expect(() => deployed({ accounts: ACCOUNTS.join(',') })).toThrow(/accounts/);
  });
});
