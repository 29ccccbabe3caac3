import { accessEntry } from '../../doctor/access-entries.ts';
import type { EventRule } from '../../doctor/event-rule.ts';
import type { Mapping } from '../../doctor/mapping.ts';
import type { Selectors } from '../../doctor/trail.ts';
import { type TrustedRole, trustedRole } from '../../doctor/trust-policy.ts';
import { AwsError } from '../aws/aws-error.ts';
import { type AwsSettings, callAws, clientSettings } from '../aws/aws-settings.ts';

/**
 * Calls EKS ListAccessEntries (all pages), and DescribeAccessEntry for each entry. It reports how many entries it has
 * read.
 */
export async function clusterAccessEntries(
  settings: AwsSettings,
  clusterName: string,
  report: (read: number) => void,
): Promise<readonly Mapping[]> {
  const { DescribeAccessEntryCommand, EKSClient, paginateListAccessEntries } = await import('@aws-sdk/client-eks');
  const client = new EKSClient(clientSettings(settings));
  return callAws('eks:ListAccessEntries and eks:DescribeAccessEntry', settings, client, async () => {
    const mappings: Mapping[] = [];
    let read = 0;
    for await (const page of paginateListAccessEntries({ client, stopOnSameToken: true }, { clusterName })) {
      for (const principalArn of page.accessEntries ?? []) {
        const answer = await client.send(new DescribeAccessEntryCommand({ clusterName, principalArn }));
        read += 1;
        report(read);
        const mapping = accessEntry({ ...answer.accessEntry });
        const source = { kind: 'access-entry', cluster: clusterName, region: settings.region } as const;
        if (mapping !== undefined) mappings.push({ ...mapping, source });
      }
    }
    return mappings;
  });
}

/**
 * Calls IAM GetRole. Returns who may assume the role. Undefined if IAM states no trust policy, and `no-role` if the
 * role does not exist.
 */
export async function roleTrust(settings: AwsSettings, roleName: string): Promise<TrustedRole | 'no-role' | undefined> {
  const { GetRoleCommand, IAMClient } = await import('@aws-sdk/client-iam');
  try {
    return await callAws('iam:GetRole', settings, new IAMClient(clientSettings(settings)), async (client) => {
      const { Role } = await client.send(new GetRoleCommand({ RoleName: roleName }));
      return trustedRole(Role?.Arn, Role?.AssumeRolePolicyDocument);
    });
  } catch (error) {
    if (error instanceof AwsError && error.kind === 'not-found') return 'no-role';
    throw error;
  }
}

/** Calls EventBridge ListRules for the default bus (all pages). */
export async function eventRules(settings: AwsSettings, region: string): Promise<readonly EventRule[]> {
  const { EventBridgeClient, ListRulesCommand } = await import('@aws-sdk/client-eventbridge');
  const there = { ...settings, region };
  return callAws('events:ListRules', there, new EventBridgeClient(clientSettings(there)), async (client) => {
    const rules: EventRule[] = [];
    let token: string | undefined;
    do {
      const answer = await client.send(new ListRulesCommand(token === undefined ? {} : { NextToken: token }));
      for (const { Name = '', Arn = '', State = '', EventPattern, Description } of answer.Rules ?? []) {
        const account = /^arn:[^:]+:events:[^:]*:(\d{12}):/.exec(Arn)?.[1];
        rules.push({ name: Name, region, account, state: State, pattern: EventPattern, description: Description });
      }
      token = answer.NextToken;
    } while (token !== undefined);
    return rules;
  });
}

/** A trail as CloudTrail lists it in a Region, including trails of the organization and of other home Regions. */
export interface ListedTrail {
  readonly arn: string;
  readonly name: string;
  readonly homeRegion: string;
  readonly multiRegion: boolean;
  readonly toLogGroup: boolean;
  /**
   * Whether it is a trail of the organization. CloudTrail lists such a trail in each of the organization's accounts.
   */
  readonly ofOrganization: boolean;
  /** Whether CloudTrail writes digest files, which can prove that log files were not changed. */
  readonly validated: boolean;
}

/** Calls CloudTrail DescribeTrails in the Region of the settings. */
export async function listTrails(settings: AwsSettings): Promise<readonly ListedTrail[]> {
  const { CloudTrailClient, DescribeTrailsCommand } = await import('@aws-sdk/client-cloudtrail');
  return callAws(
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
        ofOrganization: trail.IsOrganizationTrail ?? false,
        validated: trail.LogFileValidationEnabled ?? false,
      }));
    },
  );
}

/** Calls CloudTrail GetTrailStatus and returns whether the trail is logging. */
export async function isLogging(settings: AwsSettings, { arn, homeRegion }: ListedTrail): Promise<boolean> {
  const { CloudTrailClient, GetTrailStatusCommand } = await import('@aws-sdk/client-cloudtrail');
  const there = { ...settings, region: homeRegion };
  return callAws('cloudtrail:GetTrailStatus', there, new CloudTrailClient(clientSettings(there)), async (client) => {
    const { IsLogging } = await client.send(new GetTrailStatusCommand({ Name: arn }));
    return IsLogging ?? false;
  });
}

/** Calls CloudTrail GetEventSelectors and returns which events the trail contains. */
export async function eventSelectors(settings: AwsSettings, { arn, homeRegion }: ListedTrail): Promise<Selectors> {
  const { CloudTrailClient, GetEventSelectorsCommand } = await import('@aws-sdk/client-cloudtrail');
  const there = { ...settings, region: homeRegion };
  return callAws('cloudtrail:GetEventSelectors', there, new CloudTrailClient(clientSettings(there)), async (client) => {
    const { EventSelectors, AdvancedEventSelectors } = await client.send(
      new GetEventSelectorsCommand({ TrailName: arn }),
    );
    return { basic: EventSelectors ?? [], advanced: AdvancedEventSelectors ?? [] };
  });
}
