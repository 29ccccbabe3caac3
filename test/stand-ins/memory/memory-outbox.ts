import type { Alert } from '../../../lib/claims/alert.ts';
import type { AlertDigest } from '../../../lib/claims/alert-digest.ts';
import type { MetricName } from '../../../lib/metrics.ts';
import type { Alerts } from '../../../lib/ports/alerts.ts';
import type { RejectCounts, RejectedPiece, Rejects } from '../../../lib/ports/input.ts';
import type { Metrics } from '../../../lib/ports/metrics.ts';

/** Alerts, rejects and metrics that the service sent, kept in memory. */
export class MemoryOutbox implements Alerts, Rejects, Metrics {
  /** All alerts and digests, in the order in which they were sent. */
  readonly messages: (Alert | AlertDigest)[] = [];
  readonly alerts: Alert[] = [];
  readonly digests: AlertDigest[] = [];
  readonly rejected: RejectedPiece[] = [];
  /** The number of rejects without a sample, by reason. */
  readonly otherRejects = new Map<string, number>();
  /** Each metric with its value of the second dimension. */
  readonly named: (readonly [MetricName, string])[] = [];
  readonly metrics = new Map<MetricName, number[]>();
  readonly #beforePublish: () => void;

  /** @param beforePublish is called before each message is sent. If it throws, the process crashes there. */
  constructor(beforePublish: () => void = () => undefined) {
    this.#beforePublish = beforePublish;
  }

  async publish(message: Alert | AlertDigest): Promise<void> {
    this.#beforePublish();
    this.messages.push(message);
    if (message.kind === 'digest') this.digests.push(message);
    else this.alerts.push(message);
  }

  async keep(rejected: readonly RejectedPiece[], others: RejectCounts = new Map()): Promise<void> {
    this.rejected.push(...rejected);
    for (const [reason, count] of others) this.otherRejects.set(reason, count);
  }

  add(name: MetricName, value: number, of?: string): void {
    if (of !== undefined) this.named.push([name, of]);
    const values = this.metrics.get(name);
    if (values === undefined) this.metrics.set(name, [value]);
    else values.push(value);
  }

  sum(name: MetricName): number {
    return (this.metrics.get(name) ?? []).reduce((a, b) => a + b, 0);
  }
}
