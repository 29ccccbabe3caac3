import type { JsonObject } from '../../lib/json.ts';

/** The metrics that the functions of a hub emitted, and the troubles that a dimension names. */
export interface EmittedMetrics {
  readonly metrics: ReadonlyMap<string, readonly number[]>;
  readonly troubles: readonly string[];
}

/** Returns the alarms that these metrics raise, each by its name without the deployment's prefix, with the contributor if it has some. */
export function raisedAlarms(alarms: readonly JsonObject[], { metrics, troubles }: EmittedMetrics): string[] {
  return alarms.flatMap((alarm) => {
    const name = String(alarm.AlarmName).replace(/^eks-whois-(?:dev|prod)-/, '');
    const expression = JSON.stringify(alarm.Metrics ?? alarm.MetricName);
    const highest = (metric: string) => Math.max(0, ...(metrics.get(metric) ?? []));
    if (expression.includes('FleetTrouble')) return troubles.map((trouble) => `${name}: ${trouble}`);
    if (expression.includes('ClusterLag')) {
      const [, events, claims] = /events > (\d+) OR claims > (\d+)/.exec(expression) ?? [];
      const isLate = highest('ClusterLag') > Number(events) || highest('OldestOpenClaim') > Number(claims);
      return isLate ? [name] : [];
    }
    const own = [...metrics].filter(([metric]) => expression.includes(`"${metric}"`));
    const sum = (values: readonly number[]) => values.reduce((whole, value) => whole + value, 0);
    return own.some(([, values]) => sum(values) > Number(alarm.Threshold)) ? [name] : [];
  });
}
