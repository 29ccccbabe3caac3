import { quoted } from '../shell.ts';
import { command, type Finding, finding } from './finding.ts';

/** A trail, as far as it could be looked at. */
export interface Trail {
  readonly name: string;
  readonly homeRegion: string;
  readonly multiRegion: boolean;
  /** Undefined where it could not be read. */
  readonly logging?: boolean;
  /** Which events are in it; undefined where it could not be read. */
  readonly selectors?: Selectors;
  /** Whether it hands its events to a log group. */
  readonly toLogGroup: boolean;
}

/** Why grants of a Region in use are in no trail. What could not be read is taken for good. */
export function trailFindings(trails: readonly Trail[], regionsInUse: readonly string[]): readonly Finding[] {
  if (trails.length === 0) return [noTrail(regionsInUse)];
  const uncovered = regionsInUse.filter((region) => !trails.some((trail) => isGood(trail) && covers(trail, region)));
  if (uncovered.length === 0) return [];
  const flawed = trails.filter((trail) => !isGood(trail) && uncovered.some((region) => covers(trail, region)));
  const unmended = uncovered.filter((region) => !flawed.some((trail) => covers(trail, region)));
  return [...flawed.flatMap(flaws), ...(unmended.length === 0 ? [] : [missesRegions(trails, unmended)])];
}

function isGood({ logging = true, selectors }: Trail): boolean {
  return logging && (selectors === undefined || carriesGrants(selectors));
}

function covers({ multiRegion, homeRegion }: Trail, region: string): boolean {
  return multiRegion || homeRegion === region;
}

function noTrail(regions: readonly string[]): Finding {
  const home = regions[0] ?? '<region>';
  return finding('trail-missing', {
    subject: 'the account',
    evidence: `cloudtrail:DescribeTrails lists no trail in ${regions.join(', ')}.`,
    mend: `With a bucket that CloudTrail may write to: ${command(`aws cloudtrail create-trail --region ${home} --name grants --s3-bucket-name <bucket> --is-multi-region-trail && aws cloudtrail start-logging --region ${home} --name grants`)}`,
  });
}

function flaws({ name, homeRegion, logging, selectors }: Trail): readonly Finding[] {
  const subject = `trail ${name} (${homeRegion})`;
  const stopped = finding('trail-stopped', {
    subject,
    evidence: 'cloudtrail:GetTrailStatus: the trail is not logging.',
    mend: command(`aws cloudtrail start-logging --region ${homeRegion} --name ${quoted(name)}`),
  });
  const writeOnly = finding('trail-write-only', {
    subject,
    evidence: 'cloudtrail:GetEventSelectors: no selector passes read-only management events of sts.amazonaws.com.',
    mend: command(
      `aws cloudtrail put-event-selectors --region ${homeRegion} --trail-name ${quoted(name)} ${withGrants(selectors ?? { basic: [], advanced: [] })}`,
    ),
  });
  const isWriteOnly = selectors !== undefined && !carriesGrants(selectors);
  return [...(logging === false ? [stopped] : []), ...(isWriteOnly ? [writeOnly] : [])];
}

function missesRegions(trails: readonly Trail[], regions: readonly string[]): Finding {
  const first = trails.find(isGood) ?? trails[0];
  const { name, homeRegion } = first ?? { name: '<trail>', homeRegion: '<its home Region>' };
  return finding('trail-misses-regions', {
    subject: regions.join(', '),
    evidence: `No trail covers these Regions: ${trails.map((trail) => `${trail.name} covers only ${trail.homeRegion}`).join(', ')}.`,
    mend: command(`aws cloudtrail update-trail --region ${homeRegion} --name ${quoted(name)} --is-multi-region-trail`),
  });
}

/** The event selectors of a trail, as CloudTrail answers (CloudTrail API Reference, EventSelector). */
interface EventSelector {
  readonly ReadWriteType?: string | undefined;
  readonly IncludeManagementEvents?: boolean | undefined;
  readonly DataResources?: readonly unknown[] | undefined;
  readonly ExcludeManagementEventSources?: readonly string[] | undefined;
}

/** CloudTrail API Reference, AdvancedEventSelector. */
interface AdvancedEventSelector {
  readonly Name?: string | undefined;
  readonly FieldSelectors: readonly FieldSelector[] | undefined;
}

interface FieldSelector {
  readonly Field: string | undefined;
  readonly Equals?: readonly string[] | undefined;
  readonly NotEquals?: readonly string[] | undefined;
  readonly StartsWith?: readonly string[] | undefined;
  readonly NotStartsWith?: readonly string[] | undefined;
  readonly EndsWith?: readonly string[] | undefined;
  readonly NotEndsWith?: readonly string[] | undefined;
}

/** A trail has selectors of one kind, those of the other are empty. */
export interface Selectors {
  readonly basic: readonly EventSelector[];
  readonly advanced: readonly AdvancedEventSelector[];
}

/** Whether AssumeRole and its kin, which are read-only management events, pass the selectors. */
export function carriesGrants({ basic, advanced }: Selectors): boolean {
  if (basic.some((each) => takesManagement(each) && each.ReadWriteType !== 'WriteOnly')) return true;
  return advanced.some((each) => isManagement(each) && (each.FieldSelectors ?? []).every(passesGrant));
}

/** CloudTrail includes management events unless it is told otherwise. */
function takesManagement({ IncludeManagementEvents = true }: EventSelector): boolean {
  return IncludeManagementEvents;
}

function isManagement({ FieldSelectors = [] }: AdvancedEventSelector): boolean {
  return FieldSelectors.some(({ Field, Equals }) => Field === 'eventCategory' && Equals?.includes('Management'));
}

/** What AssumeRole has in the fields by which management events are selected; the others differ from call to call. */
const GRANT: ReadonlyMap<string | undefined, string> = new Map([
  ['eventCategory', 'Management'],
  ['readOnly', 'true'],
  ['eventSource', 'sts.amazonaws.com'],
  ['eventName', 'AssumeRole'],
  ['eventType', 'AwsApiCall'],
]);

/** All operators that are named must hold, each for one of its values (CloudTrail API Reference, AdvancedFieldSelector). */
function passesGrant(selector: FieldSelector): boolean {
  const value = GRANT.get(selector.Field);
  if (value === undefined) return true;
  const { Equals, StartsWith, EndsWith, NotEquals = [], NotStartsWith = [], NotEndsWith = [] } = selector;
  const isOne = [
    Equals?.includes(value),
    StartsWith?.some((start) => value.startsWith(start)),
    EndsWith?.some((end) => value.endsWith(end)),
  ];
  const isBarred =
    NotEquals.includes(value) ||
    NotStartsWith.some((start) => value.startsWith(start)) ||
    NotEndsWith.some((end) => value.endsWith(end));
  return !isOne.includes(false) && !isBarred;
}

/**
 * The option of `aws cloudtrail put-event-selectors` that adds the grants and keeps all else that the trail has now. The
 * call replaces all selectors, and those of the other kind.
 */
export function withGrants({ basic, advanced }: Selectors): string {
  if (advanced.length > 0) return `--advanced-event-selectors ${quoted(JSON.stringify(advancedWithGrants(advanced)))}`;
  const excluded = basic.find(takesManagement)?.ExcludeManagementEventSources ?? [];
  const management = {
    ReadWriteType: 'All',
    IncludeManagementEvents: true,
    ...(excluded.length > 0 && { ExcludeManagementEventSources: excluded }),
  };
  const kept = basic
    .filter(({ DataResources = [] }) => DataResources.length > 0)
    .map(({ ReadWriteType, DataResources }) => ({ ReadWriteType, IncludeManagementEvents: false, DataResources }));
  return `--event-selectors ${quoted(JSON.stringify([management, ...kept]))}`;
}

/** The first selector of management events without what keeps grants out, or a new one. */
function advancedWithGrants(advanced: readonly AdvancedEventSelector[]): readonly AdvancedEventSelector[] {
  const Name = 'Management events';
  const first = advanced.find(isManagement);
  if (first === undefined)
    return [{ Name, FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] }, ...advanced];
  const FieldSelectors = (first.FieldSelectors ?? []).flatMap(lettingGrantsPass);
  return advanced.map((each) => (each === first ? { Name: first.Name ?? Name, FieldSelectors } : each));
}

/** The condition where grants pass it; without STS where it bars that by name; else none. */
function lettingGrantsPass(selector: FieldSelector): readonly FieldSelector[] {
  if (passesGrant(selector)) return [selector];
  const NotEquals = selector.NotEquals?.filter((value) => value !== GRANT.get(selector.Field)) ?? [];
  const reduced = { ...selector, NotEquals };
  return NotEquals.length > 0 && passesGrant(reduced) ? [reduced] : [];
}
