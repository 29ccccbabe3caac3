import { describe, expect, it } from 'vitest';
import { planOf } from '../../infra/plan.ts';
import { type JsonObject, objectAt } from '../../lib/json.ts';
import { deployed } from '../functions/deployed.ts';
import { deploymentOf, ownTemplate } from './stacks.ts';

const PREFIX = 'eks-whois-dev';

/** Returns the template with an API, which osls adds and which marks a hub. */
function withApi(template: JsonObject): JsonObject {
  return {
    ...template,
    Resources: { ...objectAt(template, 'Resources'), HttpApi: { Type: 'AWS::ApiGatewayV2::Api' } },
  };
}

describe('the plan of a deployment', () => {
  it('names the log groups to subscribe to, and the tables to create', () => {
    const template = ownTemplate(deploymentOf("a hub on a trail's log group"));
    const { subscriptions, tables } = planOf(template, { region: 'eu-west-1', prefix: PREFIX });
    expect(subscriptions.map(({ logGroup }) => logGroup)).toEqual(['/aws/eks/prod-1/cluster', 'aws-cloudtrail-logs']);
    const names = ['claims', 'records', 'sessions'].map((id) => `${PREFIX}-${id}`);
    expect(tables.map(({ name }) => name).toSorted()).toEqual(names);
  });

  it('lists the tables that must exist already', () => {
    const template = ownTemplate(deployed({ clusters: 'prod', tables: 'existing' }));
    const { tables, expectedTables } = planOf(withApi(template), { region: 'eu-west-1', prefix: PREFIX });
    expect(tables).toEqual([]);
    expect(expectedTables.map(({ name, ttl }) => [name, ttl])).toEqual(
      ['sessions', 'claims', 'records'].map((id) => [`${PREFIX}-${id}`, 'expires']),
    );
  });
});
