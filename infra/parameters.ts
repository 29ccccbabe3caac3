import { deflateRawSync } from 'node:zlib';
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
  type Checked,
  days,
  flag,
  ladder,
  list,
  optionalText,
  type Reader,
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

/** All that is known of a parameter. Everything that names parameters is made from this. */
interface Parameter {
  /** Reads a value, or says what is wrong with it; knows too which of two values is less. */
  readonly reads: Reader<unknown>;
  readonly default: Default;
  /** In sentences: for editors, CloudFormation's console, Terraform and docs/deploy.md. */
  readonly meaning: string;
  /** Which templates have it. A stack that osls deploys has every parameter. */
  readonly in: readonly TemplateKind[];
  /** Where a template has another default. */
  readonly defaultIn?: Readonly<Partial<Record<TemplateKind, Default>>>;
  /** Templates that have it without a default. */
  readonly isNeeded?: true;
  /** It decides which resources there are, or which of their properties; anything else only what a property says. */
  readonly decides?: true;
  /** The variable by which functions get it as it is, and which. What is made of several parameters is in `environment.ts`. */
  readonly variable?: readonly [name: string, ...functions: FunctionName[]];
}

const EVERYWHERE = ['hub', 'spoke', 'organization'] as const;
const HUB = ['hub'] as const;
const SPOKES = ['spoke', 'organization'] as const;
/** Keys, subnets and topics belong to one Region and account. */
const ONE_REGION = ['hub', 'spoke'] as const;

/** Those that apply the rules, those that read log groups, and those that store. */
const RULES = ['ingest', 'settle', 'api'] as const;
const READING = ['ingest', 'grants'] as const;
const STORING = ['ingest', 'grants', 'settle', 'api'] as const;

const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/;
const KEY = optionalText(
  /^arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
  'the ARN of a KMS key (arn:…:kms:…:key/…, no alias)',
);

/** CloudWatch Logs takes these alone (API reference, PutRetentionPolicy). */
const LOG_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096];

/** `parse` throws a `Fault` for what functions would refuse to start with. */
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

/** What whoever deploys may choose, by the name that it has in `eks-whois.yaml` and for `--param`. */
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
    reads: list(/^[0-9A-Za-z*?][A-Za-z0-9_*?-]{0,99}$/, 'names of EKS clusters, with * and ? in them'),
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
      'Which requests of Kubernetes service accounts are recorded. none: only what they do for a person by impersonation. tokens: also requests with tokens outside kube-system, where people may have been issued one. all: all requests. docs/recording.md has the price.',
    in: EVERYWHERE,
    decides: true,
  },
  controlPlane: {
    reads: ladder(CONTROL_PLANE),
    default: 'outside',
    meaning:
      "Which requests under the names of the control plane (system:kube-scheduler, system:apiserver) are recorded. none: none of them. outside: those that visibly do not come from AWS's own control plane. all: all of them, and those under eks:…, which are many. Anonymous callers, bootstrap tokens and other client certificates are always recorded.",
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
    reads: list(/^\d{12}$/, 'account ids of 12 digits'),
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
      'Lets all accounts of this organization (o-…) forward STS events and send audit events. LookupEvents searches only the accounts in accounts.',
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
      "How clusters build usernames from session names. Needed for events without `extra`. <role ARN>=<template> applies to one role only (`eks-whois doctor --aws-auth FILE` writes these).",
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
      'Your directories of IAM Identity Center, by id (d-…) or ARN (`aws sso-admin list-instances`). Their people are shown by name alone. People of any other directory get the flag foreign-identity-store.',
    in: HUB,
    variable: ['IDENTITY_STORES', ...RULES],
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
        /^(?:all|omit-reads:[a-z0-9*./, -]{1,1000})$/, // no more: Terraform's expressions repeat nothing more often
        'all, or omit-reads: with resources behind it (omit-reads:events,leases)',
        refusedBy(parseRecording, RecordingError),
      ),
      { isLess: isLessRecorded },
    ),
    default: 'all',
    meaning:
      'all, or omit-reads:<resource>,<resource>… (omit-reads:events,leases,nodes/metrics; * for all). Allowed get, list and watch of these resources are then not recorded. A session that does nothing else gets no actor and raises no alert. Changes, exec, secrets and denied requests are always recorded.',
    in: HUB,
    variable: ['RECORD', ...READING],
  },
  anonymous: {
    reads: ladder(ANONYMOUS),
    default: 'no-probes',
    meaning:
      'What is recorded of anonymous callers. no-probes: all requests except allowed health probes. allowed: also no refused requests, because a public endpoint is scanned all day. all: all requests. The metric EventsOmitted counts what is left out. Alerts are the same with each value.',
    in: HUB,
    variable: ['ANONYMOUS', ...READING],
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
    reads: optionalText(/^[^\s@]+@[^\s@]+$/, 'an e-mail address'),
    default: '',
    meaning: 'The e-mail address that receives alerts and alarms. Without one, subscribe to the topics yourself.',
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
    reads: whole(0, 12 * 60), // less than the shortest recordDays, after which what is held would expire
    default: 15,
    meaning:
      'The first alert of a group (same causes, cluster and role) is sent at once. Later ones within this many minutes are sent together in one digest. 0 sends each alert at once.',
    in: HUB,
    variable: ['ALERT_WINDOW_MINUTES', 'settle'],
  },
  alarmUnattributed: {
    reads: whole(1, 1_000_000),
    default: 10,
    meaning: 'An alarm fires when more claims than this end without an actor within one minute.',
    in: HUB,
  },
  heartbeatHours: {
    reads: whole(0, 168),
    default: 24,
    defaultIn: { spoke: 0 }, // an account without clusters is silent, and nothing is wrong with that
    meaning:
      'An alarm fires after this many hours without an event of a cluster, or without a grant. 0 for no such alarm. At most 168, a week.',
    in: EVERYWHERE,
    decides: true,
  },
  authorizer: {
    reads: word(['iam', 'jwt']),
    default: 'iam',
    meaning: "How callers of the API authenticate. iam: SigV4, with the analysts' policy. jwt: tokens of jwtIssuer for jwtAudience.",
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
    meaning: "The claim that holds the groups. With Cognito: cognito:groups.",
    in: HUB,
    variable: ['JWT_GROUP_CLAIM', 'api'],
  },
  consoleClientId: {
    reads: optionalText(/^[\x21-\x7e]{1,256}$/, 'the id of a client'),
    default: '',
    meaning:
      "With authorizer=jwt: the public client of jwtIssuer with which the page at the API's address signs analysts in (authorization code with PKCE; the page's address is the redirect URI). Without one, `eks-whois console` opens the page.",
    in: HUB,
    decides: true,
    variable: ['CONSOLE_CLIENT_ID', 'console'],
  },
  consoleScopes: {
    reads: list(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, 'scopes'),
    default: [],
    meaning: "Scopes that the page requests in addition to openid: offline_access for a refresh token, or the API's own scopes.",
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
    reads: optionalText(/^arn:aws[\w-]*:iam::(?:\d{12}|aws):policy\/[\w+=,.@/-]+$/, 'the ARN of a policy'),
    default: '',
    meaning: 'The permissions boundary of every role.',
    in: EVERYWHERE,
    decides: true,
  },
  rolePath: {
    reads: text(/^\/(?:[\w+=,.@-]+\/)*$/, 'a path of IAM, / or /…/'),
    default: '/',
    meaning:
      "The path of every role, / or /…/. It must be the same in the hub and its spokes, because the hub finds the spokes' roles by it.",
    in: EVERYWHERE,
  },
  roleNamePrefix: {
    reads: optionalText(/^[\w+=,.@-]{1,24}$/, 'what names of roles may begin with'),
    default: '',
    meaning: "The prefix of every role's name. It must be the same in the hub and its spokes.",
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
    reads: optionalText(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, 'the name of a domain'),
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
    reads: optionalText(/^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, 'the ARN of a topic'),
    default: '',
    meaning: 'An SNS topic of yours for alarms. Without one, the stack creates one.',
    in: ONE_REGION,
    decides: true,
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
      'How many executions in the hub other accounts can cause at once by the audit events that they send. Forwarded events have the same limit of their own. 100 is a tenth of the default quota of an account. If ingestConcurrency is set, at most ingestConcurrency.',
    in: HUB,
  },
  tables: {
    reads: word(['create', 'existing']),
    default: 'create',
    meaning: 'existing: use the tables that an earlier deployment of this stage left.',
    in: HUB,
    decides: true,
  },
} as const satisfies Readonly<Record<string, Parameter>>;

export type ParameterName = keyof typeof PARAMETERS;
export const PARAMETER_NAMES = Object.keys(PARAMETERS) as readonly ParameterName[];

/** What is known of a parameter, whichever it is. */
export function parameter(name: ParameterName): Parameter {
  return PARAMETERS[name];
}

type Read<T> = T extends Reader<infer V> ? V : never;
export type Parameters = { readonly [N in ParameterName]: Read<(typeof PARAMETERS)[N]['reads']> };

/** What counts where nobody says otherwise. */
export const DEFAULTS = Object.fromEntries(PARAMETER_NAMES.map((name) => [name, PARAMETERS[name].default])) as Readonly<
  Record<ParameterName, Default>
>;

/** The defaults with what is given, checked each and together; or every reason why they can't be deployed. */
export function readParameters(given: Readonly<Record<string, unknown>>): Checked<Parameters> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const name of PARAMETER_NAMES) {
    const read = parameter(name).reads(name in given ? given[name] : DEFAULTS[name]);
    if (read.ok) values[name] = read.value;
    else problems.push(...read.problems.map((problem) => `${name}: ${problem}.`));
  }
  if (problems.length > 0) return { ok: false, problems };
  const value = values as Parameters; // each by its own reader
  const together = contradictions(value);
  return together.length === 0 ? { ok: true, value } : { ok: false, problems: together };
}

/** Whether clusters are found by themselves, beside those that are listed. */
export function findsClusters({ findClusters, findClustersByTag }: Parameters): boolean {
  return findClusters.length > 0 || findClustersByTag !== undefined;
}

function contradictions(of: Parameters): string[] {
  const isHub = of.stack === 'hub';
  const isJwt = of.authorizer === 'jwt';
  const listed = bytesOfLists(of);
  const rules: readonly (readonly [holds: boolean, problem: string])[] = [
    [
      isHub || of.clusters.length > 0 || findsClusters(of),
      'clusters, findClusters: an ingest-only stack without a cluster has nothing to do.',
    ],
    [isHub || of.hubRegion !== undefined, 'hubRegion: an ingest-only stack needs the Region of the hub.'],
    [isHub || of.hubAccount !== undefined, 'hubAccount: an ingest-only stack needs the account of the hub.'],
    [
      of.trail !== 'log-group' || of.trailLogGroup !== undefined || !isHub,
      'trailLogGroup: with trail=log-group, say which log group the trail writes to.',
    ],
    [
      !isJwt || (of.jwtIssuer !== undefined && of.jwtAudience.length > 0),
      'jwtIssuer, jwtAudience: with authorizer=jwt, both are needed.',
    ],
    [
      isJwt || of.jwtScopes.length + of.jwtGroups.length === 0,
      'jwtScopes, jwtGroups: they are of tokens: give authorizer=jwt too.',
    ],
    [
      isJwt || of.consoleClientId === undefined,
      'consoleClientId: the page signs in for tokens: give authorizer=jwt too.',
    ],
    [
      of.sessionDays >= of.recordDays,
      'sessionDays: keep sessions at least as long as the records that rest on them (recordDays).',
    ],
    [
      of.ingestConcurrency === 0 || of.queueConcurrency <= of.ingestConcurrency || !isHub,
      'queueConcurrency: give at most ingestConcurrency, 2 at least: what Lambda throttles would count as failed tries.',
    ],
    [of.subnets.length > 0 === of.securityGroups.length > 0, 'subnets, securityGroups: functions in a VPC need both.'],
    [
      (of.domainName === undefined) === (of.domainCertificateArn === undefined),
      'domainName, domainCertificateArn: a name of your own needs both.',
    ],
    [
      of.organizationPaths.length === 0 || of.organization !== undefined,
      'organizationPaths: say which organization they are of (organization).',
    ],
    [listed <= ROOM_FOR_LISTS, tooLong(listed)],
  ];
  return rules.flatMap(([holds, problem]) => (holds ? [] : [problem]));
}

/**
 * In bytes. Lambda takes 4 KB of environment a function ("Lambda quotas"), of which the tables, the topic and the numbers
 * take less than a fifth. That many accounts, some 240, also fit into the policy of a bus (10 KB).
 */
const ROOM_FOR_LISTS = 3_300;

/** Lists of any length that settle gets, which has most. */
const LONG_LISTS = ['usernameTemplates', 'trustedProxies', 'identityStores', 'logGroups'] as const;

function tooLong(bytes: number): string {
  return `accounts, regions, ${LONG_LISTS.join(', ')}: they take ${bytes} bytes of a function's environment, which has room for ${ROOM_FOR_LISTS}. Leave out accounts in which nobody assumes roles; give a template once without a role instead of once for each of many roles; give proxies of one namespace by a pattern (cattle-impersonation-*).`;
}

function bytesOfLists({ accounts, regions, ...others }: Parameters): number {
  const written = LONG_LISTS.map((name) => listValue(others[name]));
  return Buffer.byteLength([accounts.join(), regions.join(), ...written].join(''));
}

/** From how many characters on a list is packed: shorter ones stay readable in the console. */
const LONG = 512;

/**
 * A list as a function's environment has it, for `lib/config.ts`: a JSON array, since an entry may hold a comma; a long
 * one packed, as Lambda takes 4 KB in all. Templates of one cluster have most of their letters in common.
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

/** Resources whose reads are left out; none where another version kept what this one cannot read. */
function omits(record: unknown): readonly string[] {
  try {
    return parseRecording(String(record ?? '')).omits;
  } catch (error) {
    if (error instanceof RecordingError) return [];
    throw error;
  }
}
