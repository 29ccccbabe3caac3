import { type Finding, finding } from './finding.ts';

/** A trail, as far as it could be looked at. */
export interface Trail {
  readonly name: string;
  readonly homeRegion: string;
  readonly multiRegion: boolean;
  /** Undefined where it could not be read. */
  readonly logging?: boolean;
  /** Whether read-only management events of STS are in it; undefined where it could not be read. */
  readonly carriesGrants?: boolean;
  /** Whether it hands its events to a log group. */
  readonly toLogGroup: boolean;
}

/** The event selectors of a trail (CloudTrail API Reference, EventSelector and AdvancedEventSelector). */
export interface Selectors {
  readonly basic: readonly { readonly readWriteType?: string; readonly management?: boolean }[];
  readonly advanced: readonly (readonly FieldSelector[])[];
}

export interface FieldSelector {
  readonly field: string;
  readonly equals?: readonly string[];
  readonly notEquals?: readonly string[];
}

/** Whether AssumeRole and its kin, which are read-only management events, pass the selectors. */
export function carriesGrants({ basic, advanced }: Selectors): boolean {
  if (basic.some(({ readWriteType = 'All', management = true }) => management && readWriteType !== 'WriteOnly'))
    return true;
  return advanced.some((fields) => fields.some(isManagement) && fields.every(passesGrant));
}

function isManagement({ field, equals }: FieldSelector): boolean {
  return field === 'eventCategory' && equals?.includes('Management') === true;
}

function passesGrant({ field, equals, notEquals }: FieldSelector): boolean {
  const value = field === 'readOnly' ? 'true' : field === 'eventSource' ? 'sts.amazonaws.com' : undefined;
  if (value === undefined) return true;
  return (equals === undefined || equals.includes(value)) && notEquals?.includes(value) !== true;
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

function isGood({ logging = true, carriesGrants: carries = true }: Trail): boolean {
  return logging && carries;
}

function covers({ multiRegion, homeRegion }: Trail, region: string): boolean {
  return multiRegion || homeRegion === region;
}

function noTrail(regions: readonly string[]): Finding {
  return finding('trail-missing', {
    subject: 'the account',
    evidence: `cloudtrail:DescribeTrails lists none in ${regions.join(', ')}.`,
    mend: 'aws cloudtrail create-trail --name grants --s3-bucket-name <bucket> --is-multi-region-trail && aws cloudtrail start-logging --name grants',
  });
}

function flaws({ name, homeRegion, logging, carriesGrants: carries }: Trail): readonly Finding[] {
  const subject = `trail ${name} (${homeRegion})`;
  const stopped = finding('trail-stopped', {
    subject,
    evidence: 'cloudtrail:GetTrailStatus says that it does not log.',
    mend: `aws cloudtrail start-logging --region ${homeRegion} --name ${name}`,
  });
  const writeOnly = finding('trail-write-only', {
    subject,
    evidence: 'cloudtrail:GetEventSelectors: no selector passes read-only management events of sts.amazonaws.com.',
    mend: `aws cloudtrail put-event-selectors --region ${homeRegion} --trail-name ${name} --event-selectors '[{"ReadWriteType":"All","IncludeManagementEvents":true}]', with the data events that it has now`,
  });
  return [...(logging === false ? [stopped] : []), ...(carries === false ? [writeOnly] : [])];
}

function missesRegions(trails: readonly Trail[], regions: readonly string[]): Finding {
  const first = trails.find(isGood) ?? trails[0];
  const { name, homeRegion } = first ?? { name: '<trail>', homeRegion: '<its home Region>' };
  return finding('trail-misses-regions', {
    subject: regions.join(', '),
    evidence: `No trail covers them: ${trails.map((trail) => `${trail.name} is of ${trail.homeRegion} alone`).join(', ')}.`,
    mend: `aws cloudtrail update-trail --region ${homeRegion} --name ${name} --is-multi-region-trail`,
  });
}
