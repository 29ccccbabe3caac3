import { describe, expect, it } from 'vitest';
import { partsIn } from '../../infra/plan.ts';
import { deployed } from '../functions/deployed.ts';
import { deploymentOf, ownTemplate } from './stacks.ts';

const lost = (before: readonly string[], after: readonly string[]) => before.filter((part) => !after.includes(part));
const partsOf = (parameters: Parameters<typeof deployed>[0]) => partsIn(ownTemplate(deployed(parameters)));

describe('the parts of a stack', () => {
  it('are fewer if an ingest-only stack is deployed over a hub: the API and the queues of STS’s events and of other stacks would go', () => {
    const before = partsIn(ownTemplate(deploymentOf('a hub with the defaults')));
    expect(lost(before, partsIn(ownTemplate(deploymentOf('an ingest-only stack'))))).toEqual([
      'the API',
      'the queue eks-whois-dev-spoke-batches-dead with its messages',
      'the queue eks-whois-dev-spoke-batches with its messages',
      'the queue eks-whois-dev-sts-events-dead with its messages',
      'the queue eks-whois-dev-sts-events with its messages',
    ]);
  });

  it('contain each account that may write, forward or be searched, whoever creates the tables', () => {
    for (const tables of ['create', 'existing']) {
      const both = partsOf({ clusters: 'prod', accounts: '444455556666,777788889999', tables });
      expect(lost(both, partsOf({ clusters: 'prod', accounts: '777788889999', tables }))).toEqual([
        'the access of account 444455556666',
      ]);
      expect(lost(both, partsOf({ clusters: 'prod', tables }))).toHaveLength(2);
      expect(lost(both, both)).toEqual([]);
    }
  });

  it('contain the functions and the API too', () => {
    const template = {
      Resources: {
        SettleLambdaFunction: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'eks-whois-prod-settle' } },
        HttpApi: { Type: 'AWS::ApiGatewayV2::Api' },
        RecordsTable: { Type: 'AWS::DynamoDB::Table' },
      },
    };
    expect(partsIn(template)).toEqual(['the function eks-whois-prod-settle', 'the API']);
  });
});
