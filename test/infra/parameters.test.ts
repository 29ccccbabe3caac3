import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { functionsOf } from '../../infra/deployment.ts';
import { environmentOf } from '../../infra/environment.ts';
import { type GivenNames, wrongNames } from '../../infra/parameter-names.ts';
import { PARAMETER_NAMES, type ParameterName, readParameters } from '../../infra/parameters.ts';
import { stackOf } from '../../infra/stack.ts';
import { readConfig, readConsoleConfig, readSubscribing } from '../../lib/config.ts';
import type { JsonObject } from '../../lib/json.ts';
import { deployed, environment } from '../functions/deployed.ts';
import { propertiesOf } from './packaged.ts';
import { ownTemplate } from './stacks.ts';

const SERVERLESS = parse(readFileSync(join(import.meta.dirname, '../../serverless.yml'), 'utf8')) as {
  readonly params: { readonly default: Readonly<Record<string, unknown>> };
};
const DEFAULTS = SERVERLESS.params.default;

function problems(given: Readonly<Record<string, unknown>>): readonly string[] {
  const read = readParameters({ ...DEFAULTS, ...given });
  return read.ok ? [] : read.problems;
}

describe('the parameters of a deployment', () => {
  it('are those that serverless.yml explains, and its defaults can be deployed', () => {
    expect(Object.keys(DEFAULTS).sort()).toEqual([...PARAMETER_NAMES].sort());
    expect(problems({})).toEqual([]);
  });

  it('are the same whether a list is YAML’s or has commas', () => {
    const both = ['prod-1, staging', ['prod-1', 'staging', 'prod-1']].map((clusters) =>
      readParameters({ ...DEFAULTS, clusters }),
    );
    expect(both[0]).toEqual(both[1]);
    expect(both[0]).toMatchObject({ value: { clusters: ['prod-1', 'staging'] } });
  });

  it('are told wrong by name, all at once', () => {
    const told = problems({
      clusters: 'a b',
      trail: 'lake',
      deadlineMinutes: 0,
      alertOn: 'everything',
      kmsKeyArn: 'alias/x',
    });
    expect(told.map((text) => text.split(':')[0])).toEqual([
      'clusters',
      'trail',
      'deadlineMinutes',
      'alertOn',
      'kmsKeyArn',
    ]);
  });

  it('are told wrong together too', () => {
    expect(problems({ stack: 'ingest-only' })).toHaveLength(3);
    expect(problems({ trail: 'log-group' })).toHaveLength(1);
    expect(problems({ authorizer: 'jwt' })).toHaveLength(1);
    expect(problems({ jwtGroups: 'security' })).toHaveLength(1);
    expect(problems({ consoleClientId: 'page' })).toHaveLength(1);
    expect(problems({ recordDays: 400 })).toHaveLength(1);
    expect(problems({ subnets: 'subnet-12345678' })).toHaveLength(1);
    expect(problems({ domainName: 'whois.example.com' })).toHaveLength(1);
    expect(problems({ organizationPaths: 'o-exampleorg1/*' })).toHaveLength(1);
  });

  it('are as many accounts as a function’s environment and the policies have room for', () => {
    const accounts = Array.from({ length: 300 }, (_, at) => String(100_000_000_000 + at));
    expect(problems({ accounts })).toEqual([expect.stringMatching(/^accounts, .*3907 bytes .* room for 3300/)]);
    const fewer = deployed({ clusters: 'prod', accounts: accounts.slice(0, 250) });
    const settle = JSON.stringify(environmentOf(fewer, 'settle')).replaceAll('${AWS::Partition}', 'aws-us-gov');
    expect(settle.length).toBeLessThan(4_096);
    const policies = propertiesOf(ownTemplate(fewer), 'AWS::SQS::QueuePolicy').map(
      (each) => JSON.stringify(each).length,
    );
    expect(Math.max(...policies)).toBeLessThan(20_480);
  });
});

describe('each parameter', () => {
  const HUB: JsonObject = {
    clusters: 'prod',
    accounts: '444455556666',
    organization: 'o-anotherorg',
    organizationPaths: 'o-anotherorg/r-ab12/*',
    subnets: 'subnet-1123456789abcdef0',
    securityGroups: 'sg-1123456789abcdef0',
    domainName: 'another.example.com',
    domainCertificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/1c0ffee0-0000-4000-8000-000000000000',
    hubAccount: '111122223333',
    hubRegion: 'eu-west-1',
    trail: 'log-group',
    trailLogGroup: 'trail',
    authorizer: 'jwt',
    jwtIssuer: 'https://login.example.com',
    jwtAudience: 'eks-whois',
    jwtGroups: 'security',
    consoleClientId: 'page',
  };
  const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/0c0ffee0-0000-4000-8000-000000000000';
  /** Another value than that of the hub, or of the ingest-only stack where it is of that alone. */
  const OTHER: Readonly<Record<ParameterName, string | number | boolean>> = {
    stack: 'ingest-only',
    clusters: 'prod,staging',
    findClusters: 'prod-*',
    findClustersByTag: 'audited=yes',
    nodeTraffic: true,
    serviceAccounts: 'all',
    controlPlane: 'all',
    anonymous: 'allowed',
    trail: 'eventbridge',
    trailLogGroup: 'another-trail',
    uses: true,
    regions: 'us-east-1',
    accounts: '777788889999',
    organization: 'o-exampleorg1',
    organizationPaths: 'o-exampleorg1/r-ab12/ou-ab12-11111111/*',
    lookupRole: 'another-role',
    hubAccount: '999999999999',
    hubRegion: 'us-east-1',
    usernameTemplates: 'admin:{{SessionName}}',
    trustedProxies: 'teleport',
    identityStores: 'd-1234567890',
    logGroups: '/audit/archive=audit',
    record: 'omit-reads:events,leases',
    deadlineMinutes: 45,
    beforeIssueSeconds: 61,
    afterExpirySeconds: 601,
    recordDays: 91,
    sessionDays: 98,
    logDays: 60,
    alertEmail: 'security@example.com',
    alertOn: 'unattributed',
    alertWindowMinutes: 16,
    alarmUnattributed: 11,
    heartbeatHours: 25,
    authorizer: 'iam',
    jwtIssuer: 'https://another.example.com',
    jwtAudience: 'another',
    jwtScopes: 'whois:read',
    jwtGroups: 'others',
    jwtGroupClaim: 'cognito:groups',
    consoleClientId: 'console',
    consoleScopes: 'offline_access',
    consoleToken: 'id',
    consoleOrigins: 'https://tokens.example.com',
    kmsKeyArn: KEY,
    ingestConcurrency: 200,
    queueConcurrency: 5,
    logsKmsKeyArn: KEY,
    permissionsBoundary: 'arn:aws:iam::111122223333:policy/boundary',
    rolePath: '/service/',
    roleNamePrefix: 'team-',
    subnets: 'subnet-0123456789abcdef0',
    securityGroups: 'sg-0123456789abcdef0',
    domainName: 'whois.example.com',
    domainCertificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/0c0ffee0-0000-4000-8000-000000000000',
    alarmTopicArn: 'arn:aws:sns:eu-west-1:111122223333:alarms',
    tables: 'existing',
  };
  /** Which Powertools reads itself. */
  const POWERTOOLS = ['POWERTOOLS_SERVICE_NAME', 'POWERTOOLS_LOG_LEVEL'];

  /** But for the template's metadata, which has every parameter. */
  function whatIsDeployed(given: JsonObject): unknown {
    const { resources, ...others } = stackOf(deployed(given));
    return { ...others, resources: { ...resources, Metadata: undefined } };
  }

  it.each(PARAMETER_NAMES)('changes what is deployed: %s', (name) => {
    const base = name.startsWith('hub') ? { ...HUB, stack: 'ingest-only' } : HUB;
    const without = name === 'authorizer' ? { jwtGroups: '', consoleClientId: '' } : {};
    const given = { ...base, ...without };
    const isSame = isDeepStrictEqual(whatIsDeployed({ ...given, [name]: OTHER[name] }), whatIsDeployed(given));
    expect(isSame).toBe(false);
  });

  it('reaches the functions by variables that their configuration reads', () => {
    const of = deployed({ ...HUB, ...OTHER, stack: 'hub', authorizer: 'jwt' });
    for (const name of functionsOf(of)) {
      const variables = environment(of, name);
      const known = new Set(POWERTOOLS);
      const get = (target: typeof variables, key: string) => {
        known.add(key);
        return target[key];
      };
      const read = { console: readConsoleConfig, subscribe: readSubscribing }[String(name)] ?? readConfig;
      read(new Proxy({ AWS_REGION: 'eu-west-1', ...variables }, { get }));
      expect(Object.keys(variables).filter((key) => !known.has(key))).toEqual([]);
    }
  });
});

it('what can never be left out of the records is told before it is deployed', () => {
  const problems = (record: string) => {
    const read = readParameters({ ...DEFAULTS, record });
    return read.ok ? [] : read.problems;
  };
  expect(problems('omit-reads:leases,nodes/metrics')).toEqual([]);
  expect(problems('omit-reads:leases,secrets')).toEqual([
    expect.stringMatching(/^record: .*"secrets" is always recorded\.$/),
  ]);
  expect(problems('nothing')).toEqual([expect.stringMatching(/^record: must be all, or omit-reads:/)]);
});

it('a username template that the functions would refuse to start with is told before it is deployed', () => {
  const usernameTemplates = ['admin:{{SessionName}}', 'x:{{ SessionName }}', 'y:{{Role}}'];
  const read = readParameters({ ...DEFAULTS, usernameTemplates });
  expect(read.ok ? [] : read.problems).toEqual([
    expect.stringMatching(/^usernameTemplates: .*x:\{\{ SessionName \}\}/),
    expect.stringMatching(/^usernameTemplates: .*\{\{Role\}\}/),
  ]);
});

describe('the lists in a function’s environment', () => {
  /** As `doctor` writes them for the roles that teams of one company have on a cluster. */
  const TEMPLATES = Array.from(
    { length: 120 },
    (_, at) => `arn:aws:iam::${111122223333 + (at % 4)}:role/eks-prod-team-${at}-developer=team-${at}:{{SessionName}}`,
  );
  const PROXIES = ['system:serviceaccount:cattle-impersonation-system:cattle-impersonation-*', 'teleport'];

  const STORES = ['d-1234567890', 'arn:aws:identitystore::111122223333:identitystore/d-0987654321'];

  it('hold the templates of a large cluster, each bound to its role, and the functions read them as they were given', () => {
    const of = deployed({
      clusters: 'prod',
      usernameTemplates: TEMPLATES,
      trustedProxies: PROXIES,
      identityStores: STORES,
    });
    for (const name of functionsOf(of)) {
      const variables = environment(of, name);
      expect(Buffer.byteLength(JSON.stringify(variables))).toBeLessThan(4_096);
    }
    const { usernameTemplates, trustedProxies, identityStores } = readConfig(environment(of, 'settle')).attribution;
    expect(usernameTemplates.map(({ source }) => source)).toEqual(TEMPLATES);
    expect(trustedProxies.map(({ source }) => source)).toEqual(PROXIES);
    expect(identityStores.map(({ source }) => source)).toEqual(STORES);
  });

  it('stay readable where they are short', () => {
    const of = deployed({ clusters: 'prod', usernameTemplates: 'admin:{{SessionName}}', logGroups: '/audit/a=audit' });
    expect(environment(of, 'ingest')).toMatchObject({
      USERNAME_TEMPLATES: '["admin:{{SessionName}}"]',
      TRUSTED_PROXIES: '[]',
      IDENTITY_STORES: '[]',
      LOG_GROUPS: '["/audit/a=audit"]',
    });
    expect(environment(of, 'grants')).toMatchObject({ LOG_GROUPS: '["/audit/a=audit"]' });
    expect(environment(deployed({ clusters: 'prod' }), 'ingest')).not.toHaveProperty('LOG_GROUPS');
  });

  it.each(['deflate:', 'deflate:AAAA', 'deflate:!', '{}'])('that are none are told by their variable: %s', (text) => {
    const variables = { ...environment(deployed({ clusters: 'prod' }), 'api'), USERNAME_TEMPLATES: text };
    expect(() => readConfig(variables)).toThrow('The environment variable USERNAME_TEMPLATES must be');
  });

  it('that are too long are told with how to go on', () => {
    const usernameTemplates = Array.from({ length: 400 }, (_, at) => `${TEMPLATES[at % 120]}${at ** 5}`);
    expect(problems({ usernameTemplates })).toEqual([expect.stringContaining('once without a role')]);
  });

  it('are told wrong entry by entry', () => {
    expect(problems({ trustedProxies: ['*', 'system:serviceaccount:*:x', 'arn:aws:iam::1:user/x'] })).toHaveLength(3);
    expect(problems({ identityStores: ['d-1234567890', 'd-123'] })).toEqual([
      expect.stringMatching(/^identityStores: .*d-1234567890.*"d-123"/),
    ]);
    expect(problems({ logGroups: ['/audit/a', '/audit/b=audit', '/c=trail'] })).toEqual([
      expect.stringMatching(/^logGroups: .*<name>=audit.*"\/audit\/a"/),
    ]);
    expect(problems({ usernameTemplates: ['arn:aws:iam::1:role/x=y'] })).toEqual([
      expect.stringMatching(/^usernameTemplates: .*arn:aws:iam::1:role\/x/),
    ]);
  });
});

describe('the names of parameters', () => {
  const wrong = (given: Partial<GivenNames>) =>
    wrongNames({ commandLine: [], params: { default: DEFAULTS }, stage: 'prod', ...given });

  it('are known where they stand in serverless.yml', () => {
    expect(wrong({ commandLine: ['clusters=prod', 'usernameTemplates=a=b'], params: { default: DEFAULTS } })).toEqual(
      [],
    );
    expect(wrong({ params: { default: DEFAULTS, prod: { clusters: ['prod-1'] } } })).toEqual([]);
  });

  it.each([
    ['cluster', 'clusters'],
    ['Clusters', 'clusters'],
    ['alert-email', 'alertEmail'],
    ['account', 'accounts'],
    ['trailLogGrup', 'trailLogGroup'],
  ])('are told wrong with the nearest there is: %s is %s', (name, nearest) => {
    expect(wrong({ commandLine: [`${name}=prod`] })).toEqual([
      `${name}: there is no such parameter. Did you mean ${nearest}?`,
    ]);
  });

  it('are told wrong with all there are where none is near', () => {
    expect(wrong({ commandLine: ['unknownParam=1'] })).toEqual([
      `unknownParam: there is no such parameter. There are ${PARAMETER_NAMES.join(', ')}.`,
    ]);
  });

  it('are told wrong also where they are written below the stage, once each', () => {
    const params = { default: DEFAULTS, prod: { cluster: 'a' }, test: { region: 'b' } };
    expect(wrong({ params, commandLine: ['cluster=b', 'cluster=c'] })).toHaveLength(1);
    expect(wrong({ params: { ...params, prod: null } })).toEqual([]);
  });
});

describe('serverless.yml', () => {
  it('has no variable that packaging would have to ask an account for', () => {
    expect(readFileSync(join(import.meta.dirname, '../../serverless.yml'), 'utf8')).not.toMatch(
      /\$\{(?:aws|ssm|cf|s3|secretsManager)[:(]/,
    );
  });
});
