import type { AlertCause } from '../../lib/claims/alert-cause.ts';
import { CONTROL_PLANE, SERVICE_ACCOUNTS } from '../../lib/identity/audit-filter.ts';
import { type Deployment, deployment } from '../deployment.ts';
import type { Parameters } from '../parameters.ts';
import type { Marks } from './marks.ts';
import type { Choice } from './overlay.ts';
import { plainName } from './parameters.ts';

export type Kind = 'hub' | 'spoke';

/** What decides which resources a template has, with the conditions by which CloudFormation knows it. */
export interface Choices {
  /** What is the same whatever is chosen. */
  readonly base: Deployment;
  readonly choices: readonly Choice<Parameters>[];
  /** The conditions of the choices, by name. */
  readonly conditions: Readonly<Record<string, object>>;
}

export function choicesOf(kind: Kind, marks: Marks): Choices {
  const conditions: Record<string, object> = {};
  const condition = (name: string, definition: object): string => {
    conditions[name] = definition;
    return name;
  };
  const given = (name: keyof Parameters, values: Partial<Parameters>, without: Partial<Parameters>) => ({
    states: [{ condition: condition(`Has${plainName(name)}`, isGiven(name, values)), values }, { values: without }],
  });
  const isWord = (name: keyof Parameters, words: readonly string[]) => ({
    states: words.map((each, at) => ({
      ...(at === words.length - 1
        ? {}
        : {
            condition: condition(`${plainName(name)}Is${titled(each)}`, {
              'Fn::Equals': [{ Ref: plainName(name) }, each],
            }),
          }),
      values: { [name]: each === 'true' ? true : each === 'false' ? false : each },
    })),
  });
  const optional = (name: OptionalName) => given(name, { [name]: marks.text(plainName(name)) }, { [name]: undefined });
  const listed = (name: ListName) => given(name, { [name]: marks.list(plainName(name)) }, { [name]: [] });
  const counted = (name: 'heartbeatHours' | 'ingestConcurrency') =>
    given(name, { [name]: marks.number(plainName(name)) }, { [name]: 0 });
  const common = [
    isWord('nodeTraffic', ['true', 'false']),
    isWord('serviceAccounts', SERVICE_ACCOUNTS),
    isWord('controlPlane', CONTROL_PLANE),
    optional('alertEmail'),
    counted('heartbeatHours'),
    optional('kmsKeyArn'),
    optional('logsKmsKeyArn'),
    optional('permissionsBoundary'),
    given(
      'subnets',
      { subnets: marks.list('Subnets'), securityGroups: marks.list('SecurityGroups') },
      { subnets: [], securityGroups: [] },
    ),
    optional('alarmTopicArn'),
  ];
  const ofHub = () => [
    isWord('trail', ['eventbridge', 'log-group', 'lookups-only']),
    isWord('uses', ['true', 'false']),
    listed('accounts'),
    optional('organization'),
    listed('organizationPaths'),
    isWord('authorizer', ['jwt', 'iam']),
    listed('jwtScopes'),
    optional('consoleClientId'),
    given(
      'domainName',
      { domainName: marks.text('DomainName'), domainCertificateArn: marks.text('DomainCertificateArn') },
      { domainName: undefined, domainCertificateArn: undefined },
    ),
    counted('ingestConcurrency'),
    isWord('tables', ['existing', 'create']),
  ];
  const choices = kind === 'hub' ? [...common, ...ofHub()] : common;
  return { base: base(kind, marks), choices: choices as unknown as readonly Choice<Parameters>[], conditions };
}

type OptionalName =
  | 'alertEmail'
  | 'kmsKeyArn'
  | 'logsKmsKeyArn'
  | 'permissionsBoundary'
  | 'alarmTopicArn'
  | 'organization'
  | 'consoleClientId';
type ListName = 'accounts' | 'organizationPaths' | 'jwtScopes';

/** A text that is not empty, a list that has an entry, a number that is not 0. */
function isGiven(name: keyof Parameters, values: Partial<Parameters>): object {
  const value = { Ref: plainName(name) };
  const shown = Array.isArray(values[name]) ? { 'Fn::Join': ['', value] } : value;
  return { 'Fn::Not': [{ 'Fn::Equals': [shown, typeof values[name] === 'number' ? '0' : ''] }] };
}

function titled(word: string): string {
  return word
    .split('-')
    .map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}`)
    .join('');
}

/** Marks where a parameter changes what is said and not what there is; no clusters are listed, since those are found. */
function base(kind: Kind, marks: Marks): Deployment {
  const parameters: Parameters = {
    stack: kind === 'hub' ? 'hub' : 'ingest-only',
    clusters: [],
    findClusters: [marks.text('FindClusters')],
    findClustersByTag: marks.text('FindClustersByTag'),
    nodeTraffic: false,
    serviceAccounts: 'none',
    controlPlane: 'outside',
    trail: 'eventbridge',
    trailLogGroup: marks.text('TrailLogGroup'),
    uses: false,
    regions: [marks.text('Regions')],
    accounts: [],
    organization: undefined,
    organizationPaths: [],
    lookupRole: marks.text('LookupRole'),
    hubAccount: marks.text('HubAccount'),
    hubRegion: marks.text('HubRegion'),
    usernameTemplates: marks.json('UsernameTemplates'),
    trustedProxies: marks.json('TrustedProxies'),
    identityStores: marks.json('IdentityStores'),
    logGroups: marks.json('LogGroups'),
    record: marks.text('Record'),
    anonymous: marks.text('Anonymous') as Parameters['anonymous'],
    deadlineMinutes: marks.number('DeadlineMinutes'),
    beforeIssueSeconds: marks.number('BeforeIssueSeconds'),
    afterExpirySeconds: marks.number('AfterExpirySeconds'),
    recordDays: marks.number('RecordDays'),
    sessionDays: marks.number('SessionDays'),
    logDays: String(marks.number('LogDays')) as Parameters['logDays'],
    alertEmail: undefined,
    alertOn: [marks.text('AlertOn') as AlertCause],
    alertWindowMinutes: marks.number('AlertWindowMinutes'),
    alarmUnattributed: marks.number('AlarmUnattributed'),
    heartbeatHours: 0,
    authorizer: 'iam',
    jwtIssuer: marks.text('JwtIssuer'),
    jwtAudience: marks.list('JwtAudience'),
    jwtScopes: [],
    jwtGroups: marks.json('JwtGroups'),
    jwtGroupClaim: marks.text('JwtGroupClaim'),
    consoleClientId: undefined,
    consoleScopes: [marks.text('ConsoleScopes')],
    consoleToken: marks.text('ConsoleToken') as Parameters['consoleToken'],
    consoleOrigins: [marks.text('ConsoleOrigins')],
    kmsKeyArn: undefined,
    logsKmsKeyArn: undefined,
    permissionsBoundary: undefined,
    rolePath: marks.text('RolePath'),
    roleNamePrefix: marks.text('RoleNamePrefix'),
    subnets: [],
    securityGroups: [],
    domainName: undefined,
    domainCertificateArn: undefined,
    alarmTopicArn: undefined,
    ingestConcurrency: 0,
    queueConcurrency: marks.number('QueueConcurrency'),
    tables: 'create',
  };
  const prefix = marks.text('Prefix');
  return { ...deployment('eks-whois', 'plain', parameters), prefix };
}
