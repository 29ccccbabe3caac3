import { describe, expect, it } from 'vitest';
import { planOf } from '../../infra/plan.ts';
import { type JsonObject, listAt, objectAt } from '../../lib/json.ts';
import { deployed } from '../functions/deployed.ts';
import { deploymentOf, ownTemplate } from './stacks.ts';

const PREFIX = 'eks-whois-dev';

/** osls adds the API; by it a hub is known. */
function withApi(template: JsonObject): JsonObject {
  return {
    ...template,
    Resources: { ...objectAt(template, 'Resources'), HttpApi: { Type: 'AWS::ApiGatewayV2::Api' } },
  };
}

describe('the plan of a deployment', () => {
  it('names the log groups it subscribes to, and the tables it makes', () => {
    const template = ownTemplate(deploymentOf("a hub on a trail's log group"));
    const { subscriptions, tables } = planOf(template, { region: 'eu-west-1', prefix: PREFIX, defaults: {} });
    expect(subscriptions.map(({ logGroup }) => logGroup)).toEqual(['/aws/eks/prod-1/cluster', 'aws-cloudtrail-logs']);
    const names = ['claims', 'records', 'sessions'].map((id) => `${PREFIX}-${id}`);
    expect(tables.map(({ name }) => name).toSorted()).toEqual(names);
  });

  it.each([
    ['eu-west-1', 'aws'],
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
  ])('has the policy of tables that CloudFormation does not set, where %s lies', (region, partition) => {
    const created = ownTemplate(deployed({ clusters: 'prod', accounts: '444455556666' }));
    const template = ownTemplate(deployed({ clusters: 'prod', accounts: '444455556666', tables: 'existing' }));
    const policyOf = (resource: string) =>
      objectAt(objectAt(objectAt(objectAt(created, 'Resources'), resource), 'Properties'), 'ResourcePolicy');
    expect(policyOf('RecordsTable')).toBeDefined();
    const { expectedTables } = planOf(withApi(template), { region, prefix: PREFIX, defaults: {} });
    const records = expectedTables.find(({ name }) => name === `${PREFIX}-records`);
    const [statement] = listAt(records?.policy, 'Statement') ?? [];
    expect(statement).toMatchObject({
      Principal: { AWS: [`arn:${partition}:iam::444455556666:root`] },
      Action: expect.arrayContaining(['dynamodb:PutItem']),
      Condition: { ArnLike: { 'aws:PrincipalArn': [`arn:${partition}:iam::444455556666:role/${PREFIX}-ingest-*`] } },
    });
    expect(planOf(created, { region, prefix: PREFIX, defaults: {} }).tables.some(({ policy }) => policy)).toBe(false);
  });
});
