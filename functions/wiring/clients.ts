import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { SnsAlerts } from '../../lib/adapters/alerts/sns-alerts.ts';
import type { SignIn } from '../../lib/adapters/aws/sign-in.ts';
import { type DynamoDbStores, dynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import type { Config } from '../../lib/config.ts';
import type { Alerts } from '../../lib/ports/alerts.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import { epochMillis } from '../../lib/time.ts';

export const clock: Clock = () => epochMillis(Date.now());

/** Returns the tables. Their client keeps its connections for all invocations of a process. */
export function stores({ tables, keep }: Pick<Config, 'tables' | 'keep'>, as: SignIn = {}): DynamoDbStores {
  return dynamoDbStores({ client: new DynamoDBClient({ ...REQUESTS, ...as }), tables, clock, keep });
}

/** Timeouts in milliseconds. A function that waits longer should rather be retried. */
export const REQUESTS = {
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
};

/**
 * Returns the alerts.
 * @throws if the configuration has no topic, since settle needs one.
 */
export function alertsOf({ alertTopic, runbooks }: Config): Alerts {
  if (alertTopic === undefined) throw new Error('The environment variable ALERT_TOPIC_ARN must be set.');
  return new SnsAlerts(new SNSClient(REQUESTS), alertTopic, runbooks);
}
