import type { MetricName } from '../metrics.ts';

export interface Metrics {
  /**
   * Adds a value of the metric.
   * @param of the value of the metric's second dimension, if it has `by`.
   */
  add(name: MetricName, value: number, of?: string): void;
}
