import type { S3Client } from '@aws-sdk/client-s3';
import { type AwsSettings, clientSettings } from '../aws/aws-settings.ts';

/** As whom S3 is asked, and who pays; can be handed to another thread. */
export interface S3Access {
  readonly aws: AwsSettings;
  /** The requester accepts what a bucket that is "requester pays" charges (`x-amz-request-payer`). */
  readonly requesterPays: boolean;
  /** Buckets are named in the path, not in the host: an endpoint of one's own seldom resolves names below it. */
  readonly byPath: boolean;
}

/** A client of S3 with what every request of it has. */
export interface S3Connection {
  readonly client: S3Client;
  readonly payer: { readonly RequestPayer?: 'requester' };
  readonly profile: string | undefined;
}

/** S3 answers bursts with SlowDown until it has spread a prefix: more tries than others need. */
const MOST_ATTEMPTS = 6;
/** In milliseconds: a body of which nothing comes for so long is asked for again from there on. */
const MOST_SILENCE = 60_000;
/** Any Region's S3 says where a bucket is; where no Region is known this one is asked first. */
const ANY_REGION = 'us-east-1';

/** Follows a bucket to its own Region. The SDK is loaded when it is needed. */
export async function connectToS3({ aws, requesterPays, byPath }: S3Access): Promise<S3Connection> {
  const { S3Client: Client } = await import('@aws-sdk/client-s3');
  const settings = clientSettings(aws);
  const options = {
    ...settings,
    requestHandler: { ...settings.requestHandler, socketTimeout: MOST_SILENCE },
    maxAttempts: MOST_ATTEMPTS,
    followRegionRedirects: true,
    forcePathStyle: byPath,
    responseChecksumValidation: 'WHEN_REQUIRED',
  } as const;
  const client = new Client(options);
  const region = await client.config.region().catch(() => undefined);
  return {
    client: region === undefined ? new Client({ ...options, region: ANY_REGION }) : client,
    payer: requesterPays ? { RequestPayer: 'requester' } : {},
    profile: aws.profile,
  };
}
