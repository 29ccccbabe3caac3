import { type JsonObject, parseJson } from '../json.ts';
import { quoted } from '../shell.ts';
import { command } from './commands.ts';
import { eventPatternTakes, UNKNOWN, type Verdict } from './event-pattern.ts';
import { type Finding, finding, type Unchecked } from './finding.ts';

/** A rule of EventBridge's default bus. */
export interface EventRule {
  readonly name: string;
  readonly region: string;
  /** Undefined where EventBridge did not say. */
  readonly account?: string | undefined;
  readonly state: string;
  /** JSON. */
  readonly pattern: string | undefined;
  readonly description?: string | undefined;
}

const RIGHT_STATE = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';

/**
 * Rules for STS's records in a state in which those never come, where no other rule of the Region has the right one.
 * Where grants come another way (`needed: false`) a rule that takes other services' calls too is taken for somebody
 * else's, who may want no more than it gets.
 */
export function ruleFindings(rules: readonly EventRule[], { needed } = { needed: true }): readonly Finding[] {
  const taking = rules.filter((rule) => takesGrants(rule) === true);
  const served = taking.filter(({ state }) => state === RIGHT_STATE).map(({ region }) => region);
  return taking
    .filter((rule) => !served.includes(rule.region) && (needed || !takesOthers(rule)))
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

/** Regions in use in which no rule takes STS's records, as far as that can be said. */
export function missingRules(rules: readonly EventRule[], regions: readonly string[]): readonly Finding[] {
  const without = regions.filter((region) => rules.every((one) => one.region !== region || takesGrants(one) === false));
  if (without.length === 0) return [];
  return [
    finding('rule-missing', {
      subject: without.join(', '),
      evidence:
        "events:ListRules lists no rule on the default bus that takes STS's AssumeRole, and no trail writes to a log group.",
      mend: `${command('npm run deploy -- --stage <stage> --region <its Region> --param trail=eventbridge')}, with the other parameters as they are (docs/deploy.md). In each of these Regions that is not the service's own: ${without.map(forwarding).join('; ')}`,
    }),
  ];
}

function forwarding(region: string): string {
  return command(
    `aws cloudformation deploy --template-file infra/forwarding.yml --stack-name eks-whois-forwarding --capabilities CAPABILITY_IAM --region ${region} --parameter-overrides HubBusArn=<StsBusArn>`,
  );
}

/** The rules that may take STS's records or not, in Regions in which no other surely does. */
export function unjudgedRules(rules: readonly EventRule[], regions: readonly string[]): readonly Unchecked[] {
  const judged = rules.filter((rule) => takesGrants(rule) === true).map(({ region }) => region);
  return rules
    .filter((rule) => regions.includes(rule.region) && !judged.includes(rule.region))
    .filter((rule) => takesGrants(rule) === undefined)
    .map(({ name, region, pattern }) => ({
      check: `whether rule ${name} (${region}) takes events of STS`,
      reason: `its pattern could not be judged, since it asks for what differs from call to call or by an operator that is not known here: ${pattern}`,
      failed: false,
    }));
}

function takesGrants(rule: EventRule): Verdict {
  return takes(rule, callOf('sts', 'AssumeRole', rule));
}

function takesOthers(rule: EventRule): boolean {
  return takes(rule, callOf('ec2', 'DescribeInstances', rule)) !== false;
}

/** A rule without a pattern is one of a schedule. */
function takes({ pattern = '' }: EventRule, event: JsonObject): Verdict {
  if (pattern === '') return false;
  const parsed = parseJson(pattern);
  return parsed.ok ? eventPatternTakes(parsed.value, event) : undefined;
}

/**
 * A read-only call that succeeded, as EventBridge delivers it (EventBridge User Guide, "AWS service events delivered via
 * AWS CloudTrail"; CloudTrail User Guide, "CloudTrail record contents"). What differs from call to call is not known.
 */
function callOf(service: string, eventName: string, { region, account }: EventRule): JsonObject {
  return {
    ...differing('id', 'time'),
    version: '0',
    'detail-type': 'AWS API Call via CloudTrail',
    source: `aws.${service}`,
    account: account ?? UNKNOWN,
    region,
    resources: [],
    detail: {
      ...differing('eventVersion', 'eventID', 'requestID', 'eventTime', 'sharedEventID', 'resources', 'tlsDetails'),
      ...differing('userIdentity', 'sourceIPAddress', 'userAgent', 'requestParameters', 'responseElements'),
      ...differing('additionalEventData', 'vpcEndpointId', 'vpcEndpointAccountId'),
      eventSource: `${service}.amazonaws.com`,
      eventName,
      eventType: 'AwsApiCall',
      eventCategory: 'Management',
      managementEvent: true,
      readOnly: true,
      awsRegion: region,
      recipientAccountId: account ?? UNKNOWN,
    },
  };
}

function differing(...keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.map((key) => [key, UNKNOWN]));
}
