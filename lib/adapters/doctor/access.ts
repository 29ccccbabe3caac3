import { accessEntry } from '../../doctor/access-entries.ts';
import type { EventRule } from '../../doctor/event-rule.ts';
import type { Mapping } from '../../doctor/mapping.ts';
import { type TrustedRole, trustedRole } from '../../doctor/trust-policy.ts';
import { AwsError } from '../aws/aws-error.ts';
import { type AwsSettings, calling, clientSettings } from '../aws/aws-settings.ts';

/** EKS ListAccessEntries (all pages), each described with DescribeAccessEntry; tells how many are read. */
export async function clusterAccessEntries(
  settings: AwsSettings,
  clusterName: string,
  tell: (read: number) => void,
): Promise<readonly Mapping[]> {
  const { DescribeAccessEntryCommand, EKSClient, paginateListAccessEntries } = await import('@aws-sdk/client-eks');
  const client = new EKSClient(clientSettings(settings));
  return calling('eks:ListAccessEntries and eks:DescribeAccessEntry', settings, client, async () => {
    const mappings: Mapping[] = [];
    let read = 0;
    for await (const page of paginateListAccessEntries({ client, stopOnSameToken: true }, { clusterName })) {
      for (const principalArn of page.accessEntries ?? []) {
        const answer = await client.send(new DescribeAccessEntryCommand({ clusterName, principalArn }));
        read += 1;
        tell(read);
        const mapping = accessEntry({ ...answer.accessEntry });
        const source = { kind: 'access-entry', cluster: clusterName, region: settings.region } as const;
        if (mapping !== undefined) mappings.push({ ...mapping, source });
      }
    }
    return mappings;
  });
}

/** IAM GetRole: who may assume it; undefined where IAM says nothing of that, and `no-role` where there is none. */
export async function roleTrust(settings: AwsSettings, roleName: string): Promise<TrustedRole | 'no-role' | undefined> {
  const { GetRoleCommand, IAMClient } = await import('@aws-sdk/client-iam');
  try {
    return await calling('iam:GetRole', settings, new IAMClient(clientSettings(settings)), async (client) => {
      const { Role } = await client.send(new GetRoleCommand({ RoleName: roleName }));
      return trustedRole(Role?.Arn, Role?.AssumeRolePolicyDocument);
    });
  } catch (error) {
    if (error instanceof AwsError && error.kind === 'not-found') return 'no-role';
    throw error;
  }
}

/** EventBridge ListRules of the default bus, all pages. */
export async function eventRules(settings: AwsSettings, region: string): Promise<readonly EventRule[]> {
  const { EventBridgeClient, ListRulesCommand } = await import('@aws-sdk/client-eventbridge');
  const there = { ...settings, region };
  return calling('events:ListRules', there, new EventBridgeClient(clientSettings(there)), async (client) => {
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
