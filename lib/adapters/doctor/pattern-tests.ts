import { AUDIT_SAMPLES, type AuditSample } from '../../doctor/audit-samples.ts';
import { type EventRule, GRANT, OTHER, type RuleTest, typicalCall } from '../../doctor/event-rule.ts';
import { AwsError } from '../aws/aws-error.ts';
import { type AwsSettings, callAws, clientSettings } from '../aws/aws-settings.ts';
import { kindOf } from '../aws/error-kinds.ts';

/**
 * Calls CloudWatch Logs TestMetricFilter in the Region of the settings. Returns those typical audit events that a
 * filter pattern lets through. The call accepts a pattern of at most 1,024 characters, which may be empty, and 1 to 50
 * messages. It returns the messages that match (API Reference, TestMetricFilter). Subscription filters and metric
 * filters have the same syntax (User Guide, "Filter pattern syntax"). The call changes nothing and reads no log group.
 */
export async function findMatchingSamples(settings: AwsSettings, pattern: string): Promise<readonly AuditSample[]> {
  const { CloudWatchLogsClient, TestMetricFilterCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  const client = new CloudWatchLogsClient(clientSettings(settings));
  return callAws('logs:TestMetricFilter', settings, client, async () => {
    const logEventMessages = AUDIT_SAMPLES.map(({ message }) => message);
    const { matches = [] } = await client.send(
      new TestMetricFilterCommand({ filterPattern: pattern, logEventMessages }),
    );
    return matches.map(({ eventMessage }) => sampleOf(eventMessage));
  });
}

/**
 * Returns the sample to which a returned message belongs. The message itself identifies it, because the reference does
 * not say from which number events are counted.
 */
function sampleOf(message: string | undefined): AuditSample {
  const sample = AUDIT_SAMPLES.find((each) => each.message === message);
  if (sample !== undefined) return sample;
  throw new AwsError(
    'no-answer',
    'logs:TestMetricFilter returned a message that was not in the request: check AWS_ENDPOINT_URL.',
  );
}

/**
 * Calls EventBridge TestEventPattern in a Region. Returns which rules match a typical AssumeRole, and which of those
 * also match a call of another service. An event needs `id`, `account`, `source`, `time`, `region`, `resources` and
 * `detail-type` (API Reference, TestEventPattern). The call changes nothing. A rule without a pattern, or with one that
 * EventBridge cannot test, stays unchanged. It reports how many rules it has tested.
 */
export async function testRules(
  settings: AwsSettings,
  region: string,
  rules: readonly EventRule[],
  report: (tried: number) => void,
): Promise<readonly EventRule[]> {
  const { EventBridgeClient, TestEventPatternCommand } = await import('@aws-sdk/client-eventbridge');
  const there = { ...settings, region };
  return callAws('events:TestEventPattern', there, new EventBridgeClient(clientSettings(there)), async (client) => {
    const takes = async (EventPattern: string, event: object): Promise<boolean> => {
      const { Result } = await client.send(new TestEventPatternCommand({ EventPattern, Event: JSON.stringify(event) }));
      return Result ?? false;
    };
    const tested: EventRule[] = [];
    for (const rule of rules) {
      tested.push({ ...rule, tested: await testOf(rule, takes) });
      report(tested.length);
    }
    return tested;
  });
}

async function testOf(
  rule: EventRule,
  takes: (pattern: string, event: object) => Promise<boolean>,
): Promise<RuleTest | undefined> {
  const { pattern = '' } = rule;
  if (pattern === '') return undefined;
  try {
    const grants = await takes(pattern, typicalCall(GRANT, rule));
    return { grants, others: grants && (await takes(pattern, typicalCall(OTHER, rule))) };
  } catch (error) {
    if (kindOf(error) === 'invalid') return undefined;
    throw error;
  }
}
