import { quoted } from '../shell.ts';
import { command, type Finding, finding } from './finding.ts';

/** A trail, as far as doctor could read its state. */
export interface Trail {
  readonly name: string;
  readonly homeRegion: string;
  readonly multiRegion: boolean;
  /** Whether the trail is logging. Absent if that could not be read. */
  readonly logging?: boolean;
  /** The event selectors. Absent if they could not be read. */
  readonly selectors?: Selectors;
  /** Whether the trail delivers its events to a log group. */
  readonly toLogGroup: boolean;
  readonly ofOrganization: boolean;
  /** Whether CloudTrail writes digest files for it. */
  readonly validated: boolean;
}

/** Returns findings about why no trail has the grants of a Region in use. What could not be read counts as right. */
export function trailFindings(trails: readonly Trail[], regionsInUse: readonly string[]): readonly Finding[] {
  if (trails.length === 0) return [noTrail(regionsInUse)];
  const uncovered = uncoveredRegions(trails, regionsInUse);
  if (uncovered.length === 0) return [];
  const flawed = trails.filter((trail) => !isGood(trail) && uncovered.some((region) => covers(trail, region)));
  const unmended = uncovered.filter((region) => !flawed.some((trail) => covers(trail, region)));
  return [...flawed.flatMap(flaws), ...(unmended.length === 0 ? [] : [missesRegions(trails, unmended)])];
}

/** Returns the Regions whose grants no trail has. */
export function uncoveredRegions(trails: readonly Trail[], regions: readonly string[]): readonly string[] {
  return regions.filter((region) => !trails.some((trail) => isGood(trail) && covers(trail, region)));
}

/** Returns findings about the trails whose files nobody can validate. */
export function validationFindings(trails: readonly Trail[]): readonly Finding[] {
  return trails
    .filter(({ validated }) => !validated)
    .map(({ name, homeRegion }) =>
      finding('trail-not-validated', {
        subject: `trail ${name} (${homeRegion})`,
        evidence: 'cloudtrail:DescribeTrails: LogFileValidationEnabled is false.',
        mend: command(
          `aws cloudtrail update-trail --region ${homeRegion} --name ${quoted(name)} --enable-log-file-validation`,
        ),
      }),
    );
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

/** A trail's event selector, as CloudTrail returns it (CloudTrail API Reference, EventSelector). */
interface EventSelector {
  readonly ReadWriteType?: string | undefined;
  readonly IncludeManagementEvents?: boolean | undefined;
  readonly DataResources?: readonly unknown[] | undefined;
  readonly ExcludeManagementEventSources?: readonly string[] | undefined;
}

/** An advanced event selector (CloudTrail API Reference, AdvancedEventSelector). */
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

/** The event selectors of a trail. A trail has only one kind, so the list of the other kind is empty. */
export interface Selectors {
  readonly basic: readonly EventSelector[];
  readonly advanced: readonly AdvancedEventSelector[];
}

/** Returns whether the selectors include AssumeRole and similar calls, which are read-only management events. */
export function carriesGrants({ basic, advanced }: Selectors): boolean {
  if (basic.some((each) => takesManagement(each) && each.ReadWriteType !== 'WriteOnly')) return true;
  return advanced.some((each) => isManagement(each) && (each.FieldSelectors ?? []).every(passesGrant));
}

/** Returns whether the selector includes management events. CloudTrail includes them by default. */
function takesManagement({ IncludeManagementEvents = true }: EventSelector): boolean {
  return IncludeManagementEvents;
}

function isManagement({ FieldSelectors = [] }: AdvancedEventSelector): boolean {
  return FieldSelectors.some(({ Field, Equals }) => Field === 'eventCategory' && Equals?.includes('Management'));
}

/** The values of AssumeRole in the fields that select management events. Other fields differ from call to call. */
const GRANT: ReadonlyMap<string | undefined, string> = new Map([
  ['eventCategory', 'Management'],
  ['readOnly', 'true'],
  ['eventSource', 'sts.amazonaws.com'],
  ['eventName', 'AssumeRole'],
  ['eventType', 'AwsApiCall'],
]);

/**
 * Returns whether a grant matches the selector. All of its operators must match, each by one of its values (CloudTrail
 * API Reference, AdvancedFieldSelector).
 */
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
 * Returns the option of `aws cloudtrail put-event-selectors` that adds grants, and keeps everything that the trail logs
 * now. The call replaces all selectors of both kinds.
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

/** Returns the selectors with grants in the first one for management events, or with one more selector. */
function advancedWithGrants(advanced: readonly AdvancedEventSelector[]): readonly AdvancedEventSelector[] {
  const Name = 'Management events';
  const first = advanced.find(isManagement);
  if (first === undefined)
    return [{ Name, FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] }, ...advanced];
  const FieldSelectors = (first.FieldSelectors ?? []).flatMap(lettingGrantsPass);
  return advanced.map((each) => (each === first ? { Name: first.Name ?? Name, FieldSelectors } : each));
}

/**
 * Returns the condition if grants match it. If it excludes STS by name, returns it without that. Otherwise returns no
 * condition.
 */
function lettingGrantsPass(selector: FieldSelector): readonly FieldSelector[] {
  if (passesGrant(selector)) return [selector];
  const NotEquals = selector.NotEquals?.filter((value) => value !== GRANT.get(selector.Field)) ?? [];
  const reduced = { ...selector, NotEquals };
  return NotEquals.length > 0 && passesGrant(reduced) ? [reduced] : [];
}
