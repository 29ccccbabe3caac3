import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics as EmbeddedMetrics } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import { METRICS, METRICS_NAMESPACE, type Metric, type MetricName } from '../../lib/metrics.ts';
import type { Metrics } from '../../lib/ports/metrics.ts';
import type { Batch } from '../../lib/usecases/ingest/batch.ts';

/** Structured logs. They contain only IDs, counts and reasons of events, and questions to the API, never bodies. */
export const logger = new Logger();

const emf = new EmbeddedMetrics({ namespace: METRICS_NAMESPACE });
const sums = new Map<MetricName, number>();

/** Metrics of an invocation. Counts are summed; durations are kept separately, for percentiles. */
export const metrics: Metrics = {
  add(name, value, of) {
    const { unit, by }: Metric = METRICS[name];
    if (by !== undefined)
      emf
        .singleMetric()
        .addDimension(by, of ?? '')
        .addMetric(name, unit, value);
    else if (unit === 'Count') sums.set(name, (sums.get(name) ?? 0) + value);
    else emf.addMetric(name, unit, value);
  },
};

/** Publishes one value at once, even if the invocation breaks off later. */
export function reportNow(name: MetricName, value: number): void {
  emf.singleMetric().addMetric(name, METRICS[name].unit, value);
}

function publishMetrics(): void {
  for (const [name, sum] of sums) emf.addMetric(name, METRICS[name].unit, sum);
  sums.clear();
  if (emf.hasStoredMetrics()) emf.publishStoredMetrics();
}

/** Warns about pieces of other origin, so that users who collect logs elsewhere see why these do not count. */
export function warnOtherOrigin({ otherOrigin: pieces }: Pick<Batch, 'otherOrigin'>, delivery: string): void {
  if (pieces === 0) return;
  const unless = 'LOG_GROUPS names its log group: NAME=audit or NAME=cloudtrail';
  logger.warn('left out for its origin', { delivery, pieces, unless });
}

/**
 * Returns a middleware that adds the invocation's IDs to every log line. It publishes metrics even if the invocation
 * fails, and logs unhandled errors.
 */
export function telemetry<E>(correlationIdOf: (event: E, context: Context) => string): MiddlewareObj<E> {
  return {
    before: ({ event, context }) => {
      logger.addContext(context);
      logger.setCorrelationId(correlationIdOf(event, context));
    },
    after: publishMetrics,
    onError: ({ error, response }) => {
      publishMetrics();
      if (response === undefined) logger.error('failed', error instanceof Error ? error : String(error));
    },
  };
}
