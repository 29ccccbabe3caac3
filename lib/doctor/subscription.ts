import { AUDIT_SAMPLES, type AuditSample } from './audit-samples.ts';
import { parseFilterPattern } from './filter-pattern.ts';

/** A subscription filter of a log group (CloudWatch Logs API Reference, SubscriptionFilter). It cannot choose streams. */
export interface Subscription {
  readonly name: string;
  readonly pattern: string;
  /** ARN of what the events go to. */
  readonly destination: string;
  /** Something besides the pattern that decides what passes. */
  readonly condition?: string;
  /** The typical events that CloudWatch Logs said the pattern lets through; undefined where it was not asked, or did not say. */
  readonly taken?: readonly AuditSample[];
}

/** CloudWatch Logs quotas, "Subscription filters". */
export const FILTERS_PER_LOG_GROUP = 2;

/** Which of a log group's subscriptions are this service's. `prefix` is `<service>-<stage>`, where it is known. */
export function serviceSubscriptions(
  all: readonly Subscription[],
  prefix: string | undefined,
): readonly Subscription[] {
  return all.filter((each) => {
    const own = prefixOf(each);
    return own !== undefined && (prefix === undefined ? each.name === `${own}-audit` : own === prefix);
  });
}

/** The service and stage by the name of the function that deploys as `<service>-<stage>-ingest` (docs/deploy.md). */
export function prefixOf({ destination }: Subscription): string | undefined {
  return /^(.+)-ingest$/.exec(functionOf(destination) ?? '')?.[1];
}

/** The name of a Lambda function by its ARN, with or without a version or alias. */
export function functionOf(arn: string): string | undefined {
  return /^arn:[^:]+:lambda:[^:]*:\d*:function:([^:]+)/.exec(arn)?.[1];
}

const KINDS: readonly [RegExp, string][] = [
  [/^arn:[^:]+:lambda:/, 'the function'],
  [/^arn:[^:]+:kinesis:/, 'the Kinesis stream'],
  [/^arn:[^:]+:firehose:/, 'the Firehose stream'],
  [/^arn:[^:]+:logs:.*:destination:/, 'the destination of another account'],
];

/** Name and destination, as a clause for a person. */
export function describeSubscription({ name, destination }: Subscription): string {
  const kind = KINDS.find(([arn]) => arn.test(destination))?.[1] ?? '';
  const target = functionOf(destination) ?? destination.split(/[:/]/).at(-1) ?? '';
  return `${name} goes to ${[kind, target || 'nothing'].filter(Boolean).join(' ')}`;
}

/** Which typical events pass none of the subscriptions; undefined where one cannot be judged. */
export function lostSamples(subscriptions: readonly Subscription[]): readonly AuditSample[] | undefined {
  const filters = subscriptions.map(filterOf);
  const known = filters.filter((one) => one !== undefined);
  const lost = AUDIT_SAMPLES.filter((sample) => !known.some((passes) => passes(sample)));
  return lost.length === 0 || known.length === filters.length ? lost : undefined;
}

/** By what CloudWatch Logs said, else by our own reading of the pattern; undefined where neither knows. */
function filterOf({ pattern, condition, taken }: Subscription): ((sample: AuditSample) => boolean) | undefined {
  if (condition !== undefined) return undefined;
  if (taken !== undefined) return (sample) => taken.includes(sample);
  const passes = parseFilterPattern(pattern);
  return passes && (({ message }) => passes(message));
}

/** The lost events in words: whole callers first, then what of the other callers' requests is lost. */
export function describeLoss(lost: readonly AuditSample[]): string {
  if (lost.length === AUDIT_SAMPLES.length) return 'all of them';
  const byCaller = Map.groupBy(lost, ({ who }) => who);
  const size = AUDIT_SAMPLES.filter(({ who }) => who === AUDIT_SAMPLES[0]?.who).length;
  const parts = [...byCaller].map(([who, samples]) =>
    samples.length === size ? `all from ${who}` : `from ${who}: ${samples.map(({ what }) => what).join(', ')}`,
  );
  return parts.join('; ');
}
