import { quoted } from '../shell.ts';
import { type EpochMillis, epochMillis, formatInstant, HOUR } from '../time.ts';
import { backfillOf, command } from './commands.ts';
import { type Finding, finding } from './finding.ts';
import { functionOf, prefixOf, type Subscription } from './subscription.ts';

/**
 * Log events of one hour that a subscription could not hand over: the metrics `DeliveryErrors` ("the number of log events
 * for which CloudWatch Logs received an error when forwarding data to the subscription destination") and
 * `DeliveryThrottling` (… "was throttled …") of the namespace `AWS/Logs`, with the dimensions LogGroupName,
 * DestinationType and FilterName (CloudWatch Logs User Guide, "Monitoring with CloudWatch metrics", which also says that
 * errors that can pass are tried again for up to 24 hours, and others, as AccessDeniedException, never).
 */
export interface HourlyCount {
  /** When the hour begins. */
  readonly hour: EpochMillis;
  readonly count: number;
}

/** What CloudWatch counted of a subscription's delivery, hours without a failure left out. */
export interface Delivery {
  readonly filter: string;
  readonly errors: readonly HourlyCount[];
  readonly throttled: readonly HourlyCount[];
}

/** Where the subscription is. */
interface Place {
  readonly subject: string;
  readonly region: string;
  readonly logGroup: string;
  readonly days: number;
}

/** Events that the service did not get, or got late. */
export function deliveryFindings(subscription: Subscription, delivery: Delivery, place: Place): readonly Finding[] {
  const target = functionOf(subscription.destination) ?? '<function>';
  const missed = [...delivery.errors, ...delivery.throttled];
  if (missed.length === 0) return [];
  const backfill = `Then load what is missing: ${backfillOf({ ...place, ...span(missed) }, prefixOf(subscription))}`;
  const look = command(`aws lambda get-policy --region ${place.region} --function-name ${quoted(target)}`);
  const reserved = command(
    `aws lambda get-function-concurrency --region ${place.region} --function-name ${quoted(target)}`,
  );
  const errors = finding('delivery-errors', {
    subject: place.subject,
    evidence: evidence('DeliveryErrors', delivery.filter, delivery.errors, place.days),
    mend: `${look} shows whether the function is there and logs.amazonaws.com may invoke it; deploy the service again if not. ${backfill}`,
  });
  const throttled = finding('delivery-throttled', {
    subject: place.subject,
    evidence: evidence('DeliveryThrottling', delivery.filter, delivery.throttled, place.days),
    mend: `${reserved} shows what is reserved for it: raise ingestConcurrency, or the account's quota of concurrent executions. ${backfill}`,
  });
  return [...(delivery.errors.length > 0 ? [errors] : []), ...(delivery.throttled.length > 0 ? [throttled] : [])];
}

function evidence(metric: string, filter: string, counts: readonly HourlyCount[], days: number): string {
  const { from, to } = span(counts);
  const sum = counts.reduce((total, { count }) => total + count, 0);
  return `AWS/Logs ${metric} of the subscription ${filter}: ${sum === 1 ? '1 log event' : `${sum} log events`} within ${days} days, between ${formatInstant(from)} and ${formatInstant(to)}.`;
}

/** From the first hour's beginning to the last one's end. */
function span(counts: readonly HourlyCount[]): { from: EpochMillis; to: EpochMillis } {
  const hours = counts.map(({ hour }) => hour);
  return { from: epochMillis(Math.min(...hours)), to: epochMillis(Math.max(...hours) + HOUR) };
}
