import { AUDIT_SAMPLES, type AuditSample } from './audit-samples.ts';
import { parseFilterPattern } from './filter-pattern.ts';

/**
 * A subscription filter of a log group (CloudWatch Logs API Reference, SubscriptionFilter). It cannot select streams.
 */
export interface Subscription {
  readonly name: string;
  readonly pattern: string;
  /** The ARN of the destination of the events. */
  readonly destination: string;
  /** A condition besides the pattern that decides which events pass. */
  readonly condition?: string;
  /** The typical events that match the pattern, according to CloudWatch Logs. Absent if it gave no result. */
  readonly taken?: readonly AuditSample[];
}

/** The maximum number of subscription filters of a log group (CloudWatch Logs quotas, "Subscription filters"). */
export const FILTERS_PER_LOG_GROUP = 2;

/**
 * Returns the subscription filters that belong to this service.
 * @param prefix `<service>-<stage>`, if it is known.
 */
export function serviceSubscriptions(
  all: readonly Subscription[],
  prefix: string | undefined,
): readonly Subscription[] {
  return all.filter((each) => {
    const own = prefixOf(each);
    return own !== undefined && (prefix === undefined ? each.name === `${own}-audit` : own === prefix);
  });
}

/**
 * Returns the `<service>-<stage>` in the name of the function, which is deployed as `<service>-<stage>-ingest`
 * (docs/deploy.md). Undefined for other destinations.
 */
export function prefixOf({ destination }: Subscription): string | undefined {
  return /^(.+)-ingest$/.exec(functionOf(destination) ?? '')?.[1];
}

/** Returns the name in a Lambda function's ARN, which may have a version or alias. */
export function functionOf(arn: string): string | undefined {
  return /^arn:[^:]+:lambda:[^:]*:\d*:function:([^:]+)/.exec(arn)?.[1];
}

const KINDS: readonly [RegExp, string][] = [
  [/^arn:[^:]+:lambda:/, 'the function'],
  [/^arn:[^:]+:kinesis:/, 'the Kinesis stream'],
  [/^arn:[^:]+:firehose:/, 'the Firehose stream'],
  [/^arn:[^:]+:logs:.*:destination:/, 'the destination of another account'],
];

/** Returns the name and destination as a part of a sentence. */
export function describeSubscription({ name, destination }: Subscription): string {
  const kind = KINDS.find(([arn]) => arn.test(destination))?.[1] ?? '';
  const target = functionOf(destination) ?? destination.split(/[:/]/).at(-1) ?? '';
  return `${name} goes to ${[kind, target || 'nothing'].filter(Boolean).join(' ')}`;
}

/**
 * Returns the typical events that pass none of the subscription filters. Undefined if this depends on a filter that
 * cannot be evaluated.
 */
export function lostSamples(subscriptions: readonly Subscription[]): readonly AuditSample[] | undefined {
  const filters = subscriptions.map(filterOf);
  const known = filters.filter((one) => one !== undefined);
  const lost = AUDIT_SAMPLES.filter((sample) => !known.some((passes) => passes(sample)));
  return lost.length === 0 || known.length === filters.length ? lost : undefined;
}

/**
 * Returns the test of a filter: by CloudWatch Logs' own result, or else by the parsed pattern. Undefined if neither is
 * possible.
 */
function filterOf({ pattern, condition, taken }: Subscription): ((sample: AuditSample) => boolean) | undefined {
  if (condition !== undefined) return undefined;
  if (taken !== undefined) return (sample) => taken.includes(sample);
  const passes = parseFilterPattern(pattern);
  return passes && (({ message }) => passes(message));
}

/**
 * Returns in words which events are dropped: callers with all of their requests, or with the kinds that are dropped.
 */
export function describeLoss(lost: readonly AuditSample[]): string {
  if (lost.length === AUDIT_SAMPLES.length) return 'all of them';
  const byCaller = Map.groupBy(lost, ({ who }) => who);
  const size = AUDIT_SAMPLES.filter(({ who }) => who === AUDIT_SAMPLES[0]?.who).length;
  const parts = [...byCaller].map(([who, samples]) =>
    samples.length === size ? `all from ${who}` : `from ${who}: ${samples.map(({ what }) => what).join(', ')}`,
  );
  return parts.join('; ');
}
