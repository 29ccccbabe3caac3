import { isJsonObject, objectAt, parseJson, textsAt } from '../json.ts';
import { type Finding, finding } from './finding.ts';
import { command, quoted } from './shell.ts';

/** A rule of EventBridge's default bus. */
export interface EventRule {
  readonly name: string;
  readonly region: string;
  readonly state: string;
  /** JSON. */
  readonly pattern: string | undefined;
  readonly description?: string | undefined;
}

const RIGHT_STATE = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';

/** Rules for STS's records in a state in which those never come. */
export function ruleFindings(rules: readonly EventRule[]): readonly Finding[] {
  return rules
    .filter((rule) => takesGrants(rule) && rule.state !== RIGHT_STATE)
    .map((rule) =>
      finding('rule-wrong-state', {
        subject: `rule ${rule.name} (${rule.region})`,
        evidence: `events:ListRules: its pattern takes events of STS, its state is ${rule.state}.`,
        mend: putAgain(rule),
      }),
    );
}

/** A rule is replaced by what PutRule names (EventBridge API Reference, PutRule): all of it is named. */
function putAgain({ name, region, pattern = '', description }: EventRule): string {
  const described = description === undefined ? '' : ` --description ${quoted(description)}`;
  return command(
    `aws events put-rule --region ${region} --name ${quoted(name)} --state ${RIGHT_STATE} --event-pattern ${quoted(pattern)}${described}`,
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
      mend: `${command('npm run deploy -- --stage <stage> --region <its Region> --param trail=eventbridge')}, with the other parameters as they are (docs/deploy.md). In each of these Regions that is not the service's own: ${without.map(forwarding).join('; ')}`,
    }),
  ];
}

function forwarding(region: string): string {
  return command(
    `aws cloudformation deploy --template-file infra/forwarding.yml --stack-name eks-whois-forwarding --capabilities CAPABILITY_IAM --region ${region} --parameter-overrides HubBusArn=<StsBusArn>`,
  );
}

/** A pattern for `aws.sts`, or for the event source `sts.amazonaws.com`. */
function takesGrants({ pattern }: EventRule): boolean {
  const parsed = parseJson(pattern ?? '');
  if (!parsed.ok || !isJsonObject(parsed.value)) return false;
  const sources = textsAt(parsed.value, 'source') ?? [];
  const eventSources = textsAt(objectAt(parsed.value, 'detail'), 'eventSource') ?? [];
  return sources.includes('aws.sts') || eventSources.includes('sts.amazonaws.com');
}
