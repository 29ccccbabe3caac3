import { ALERT_CAUSES } from '../../lib/claims/alert-cause.ts';
import { type ParameterName, READERS } from '../parameters.ts';
import { RECORDING_SHAPE } from '../recording.ts';

/** A parameter of a plain template. Its default is that of `serverless.yml`, unless it has its own; words and bounds are its reader's. */
export interface PlainParameter {
  /** `json`: the text of a JSON array, since an entry may hold a comma. `commas`: a text with commas between. */
  readonly kind: 'text' | 'number' | 'list' | 'json' | 'commas' | 'word' | 'flag';
  readonly description: string;
  readonly pattern?: string;
  readonly default?: string;
}

const text = (description: string, pattern?: string): PlainParameter => ({
  kind: 'text',
  description,
  ...(pattern === undefined ? {} : { pattern: `^$|^(?:${pattern})$` }),
});
const number = (description: string): PlainParameter => ({ kind: 'number', description });
const word = (description: string): PlainParameter => ({ kind: 'word', description });
const flag = (description: string): PlainParameter => ({ kind: 'flag', description });
const list = (description: string): PlainParameter => ({ kind: 'list', description });
const json = (description: string): PlainParameter => ({
  kind: 'json',
  description: `${description}, as a JSON array of texts`,
  pattern: String.raw`^(?:\[.*\]|deflate:[A-Za-z0-9+/=]+)$`,
});
const commas = (description: string): PlainParameter => ({
  kind: 'commas',
  description: `${description}, with commas between`,
  pattern: String.raw`^[^\s]*$`,
});

const KEY = String.raw`arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:key/[\w-]+`;

/** What `serverless.yml` lets whoever deploys choose, but for what a template cannot loop over (`clusters`) or is by its kind. */
export const PLAIN_PARAMETERS: Readonly<Partial<Record<ParameterName, PlainParameter>>> = {
  findClusters: {
    ...commas('Names of clusters to subscribe to, with * and ? in them; * for all of this account and Region'),
    default: '*',
  },
  findClustersByTag: text('Clusters with this tag, <key>=<value>, beside those', '[^=,]{1,128}=.{0,256}'),
  nodeTraffic: flag("Whether the kubelets' own requests are taken too: much more"),
  serviceAccounts: word("What Kubernetes' service accounts do that is taken"),
  controlPlane: word(
    'Which requests under the names of the control plane (system:kube-scheduler) are taken: outside is what visibly does not come from AWS',
  ),
  trail: word(
    'Where grants come from: eventbridge needs a trail with read-only management events, log-group the one that a trail writes to, lookups-only none',
  ),
  trailLogGroup: text("With trail log-group: the trail's log group", String.raw`[\w./#-]{1,512}`),
  uses: flag('Whether GetCallerIdentity is taken too'),
  regions: commas('Regions where LookupEvents asks beside this one; none for all that are enabled by default'),
  accounts: list('Other accounts that may forward and hand over, and whose CloudTrail is asked'),
  organization: text(
    'Or all accounts of this organization (o-…), which may forward and hand over',
    'o-[a-z0-9]{10,32}',
  ),
  organizationPaths: list('… or those of its units alone (o-…/r-…/ou-…/*)'),
  lookupRole: { ...text('The role that is assumed in other accounts'), pattern: String.raw`^[\w+=,.@-]{1,64}$` },
  hubAccount: { ...text('The account of the hub'), pattern: String.raw`^\d{12}$` },
  hubRegion: { ...text('The Region of the hub'), pattern: '^[a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2}$' },
  usernameTemplates: json('How usernames are made from session names (eks-whois doctor writes them)'),
  trustedProxies: json('Callers whose word for the person is believed'),
  identityStores: json('Identity stores that are yours (d-…, or their ARNs)'),
  logGroups: json('Log groups that hold audit logs or CloudTrail records against their names (<name>=audit)'),
  record: {
    ...text('all, or omit-reads: with resources whose get, list and watch are not recorded (omit-reads:events,leases)'),
    pattern: RECORDING_SHAPE.source.replaceAll('\\/', '/'),
  },
  anonymous: word(
    'What is recorded of anonymous callers: no-probes is all but allowed health probes, allowed leaves out what was refused too, all is everything',
  ),
  deadlineMinutes: number("When, after the event, a claim's answer becomes final"),
  beforeIssueSeconds: number("How far before a grant's times an event may lie"),
  afterExpirySeconds: number("How far after a grant's times an event may lie"),
  recordDays: number('How long records are kept'),
  sessionDays: number('How long sessions are kept, at least as long as the records'),
  logDays: word("How long the functions' own logs are kept"),
  alertEmail: text('Who is told of alerts and alarms', String.raw`[^\s@]+@[^\s@]+`),
  alertOn: { ...commas(`What settle alerts about, of ${ALERT_CAUSES.join(', ')}`) },
  alertWindowMinutes: number('For so long further alerts of a group wait for a digest; 0 for none'),
  alarmUnattributed: number('An alarm rings when more claims end within a minute with nobody named'),
  heartbeatHours: number('An alarm rings when for so many hours nothing came; 0 for none'),
  authorizer: word('Who may ask the API: iam (SigV4) or jwt'),
  jwtIssuer: text('With authorizer jwt: the issuer', String.raw`https://\S+`),
  jwtAudience: list('With authorizer jwt: the audiences'),
  jwtScopes: list('Scopes of which a token must have one'),
  jwtGroups: json('Groups of which a token must have one'),
  jwtGroupClaim: { ...text('The claim that has the groups'), pattern: '^[A-Za-z0-9_:./-]{1,256}$' },
  consoleClientId: text('The public client by which the page signs in'),
  consoleScopes: commas('Scopes that the page asks for beside openid'),
  consoleToken: word('The token that the API takes'),
  consoleOrigins: commas('Where the issuer has its token endpoint, if on another host'),
  kmsKeyArn: text("A key for tables, failed batches, alerts and the functions' environment", KEY),
  logsKmsKeyArn: text("A key for the functions' logs, whose policy lets CloudWatch Logs use it", KEY),
  permissionsBoundary: text(
    'The permissions boundary of every role',
    String.raw`arn:aws[\w-]*:iam::(?:\d{12}|aws):policy/.+`,
  ),
  rolePath: {
    ...text('The path of every role; the same in hub and spokes'),
    pattern: String.raw`^/(?:[\w+=,.@-]+/)*$`,
  },
  roleNamePrefix: text(
    "What every role's name begins with, 20 letters or so; the same in hub and spokes",
    String.raw`[\w+=,.@-]{1,24}`,
  ),
  subnets: list('Subnets for the functions; they must reach the services of AWS'),
  securityGroups: list('Security groups for the functions'),
  domainName: text('A name of your own for the API', String.raw`[a-z0-9-]+(?:\.[a-z0-9-]+)+`),
  domainCertificateArn: text('Its certificate, of this Region', 'arn:aws.*:acm:.+'),
  alarmTopicArn: text("A topic of yours for alarms, instead of the stack's own", 'arn:aws.*:sns:.+'),
  ingestConcurrency: number('Executions that ingest may use and others may not; 0 reserves none'),
  queueConcurrency: number(
    'Executions at once that other accounts can cause by what they hand over, and as many by what they forward',
  ),
  tables: word('existing: go on with the tables that an earlier deployment left'),
};

/** As CloudFormation writes a parameter's name. */
export function plainName(name: ParameterName): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** A value of `serverless.yml` as the template's default has it. */
export function plainDefault(parameter: PlainParameter, value: unknown): string | number {
  if (parameter.default !== undefined) return parameter.default;
  if (parameter.kind === 'json') return JSON.stringify(value);
  if (Array.isArray(value)) return value.join(',');
  return parameter.kind === 'number' ? Number(value) : String(value ?? '');
}

/** The parameter as a template declares it. */
export function declaration(name: ParameterName, parameter: PlainParameter, value: unknown): object {
  const { kind, description, pattern } = parameter;
  const { minimum, maximum } = READERS[name].schema;
  const words = kind === 'flag' ? ['true', 'false'] : READERS[name].schema.enum?.map(String);
  return {
    Type: kind === 'number' ? 'Number' : kind === 'list' ? 'CommaDelimitedList' : 'String',
    Description: description,
    ...(value === undefined && kind === 'text' ? {} : { Default: plainDefault(parameter, value) }),
    ...(words === undefined ? {} : { AllowedValues: words }),
    ...(pattern === undefined || kind === 'list' ? {} : { AllowedPattern: pattern }),
    ...(minimum === undefined ? {} : { MinValue: minimum, MaxValue: maximum }),
  };
}
