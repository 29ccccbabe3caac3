import type { CodeBucket } from '../../doctor/organization.ts';
import { AwsError } from '../aws/aws-error.ts';
import { type AwsSettings, callAws, clientSettings, type StaticCredentials } from '../aws/aws-settings.ts';

/** Calls CloudFormation DescribeOrganizationsAccess. Returns the state of trusted access for StackSets. */
export async function organizationsAccess(settings: AwsSettings, isManagement: boolean): Promise<string> {
  const { CloudFormationClient, DescribeOrganizationsAccessCommand } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient(clientSettings(settings));
  return callAws('cloudformation:DescribeOrganizationsAccess', settings, client, async () => {
    const CallAs = isManagement ? 'SELF' : 'DELEGATED_ADMIN';
    const { Status = 'DISABLED' } = await client.send(new DescribeOrganizationsAccessCommand({ CallAs }));
    return Status;
  });
}

/** Calls Organizations DescribeOrganization. Returns the ID of the management account. */
export async function managementAccount(settings: AwsSettings): Promise<string | undefined> {
  const { DescribeOrganizationCommand, OrganizationsClient } = await import('@aws-sdk/client-organizations');
  const client = new OrganizationsClient(clientSettings(settings));
  return callAws('organizations:DescribeOrganization', settings, client, async () => {
    const { Organization } = await client.send(new DescribeOrganizationCommand({}));
    return Organization?.MasterAccountId;
  });
}

/** Calls Organizations ListDelegatedAdministrators (all pages). Returns their account IDs. */
export async function delegatedAdministrators(settings: AwsSettings, ServicePrincipal: string): Promise<string[]> {
  const { OrganizationsClient, paginateListDelegatedAdministrators } = await import('@aws-sdk/client-organizations');
  const client = new OrganizationsClient(clientSettings(settings));
  return callAws('organizations:ListDelegatedAdministrators', settings, client, async () => {
    const ids: string[] = [];
    for await (const { DelegatedAdministrators = [] } of paginateListDelegatedAdministrators(
      { client, stopOnSameToken: true },
      { ServicePrincipal },
    ))
      ids.push(...DelegatedAdministrators.flatMap(({ Id }) => Id ?? []));
    return ids;
  });
}

/** Calls Organizations ListAccounts (all pages). Returns the active accounts. */
export async function activeAccounts(settings: AwsSettings): Promise<string[]> {
  const [{ OrganizationsClient, paginateListAccounts }, { isActive }] = await Promise.all([
    import('@aws-sdk/client-organizations'),
    import('../aws/unit-accounts.ts'),
  ]);
  const client = new OrganizationsClient(clientSettings(settings));
  return callAws('organizations:ListAccounts', settings, client, async () => {
    const ids: string[] = [];
    for await (const { Accounts = [] } of paginateListAccounts({ client, stopOnSameToken: true }, {}))
      ids.push(...Accounts.filter(isActive).flatMap(({ Id }) => Id ?? []));
    return ids;
  });
}

/** Returns the active accounts in the organizational units, and in the units below them. */
export async function activeAccountsOfUnits(settings: AwsSettings, units: readonly string[]): Promise<string[]> {
  const [{ OrganizationsClient }, { activeAccountsBelow }] = await Promise.all([
    import('@aws-sdk/client-organizations'),
    import('../aws/unit-accounts.ts'),
  ]);
  const client = new OrganizationsClient(clientSettings(settings));
  return callAws('organizations:ListAccountsForParent', settings, client, async () =>
    (await activeAccountsBelow(client, units)).flatMap(({ Id }) => Id ?? []),
  );
}

/** Calls STS AssumeRole. Returns the settings for calls in the role's account. */
export async function within(settings: AwsSettings, RoleArn: string): Promise<AwsSettings> {
  const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts');
  return callAws('sts:AssumeRole', settings, new STSClient(clientSettings(settings)), async (client) => {
    const { Credentials } = await client.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'eks-whois-doctor' }));
    const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials ?? {};
    if (!AccessKeyId || !SecretAccessKey || !SessionToken)
      throw new AwsError('no-answer', `STS issued no credentials for ${RoleArn}: check AWS_ENDPOINT_URL.`);
    const credentials: StaticCredentials = {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    };
    return { ...settings, profile: undefined, credentials };
  });
}

/** Calls Lambda GetAccountSettings. Returns how many functions may run at once in the Region. */
export async function lambdaConcurrency(settings: AwsSettings): Promise<number | undefined> {
  const { GetAccountSettingsCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient(clientSettings(settings));
  return callAws('lambda:GetAccountSettings', settings, client, async () => {
    const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
    return AccountLimit?.ConcurrentExecutions;
  });
}

/** Calls IAM GetPolicy. Returns whether the policy exists. */
export async function hasPolicy(settings: AwsSettings, PolicyArn: string): Promise<boolean> {
  const { GetPolicyCommand, IAMClient } = await import('@aws-sdk/client-iam');
  try {
    return await callAws('iam:GetPolicy', settings, new IAMClient(clientSettings(settings)), async (client) => {
      await client.send(new GetPolicyCommand({ PolicyArn }));
      return true;
    });
  } catch (error) {
    if (error instanceof AwsError && error.kind === 'not-found') return false;
    throw error;
  }
}

/**
 * Calls IAM SimulatePrincipalPolicy for a role. Returns the actions that policies of the organization deny in the
 * Region.
 */
export async function deniedByOrganization(
  settings: AwsSettings,
  { role, region, actions }: { readonly role: string; readonly region: string; readonly actions: readonly string[] },
): Promise<readonly string[]> {
  const { IAMClient, SimulatePrincipalPolicyCommand } = await import('@aws-sdk/client-iam');
  const client = new IAMClient(clientSettings(settings));
  return callAws('iam:SimulatePrincipalPolicy', settings, client, async () => {
    const { EvaluationResults = [] } = await client.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: role,
        ActionNames: [...actions],
        ContextEntries: [
          { ContextKeyName: 'aws:RequestedRegion', ContextKeyType: 'string', ContextKeyValues: [region] },
        ],
        MaxItems: 1_000,
      }),
    );
    return EvaluationResults.filter(
      ({ OrganizationsDecisionDetail: of }) => of?.AllowedByOrganizations === false,
    ).flatMap(({ EvalActionName }) => EvalActionName ?? []);
  });
}

/** Calls S3 GetBucketEncryption. Returns the encryption `none` for a bucket that does not exist. */
export async function bucketEncryption(settings: AwsSettings, name: string): Promise<CodeBucket> {
  const { GetBucketEncryptionCommand, S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client({ ...clientSettings(settings), forcePathStyle: true });
  return callAws('s3:GetEncryptionConfiguration', settings, client, async () => {
    try {
      const { ServerSideEncryptionConfiguration: configuration } = await client.send(
        new GetBucketEncryptionCommand({ Bucket: name }),
      );
      const { SSEAlgorithm = 'AES256', KMSMasterKeyID: key } =
        configuration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault ?? {};
      return { name, encryption: SSEAlgorithm, key };
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchBucket') return { name, encryption: 'none' };
      throw error;
    }
  });
}
