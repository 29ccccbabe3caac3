import { logGroupOf } from '../../doctor/audit-log.ts';
import type { Delivery } from '../../doctor/delivery.ts';
import type { AwsSettings } from '../aws/aws-settings.ts';
import { hourlySums, type LogMetric } from './metric-data.ts';

/** What a subscription to a function could not deliver, by hour (source: lib/doctor/delivery.ts). */
export async function deliveryOf(
  settings: AwsSettings,
  cluster: string,
  filter: string,
  from: Date,
  to: Date,
): Promise<Delivery> {
  const of = (name: LogMetric['name']): LogMetric => ({ name, logGroup: logGroupOf(cluster), filter });
  const asked = [of('DeliveryErrors'), of('DeliveryThrottling')];
  const [errors = [], throttled = []] = await hourlySums(settings, asked, from, to);
  return { filter, errors, throttled };
}
