import type { CallerIdentity } from '../../kubeconfig/role-session.ts';
import { AwsError } from './aws-error.ts';
import { type AwsSettings, callAws, clientSettings } from './aws-settings.ts';

/** Calls STS GetCallerIdentity, which needs no permission. Returns to whom the credentials belong. */
export async function callerIdentity(settings: AwsSettings): Promise<CallerIdentity> {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  return callAws('sts:GetCallerIdentity', settings, new STSClient(clientSettings(settings)), async (client) => {
    const { Arn, Account } = await client.send(new GetCallerIdentityCommand({}));
    if (Arn === undefined || Account === undefined) {
      throw new AwsError('no-answer', 'STS did not return whose credentials these are: check AWS_ENDPOINT_URL.');
    }
    return { arn: Arn, accountId: Account };
  });
}
