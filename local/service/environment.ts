import { LOCAL_TABLES } from './local-tables.ts';

/** A century, in days, so that nothing expires here. */
const KEPT_DAYS = String(100 * 366);

export interface Endpoints {
  /** URL of the API for people. */
  readonly api: string;
  readonly dynamodb: string;
  readonly cloudtrail: string;
  readonly sns: string;
}

/** The user's settings of the rules, as texts. */
export interface RuleTexts {
  readonly usernameTemplates: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly identityStores: readonly string[];
  readonly samePerson: readonly string[];
  /** `all`, or the resources whose reads are not recorded (`parseRecording`). */
  readonly record: string;
}

/**
 * Returns the whole environment of the handlers: the local tables, dummy credentials, and every AWS endpoint on this
 * machine. A real account can never be reached, whatever the user's own settings are.
 */
export function localEnvironment(endpoints: Endpoints, settings: RuleTexts): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    AWS_ACCESS_KEY_ID: 'AKIALOCAL00000000000',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9', // The discard port: endpoints that are not set below lead nowhere.
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_CLOUDTRAIL: endpoints.cloudtrail,
    AWS_ENDPOINT_URL_SNS: endpoints.sns,
    SESSIONS_TABLE: LOCAL_TABLES.sessions,
    CLAIMS_TABLE: LOCAL_TABLES.claims,
    RECORDS_TABLE: LOCAL_TABLES.records,
    ALERT_TOPIC_ARN: 'arn:aws:sns:us-east-1:111122223333:local-alerts',
    ALERT_WINDOW_MINUTES: '0', // Each alert is a line here, not an email.
    SERVICE_API: endpoints.api,
    CONSOLE_SIGN_IN: 'none', // Nobody has to sign in on this machine.
    UNSIGNED_AS: 'local',
    TRAIL_MODE: 'eventbridge',
    LOOKUP_REGIONS: 'us-east-1',
    LOOKUPS_PER_SECOND: '1000',
    RECORD_DAYS: KEPT_DAYS, // A person's own logs may span years, and none of them may expire.
    SESSION_DAYS: KEPT_DAYS,
    USERNAME_TEMPLATES: JSON.stringify(settings.usernameTemplates),
    TRUSTED_PROXIES: JSON.stringify(settings.trustedProxies),
    RECORD: settings.record,
    IDENTITY_STORES: JSON.stringify(settings.identityStores),
    SAME_PERSON: JSON.stringify(settings.samePerson),
    POWERTOOLS_SERVICE_NAME: 'eks-whois-local',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true', // Nobody reads the functions' output.
  };
}
