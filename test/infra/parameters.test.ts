import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Deployment, functionsOf } from '../../infra/deployment.ts';
import { environmentOf } from '../../infra/environment.ts';
import { DEFAULTS, PARAMETER_NAMES, type ParameterName, parameter, readParameters } from '../../infra/parameters.ts';
import { plainName } from '../../infra/plain/parameters.ts';
import { stackOf, wrongNames } from '../../infra/stack.ts';
import { readConfig, readConsoleConfig, readHandOver, readStack, readSubscribing } from '../../lib/config.ts';
import { isJsonObject, objectAt } from '../../lib/json.ts';
import { templatesOf } from '../../release/templates.ts';
import { deployed, environment } from '../functions/deployed.ts';
import { propertiesOf } from './packaged.ts';
import { OTHER, ownTemplate } from './stacks.ts';

function problems(given: Readonly<Record<string, unknown>>): readonly string[] {
  const read = readParameters(given);
  return read.ok ? [] : read.problems;
}

describe('the parameters of a deployment', () => {
  it('have defaults that can be deployed', () => {
    expect(problems({})).toEqual([]);
  });

  it('have the same effect as a YAML list and as a text with commas', () => {
    const both = ['prod-1, staging', ['prod-1', 'staging', 'prod-1']].map((clusters) => readParameters({ clusters }));
    expect(both[0]).toEqual(both[1]);
    expect(both[0]).toMatchObject({ value: { clusters: ['prod-1', 'staging'] } });
  });

  it('are refused by name if they are wrong, all at once', () => {
    const reported = problems({
      clusters: 'a b',
      trail: 'lake',
      deadlineMinutes: 0,
      alertOn: 'everything',
      kmsKeyArn: 'alias/x',
    });
    expect(reported.map((text) => text.split(':')[0])).toEqual([
      'clusters',
      'trail',
      'deadlineMinutes',
      'alertOn',
      'kmsKeyArn',
    ]);
  });

  it('are refused if they contradict each other', () => {
    expect(problems({ stack: 'ingest-only' })).toHaveLength(3);
    expect(problems({ trail: 'log-group' })).toHaveLength(1);
    expect(problems({ authorizer: 'jwt' })).toHaveLength(1);
    expect(problems({ jwtGroups: 'security' })).toHaveLength(1);
    expect(problems({ clusterClaim: 'clusters' })).toHaveLength(1);
    expect(problems({ consoleClientId: 'page' })).toHaveLength(1);
    expect(problems({ recordDays: 400 })).toHaveLength(1);
    expect(problems({ subnets: 'subnet-12345678' })).toHaveLength(1);
    expect(problems({ domainName: 'whois.example.com' })).toHaveLength(1);
    expect(problems({ organizationPaths: 'o-exampleorg1/*' })).toHaveLength(1);
  });

  it('accept as many accounts as fit into a function’s environment and the policies', () => {
    const accounts = Array.from({ length: 300 }, (_, at) => String(100_000_000_000 + at));
    expect(problems({ accounts })).toEqual([expect.stringMatching(/^accounts, .*3909 bytes .* room for 3300/)]);
    const fewer = deployed({ clusters: 'prod', accounts: accounts.slice(0, 245) });
    const settle = JSON.stringify(environmentOf(fewer, 'settle')).replaceAll('${AWS::Partition}', 'aws-us-gov');
    expect(settle.length).toBeLessThan(4_096);
    const policies = propertiesOf(ownTemplate(fewer), 'AWS::SQS::QueuePolicy').map(
      (each) => JSON.stringify(each).length,
    );
    expect(Math.max(...policies)).toBeLessThan(20_480);
  });
});

describe('each parameter', () => {
  /** Variables that Powertools reads itself. */
  const POWERTOOLS = ['POWERTOOLS_SERVICE_NAME', 'POWERTOOLS_LOG_LEVEL'];

  /** Returns what is deployed, without the template's metadata, which has every parameter. */
  function whatIsDeployed(of: Deployment): unknown {
    const { resources, ...others } = stackOf(of);
    return { ...others, resources: { ...resources, Metadata: undefined } };
  }

  /** Returns the deployment with the default of one parameter. It is not checked against the others. */
  function withDefault(of: Deployment, name: ParameterName): Deployment {
    const read = parameter(name).reads(DEFAULTS[name]);
    if (!read.ok) throw new Error(`${name} has a wrong default`);
    return { ...of, [name]: read.value };
  }

  it.each(PARAMETER_NAMES)('changes what is deployed: %s', (name) => {
    const isOfSpoke = name === 'stack' || name.startsWith('hub');
    const of = deployed({ ...OTHER, stack: isOfSpoke ? 'ingest-only' : 'hub' });
    expect(isDeepStrictEqual(whatIsDeployed(withDefault(of, name)), whatIsDeployed(of))).toBe(false);
  });

  function readOfSubscribe(of: NodeJS.ProcessEnv) {
    return [readSubscribing(of), readHandOver(of), readStack(of)];
  }

  it('reaches the functions by variables that their configuration reads', () => {
    const of = deployed({ ...OTHER, stack: 'hub' });
    for (const name of functionsOf(of)) {
      const variables = environment(of, name);
      const known = new Set(POWERTOOLS);
      const get = (target: typeof variables, key: string) => {
        known.add(key);
        return target[key];
      };
      const read = { console: readConsoleConfig, subscribe: readOfSubscribe }[String(name)] ?? readConfig;
      read(new Proxy({ AWS_REGION: 'eu-west-1', ...variables }, { get }));
      expect(Object.keys(variables).filter((key) => !known.has(key))).toEqual([]);
    }
  });
});

it('an event that can never be left out of the records is reported before the deployment', () => {
  const problems = (record: string) => {
    const read = readParameters({ record });
    return read.ok ? [] : read.problems;
  };
  expect(problems('omit-reads:leases,nodes/metrics')).toEqual([]);
  expect(problems('omit-reads:leases,secrets')).toEqual([
    expect.stringMatching(/^record: .*"secrets" is always recorded\. Give /),
  ]);
  expect(problems('nothing')).toEqual([expect.stringMatching(/^record: must be all, or omit-reads:/)]);
});

it('a username template with which the functions would not start is reported before the deployment', () => {
  const usernameTemplates = ['admin:{{SessionName}}', 'x:{{ SessionName }}', 'y:{{Role}}'];
  const read = readParameters({ usernameTemplates });
  expect(read.ok ? [] : read.problems).toEqual([
    expect.stringMatching(/^usernameTemplates: .*x:\{\{ SessionName \}\}/),
    expect.stringMatching(/^usernameTemplates: .*\{\{Role\}\}/),
  ]);
});

describe('the lists in a function’s environment', () => {
  /** Templates as `doctor` writes them for the roles that teams of one company have on a cluster. */
  const TEMPLATES = Array.from(
    { length: 120 },
    (_, at) => `arn:aws:iam::${111122223333 + (at % 4)}:role/eks-prod-team-${at}-developer=team-${at}:{{SessionName}}`,
  );
  const PROXIES = ['system:serviceaccount:cattle-impersonation-system:cattle-impersonation-*', 'teleport'];

  const STORES = ['d-1234567890', 'arn:aws:identitystore::111122223333:identitystore/d-0987654321'];

  it('have room for the templates of a large cluster, each bound to its role, and the functions read them unchanged', () => {
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

  it('stay readable if they are short', () => {
    const of = deployed({ clusters: 'prod', usernameTemplates: 'admin:{{SessionName}}', logGroups: '/audit/a=audit' });
    expect(environment(of, 'ingest')).toMatchObject({
      USERNAME_TEMPLATES: '["admin:{{SessionName}}"]',
      TRUSTED_PROXIES: '[]',
      IDENTITY_STORES: '[]',
      LOG_GROUPS: '["/audit/a=audit"]',
    });
    expect(environment(of, 'grants')).toMatchObject({ LOG_GROUPS: '["/audit/a=audit"]' });
    expect(environment(deployed({ clusters: 'prod' }), 'ingest')).toMatchObject({ LOG_GROUPS: '[]' });
  });

  it.each(['deflate:', 'deflate:AAAA', 'deflate:!', '{}'])(
    'that cannot be read are reported by their variable: %s',
    (text) => {
      const variables = { ...environment(deployed({ clusters: 'prod' }), 'api'), USERNAME_TEMPLATES: text };
      expect(() => readConfig(variables)).toThrow('The environment variable USERNAME_TEMPLATES must be');
    },
  );

  it('that are too long are reported with what to do', () => {
    const usernameTemplates = Array.from({ length: 400 }, (_, at) => `${TEMPLATES[at % 120]}${at ** 5}`);
    expect(problems({ usernameTemplates })).toEqual([expect.stringContaining('once without a role')]);
  });

  it('are reported entry by entry if they are wrong', () => {
    expect(problems({ trustedProxies: ['*', 'system:serviceaccount:*:x', 'arn:aws:iam::1:user/x'] })).toHaveLength(3);
    expect(problems({ identityStores: ['d-1234567890', 'd-123'] })).toEqual([
      expect.stringMatching(/^identityStores: .*d-1234567890.*"d-123"/),
    ]);
    const [one, other, third] = ['root/111122223333', 'root/444455556666', 'root/777788889999'];
    expect(problems({ samePerson: [`${one}=${other}`, `${one}=${third}`] })).toEqual([
      `samePerson: "${one}" is in two groups of IDs that are the same person: write all IDs of this person as one group, <id>=<id>=<id>.`,
    ]);
    expect(problems({ samePerson: [`${one}=alice`] })).toEqual([expect.stringMatching(/^samePerson: .*alice/)]);
    expect(problems({ logGroups: ['/audit/a', '/audit/b=audit', '/c=trail'] })).toEqual([
      expect.stringMatching(/^logGroups: .*<name>=audit.*"\/audit\/a"/),
    ]);
    expect(problems({ usernameTemplates: ['arn:aws:iam::1:role/x=y'] })).toEqual([
      expect.stringMatching(/^usernameTemplates: .*arn:aws:iam::1:role\/x/),
    ]);
  });
});

describe('the names of parameters', () => {
  it.each([
    ['cluster', 'clusters'],
    ['Clusters', 'clusters'],
    ['alert-email', 'alertEmail'],
    ['account', 'accounts'],
    ['trailLogGrup', 'trailLogGroup'],
  ])('are refused with the most similar name: %s is %s', (name, nearest) => {
    expect(wrongNames(['clusters', name])).toEqual([`${name}: unknown parameter. Did you mean ${nearest}?`]);
  });

  it('are refused with all names if none is similar', () => {
    expect(wrongNames(['unknownParam'])).toEqual([
      `unknownParam: unknown parameter. Use one of ${PARAMETER_NAMES.join(', ')}.`,
    ]);
  });
});

describe('docs/parameters.md', () => {
  /** Returns the text with Markdown's special characters escaped. */
  const escaped = (text: string) => text.replace(/[<|*]/g, '\\$&');

  const code = (value: unknown) => (String(value) === '' ? '' : `\`${String(value).replaceAll(',', ', ')}\``);

  function row(name: ParameterName): string {
    const { reads, meaning, default: otherwise, defaultIn = {}, in: places } = parameter(name);
    const others = Object.entries(defaultIn).map(([place, value]) => `${place}: ${code(value)}`);
    const defaults = [code(otherwise), ...others].filter((each) => each !== '').join(', ');
    return `| \`${name}\` | ${defaults} | ${places.join(', ') || 'only osls'} | ${eachOnItsLine(escaped(meaning), reads.schema.enum)} |\n`;
  }

  /** Returns the text with each value that it explains on a line of its own. */
  function eachOnItsLine(text: string, values: readonly (string | number)[] = []): string {
    return values.reduce<string>(
      (sofar, value) => sofar.replace(new RegExp(`(^|[.] )${value}: `), lineOf(value)),
      text,
    );
  }

  const lineOf = (value: string | number) => (_: string, before: string) =>
    `${before === '' ? '' : '.<br>'}\`${value}\`: `;

  /** Returns the templates of a release, and those of `infra`. */
  function allTemplates(): readonly (readonly [name: string, text: string])[] {
    const ownText = (name: string) => readFileSync(join(import.meta.dirname, '../../infra', name), 'utf8');
    return [
      ...templatesOf('1.2.3').map(({ name, text }) => [name.replace('.yaml', ''), text] as const),
      ...['forwarding.yml', 'lookup-role.yml'].map((name) => [name, ownText(name)] as const),
    ];
  }

  /** Returns the parameters that a template has besides those of the first table, each as the cells around those for its templates. */
  function onlyIn([template, text]: readonly [name: string, text: string]): readonly string[] {
    const known = PARAMETER_NAMES.filter((name) => parameter(name).in.some((kind) => kind === template)).map(plainName);
    const declared: unknown = parse(text, { logLevel: 'error' });
    const parameters = Object.entries((isJsonObject(declared) && objectAt(declared, 'Parameters')) || {});
    return parameters
      .filter(([name]) => !known.includes(name))
      .map(([name, each]) => {
        const { Default: otherwise, Description: meaning } = isJsonObject(each) ? each : {};
        const standard = otherwise === undefined ? 'needed' : code(otherwise);
        return `| \`${name}\` | ${standard} | … | ${escaped(String(meaning))} |\n`;
      });
  }

  /** Returns a row for each such parameter, with all templates that have it with this meaning. */
  function rowsOfTemplates(): readonly string[] {
    const places = new Map<string, string[]>();
    for (const template of allTemplates())
      for (const row of onlyIn(template)) places.set(row, [...(places.get(row) ?? []), template[0]]);
    return [...places].map(([row, names]) => row.replace(' … ', ` ${names.join(', ')} `));
  }

  it.each([
    ['the parameters', 'parameter', () => PARAMETER_NAMES.map(row)],
    ['the parameters that only templates have', 'only in templates', rowsOfTemplates],
  ])('has a table of %s (UPDATE=1 writes it)', (_, heading, rows) => {
    const path = join(import.meta.dirname, '../../docs/parameters.md');
    const found = new RegExp(`(?<=\\| ${heading} \\|.*\\| meaning \\|\\n[|-]+\\n)(?:\\|.*\\n)*`);
    const table = rows().join('');
    const guide = readFileSync(path, 'utf8');
    if (process.env.UPDATE === '1')
      writeFileSync(
        path,
        guide.replace(found, () => table),
      );
    else expect(found.exec(guide)?.[0], 'UPDATE=1 npx vitest run test/infra/parameters.test.ts').toBe(table);
  });
});

describe('serverless.yml', () => {
  it('has no variable for which packaging would need an AWS account', () => {
    expect(readFileSync(join(import.meta.dirname, '../../serverless.yml'), 'utf8')).not.toMatch(
      /\$\{(?:aws|ssm|cf|s3|secretsManager)[:(]/,
    );
  });
});
