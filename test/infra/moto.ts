import { isJsonObject, type JsonObject, listAt, objectAt } from '../../lib/json.ts';
import { evaluate, type Given } from './evaluate.ts';

/**
 * A template as moto's CloudFormation (5.2.5) can make it. What it lacks stands in docs/deploy.md too: `AWS::NoValue` within
 * lists, `Ref` of an event bus, `RetainExceptOnCreate`. Of the types that it does not know it makes nothing.
 */
export function forMoto(template: JsonObject, given: Given): JsonObject {
  const { holds } = evaluate(template, given);
  const resources = Object.entries(objectAt(template, 'Resources') ?? {}).map(([id, each]) => {
    const { Properties, ...rest } = each as JsonObject;
    const withBus = JSON.stringify(Properties).includes(BUS) ? { DependsOn: ['StsBus'] } : {};
    const policy = rest.DeletionPolicy === undefined ? {} : { DeletionPolicy: 'Retain' };
    const text = JSON.stringify(lists(Properties)).replaceAll(BUS, '{"Fn::Sub":"${Prefix}-sts"}');
    return [id, { ...rest, ...withBus, ...policy, Properties: JSON.parse(text) }] as const;
  });
  return { ...template, Resources: Object.fromEntries(resources) };

  /** Entries of lists that are not there leave null behind in moto. */
  function lists(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(chosen).filter((each) => each !== undefined);
    if (!isJsonObject(value)) return value;
    const branches = listAt(value, 'Fn::If');
    if (branches !== undefined) return { 'Fn::If': [branches[0], ...branches.slice(1).map(lists)] };
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, lists(each)]));
  }

  function chosen(entry: unknown): unknown {
    if (!isJsonObject(entry)) return lists(entry);
    if (entry.Ref === 'AWS::NoValue') return undefined;
    const [condition, met, unmet] = listAt(entry, 'Fn::If') ?? [];
    return condition === undefined ? lists(entry) : chosen(holds(String(condition)) ? met : unmet);
  }
}

const BUS = '{"Ref":"StsBus"}';
