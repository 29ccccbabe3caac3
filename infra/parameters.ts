import { deflateRawSync } from 'node:zlib';
import { parseSamePerson, parseSamePersons, SamePersonError } from '../lib/attribution/same-person.ts';
import { DEFAULT_DEADLINE, DEFAULT_SETTINGS } from '../lib/attribution/settings.ts';
import { ANONYMOUS, parseRecording, RecordingError } from '../lib/audit/recording.ts';
import { ALERT_CAUSES, DEFAULT_ALERT_CAUSES } from '../lib/claims/alert-cause.ts';
import { TRAIL_MODES } from '../lib/config.ts';
import { CONTROL_PLANE, SERVICE_ACCOUNTS } from '../lib/identity/audit-filter.ts';
import { IDENTITY_STORE } from '../lib/identity/identity-store.ts';
import { parseTrustedProxy, TrustedProxyError } from '../lib/identity/trusted-proxy.ts';
import { parseUsernameTemplate, UsernameTemplateError } from '../lib/identity/username.ts';
import { MINUTE, SECOND } from '../lib/time.ts';
import {
  days,
  flag,
  ladder,
  list,
  optionalText,
  type Reader,
  type ReadResult,
  type Refusal,
  someDays,
  text,
  texts,
  whole,
  word,
  words,
} from './parameter-kinds.ts';

export const FUNCTIONS = ['ingest', 'grants', 'settle', 'api', 'console', 'subscribe'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** The templates of a release that have parameters of the service. */
export type TemplateKind = 'hub' | 'spoke' | 'organization';

type Default = string | number | boolean | readonly string[];

/** A parameter of a deployment. Everything that lists parameters is generated from this. */
interface Parameter {
  /** The reader of its values. It also decides whether a change takes something away. */
  readonly reads: Reader<unknown>;
  readonly default: Default;
  /** The description, in sentences, for editors, CloudFormation's console, Terraform and docs/parameters.md. */
  readonly meaning: string;
  /** The templates that have it. A stack that osls deploys has every parameter. */
  readonly in: readonly TemplateKind[];
  /** Other defaults, by template. */
  readonly defaultIn?: Readonly<Partial<Record<TemplateKind, Default>>>;
  /** Set if the templates have no default for the parameter, so that users must give a value. */
  readonly isNeeded?: true;
  /**
   * Set if the parameter decides which resources exist or which properties they have. Other parameters only change the
   * value of a property.
   */
  readonly decides?: true;
  /**
   * The environment variable that holds its value, and the functions that get it. `environment.ts` has variables made
   * of several parameters.
   */
  readonly variable?: readonly [name: string, ...functions: FunctionName[]];
}

const EVERYWHERE = ['hub', 'spoke', 'organization'] as const;
const HUB = ['hub'] as const;
const SPOKES = ['spoke', 'organization'] as const;
/** Keys, subnets and topics belong to one Region and account, so an organization's template cannot set them. */
const ONE_REGION = ['hub', 'spoke'] as const;

/** The functions that apply the rules, those that read log groups, and those that write to the tables. */
const RULES = ['ingest', 'settle', 'api'] as const;
const READING = ['ingest', 'grants'] as const;
const STORING = ['ingest', 'grants', 'settle', 'api'] as const;

const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/;
const KEY = optionalText(
  /^arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
  'the ARN of a KMS key (arn:…:kms:…:key/…, no alias)',
);

/** The only retention days that CloudWatch Logs accepts (API reference, PutRetentionPolicy). */
const LOG_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096];

/**
 * Returns a check that refuses a text if `parse` throws a `Fault`. The functions would refuse to start with such a
 * text.
 */
function refusedBy(parse: (text: string) => unknown, Fault: abstract new (...given: never[]) => Error): Refusal {
  return (given) => {
    try {
      parse(given);
      return undefined;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return error.message.replace(/\.$/, '');
    }
  };
}

/** The parameters, by their name in `eks-whois.yaml` and for `--param`. */
export const PARAMETERS = {
  stack: {
    reads: word(['hub', 'ingest-only']),
    default: 'hub',
    meaning:
      'hub: the tables and all functions. ingest-only: a spoke, which sends the audit events of this account and Region to a hub elsewhere.',
    in: [],
  },
  clusters: {
    reads: list(/^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/, 'names of EKS clusters'),
    default: [],
    meaning: 'The EKS clusters of this account and Region to whose audit log the service subscribes.',
    in: [],
  },
  findClusters: {
    reads: list(/^[0-9A-Za-z*?][A-Za-z0-9_*?-]{0,99}$/, 'names of EKS clusters, with the wildcards * and ?'),
    default: [],
    defaultIn: { hub: ['*'], spoke: ['*'] },
    meaning:
      'Names of clusters to find and subscribe to. Wildcards are * and ?; * alone means all clusters of this account and Region. A function checks every ten minutes, and when CloudTrail reports a new cluster.',
    in: EVERYWHERE,
    variable: ['FIND_CLUSTERS', 'subscribe'],
  },
  findClustersByTag: {
    reads: optionalText(/^[^=,]{1,128}=.{0,256}$/, 'a tag, <key>=<value>'),
    default: '',
    meaning: 'Finds clusters with this tag too: <key>=<value>.',
    in: EVERYWHERE,
    variable: ['FIND_CLUSTERS_BY_TAG', 'subscribe'],
  },
  nodeTraffic: {
    reads: flag,
    default: false,
    meaning:
      "Whether to record the kubelets' own requests too. There are many. Requests with a node's role from another program, such as kubectl, are recorded anyway. A caller who claims to be a kubelet is recorded only with true.",
    in: EVERYWHERE,
    decides: true,
  },
  serviceAccounts: {
    reads: ladder(SERVICE_ACCOUNTS),
    default: 'none',
    meaning:
      'Which requests of Kubernetes service accounts are recorded. docs/recording.md has the price. none: only what they do for a person by impersonation. tokens: also requests with tokens of namespaces other than kube-system, because a person may have requested such a token. all: all requests.',
    in: EVERYWHERE,
    decides: true,
  },
  controlPlane: {
    reads: ladder(CONTROL_PLANE),
    default: 'outside',
    meaning:
      "Which requests under the names of the control plane (system:kube-scheduler, system:apiserver) are recorded. Anonymous callers, bootstrap tokens and other client certificates are always recorded. none: no such requests. outside: those that visibly do not come from AWS's own control plane. all: all of them, and also the many under eks:….",
    in: EVERYWHERE,
    decides: true,
  },
  trail: {
    reads: word(TRAIL_MODES),
    default: 'eventbridge',
    meaning:
      'Where grants come from. eventbridge: EventBridge; this needs a trail that logs read-only management events. log-group: the log group that a trail writes to. lookups-only: no trail, only LookupEvents.',
    in: HUB,
    decides: true,
    variable: ['TRAIL_MODE', ...RULES],
  },
  trailLogGroup: {
    reads: optionalText(/^[\w./#-]{1,512}$/, 'the name of a log group'),
    default: '',
    meaning: "With trail=log-group: the trail's log group.",
    in: HUB,
  },
  uses: {
    reads: flag,
    default: false,
    meaning:
      'Whether to read GetCallerIdentity events too. There is one for each token. They identify users of the console and of CloudShell without a look-up.',
    in: HUB,
    decides: true,
  },
  regions: {
    reads: list(REGION, 'AWS Regions'),
    default: [],
    meaning:
      "Regions to search with LookupEvents in addition to the service's own. Empty: all Regions that are enabled by default in its partition. STS's global endpoint logs in us-east-1.",
    in: HUB,
    variable: ['LOOKUP_REGIONS', 'settle', 'api'],
  },
  accounts: {
    reads: list(/^\d{12}$/, 'account IDs of 12 digits'),
    default: [],
    meaning:
      'Other accounts. The service searches their CloudTrail with LookupEvents (infra/lookup-role.yml). They may forward STS events (infra/forwarding.yml), and their spokes may send audit events.',
    in: HUB,
    decides: true,
  },
  organization: {
    reads: optionalText(/^o-[a-z0-9]{10,32}$/, 'the id of an organization (o-…)'),
    default: '',
    meaning:
      'Lets all accounts of this organization (o-…) forward STS events and send audit events. LookupEvents also searches the account of each caller (infra/lookup-role.yml).',
    in: HUB,
    decides: true,
  },
  organizationPaths: {
    reads: list(/^o-[a-z0-9]{10,32}\/[a-z0-9/*-]{1,512}$/, 'paths of organizational units (o-…/r-…/ou-…/*)'),
    default: [],
    meaning: 'Lets only accounts in these units of the organization forward and send (o-…/r-…/ou-…/*).',
    in: HUB,
    decides: true,
  },
  lookupRole: {
    reads: text(/^[\w+=,.@-]{1,64}$/, 'the name of a role'),
    default: 'eks-whois-lookup',
    meaning: 'The name of the role that the service assumes in other accounts to look up events.',
    in: EVERYWHERE,
  },
  hubAccount: {
    reads: optionalText(/^\d{12}$/, 'an account id of 12 digits'),
    default: '',
    meaning: 'For a spoke: the account of the hub.',
    in: SPOKES,
    isNeeded: true,
  },
  hubRegion: {
    reads: optionalText(REGION, 'an AWS Region'),
    default: '',
    meaning: 'For a spoke: the Region of the hub.',
    in: SPOKES,
    isNeeded: true,
  },
  usernameTemplates: {
    reads: texts(/^.{1,1024}$/, 'username templates', refusedBy(parseUsernameTemplate, UsernameTemplateError)),
    default: [],
    meaning:
      'How clusters build usernames from session names. Needed for events without `extra`. <role ARN>=<template> applies to one role only (`eks-whois doctor --aws-auth FILE` writes these).',
    in: HUB,
    variable: ['USERNAME_TEMPLATES', ...RULES],
  },
  trustedProxies: {
    reads: texts(/^.{1,1024}$/, 'proxies', refusedBy(parseTrustedProxy, TrustedProxyError)),
    default: [],
    meaning:
      'Callers that the service believes when they name the person they act for: service accounts (system:serviceaccount:<namespace>:<name>, with * in the name for several), other usernames, ARNs of roles. Whoever controls one of these can act under any name.',
    in: HUB,
    variable: ['TRUSTED_PROXIES', ...RULES],
  },
  identityStores: {
    reads: texts(IDENTITY_STORE, 'identity stores (d-1234567890, or their ARNs)'),
    default: [],
    meaning:
      'Your directories of IAM Identity Center, by ID (d-…) or ARN (`aws sso-admin list-instances`). Their people are shown by name alone. People of any other directory get the flag foreign-identity-store.',
    in: HUB,
    variable: ['IDENTITY_STORES', ...RULES],
  },
  samePerson: {
    reads: texts(/^.{1,1024}$/, 'ids of the same person (<id>=<id>)', refusedBy(parseSamePerson, SamePersonError)),
    default: [],
    meaning:
      'IDs (`actor.id` of records) that are one person, as <id>=<id>…: for example the IAM user and the Identity Center user of one employee. The person is counted, listed and found under the first. Records keep their own IDs. The service never joins any other IDs.',
    in: HUB,
    variable: ['SAME_PERSON', 'api'],
  },
  logGroups: {
    reads: texts(
      /^[\w./#*-]{1,512}=(?:audit|cloudtrail)$/,
      'log groups and what they hold (<name>=audit, <name>=cloudtrail)',
    ),
    default: [],
    meaning:
      'Log groups that hold audit logs or CloudTrail records although their names do not show it: <name>=audit, <name>=cloudtrail, with * in the name for several.',
    in: HUB,
    variable: ['LOG_GROUPS', ...READING],
  },
  record: {
    reads: Object.assign(
      text(
        /^(?:all|omit-reads:[a-z0-9*./, -]{1,1000})$/, // Terraform's regular expressions allow at most 1,000 repetitions.
        'all, or omit-reads: followed by resources (omit-reads:events,leases)',
        refusedBy(parseRecording, RecordingError),
      ),
      { isLess: isLessRecorded },
    ),
    default: 'all',
    meaning:
      'Which requests are recorded: all, or omit-reads:<resource>,<resource>… (omit-reads:events,leases,nodes/metrics; * for all). With omit-reads, allowed get, list and watch of these resources are not recorded. A session that does nothing else gets no actor and raises no alert. Changes, exec, secrets and denied requests are always recorded.',
    in: HUB,
    variable: ['RECORD', ...READING],
  },
  anonymous: {
    reads: ladder(ANONYMOUS),
    default: 'no-probes',
    meaning:
      'Which requests of anonymous callers are recorded. The metric EventsOmitted counts what is left out. Alerts are the same with each value. no-probes: all except allowed health probes. allowed: as no-probes, but without refused requests, because a public endpoint is scanned all day. all: all requests.',
    in: HUB,
    variable: ['ANONYMOUS', ...READING],
  },
  maxEventsPerDay: {
    reads: whole(0, 1_000_000_000),
    default: 10_000_000,
    meaning:
      'The maximum number of events of each account and day (UTC), or 0 for no ceiling. At the ceiling, its allowed reads are left out and counted, and the alarm fleet is raised. At ten times the ceiling, deliveries that the account hands over are left out too. docs/recording.md says what counts. `eks-whois cost --events-per-day` says what that many events cost.',
    in: HUB,
    variable: ['MAX_EVENTS_PER_DAY', 'ingest', 'grants', 'settle', 'api'],
  },
  deadlineMinutes: {
    reads: whole(5, 24 * 60),
    default: DEFAULT_DEADLINE / MINUTE,
    meaning: "How many minutes after the event a claim's answer becomes final.",
    in: HUB,
    variable: ['DEADLINE_MINUTES', ...RULES],
  },
  beforeIssueSeconds: {
    reads: whole(0, 3_600),
    default: DEFAULT_SETTINGS.beforeIssue / SECOND,
    meaning: "How many seconds before a grant's validity an event may lie, because clocks differ.",
    in: HUB,
    variable: ['BEFORE_ISSUE_SECONDS', ...RULES],
  },
  afterExpirySeconds: {
    reads: whole(0, 3_600),
    default: DEFAULT_SETTINGS.afterExpiry / SECOND,
    meaning: "How many seconds after a grant's validity an event may lie, because the API server caches tokens.",
    in: HUB,
    variable: ['AFTER_EXPIRY_SECONDS', ...RULES],
  },
  recordDays: {
    reads: days(1, 3_650),
    default: 90,
    meaning: 'How many days records and their claims are kept, counted from the time when they are written.',
    in: HUB,
    variable: ['RECORD_DAYS', ...STORING],
  },
  sessionDays: {
    reads: days(1, 3_650),
    default: 97,
    meaning: 'How many days sessions are kept. At least as long as the records that depend on them.',
    in: HUB,
    variable: ['SESSION_DAYS', ...STORING],
  },
  logDays: {
    reads: someDays(LOG_DAYS),
    default: 30,
    meaning: "How many days the functions' own logs are kept.",
    in: EVERYWHERE,
  },
  alertEmail: {
    reads: optionalText(/^[^\s@]+@[^\s@]+$/, 'an email address'),
    default: '',
    meaning: 'The email address that receives alerts and alarms. Without one, subscribe to the topics yourself.',
    in: EVERYWHERE,
    decides: true,
  },
  alertOn: {
    reads: words(ALERT_CAUSES),
    default: DEFAULT_ALERT_CAUSES,
    meaning: `Causes of an alert: some of ${ALERT_CAUSES.join(', ')} (docs/alerts.md).`,
    in: HUB,
    variable: ['ALERT_ON', 'ingest', 'settle'],
  },
  alertWindowMinutes: {
    reads: whole(0, 12 * 60), // It is less than the shortest recordDays, after which held alerts would expire.
    default: 15,
    meaning:
      'The first alert of a group (same causes, cluster and role) is sent at once. Later ones within this many minutes are sent together in one digest. 0 sends each alert at once.',
    in: HUB,
    variable: ['ALERT_WINDOW_MINUTES', 'settle'],
  },
  alarmUnattributed: {
    reads: whole(1, 1_000_000),
    default: 10,
    meaning: 'An alarm is raised when more claims than this end without an actor within one minute.',
    in: HUB,
  },
  heartbeatHours: {
    reads: whole(0, 168),
    default: 24,
    meaning:
      'The alarm fleet is raised if a cluster sends no event for this many hours, and for twice as long as usual. With 0, silent clusters do not raise it, but its other causes do. At most 168, a week.',
    in: HUB,
    variable: ['HEARTBEAT_HOURS', 'settle', 'api'],
  },
  authorizer: {
    reads: word(['iam', 'jwt']),
    default: 'iam',
    meaning:
      "How callers of the API authenticate. iam: SigV4, with the analysts' policy. jwt: tokens of jwtIssuer for jwtAudience.",
    in: HUB,
    decides: true,
  },
  jwtIssuer: {
    reads: optionalText(/^https:\/\/\S+$/, 'a URL that begins with https://'),
    default: '',
    meaning: 'With authorizer=jwt: the issuer of the tokens.',
    in: HUB,
    variable: ['CONSOLE_ISSUER', 'console'],
  },
  jwtAudience: {
    reads: list(/^\S{1,256}$/, 'audiences'),
    default: [],
    meaning: 'With authorizer=jwt: the audiences of the tokens.',
    in: HUB,
  },
  jwtScopes: {
    reads: list(/^\S{1,256}$/, 'scopes'),
    default: [],
    meaning:
      'A token must have one of these scopes (the claim scope or scp). If the audience is not only for analysts, set scopes or jwtGroups.',
    in: HUB,
    decides: true,
  },
  jwtGroups: {
    reads: texts(/^.{1,256}$/, 'groups'),
    default: [],
    meaning: 'A token must have one of these groups (the claim jwtGroupClaim).',
    in: HUB,
    variable: ['JWT_GROUPS', 'api'],
  },
  jwtGroupClaim: {
    reads: text(/^[\w:./-]{1,256}$/, 'the name of a claim'),
    default: 'groups',
    meaning: 'The claim that holds the groups. With Cognito: cognito:groups.',
    in: HUB,
    variable: ['JWT_GROUP_CLAIM', 'api'],
  },
  clusterClaim: {
    reads: optionalText(/^[\w:./-]{1,256}$/, 'the name of a claim'),
    default: '',
    meaning:
      'The claim that names the clusters that a user may see: names with the wildcards * and ?, or ARNs (docs/access.md). * alone means all. Without this parameter, everybody sees all clusters.',
    in: HUB,
    variable: ['CLUSTER_CLAIM', 'api'],
  },
  consoleClientId: {
    reads: optionalText(/^[\x21-\x7e]{1,256}$/, 'the id of a client'),
    default: '',
    meaning:
      "With authorizer=jwt: the public client of jwtIssuer for the page at the API's address. The page signs analysts in with it: authorization code with PKCE, with the page's address as redirect URI. Without one, `eks-whois console` opens the page.",
    in: HUB,
    decides: true,
    variable: ['CONSOLE_CLIENT_ID', 'console'],
  },
  consoleScopes: {
    reads: list(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, 'scopes'),
    default: [],
    meaning:
      "Scopes that the page requests in addition to openid: offline_access for a refresh token, or the API's own scopes.",
    in: HUB,
    variable: ['CONSOLE_SCOPES', 'console'],
  },
  consoleToken: {
    reads: word(['access', 'id']),
    default: 'access',
    meaning: 'Which token the page sends to the API.',
    in: HUB,
    variable: ['CONSOLE_TOKEN', 'console'],
  },
  consoleOrigins: {
    reads: list(/^https:\/\/[\w.-]{1,253}(?::\d{1,5})?$/, 'origins like https://login.example.com'),
    default: [],
    meaning:
      'The origin of the token endpoint of jwtIssuer, if it is on another host. With Cognito: https://<domain>.auth.<Region>.amazoncognito.com.',
    in: HUB,
    variable: ['CONSOLE_ORIGINS', 'console'],
  },
  kmsKeyArn: {
    reads: KEY,
    default: '',
    meaning:
      "A KMS key in this Region for the tables, failed batches, alerts and the functions' environment. Without one, they use keys that AWS owns or manages.",
    in: ONE_REGION,
    decides: true,
  },
  logsKmsKeyArn: {
    reads: KEY,
    default: '',
    meaning: "A KMS key for the functions' own logs. Its policy must let CloudWatch Logs use it.",
    in: ONE_REGION,
    decides: true,
  },
  permissionsBoundary: {
    reads: optionalText(/^(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,128}$/, 'the name of a policy, with its path but not its ARN'),
    default: '',
    meaning:
      "The permissions boundary of every role: the name of a policy of the stack's own account, with its path (team/boundary). In an organization, each account needs its own policy of that name.",
    in: EVERYWHERE,
    decides: true,
  },
  rolePath: {
    reads: text(/^\/(?:[\w+=,.@-]+\/)*$/, 'an IAM path, / or /…/'),
    default: '/',
    meaning:
      "The path of every role, / or /…/, except that the path of lookupRole is always /. It must be the same in the hub and its spokes, because the hub finds the spokes' roles by it.",
    in: EVERYWHERE,
  },
  roleNamePrefix: {
    reads: optionalText(/^[\w+=,.@-]{1,24}$/, 'a prefix of role names, up to 24 characters'),
    default: '',
    meaning:
      "The prefix of every role's name, except that lookupRole is the whole name of its role. It must be the same in the hub and its spokes.",
    in: EVERYWHERE,
  },
  subnets: {
    reads: list(/^subnet-[0-9a-f]{8,17}$/, 'ids of subnets'),
    default: [],
    meaning: "Subnets, to run the functions in a VPC. From there they must reach AWS's services (docs/access.md).",
    in: ONE_REGION,
    decides: true,
  },
  securityGroups: {
    reads: list(/^sg-[0-9a-f]{8,17}$/, 'ids of security groups'),
    default: [],
    meaning: 'With subnets: security groups of the functions.',
    in: ONE_REGION,
  },
  domainName: {
    reads: optionalText(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, 'a domain name'),
    default: '',
    meaning: 'A domain name of yours for the API and its page.',
    in: HUB,
    decides: true,
  },
  domainCertificateArn: {
    reads: optionalText(/^arn:aws[\w-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/, 'the ARN of a certificate'),
    default: '',
    meaning: 'With domainName: its certificate, in this Region.',
    in: HUB,
  },
  alarmTopicArn: {
    reads: optionalText(/^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, 'the ARN of an SNS topic'),
    default: '',
    meaning: 'An SNS topic of yours for alarms. Without one, the stack creates one.',
    in: ONE_REGION,
    decides: true,
  },
  runbooks: {
    reads: text(/^(?:https:\/\/[\w.~:/?=&%+,@-]{1,250}|docs\/alerts\.md)$/, 'an address that begins with https://'),
    default: 'docs/alerts.md',
    meaning:
      'The address at which your teams can read docs/alerts.md of this version, for example in your Git. The email of each alarm ends with it and the section: <address>#late. Each digest names it too.',
    in: EVERYWHERE,
    variable: ['RUNBOOKS', 'settle'],
  },
  ingestConcurrency: {
    reads: whole(0, 1_000),
    default: 0,
    meaning:
      'Concurrent executions that are reserved for ingest. 0 reserves none. AWS refuses a reservation in accounts with a low quota.',
    in: HUB,
    decides: true,
  },
  queueConcurrency: {
    reads: whole(2, 1_000),
    default: 100,
    meaning:
      'The maximum number of concurrent executions in the hub for audit events that other accounts send. Forwarded events have a separate limit of the same size. 100 is a tenth of the default quota of an account. If ingestConcurrency is set, at most ingestConcurrency.',
    in: HUB,
  },
  tables: {
    reads: word(['create', 'existing']),
    default: 'create',
    meaning:
      'Which tables the service uses. create: new ones. existing: those that an earlier deployment of this stage left.',
    in: HUB,
    decides: true,
  },
} as const satisfies Readonly<Record<string, Parameter>>;

export type ParameterName = keyof typeof PARAMETERS;
export const PARAMETER_NAMES = Object.keys(PARAMETERS) as readonly ParameterName[];

/** Returns the definition of a parameter. */
export function parameter(name: ParameterName): Parameter {
  return PARAMETERS[name];
}

type ValueOf<T> = T extends Reader<infer V> ? V : never;
export type Parameters = { readonly [N in ParameterName]: ValueOf<(typeof PARAMETERS)[N]['reads']> };

/** The default of each parameter, except where a template has its own. */
export const DEFAULTS = Object.fromEntries(PARAMETER_NAMES.map((name) => [name, PARAMETERS[name].default])) as Readonly<
  Record<ParameterName, Default>
>;

/**
 * Reads the given values over the defaults. Checks each value, and whether the values fit together. Returns the
 * parameters, or every reason why they cannot be deployed. Each reason is a sentence that begins with the parameters'
 * names.
 */
export function readParameters(given: Readonly<Record<string, unknown>>): ReadResult<Parameters> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const name of PARAMETER_NAMES) {
    const read = parameter(name).reads(name in given ? given[name] : DEFAULTS[name]);
    if (read.ok) values[name] = read.value;
    else problems.push(...read.problems.map((problem) => `${name}: ${problem}.`));
  }
  if (problems.length > 0) return { ok: false, problems };
  const value = values as Parameters; // Each value comes from the reader of its parameter.
  const together = contradictions(value);
  return together.length === 0 ? { ok: true, value } : { ok: false, problems: together };
}

/** Returns whether the service finds clusters itself, in addition to the listed ones. */
export function findsClusters({ findClusters, findClustersByTag }: Parameters): boolean {
  return findClusters.length > 0 || findClustersByTag !== undefined;
}

function contradictions(of: Parameters): string[] {
  const isHub = of.stack === 'hub';
  const isJwt = of.authorizer === 'jwt';
  const listed = bytesOfLists(of);
  const joined = refusedBy(() => parseSamePersons(of.samePerson), SamePersonError)('');
  const rules: readonly (readonly [holds: boolean, problem: string])[] = [
    [
      isHub || of.clusters.length > 0 || findsClusters(of),
      'clusters, findClusters: a spoke (stack=ingest-only) needs at least one cluster. List clusters, or set findClusters.',
    ],
    [
      isHub || of.hubRegion !== undefined,
      'hubRegion: a spoke (stack=ingest-only) needs the Region of its hub. Set hubRegion.',
    ],
    [
      isHub || of.hubAccount !== undefined,
      'hubAccount: a spoke (stack=ingest-only) needs the account of its hub. Set hubAccount.',
    ],
    [
      of.trail !== 'log-group' || of.trailLogGroup !== undefined || !isHub,
      'trailLogGroup: trail=log-group needs the log group that the trail writes to. Set trailLogGroup.',
    ],
    [
      !isJwt || (of.jwtIssuer !== undefined && of.jwtAudience.length > 0),
      'jwtIssuer, jwtAudience: authorizer=jwt needs both. Set them.',
    ],
    [
      isJwt || of.jwtScopes.length + of.jwtGroups.length === 0,
      'jwtScopes, jwtGroups: only tokens have these. Set authorizer=jwt too, or leave them out.',
    ],
    [
      isJwt || of.clusterClaim === undefined,
      'clusterClaim: only tokens have claims. Set authorizer=jwt too, or leave it out.',
    ],
    [
      isJwt || of.consoleClientId === undefined,
      'consoleClientId: the page uses it to get tokens. Set authorizer=jwt too, or leave it out.',
    ],
    [
      of.sessionDays >= of.recordDays,
      'sessionDays: must be at least recordDays, because records depend on their sessions.',
    ],
    [
      of.ingestConcurrency === 0 || of.queueConcurrency <= of.ingestConcurrency || !isHub,
      'queueConcurrency: must be from 2 to ingestConcurrency, because executions that Lambda throttles would count as failed attempts.',
    ],
    [
      of.subnets.length > 0 === of.securityGroups.length > 0,
      'subnets, securityGroups: functions in a VPC need both. Set both, or neither.',
    ],
    [
      (of.domainName === undefined) === (of.domainCertificateArn === undefined),
      'domainName, domainCertificateArn: a domain name needs its certificate. Set both, or neither.',
    ],
    [
      of.organizationPaths.length === 0 || of.organization !== undefined,
      'organizationPaths: the paths need their organization. Set organization too.',
    ],
    [listed <= ROOM_FOR_LISTS, tooLong(listed)],
    [joined === undefined, `samePerson: ${joined}.`],
  ];
  return rules.flatMap(([holds, problem]) => (holds ? [] : [problem]));
}

/**
 * The limit of all lists together, in bytes. Lambda allows a function 4 KB of environment ("Lambda quotas"). The
 * tables, the topic and the numbers use less than a fifth. So many accounts (some 240) also fit into the policy of a
 * bus (10 KB).
 */
const ROOM_FOR_LISTS = 3_300;

/** The lists of any length in the environments of settle and of the API, which have the most lists. */
const LONG_LISTS = ['usernameTemplates', 'trustedProxies', 'identityStores', 'samePerson', 'logGroups'] as const;

function tooLong(bytes: number): string {
  return `accounts, regions, clusters, ${LONG_LISTS.join(', ')}: they take ${bytes} bytes of a function's environment, which has room for ${ROOM_FOR_LISTS}. Leave out accounts in which nobody assumes roles. Write a template once without a role instead of once for each of many roles. Write proxies of one namespace as one pattern (cattle-impersonation-*).`;
}

function bytesOfLists({ accounts, regions, clusters, ...others }: Parameters): number {
  const written = LONG_LISTS.map((name) => listValue(others[name]));
  return Buffer.byteLength([accounts.join(), regions.join(), clusters.join(), ...written].join(''));
}

/** The length, in characters, from which a list is compressed. Shorter lists stay readable in AWS's console. */
const LONG = 512;

/**
 * Returns a list as `lib/config.ts` reads it from a function's environment. It is a JSON array, because an entry may
 * contain a comma. A long list is compressed, because Lambda allows 4 KB in all. That works well for templates of one
 * cluster, which have most of their letters in common.
 */
export function listValue(entries: readonly string[]): string {
  const json = JSON.stringify(entries);
  if (json.length < LONG) return json;
  return `deflate:${deflateRawSync(json, { level: 9 }).toString('base64')}`;
}

function isLessRecorded(before: unknown, after: unknown): boolean {
  const [omittedBefore, omittedAfter] = [omits(before), omits(after)];
  return !omittedBefore.includes('*') && omittedAfter.some((each) => !omittedBefore.includes(each));
}

/** Returns the resources whose reads are left out. */
function omits(record: unknown): readonly string[] {
  return parseRecording(String(record)).omits;
}
