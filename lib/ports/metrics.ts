import type { MetricName } from '../metrics.ts';

export interface Metrics {
  /** @param account counts by account, where the metric's table says so (`byAccount`). */
  add(name: MetricName, value: number, account?: string): void;
}
