import { quoted } from '../shell.ts';
import { command } from './commands.ts';
import { carriesGrants, type Selectors, withGrants } from './event-selectors.ts';
import { type Finding, finding } from './finding.ts';

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
    evidence: `cloudtrail:DescribeTrails lists none in ${regions.join(', ')}.`,
    mend: `With a bucket that CloudTrail may write to: ${command(`aws cloudtrail create-trail --region ${home} --name grants --s3-bucket-name <bucket> --is-multi-region-trail && aws cloudtrail start-logging --region ${home} --name grants`)}`,
  });
}

function flaws({ name, homeRegion, logging, selectors }: Trail): readonly Finding[] {
  const subject = `trail ${name} (${homeRegion})`;
  const stopped = finding('trail-stopped', {
    subject,
    evidence: 'cloudtrail:GetTrailStatus says that it does not log.',
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
    evidence: `No trail covers them: ${trails.map((trail) => `${trail.name} is of ${trail.homeRegion} alone`).join(', ')}.`,
    mend: command(`aws cloudtrail update-trail --region ${homeRegion} --name ${quoted(name)} --is-multi-region-trail`),
  });
}
