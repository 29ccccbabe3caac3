import type { MetricName } from '../metrics.ts';

export interface Metrics {
  add(name: MetricName, value: number): void;
}
