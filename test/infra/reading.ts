import { AWS_METRICS } from '../../infra/alarm.ts';
import { isJsonObject, type JsonObject, listAt, objectAt, textAt } from '../../lib/json.ts';
import { propertiesOf } from './packaged.ts';

/** Returns the statements of roles and managed policies. A resource's own policy has `*` for itself. */
export function statementsOf(template: JsonObject): JsonObject[] {
  const inRoles = propertiesOf(template, 'AWS::IAM::Role').flatMap((role) => listAt(role, 'Policies') ?? []);
  const managed = propertiesOf(template, 'AWS::IAM::ManagedPolicy');
  const documents = [...(inRoles as JsonObject[]), ...managed].map((policy) => objectAt(policy, 'PolicyDocument'));
  return documents.flatMap((document) => (listAt(document, 'Statement') ?? []) as JsonObject[]);
}

export const AWS_METRICS_BY_NAMESPACE = new Map<
  string,
  { names: readonly string[]; dimensions: readonly string[]; ofParts?: readonly string[] }
>(Object.entries(AWS_METRICS));

/** Returns the metrics of an alarm with their dimensions: one, those of an expression, or the one of a query. */
export function metricsOfAlarm(alarm: JsonObject): readonly JsonObject[] {
  const watched = (listAt(alarm, 'Metrics') ?? []).filter((each): each is JsonObject => isJsonObject(each));
  if (watched.length === 0) return [alarm];
  const [{ Expression } = {} as JsonObject] = watched;
  const read = /\((\w+)\) FROM SCHEMA\("([^"]+)", ([\w, ]+)\)/.exec(String(Expression ?? ''));
  if (read === null)
    return watched.map((each) => objectAt(objectAt(each, 'MetricStat'), 'Metric')).filter(isJsonObject);
  const [, MetricName, Namespace, names = ''] = read;
  return [{ Namespace, MetricName, Dimensions: names.split(', ').map((Name) => ({ Name })) }];
}

export interface ReadMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly unknown[];
}

export function metricsOf(template: JsonObject): ReadMetric[] {
  const alarms = propertiesOf(template, 'AWS::CloudWatch::Alarm')
    .flatMap(metricsOfAlarm)
    .map((alarm) => ({
      namespace: String(alarm.Namespace),
      name: String(alarm.MetricName),
      dimensions: (listAt(alarm, 'Dimensions') ?? []).map((dimension) => (dimension as JsonObject).Name),
    }));
  const bodies = propertiesOf(template, 'AWS::CloudWatch::Dashboard').map(
    (dashboard) =>
      JSON.parse(textAt(objectAt(dashboard, 'DashboardBody'), 'Fn::Sub') ?? '') as {
        widgets: { properties: { metrics: string[][] } }[];
      },
  );
  const shown = bodies
    .flatMap(({ widgets }) => widgets)
    .flatMap(({ properties }) => properties.metrics)
    .map(([namespace = '', name = '', ...rest]) => ({
      namespace,
      name,
      dimensions: rest.filter((_, at) => at % 2 === 0),
    }));
  return [...alarms, ...shown];
}
