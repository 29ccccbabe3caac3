import { present } from '../../json.ts';
import { type AwsError, asAwsError } from './aws-error.ts';

/** The credentials and the Region for calls to AWS. */
export interface AwsSettings {
  readonly profile: string | undefined;
  /** The Region. Undefined stands for the one that the SDK finds (`AWS_REGION`, the profile). */
  readonly region: string | undefined;
  /** Credentials from the environment. As in the AWS CLI, they take precedence over the profile in the environment. */
  readonly credentials: StaticCredentials | undefined;
}

export interface StaticCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The timeout of a connection, in milliseconds. Each request is tried three times. */
const CONNECTION_MS = 5_000;
const REQUEST_MS = 20_000;

/**
 * A logger that writes nothing. The SDK would warn on standard error if the environment has keys beside a profile that
 * was chosen on purpose.
 */
const SILENCE = { debug() {}, info() {}, warn() {}, error() {} };

/** Returns the settings of an SDK client. */
export function clientSettings({ profile, region, credentials }: AwsSettings) {
  return {
    ...present<{ profile?: string; region?: string; credentials?: StaticCredentials }>({
      profile,
      region,
      credentials,
    }),
    maxAttempts: 3,
    logger: SILENCE,
    requestHandler: { connectionTimeout: CONNECTION_MS, requestTimeout: REQUEST_MS, throwOnRequestTimeout: true },
  };
}

/**
 * Makes a call with a client, or the calls for all pages, and then closes the client.
 * @throws AwsError with a sentence for a person.
 */
export async function callAws<Client extends { destroy(): void; config: { region(): Promise<string> } }, T>(
  action: string,
  { profile, region }: AwsSettings,
  client: Client,
  call: (client: Client) => Promise<T>,
): Promise<T> {
  try {
    return await call(client);
  } catch (error) {
    throw await faultOf(error, action, profile, region, client);
  } finally {
    client.destroy();
  }
}

async function faultOf(
  error: unknown,
  action: string,
  profile: string | undefined,
  region: string | undefined,
  client: { config: { region(): Promise<string> } },
): Promise<AwsError> {
  return asAwsError(error, {
    action,
    profile,
    region: region ?? (await client.config.region().catch(() => undefined)),
  });
}
