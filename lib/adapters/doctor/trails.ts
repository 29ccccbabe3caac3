import type { Selectors } from '../../doctor/event-selectors.ts';
import { type AwsSettings, calling, clientSettings } from '../aws/aws-settings.ts';

/** A trail as CloudTrail lists it in a Region, those of other home Regions and of the organization too. */
export interface ListedTrail {
  readonly arn: string;
  readonly name: string;
  readonly homeRegion: string;
  readonly multiRegion: boolean;
  readonly toLogGroup: boolean;
}

/** CloudTrail DescribeTrails in the Region of the settings. */
export async function listTrails(settings: AwsSettings): Promise<readonly ListedTrail[]> {
  const { CloudTrailClient, DescribeTrailsCommand } = await import('@aws-sdk/client-cloudtrail');
  return calling(
    'cloudtrail:DescribeTrails',
    settings,
    new CloudTrailClient(clientSettings(settings)),
    async (client) => {
      const { trailList = [] } = await client.send(new DescribeTrailsCommand({ includeShadowTrails: true }));
      return trailList.map((trail) => ({
        arn: trail.TrailARN ?? '',
        name: trail.Name ?? '',
        homeRegion: trail.HomeRegion ?? settings.region ?? '',
        multiRegion: trail.IsMultiRegionTrail ?? false,
        toLogGroup: trail.CloudWatchLogsLogGroupArn !== undefined,
      }));
    },
  );
}

/** CloudTrail GetTrailStatus: whether it logs. */
export async function isLogging(settings: AwsSettings, { arn, homeRegion }: ListedTrail): Promise<boolean> {
  const { CloudTrailClient, GetTrailStatusCommand } = await import('@aws-sdk/client-cloudtrail');
  const there = { ...settings, region: homeRegion };
  return calling('cloudtrail:GetTrailStatus', there, new CloudTrailClient(clientSettings(there)), async (client) => {
    const { IsLogging } = await client.send(new GetTrailStatusCommand({ Name: arn }));
    return IsLogging ?? false;
  });
}

/** CloudTrail GetEventSelectors: which events are in it. */
export async function eventSelectors(settings: AwsSettings, { arn, homeRegion }: ListedTrail): Promise<Selectors> {
  const { CloudTrailClient, GetEventSelectorsCommand } = await import('@aws-sdk/client-cloudtrail');
  const there = { ...settings, region: homeRegion };
  return calling('cloudtrail:GetEventSelectors', there, new CloudTrailClient(clientSettings(there)), async (client) => {
    const { EventSelectors, AdvancedEventSelectors } = await client.send(
      new GetEventSelectorsCommand({ TrailName: arn }),
    );
    return { basic: EventSelectors ?? [], advanced: AdvancedEventSelectors ?? [] };
  });
}
