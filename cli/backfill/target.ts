import type { AwsSettings } from '../../lib/adapters/aws/aws-settings.ts';
import { callerIdentity } from '../../lib/adapters/aws/caller-identity.ts';
import { readEnvironment } from '../options/environment.ts';

/** Whose tables are filled, as bookmarks tell them apart: prefix, account or profile, Region. */
export async function backfillTarget(table: string, aws: AwsSettings): Promise<string> {
  return [table, await ownerOf(aws), aws.region ?? ''].join(' ');
}

/**
 * Keys in the environment are others after each sign-in; whose they are only STS tells. Where it does not answer, a
 * backfill with other keys begins anew: that costs time, no events.
 */
async function ownerOf(aws: AwsSettings): Promise<string> {
  if (aws.credentials === undefined) return aws.profile ?? readEnvironment().AWS_PROFILE ?? '';
  const identity = await callerIdentity(aws).catch(() => undefined);
  return identity?.accountId ?? aws.credentials.accessKeyId;
}
