import type { MetricName } from '../metrics.ts';

export interface Metrics {
  /**
   * Adds a value of the metric.
   * @param account the account to count for, if the metric has `byAccount`.
   */
  add(name: MetricName, value: number, account?: string): void;
}
