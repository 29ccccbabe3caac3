import type { AwsSettings } from '../../lib/adapters/aws/aws-settings.ts';
import { eventRules } from '../../lib/adapters/doctor/access.ts';
import { testedRules } from '../../lib/adapters/doctor/pattern-tests.ts';
import { eventSelectors, isLogging, type ListedTrail, listTrails } from '../../lib/adapters/doctor/trails.ts';
import { type EventRule, missingRules, ruleFindings, unjudgedRules } from '../../lib/doctor/event-rule.ts';
import { type Trail, trailFindings } from '../../lib/doctor/trail.ts';
import { present } from '../../lib/json.ts';
import type { Gathering } from './gathering.ts';

/** Looks at the trails and rules by which grants of these Regions come. */
export async function checkTrails(settings: AwsSettings, regions: readonly string[], to: Gathering): Promise<void> {
  const listed = new Map<string, ListedTrail>();
  let allListed = true;
  for (const region of regions) {
    const found = await to.try(`trails of ${region}`, 'cloudtrail:DescribeTrails', () =>
      listTrails({ ...settings, region }),
    );
    allListed &&= found !== undefined;
    for (const trail of found ?? []) listed.set(trail.arn, trail);
  }
  const trails: Trail[] = [];
  for (const trail of listed.values()) trails.push(await readTrail(settings, trail, to));
  if (allListed) to.findings.push(...trailFindings(trails, regions));
  await checkRules(settings, regions, allListed && !trails.some(({ toLogGroup }) => toLogGroup), to);
}

async function readTrail(settings: AwsSettings, trail: ListedTrail, to: Gathering): Promise<Trail> {
  const logging = await to.try(`whether trail ${trail.name} logs`, 'cloudtrail:GetTrailStatus', () =>
    isLogging(settings, trail),
  );
  const selectors = await to.try(`events of trail ${trail.name}`, 'cloudtrail:GetEventSelectors', () =>
    eventSelectors(settings, trail),
  );
  return present<Trail>({ ...trail, logging, selectors });
}

async function checkRules(settings: AwsSettings, regions: readonly string[], needed: boolean, to: Gathering) {
  const answers = [];
  for (const region of regions) {
    const rules = await to.try(`rules of ${region}`, 'events:ListRules', () => eventRules(settings, region));
    if (rules !== undefined) answers.push({ region, rules: await tryRules(settings, region, rules, to) });
  }
  const rules = answers.flatMap((answer) => answer.rules);
  to.findings.push(...ruleFindings(rules, { needed }));
  if (!needed) return;
  const answered = answers.map(({ region }) => region);
  to.findings.push(...missingRules(rules, answered));
  to.unchecked.push(...unjudgedRules(rules, answered));
}

/** The rules with what EventBridge says of their patterns, where it does. */
async function tryRules(settings: AwsSettings, region: string, rules: readonly EventRule[], to: Gathering) {
  if (rules.every(({ pattern = '' }) => pattern === '')) return rules;
  const tested = await to.try(
    `what EventBridge says that the rules of ${region} take`,
    'events:TestEventPattern',
    (tell) => testedRules(settings, region, rules, (tried) => tell(`${tried} of ${rules.length}`)),
    'Their patterns are judged as doctor itself reads them.',
  );
  return tested ?? rules;
}
