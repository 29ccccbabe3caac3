import { ANONYMOUS } from '../lib/audit/recording.ts';
import { ALERT_CAUSES } from '../lib/claims/alert-cause.ts';
import { TRAIL_MODES } from '../lib/config.ts';
import { CONTROL_PLANE, SERVICE_ACCOUNTS } from '../lib/identity/audit-filter.ts';
import { IDENTITY_STORE } from '../lib/identity/identity-store.ts';
import { parseTrustedProxy, TrustedProxyError } from '../lib/identity/trusted-proxy.ts';
import { parseUsernameTemplate, UsernameTemplateError } from '../lib/identity/username.ts';
import { listValue } from './list-value.ts';
import {
  type Checked,
  flag,
  kmsKey,
  list,
  optionalText,
  readAll,
  text,
  whole,
  word,
  words,
} from './parameter-kinds.ts';
import { recording } from './recording.ts';

/**
 * What whoever deploys may choose. Each key is a parameter of `serverless.yml` (`params`, or `--param key=value`), which
 * has the defaults and says what they mean.
 */
export const READERS = {
  stack: word(['hub', 'ingest-only']),
  clusters: list(/^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/, 'names of EKS clusters'),
  findClusters: list(/^[0-9A-Za-z*?][A-Za-z0-9_*?-]{0,99}$/, 'names of EKS clusters, with * and ? in them'),
  findClustersByTag: optionalText(/^[^=,]{1,128}=.{0,256}$/, 'a tag, <key>=<value>'),
  nodeTraffic: flag,
  serviceAccounts: word(SERVICE_ACCOUNTS),
  controlPlane: word(CONTROL_PLANE),
  trail: word(TRAIL_MODES),
  trailLogGroup: optionalText(/^[\w./#-]{1,512}$/, 'the name of a log group'),
  uses: flag,
  regions: list(/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/, 'AWS Regions'),
  accounts: list(/^\d{12}$/, 'account ids of 12 digits'),
  organization: optionalText(/^o-[a-z0-9]{10,32}$/, 'the id of an organization (o-…)'),
  organizationPaths: list(/^o-[a-z0-9]{10,32}\/[a-z0-9/*-]{1,512}$/, 'paths of organizational units (o-…/r-…/ou-…/*)'),
  lookupRole: text(/^[\w+=,.@-]{1,64}$/, 'the name of a role'),
  hubAccount: optionalText(/^\d{12}$/, 'an account id of 12 digits'),
  hubRegion: optionalText(/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/, 'an AWS Region'),
  usernameTemplates: list(/^.{1,1024}$/, 'username templates'),
  trustedProxies: list(/^.{1,1024}$/, 'proxies'),
  identityStores: list(IDENTITY_STORE, 'identity stores (d-1234567890, or their ARNs)'),
  logGroups: list(
    /^[\w./#*-]{1,512}=(?:audit|cloudtrail)$/,
    'log groups and what they hold (<name>=audit, <name>=cloudtrail)',
  ),
  record: recording,
  anonymous: word(ANONYMOUS),
  deadlineMinutes: whole(5, 24 * 60),
  beforeIssueSeconds: whole(0, 3_600),
  afterExpirySeconds: whole(0, 3_600),
  recordDays: whole(1, 3_650),
  sessionDays: whole(1, 3_650),
  logDays: word(['1', '3', '5', '7', '14', '30', '60', '90', '120', '150', '180', '365', '400', '545', '731', '1096']),
  alertEmail: optionalText(/^[^\s@]+@[^\s@]+$/, 'an e-mail address'),
  alertOn: words(ALERT_CAUSES),
  alertWindowMinutes: whole(0, 12 * 60), // less than the shortest recordDays, after which what is held would expire
  alarmUnattributed: whole(1, 1_000_000),
  heartbeatHours: whole(0, 168),
  authorizer: word(['iam', 'jwt']),
  jwtIssuer: optionalText(/^https:\/\/\S+$/, 'a URL that begins with https://'),
  jwtAudience: list(/^\S{1,256}$/, 'audiences'),
  jwtScopes: list(/^\S{1,256}$/, 'scopes'),
  jwtGroups: list(/^.{1,256}$/, 'groups'),
  jwtGroupClaim: text(/^[\w:./-]{1,256}$/, 'the name of a claim'),
  consoleClientId: optionalText(/^[\x21-\x7e]{1,256}$/, 'the id of a client'),
  consoleScopes: list(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, 'scopes'),
  consoleToken: word(['access', 'id']),
  consoleOrigins: list(/^https:\/\/[\w.-]{1,253}(?::\d{1,5})?$/, 'origins like https://login.example.com'),
  kmsKeyArn: kmsKey,
  ingestConcurrency: whole(0, 1_000),
  queueConcurrency: whole(2, 1_000),
  logsKmsKeyArn: kmsKey,
  permissionsBoundary: optionalText(/^arn:aws[\w-]*:iam::(?:\d{12}|aws):policy\/[\w+=,.@/-]+$/, 'the ARN of a policy'),
  rolePath: text(/^\/(?:[\w+=,.@-]+\/)*$/, 'a path of IAM, / or /…/'),
  roleNamePrefix: optionalText(/^[\w+=,.@-]{1,24}$/, 'what names of roles may begin with'),
  subnets: list(/^subnet-[0-9a-f]{8,17}$/, 'ids of subnets'),
  securityGroups: list(/^sg-[0-9a-f]{8,17}$/, 'ids of security groups'),
  domainName: optionalText(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, 'the name of a domain'),
  domainCertificateArn: optionalText(
    /^arn:aws[\w-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/,
    'the ARN of a certificate',
  ),
  alarmTopicArn: optionalText(/^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, 'the ARN of a topic'),
  tables: word(['create', 'existing']),
} as const;

export type ParameterName = keyof typeof READERS;
export const PARAMETER_NAMES = Object.keys(READERS) as readonly ParameterName[];

type Read<T> = T extends (value: unknown) => Checked<infer V> ? V : never;
export type Parameters = { readonly [N in ParameterName]: Read<(typeof READERS)[N]> };

/** The parameters as given, checked each and together; or every reason why they can't be deployed. */
export function readParameters(given: Readonly<Record<string, unknown>>): Checked<Parameters> {
  const read = readAll<Parameters>(READERS, given);
  if (!read.ok) return read;
  const problems = contradictions(read.value);
  return problems.length === 0 ? read : { ok: false, problems };
}

/** Whether clusters are found by themselves, beside those that are listed. */
export function findsClusters({ findClusters, findClustersByTag }: Parameters): boolean {
  return findClusters.length > 0 || findClustersByTag !== undefined;
}

function contradictions(of: Parameters): string[] {
  const problems: string[] = [];
  const demand = (holds: boolean, problem: string) => {
    if (!holds) problems.push(problem);
  };
  const isHub = of.stack === 'hub';
  demand(
    isHub || of.clusters.length > 0 || findsClusters(of),
    'clusters, findClusters: an ingest-only stack without a cluster has nothing to do.',
  );
  demand(isHub || of.hubRegion !== undefined, 'hubRegion: an ingest-only stack needs the Region of the hub.');
  demand(isHub || of.hubAccount !== undefined, 'hubAccount: an ingest-only stack needs the account of the hub.');
  demand(
    of.trail !== 'log-group' || of.trailLogGroup !== undefined || !isHub,
    'trailLogGroup: with trail=log-group, say which log group the trail writes to.',
  );
  demand(
    of.authorizer !== 'jwt' || (of.jwtIssuer !== undefined && of.jwtAudience.length > 0),
    'jwtIssuer, jwtAudience: with authorizer=jwt, both are needed.',
  );
  demand(
    of.authorizer === 'jwt' || of.jwtScopes.length + of.jwtGroups.length === 0,
    'jwtScopes, jwtGroups: they are of tokens: give authorizer=jwt too.',
  );
  demand(
    of.authorizer === 'jwt' || of.consoleClientId === undefined,
    'consoleClientId: the page signs in for tokens: give authorizer=jwt too.',
  );
  demand(
    of.sessionDays >= of.recordDays,
    'sessionDays: keep sessions at least as long as the records that rest on them (recordDays).',
  );
  demand(
    of.ingestConcurrency === 0 || of.queueConcurrency <= of.ingestConcurrency || !isHub,
    'queueConcurrency: give at most ingestConcurrency, 2 at least: what Lambda throttles would count as failed tries.',
  );
  problems.push(...halves(of), ...wrongEntries(of));
  const listed = bytesOfLists(of);
  demand(listed <= ROOM_FOR_LISTS, tooLong(listed));
  return problems;
}

/** What means something only together with another. */
function halves(of: Parameters): string[] {
  const problems: string[] = [];
  if (of.subnets.length > 0 !== of.securityGroups.length > 0)
    problems.push('subnets, securityGroups: functions in a VPC need both.');
  if ((of.domainName === undefined) !== (of.domainCertificateArn === undefined))
    problems.push('domainName, domainCertificateArn: a name of your own needs both.');
  if (of.organizationPaths.length > 0 && of.organization === undefined)
    problems.push('organizationPaths: say which organization they are of (organization).');
  return problems;
}

/** What the functions would refuse to start with. */
export function wrongEntries({
  usernameTemplates,
  trustedProxies,
}: Pick<Parameters, 'usernameTemplates' | 'trustedProxies'>): string[] {
  return [
    ...usernameTemplates.flatMap((entry) => refusal('usernameTemplates', () => parseUsernameTemplate(entry))),
    ...trustedProxies.flatMap((entry) => refusal('trustedProxies', () => parseTrustedProxy(entry))),
  ];
}

function refusal(name: ParameterName, parse: () => unknown): string[] {
  try {
    parse();
    return [];
  } catch (error) {
    if (!(error instanceof UsernameTemplateError || error instanceof TrustedProxyError)) throw error;
    return [`${name}: ${error.message}`];
  }
}

/**
 * In bytes. Lambda takes 4 KB of environment a function ("Lambda quotas"), of which the tables, the topic and the numbers
 * take less than a fifth. That many accounts, some 240, also fit into the policy of a bus (10 KB).
 */
const ROOM_FOR_LISTS = 3_300;

/** Lists of texts that may hold commas. */
const TEXT_LISTS = ['usernameTemplates', 'trustedProxies', 'identityStores', 'logGroups'] as const;

function tooLong(bytes: number): string {
  return `accounts, regions, ${TEXT_LISTS.join(', ')}: they take ${bytes} bytes of a function's environment, which has room for ${ROOM_FOR_LISTS}. Leave out accounts in which nobody assumes roles; give a template once without a role instead of once for each of many roles; give proxies of one namespace by a pattern (cattle-impersonation-*).`;
}

/** As `environmentOf` writes them for settle. */
function bytesOfLists({ accounts, regions, ...others }: Parameters): number {
  const written = TEXT_LISTS.map((name) => listValue(others[name]));
  return Buffer.byteLength([accounts.join(), regions.join(), ...written].join(''));
}
