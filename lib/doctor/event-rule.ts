import { type JsonObject, objectAt, parseJson } from '../json.ts';
import { quoted } from '../shell.ts';
import { asksForUnknown, eventPatternTakes, UNKNOWN, type Verdict } from './event-pattern.ts';
import { command, type Finding, finding, type UncheckedItem } from './finding.ts';

/** A rule of EventBridge's default bus. */
export interface EventRule {
  readonly name: string;
  readonly region: string;
  /** The account of the rule. Undefined if EventBridge did not state it. */
  readonly account?: string | undefined;
  readonly state: string;
  /** The event pattern, in JSON. */
  readonly pattern: string | undefined;
  readonly description?: string | undefined;
  /** EventBridge's own results for the pattern. Absent if there are none. */
  readonly tested?: RuleTest | undefined;
}

/** Whether a pattern matches a typical AssumeRole (`grants`) and a call to another service (`others`). */
export interface RuleTest {
  readonly grants: boolean;
  readonly others: boolean;
}

const RIGHT_STATE = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';

/**
 * Returns findings about rules that match STS's records, but whose state keeps these from being delivered. Regions with
 * another rule in the right state are left out.
 * @param needed false if grants arrive in another way. Then a rule that also matches calls to other services is left
 *   alone. It may belong to others, who want no more than they get.
 */
export function ruleFindings(rules: readonly EventRule[], { needed } = { needed: true }): readonly Finding[] {
  const taking = rules.filter((rule) => takesGrants(rule) === true);
  const served = taking.filter(({ state }) => state === RIGHT_STATE).map(({ region }) => region);
  return taking
    .filter((rule) => !served.includes(rule.region) && (needed || !takesOthers(rule)))
    .map((rule) =>
      finding('rule-wrong-state', {
        subject: `rule ${rule.name} (${rule.region})`,
        evidence: `events:ListRules: its pattern matches STS events, but its state is ${rule.state}.`,
        mend: putAgain(rule),
      }),
    );
}

/**
 * Returns the command that puts the rule again, with the right state. PutRule replaces the whole rule, so the command
 * states every part of it (EventBridge API Reference, PutRule).
 */
function putAgain({ name, region, pattern = '', description }: EventRule): string {
  const described = description === undefined ? '' : ` --description ${quoted(description)}`;
  return command(
    `aws events put-rule --region ${region} --name ${quoted(name)} --state ${RIGHT_STATE} --event-pattern ${quoted(pattern)}${described}`,
  );
}

/** Returns a finding about the Regions in use in which certainly no rule matches STS's records. */
export function missingRules(rules: readonly EventRule[], regions: readonly string[]): readonly Finding[] {
  const without = regions.filter((region) => rules.every((one) => one.region !== region || takesGrants(one) === false));
  if (without.length === 0) return [];
  return [
    finding('rule-missing', {
      subject: without.join(', '),
      evidence:
        'events:ListRules lists no rule on the default bus that matches AssumeRole of STS, and no trail writes to a log group.',
      mend: `${command('npm run deploy -- --stage <stage> --region <its Region> --param trail=eventbridge')}, with the other parameters unchanged (docs/deploy.md). Then, in each of these Regions other than the service's own: ${without.map(forwarding).join('; ')}`,
    }),
  ];
}

function forwarding(region: string): string {
  return command(
    `aws cloudformation deploy --template-file infra/forwarding.yml --stack-name eks-whois-forwarding --capabilities CAPABILITY_IAM --region ${region} --parameter-overrides HubBusArn=<StsBusArn>`,
  );
}

/**
 * Returns the rules of which it is not known whether they match STS's records. Regions with a rule that does are left
 * out.
 */
export function unjudgedRules(rules: readonly EventRule[], regions: readonly string[]): readonly UncheckedItem[] {
  const judged = rules.filter((rule) => takesGrants(rule) === true).map(({ region }) => region);
  return rules
    .filter((rule) => regions.includes(rule.region) && !judged.includes(rule.region))
    .filter((rule) => takesGrants(rule) === undefined)
    .map(({ name, region, pattern }) => ({
      check: `whether rule ${name} (${region}) matches STS events`,
      reason: `doctor cannot evaluate its pattern, which has an operator that doctor does not know or depends on values that differ from call to call: ${pattern}`,
      failed: false,
    }));
}

/** A call, by its service and name. */
type Call = readonly [service: string, eventName: string];

/** The call that stands for all that issue grants. */
export const GRANT: Call = ['sts', 'AssumeRole'];
/** A call to another service, by which rules that match all calls are recognized. */
export const OTHER: Call = ['ec2', 'DescribeInstances'];

function takesGrants(rule: EventRule): Verdict {
  return takes(rule, GRANT, rule.tested?.grants);
}

function takesOthers(rule: EventRule): boolean {
  return takes(rule, OTHER, rule.tested?.others) !== false;
}

/**
 * Returns whether a rule matches all calls of a kind. EventBridge's result for the typical call stands for all of them.
 * But if the pattern depends on values that differ from call to call, the result is undefined. A rule without a pattern
 * has a schedule.
 */
function takes({ pattern = '', ...rule }: EventRule, call: Call, tested: boolean | undefined): Verdict {
  if (pattern === '') return false;
  const parsed = parseJson(pattern);
  if (!parsed.ok) return tested;
  const event = anyCall(call, rule);
  const own = eventPatternTakes(parsed.value, event);
  const rests = own === undefined && asksForUnknown(parsed.value, event);
  return rests ? undefined : (tested ?? own);
}

type Place = Pick<EventRule, 'region' | 'account'>;

/**
 * Returns a successful read-only call as EventBridge delivers it. Values that differ from call to call are unknown.
 * Sources: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail", and CloudTrail User Guide,
 * "CloudTrail record contents".
 */
function anyCall([service, eventName]: Call, { region, account }: Place): JsonObject {
  return {
    ...differing(HEAD),
    version: '0',
    'detail-type': 'AWS API Call via CloudTrail',
    source: `aws.${service}`,
    account: account ?? UNKNOWN,
    region,
    resources: [],
    detail: {
      ...differing(DETAIL),
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

/** Returns such a call with example values. It is complete enough for EventBridge to test a pattern with it. */
export function typicalCall(call: Call, { region, account = '111122223333' }: Place): JsonObject {
  const any = anyCall(call, { region, account });
  return { ...any, ...HEAD, detail: { ...objectAt(any, 'detail'), ...DETAIL } };
}

/** The fields that differ from call to call, each with an example. */
const HEAD: JsonObject = { id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718', time: '2026-03-10T08:00:00Z' };
const DETAIL: JsonObject = {
  eventVersion: '1.11',
  eventID: '0d9e5f8c-3a2b-4c1d-8e7f-6a5b4c3d2e1f',
  requestID: '5f3d7a1e-9b8c-4d2e-a1f0-7c6b5a4d3e2f',
  eventTime: '2026-03-10T08:00:00Z',
  sharedEventID: '7b6a5c4d-3e2f-4a1b-9c8d-0e1f2a3b4c5d',
  resources: [],
  tlsDetails: { tlsVersion: 'TLSv1.3' },
  userIdentity: { type: 'IAMUser', principalId: 'AIDAEXAMPLEEXAMPLE123', userName: 'alice' },
  sourceIPAddress: '192.0.2.1',
  userAgent: 'aws-cli/2.31.0',
  requestParameters: { roleArn: 'arn:aws:iam::111122223333:role/dev', roleSessionName: 'alice' },
  responseElements: { assumedRoleUser: { assumedRoleId: 'AROAEXAMPLEEXAMPLE123:alice' } },
  additionalEventData: {},
  vpcEndpointId: 'vpce-0123456789abcdef0',
  vpcEndpointAccountId: '111122223333',
};

function differing(examples: JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(examples).map((key) => [key, UNKNOWN]));
}
