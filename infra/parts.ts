import { isJsonObject, type JsonObject, objectAt, textAt } from '../lib/json.ts';

/**
 * What a stack has that is missed when it goes, as a person calls it: functions, queues with what lies in them, the API,
 * and what other accounts may. Tables are not among them, since they stay when the stack lets go of them.
 */
export function partsIn(template: JsonObject): string[] {
  const resources = Object.entries(objectAt(template, 'Resources') ?? {});
  const named = resources.flatMap(([logicalId, resource]) =>
    isJsonObject(resource) ? partOf(resource, logicalId) : [],
  );
  return [...named, ...accountsIn(template).map((account) => `the access of account ${account}`)];
}

function partOf(resource: JsonObject, logicalId: string): string[] {
  const properties = objectAt(resource, 'Properties');
  switch (textAt(resource, 'Type')) {
    case 'AWS::Lambda::Function':
      return [`the function ${textAt(properties, 'FunctionName') ?? logicalId}`];
    case 'AWS::SQS::Queue':
      return [`the queue ${textAt(properties, 'QueueName') ?? logicalId} with what is in it`];
    case 'AWS::ApiGatewayV2::Api':
      return ['the API'];
    default:
      return [];
  }
}

/** The parameter `accounts`, by what it comes to: who may hand over and forward, and whose CloudTrail is asked. */
function accountsIn(template: JsonObject): string[] {
  const resources = Object.values(objectAt(template, 'Resources') ?? {}).filter(isJsonObject);
  const granting = resources.map((resource) => {
    const properties = objectAt(resource, 'Properties');
    const environment = objectAt(objectAt(properties, 'Environment'), 'Variables');
    const isPolicy = ['AWS::Events::EventBusPolicy', 'AWS::SQS::QueuePolicy'].includes(String(resource.Type));
    return [environment?.LOOKUP_ROLES, environment?.LOOKUP_ACCOUNTS, isPolicy && properties];
  });
  const text = JSON.stringify(granting);
  return [...new Set([...text.matchAll(/(?<=:iam::|[",])\d{12}(?=[":,])/g)].map(([account]) => account))].sort();
}
