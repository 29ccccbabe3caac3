import { isJsonObject, type JsonObject, listAt, objectAt, textAt } from '../../lib/json.ts';

const CALLS = ['Fn::If', 'Fn::Sub', 'Fn::Join', 'Fn::Split'] as const;

const ALWAYS = { 'Fn::Equals': ['', ''] };

/** Values of a template's parameters, as in `--parameter-overrides`. */
export type ParameterValues = Readonly<Record<string, string>>;

/**
 * Returns the template with its conditions and parameters evaluated as by CloudFormation (CloudFormation User Guide,
 * "Intrinsic function reference"). Pseudo parameters and references to resources stay, because they are known only at
 * deployment.
 */
export function evaluate(
  template: JsonObject,
  given: ParameterValues,
): {
  Resources: JsonObject;
  Outputs: JsonObject;
  holds: (condition: string) => boolean;
  refused: readonly string[];
} {
  const parameters = objectAt(template, 'Parameters') ?? {};
  const conditions = objectAt(template, 'Conditions') ?? {};
  const unknown = Object.keys(given).filter((name) => !(name in parameters));
  if (unknown.length > 0) throw new Error(`the template has no ${unknown.join(', ')}`);
  const call = { 'Fn::If': chosen, 'Fn::Sub': substituted, 'Fn::Join': joined, 'Fn::Split': split };
  return {
    Resources: entries('Resources'),
    Outputs: entries('Outputs'),
    holds: (Condition) => holds({ Condition }),
    refused: Object.values(objectAt(template, 'Rules') ?? {}).flatMap((rule) => refusals(rule as JsonObject)),
  };

  function refusals({ RuleCondition = ALWAYS, Assertions }: JsonObject): readonly string[] {
    if (!holds(RuleCondition as JsonObject)) return [];
    const broken = (Assertions as JsonObject[]).filter(({ Assert }) => !holds(Assert as JsonObject));
    return broken.map(({ AssertDescription }) => String(AssertDescription));
  }

  function entries(heading: string): JsonObject {
    const all = Object.entries(objectAt(template, heading) ?? {}) as [string, JsonObject][];
    const there = all.filter(([, { Condition }]) => Condition === undefined || holds({ Condition }));
    return Object.fromEntries(there.map(([id, { Condition, ...entry }]) => [id, value(entry)]));
  }

  function parameter(name: string): unknown {
    const declared = objectAt(parameters, name);
    const text = given[name] ?? declared?.Default;
    if (text === undefined) throw new Error(`${name} has no value`);
    if (textAt(declared, 'Type') === 'CommaDelimitedList') return String(text).split(',');
    return String(text);
  }

  function holds(condition: JsonObject): boolean {
    const named = condition.Condition;
    if (typeof named === 'string') return holds(objectAt(conditions, named) ?? {});
    const of = (key: string) => listAt(condition, key) as JsonObject[] | undefined;
    if ('Fn::Not' in condition) return !holds(of('Fn::Not')?.[0] ?? {});
    if ('Fn::And' in condition) return of('Fn::And')?.every(holds) === true;
    if ('Fn::Or' in condition) return of('Fn::Or')?.some(holds) === true;
    return 'Fn::Contains' in condition ? contains(condition) : equals(condition);
  }

  function contains(condition: JsonObject): boolean {
    const [list, entry] = listAt(condition, 'Fn::Contains') ?? [];
    return (value(list) as unknown[]).includes(value(entry));
  }

  function equals(condition: JsonObject): boolean {
    const [one, other] = listAt(condition, 'Fn::Equals') ?? [];
    return JSON.stringify(value(one)) === JSON.stringify(value(other));
  }

  function value(of: unknown): unknown {
    if (Array.isArray(of)) return of.map(value).filter((each) => each !== undefined);
    if (!isJsonObject(of)) return of;
    if (typeof of.Ref === 'string') return reference(of.Ref);
    const called = CALLS.find((name) => name in of);
    if (called !== undefined) return call[called](of[called]);
    return object(of);
  }

  function reference(name: string): unknown {
    if (name === 'AWS::NoValue') return undefined;
    return name in parameters ? parameter(name) : { Ref: name };
  }

  function object(of: JsonObject): JsonObject {
    const pairs = Object.entries(of).map(([key, each]) => [key, value(each)] as const);
    return Object.fromEntries(pairs.filter(([, each]) => each !== undefined));
  }

  function chosen(given: unknown): unknown {
    const [condition, met, unmet] = given as readonly unknown[];
    return value(holds({ Condition: condition }) ? met : unmet);
  }

  function substituted(text: unknown): unknown {
    const rest = String(text).replace(/\$\{(\w+)\}/g, (found, name: string) =>
      name in parameters ? String(parameter(name)) : found,
    );
    return /\$\{[^!]/.test(rest) ? { 'Fn::Sub': rest } : rest.replaceAll('${!', '${');
  }

  function joined(given: unknown): unknown {
    const [delimiter, parts] = given as readonly unknown[];
    const all = value(parts);
    const isText = Array.isArray(all) && all.every((each) => typeof each === 'string');
    return isText ? all.join(String(delimiter)) : { 'Fn::Join': [delimiter, all] };
  }
  function split(given: unknown): unknown {
    const [delimiter, text] = given as readonly unknown[];
    const all = value(text);
    return typeof all === 'string' ? all.split(String(delimiter)) : { 'Fn::Split': [delimiter, all] };
  }
}
