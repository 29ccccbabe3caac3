import { isJsonObject, objectAt, parseJson, textsAt } from '../json.ts';
import { type Finding, finding } from './finding.ts';

/** A rule of EventBridge's default bus. */
export interface EventRule {
  readonly name: string;
  readonly region: string;
  readonly state: string;
  /** JSON. */
  readonly pattern: string | undefined;
}

const RIGHT_STATE = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';

/** Rules for STS's records in a state in which those never come. */
export function ruleFindings(rules: readonly EventRule[]): readonly Finding[] {
  return rules
    .filter((rule) => takesGrants(rule) && rule.state !== RIGHT_STATE)
    .map(({ name, region, state }) =>
      finding('rule-wrong-state', {
        subject: `rule ${name} (${region})`,
        evidence: `events:ListRules: its pattern takes events of STS, its state is ${state}.`,
        mend: `aws events describe-rule --region ${region} --name ${name} shows its pattern; put it again with aws events put-rule --region ${region} --name ${name} --state ${RIGHT_STATE} --event-pattern <that pattern>`,
      }),
    );
}

/** Regions in use in which no rule takes STS's records. */
export function missingRules(rules: readonly EventRule[], regions: readonly string[]): readonly Finding[] {
  const without = regions.filter((region) => !rules.some((rule) => rule.region === region && takesGrants(rule)));
  if (without.length === 0) return [];
  return [
    finding('rule-missing', {
      subject: without.join(', '),
      evidence:
        'events:ListRules lists no rule for events of STS on the default bus, and no trail writes to a log group.',
      mend: 'Deploy the service with trail: eventbridge, and infra/forwarding.yml in the further Regions: docs/deploy.md',
    }),
  ];
}

/** A pattern for `aws.sts`, or for the event source `sts.amazonaws.com`. */
function takesGrants({ pattern }: EventRule): boolean {
  const parsed = parseJson(pattern ?? '');
  if (!parsed.ok || !isJsonObject(parsed.value)) return false;
  const sources = textsAt(parsed.value, 'source') ?? [];
  const eventSources = textsAt(objectAt(parsed.value, 'detail'), 'eventSource') ?? [];
  return sources.includes('aws.sts') || eventSources.includes('sts.amazonaws.com');
}
