import { present } from '../../json.ts';
import { type AwsError, asAwsError } from './aws-error.ts';

/** By which credentials and where AWS is asked. */
export interface AwsSettings {
  readonly profile: string | undefined;
  /** Undefined: what the SDK finds (`AWS_REGION`, the profile). */
  readonly region: string | undefined;
  /** Credentials from the environment that go before the profile there, as the AWS CLI has it. */
  readonly credentials: StaticCredentials | undefined;
}

export interface StaticCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** How long one request may take; each is tried three times. */
const CONNECTION_MS = 5_000;
const REQUEST_MS = 20_000;

/** The SDK would warn on standard error of keys in the environment beside a profile that was given on purpose. */
const SILENCE = { debug() {}, info() {}, warn() {}, error() {} };

/** The settings of an SDK client. */
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

/** Makes one call (or its pages) with a client that is closed afterwards; words what goes wrong. */
export async function calling<Client extends { destroy(): void; config: { region(): Promise<string> } }, T>(
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
