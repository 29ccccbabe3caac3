import { inflateRawSync } from 'node:zlib';
import type { ServedSettings } from '../console/settings.ts';
import type { Retention } from './adapters/dynamodb/stores.ts';
import { prefixOfTables, type TableNames } from './adapters/dynamodb/tables.ts';
import type { Bus } from './adapters/eventbridge/bus.ts';
import { NOBODY_JOINED, parseSamePersons, type SamePerson, SamePersonError } from './attribution/same-person.ts';
import { type AttributionSettings, DEFAULT_DEADLINE, DEFAULT_SETTINGS } from './attribution/settings.ts';
import { ANONYMOUS, parseRecording, type Recording, RecordingError } from './audit/recording.ts';
import { ALERT_CAUSES, type AlertCause, DEFAULT_ALERT_CAUSES } from './claims/alert-cause.ts';
import type { ServiceAddress } from './claims/ready-query.ts';
import { type CountedGroup, CountedGroupError, parseCountedGroup } from './envelopes/counted-group.ts';
import { SYSTEM_FIELDS } from './envelopes/system-fields.ts';
import type { ErrorCode } from './error-code.ts';
import type { Expectations } from './heartbeats/fleet.ts';
import { asClusterKey } from './identity/cluster.ts';
import { parseIdentityStore } from './identity/identity-store.ts';
import { parseTrustedProxy } from './identity/trusted-proxy.ts';
import { parseUsernameTemplate } from './identity/username.ts';
import { parseJson } from './json.ts';
import type { LogFilter } from './ports/cluster-logs.ts';
import { DAY, HOUR, MINUTE, SECOND } from './time.ts';
import type { ClusterChoice } from './usecases/subscribe/subscribe.ts';

/** Sources of grants besides LookupEvents. */
export const TRAIL_MODES = ['eventbridge', 'log-group', 'lookups-only'] as const;
export type TrailMode = (typeof TRAIL_MODES)[number];

/** The configuration of the service, read once at a function's cold start. Times are in milliseconds. */
export interface Config {
  readonly tables: TableNames;
  /**
   * The settings of the rules, without `samePerson`. Stored answers do not depend on which IDs the operator joins
   * later.
   */
  readonly attribution: AttributionSettings;
  /** The IDs that the API counts, lists and finds as one person. */
  readonly samePerson: SamePerson;
  /** How long after the event its answer becomes final, in milliseconds. */
  readonly deadline: number;
  readonly trail: TrailMode;
  /**
   * How long after a claim was opened look-ups start, in milliseconds. With a trail, most grants arrive by themselves
   * within minutes.
   */
  readonly lookupDelay: number;
  /** The log groups that the operator vouches for, besides AWS's own. */
  readonly countedGroups: readonly CountedGroup[];
  readonly lookups: boolean;
  /** The requests to LookupEvents in a second, for each Region. Settle and the API share the account's 2 (FACTS). */
  readonly lookupsPerSecond: number;
  /** The Regions to look up besides the service's own. If empty, those that are enabled by default. */
  readonly regions: readonly string[];
  /** The service's own Region, from Lambda's environment. */
  readonly region: string | undefined;
  /** The roles to assume for look-ups, one for each further account. */
  readonly lookupRoles: readonly string[];
  /**
   * `role`: the ARN of the role to assume in any other account of the organization, with `{account}` in place of the
   * account's ID. `others`: the accounts that are asked without this role. Undefined if only the roles above are used.
   */
  readonly organizationRole: { readonly role: string; readonly others: readonly string[] } | undefined;
  /**
   * The name of the token's claim with the clusters that a user may see. If undefined, everybody may see all clusters.
   */
  readonly clusterClaim: string | undefined;
  /**
   * The groups whose tokens may use the API, and the name of the token's claim with groups. If there are no groups,
   * every token that API Gateway accepts may use it.
   */
  readonly jwtGroups: { readonly claim: string; readonly anyOf: readonly string[] };
  /** The author of unsigned requests, on the user's own machine. Absent if an authorizer identifies the author. */
  readonly unsignedAs?: string;
  /** The function that settle invokes to start workers. Absent if one run decides all claims. */
  readonly settleFunction: string | undefined;
  readonly alertTopic?: string;
  /** The address at which readers of digests find docs/alerts.md. Absent if they only get the name of the page. */
  readonly runbooks?: string;
  readonly alertOn: readonly AlertCause[];
  /** How long further alerts of a group are held for a digest, in milliseconds. With 0, each is sent at once. */
  readonly alertWindow: number;
  /** The address for the command in an alert. Undefined if the names of the tables have no common prefix. */
  readonly serviceAddress: ServiceAddress | undefined;
  /** The rules that decide which audit events become records. */
  readonly recording: Recording;
  readonly keep: Retention;
  /** The accounts and clusters that settle expects to hear. */
  readonly expected: Expectations;
  /** How much time a function keeps in reserve to end its work in order, in milliseconds. */
  readonly timeMargin: number;
}

/** Says that a variable of the environment cannot be used. */
class ConfigError extends Error {
  readonly code = 'config' satisfies ErrorCode;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration. Nothing else reads the environment.
 * @throws ConfigError that names the variable.
 */
export function readConfig(environment: Environment = process.env): Config {
  const trail = oneOf(environment, 'TRAIL_MODE', TRAIL_MODES, 'lookups-only');
  const alertTopic = environment.ALERT_TOPIC_ARN;
  return {
    tables: tableNamesIn(environment),
    attribution: attributionSettings(environment),
    samePerson: samePersons(environment),
    deadline: number(environment, 'DEADLINE_MINUTES', DEFAULT_DEADLINE / MINUTE) * MINUTE,
    trail,
    lookupDelay: number(environment, 'LOOKUP_DELAY_MINUTES', trail === 'lookups-only' ? 0 : 10) * MINUTE,
    countedGroups: countedGroups(environment),
    lookups: oneOf(environment, 'LOOKUPS', ['on', 'off'], 'on') === 'on',
    lookupsPerSecond: number(environment, 'LOOKUPS_PER_SECOND', 1),
    regions: list(environment, 'LOOKUP_REGIONS'),
    region: environment.AWS_REGION || undefined,
    lookupRoles: lookupRoles(environment),
    organizationRole: organizationRole(environment),
    clusterClaim: environment.CLUSTER_CLAIM || undefined,
    jwtGroups: { claim: environment.JWT_GROUP_CLAIM || 'groups', anyOf: texts(environment, 'JWT_GROUPS') },
    ...(environment.UNSIGNED_AS && { unsignedAs: environment.UNSIGNED_AS }),
    settleFunction: environment.SETTLE_FUNCTION || undefined,
    ...(alertTopic && { alertTopic }),
    ...(environment.RUNBOOKS && { runbooks: environment.RUNBOOKS }),
    alertOn: alertCauses(environment),
    alertWindow: number(environment, 'ALERT_WINDOW_MINUTES', 15) * MINUTE,
    serviceAddress: serviceAddress(environment),
    recording: recording(environment),
    keep: {
      records: number(environment, 'RECORD_DAYS', 90) * DAY,
      sessions: number(environment, 'SESSION_DAYS', 97) * DAY,
    },
    expected: {
      clusterSilence: number(environment, 'HEARTBEAT_HOURS', 24) * HOUR,
      clusters: list(environment, 'CLUSTERS').map(asClusterKey),
      accounts: trail === 'lookups-only' ? [] : list(environment, 'LOOKUP_ACCOUNTS'),
      hasTrail: trail !== 'lookups-only',
      ceiling: number(environment, 'MAX_EVENTS_PER_DAY', 0),
    },
    timeMargin: number(environment, 'TIME_MARGIN_SECONDS', 5) * SECOND,
  };
}

const SIGN_INS = ['none', 'command', 'oidc'] as const;

/**
 * Reads how users of the page sign in, and which origins the page may contact for that.
 * @throws ConfigError that names the variable.
 */
export function readConsoleConfig(environment: Environment = process.env): ServedSettings {
  const signIn = oneOf(environment, 'CONSOLE_SIGN_IN', SIGN_INS, 'command');
  if (signIn !== 'oidc') return { settings: { signIn }, signInOrigins: [] };
  const issuer = required(environment, 'CONSOLE_ISSUER');
  return {
    settings: {
      signIn,
      issuer,
      clientId: required(environment, 'CONSOLE_CLIENT_ID'),
      scopes: list(environment, 'CONSOLE_SCOPES'),
      token: oneOf(environment, 'CONSOLE_TOKEN', ['access', 'id'], 'access'),
    },
    signInOrigins: [...new Set([new URL(issuer).origin, ...list(environment, 'CONSOLE_ORIGINS')])],
  };
}

/**
 * Reads the bus to which an ingest-only stack hands events over, and the stack's own Region.
 * @throws ConfigError that names the variable.
 */
export function readHandOver(environment: Environment = process.env): { readonly bus: Bus; readonly region: string } {
  const bus = {
    endpoint: required(environment, 'HUB_EVENTS_URL'),
    arn: required(environment, 'HUB_BUS_ARN'),
    region: required(environment, 'HUB_REGION'),
  };
  return { bus, region: required(environment, 'AWS_REGION') };
}

/**
 * Reads the version of the stack. Also reads whether the stack sends CloudTrail records of its account and Region to
 * the hub.
 */
export function readStack(environment: Environment = process.env): {
  readonly version: string;
  readonly sendsGrants: boolean;
} {
  return { version: environment.STACK_VERSION ?? '', sendsGrants: environment.SENDS_GRANTS === 'true' };
}

/**
 * Reads which clusters in which Regions to subscribe, and how.
 * @throws ConfigError that names the variable.
 */
export function readSubscribing(environment: Environment = process.env): {
  readonly region: string;
  readonly choice: ClusterChoice;
  readonly filter: LogFilter;
} {
  return {
    region: required(environment, 'AWS_REGION'),
    choice: { patterns: list(environment, 'FIND_CLUSTERS'), tag: tagIn(environment, 'FIND_CLUSTERS_BY_TAG') },
    filter: {
      name: required(environment, 'AUDIT_FILTER_NAME'),
      pattern: required(environment, 'AUDIT_FILTER_PATTERN'),
      destination: required(environment, 'AUDIT_FILTER_DESTINATION'),
      systemFields: SYSTEM_FIELDS,
    },
  };
}

/** Parses `<key>=<value>`. The key ends at the first equals sign. */
function tagIn(environment: Environment, name: string): ClusterChoice['tag'] {
  const text = environment[name];
  if (!text) return undefined;
  const at = text.indexOf('=');
  if (at < 1) throw wrong(name, 'a tag, <key>=<value>');
  return { key: text.slice(0, at), value: text.slice(at + 1) };
}

/** Returns the roles. A role with `{account}` stands for one in each of the accounts. */
function lookupRoles(environment: Environment): readonly string[] {
  const accounts = list(environment, 'LOOKUP_ACCOUNTS');
  return list(environment, 'LOOKUP_ROLES').flatMap((role) =>
    role.includes('{account}') ? accounts.map((account) => role.replace('{account}', account)) : [role],
  );
}

/**
 * Returns the role for the organization's accounts, and the accounts that are asked without it. These are the
 * service's own account and the listed ones.
 */
function organizationRole(environment: Environment): Config['organizationRole'] {
  const role = environment.LOOKUP_ORGANIZATION_ROLE;
  if (!role) return undefined;
  return { role, others: [required(environment, 'OWN_ACCOUNT'), ...list(environment, 'LOOKUP_ACCOUNTS')] };
}

function tableNamesIn(environment: Environment): TableNames {
  return {
    sessions: required(environment, 'SESSIONS_TABLE'),
    claims: required(environment, 'CLAIMS_TABLE'),
    records: required(environment, 'RECORDS_TABLE'),
  };
}

/**
 * Returns the API's address if one is configured, as on a user's machine. Otherwise returns the tables in the
 * function's own Region.
 */
function serviceAddress(environment: Environment): ServiceAddress | undefined {
  if (environment.SERVICE_API) return { api: environment.SERVICE_API };
  const tables = prefixOfTables(tableNamesIn(environment));
  return tables === undefined ? undefined : { tables, region: environment.AWS_REGION };
}

function attributionSettings(environment: Environment): AttributionSettings {
  const { beforeIssue, afterExpiry } = DEFAULT_SETTINGS;
  return {
    usernameTemplates: texts(environment, 'USERNAME_TEMPLATES').map(parseUsernameTemplate),
    trustedProxies: texts(environment, 'TRUSTED_PROXIES').map(parseTrustedProxy),
    identityStores: texts(environment, 'IDENTITY_STORES').map(parseIdentityStore),
    samePerson: NOBODY_JOINED,
    beforeIssue: number(environment, 'BEFORE_ISSUE_SECONDS', beforeIssue / SECOND) * SECOND,
    afterExpiry: number(environment, 'AFTER_EXPIRY_SECONDS', afterExpiry / SECOND) * SECOND,
  };
}

/**
 * Parses a JSON array, because a text may contain commas. The deployment compresses a long one (infra/parameters.ts).
 */
function texts(environment: Environment, name: string): readonly string[] {
  const parsed = parseJson(unpacked(environment[name] || '[]'));
  const isTexts = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every((entry) => typeof entry === 'string');
  if (!parsed.ok || !isTexts(parsed.value)) throw wrong(name, 'a JSON array of texts');
  return parsed.value;
}

function countedGroups(environment: Environment): readonly CountedGroup[] {
  try {
    return texts(environment, 'LOG_GROUPS').map(parseCountedGroup);
  } catch (error) {
    if (!(error instanceof CountedGroupError)) throw error;
    throw new ConfigError(`The environment variable LOG_GROUPS: ${error.message}`, { cause: error });
  }
}

function samePersons(environment: Environment): SamePerson {
  try {
    return parseSamePersons(texts(environment, 'SAME_PERSON'));
  } catch (error) {
    if (!(error instanceof SamePersonError)) throw error;
    throw new ConfigError(`The environment variable SAME_PERSON: ${error.message}`, { cause: error });
  }
}

function recording(environment: Environment): Recording {
  try {
    return parseRecording(environment.RECORD || 'all', oneOf(environment, 'ANONYMOUS', ANONYMOUS, 'all'));
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    throw new ConfigError(`The environment variable RECORD: ${error.message}`, { cause: error });
  }
}

/** The maximum length of a list in characters. The environment of a function cannot hold nearly as much. */
const LONGEST_LIST = 1_048_576;

function unpacked(text: string): string {
  if (!text.startsWith('deflate:')) return text;
  try {
    const packed = Buffer.from(text.slice('deflate:'.length), 'base64');
    return inflateRawSync(packed, { maxOutputLength: LONGEST_LIST }).toString();
  } catch {
    return ''; // no JSON: whoever asked says which variable it is
  }
}

function alertCauses(environment: Environment): readonly AlertCause[] {
  if (environment.ALERT_ON === undefined) return DEFAULT_ALERT_CAUSES;
  return list(environment, 'ALERT_ON').map((text) => {
    const cause = ALERT_CAUSES.find((known) => known === text);
    if (cause === undefined) throw wrong('ALERT_ON', `a list of: ${ALERT_CAUSES.join(', ')}`);
    return cause;
  });
}

function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (!value) throw wrong(name, 'set');
  return value;
}

function number(environment: Environment, name: string, otherwise: number): number {
  const text = environment[name];
  if (!text) return otherwise;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw wrong(name, 'a number of 0 or more');
  return value;
}

function list(environment: Environment, name: string): readonly string[] {
  const entries = (environment[name] ?? '').split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '');
}

function oneOf<T extends string>(environment: Environment, name: string, values: readonly T[], otherwise: T): T {
  const text = environment[name];
  if (!text) return otherwise;
  const value = values.find((known) => known === text);
  if (value === undefined) throw wrong(name, `one of: ${values.join(', ')}`);
  return value;
}

function wrong(name: string, expected: string): ConfigError {
  return new ConfigError(`The environment variable ${name} must be ${expected}.`);
}
