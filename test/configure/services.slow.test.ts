import { describe, expect, it } from 'vitest';
import { allCommands, commandTree } from '../../cli/completion/command-tree.ts';
import { buildProgram } from '../../cli/main.ts';
import { type NotedService, Somebody, startNoting } from './asking.ts';

const QUESTION = ['records', '--actor', 'alice'];

/** Returns the names of the services that were asked. */
function askedOf(services: Readonly<Record<string, NotedService>>): string[] {
  return Object.entries(services).flatMap(([name, { requests }]) => (requests.length > 0 ? [name] : []));
}

/** The names of the cluster in the services' queries, each once. */
function clustersOf({ requests }: NotedService): (string | null)[] {
  const records = requests.splice(0).filter(({ pathname }) => pathname === '/records');
  return [...new Set(records.map(({ searchParams }) => searchParams.get('cluster')))];
}

describe('the queried service', () => {
  it.each([
    [['--api', 'option'], { EKS_WHOIS_API: 'variable' }, 'option'],
    [['--service', 'other'], { EKS_WHOIS_API: 'variable' }, 'other'],
    [[], { EKS_WHOIS_API: 'variable' }, 'variable'],
    [[], { EKS_WHOIS_API: '' }, 'byDefault'],
    [[], {}, 'byDefault'],
  ])('with %j and %j is that of %s', async (options, environment, expected) => {
    await using option = await startNoting();
    await using other = await startNoting();
    await using variable = await startNoting();
    await using byDefault = await startNoting();
    const services = { option, other, variable, byDefault };
    using her = new Somebody();
    const named = `{byDefault: {api: "${byDefault.url}"}, other: {api: "${other.url}"}}`;
    her.file('config.yaml', `services: ${named}\ndefault: byDefault\n`);
    const written = (text: string) => (text === 'option' ? option.url : text === 'variable' ? variable.url : text);
    const variables = Object.entries(environment).map(([name, value]) => [name, written(value)]);
    for (const question of [QUESTION, ['sessions']]) {
      const { status, errors } = await her.run([...question, ...options.map(written)], Object.fromEntries(variables));
      expect({ status, asking: /asking/.test(errors) }).toEqual({ status: 0, asking: false });
      expect(askedOf(services)).toEqual([expected]);
    }
  });

  it.each([
    [['--service', 'prod', '--api', 'http://127.0.0.1:9'], {}, /--service, --api and --table exclude each other/],
    [
      ['--service', 'porduction'],
      {},
      /there is no service porduction in \S+config\.yaml\. (?:It has prod\.|Did you mean prod\?)$/m,
    ],
    [[], { EKS_WHOIS_API: 'http://127.0.0.1:9', EKS_WHOIS_TABLE: 'a' }, /EKS_WHOIS_API and EKS_WHOIS_TABLE are both/],
    [[], { EKS_WHOIS_API: 'prod' }, /EKS_WHOIS_API prod is not an http or https URL/],
    [[], {}, /default in \S+config\.yaml: there is no service gone/],
  ])('is not guessed: %j with %j is wrong usage', async (options, environment, why) => {
    using her = new Somebody();
    her.file('config.yaml', 'services: {prod: {table: eks-whois-prod}}\ndefault: gone\n');
    const { status, output, errors } = await her.run([...QUESTION, ...options], environment);
    expect(errors).toMatch(why);
    expect({ status, output }).toEqual({ status: 2, output: '' });
  });

  it('is named with what chose it if it cannot be reached', async () => {
    using her = new Somebody();
    her.file('config.yaml', 'services: {prod: {api: "http://127.0.0.1:9"}}\n');
    const variable = await her.run(QUESTION, { EKS_WHOIS_API: 'http://127.0.0.1:9' });
    expect(variable).toMatchObject({ status: 1 });
    expect(variable.errors).toContain('Check EKS_WHOIS_API');
    const named = await her.run([...QUESTION, '--service', 'prod']);
    expect(named.errors).toContain(`Check service prod of ${her.configuration}`);
  });

  it('is queried with its own profile, unless --profile names another', async () => {
    using her = new Somebody();
    her.file('config.yaml', 'services: {prod: {table: eks-whois-prod, profile: hers, region: eu-west-1}}\n');
    for (const [more, profile] of [
      [[], 'hers'],
      [['--profile', 'mine'], 'mine'],
    ] as const) {
      const { status, errors } = await her.run([...QUESTION, '--service', 'prod', ...more]);
      expect(errors).toContain(`There is no AWS profile ${profile}`);
      expect(status).toBe(1);
    }
  });

  it('is not read from the file if an option or a variable names it', async () => {
    await using service = await startNoting();
    using her = new Somebody();
    her.file('config.yaml', 'no: such: thing');
    expect((await her.run(['sessions', '--api', service.url])).status).toBe(0);
    expect((await her.run(['sessions'], { EKS_WHOIS_API: service.url })).status).toBe(0);
    expect((await her.run(['sessions'])).status).toBe(1);
  });
});

describe('a command that queries AWS', () => {
  const OFFLINE = ['', 'cost', 'kubeconfig', 'kubeconfig list', 'kubeconfig use', 'clusters', 'completion'];
  const OF_THE_FILE = ['configure', 'configure list', 'configure use', 'configure remove', 'configure check'];

  it('accepts a profile and a Region', async () => {
    const all = allCommands(commandTree(await buildProgram())).filter(({ path }) => path.at(-1) !== 'help');
    const without = all.filter(({ options }) => {
      const names = options.flatMap((option) => option.names);
      return !['--profile', '--region'].every((name) => names.includes(name));
    });
    expect(without.map(({ path }) => path.join(' ')).toSorted()).toEqual([...OFFLINE, ...OF_THE_FILE].toSorted());
  });

  it.each(['--profile', '--region', '--service', '--api'])('accepts one %s if it can use only one', async (option) => {
    using her = new Somebody();
    const { status, errors } = await her.run([...QUESTION, option, 'eu-west-1', option, 'eu-west-2']);
    expect(errors).toBe(
      `eks-whois: ${option} is given twice, eu-west-1 and eu-west-2, but takes one value: leave one out.\n`,
    );
    expect(status).toBe(2);
  });
});

describe('whois', () => {
  it('queries the named service for an audit ID, and CloudTrail for everything else unless --service says otherwise', async () => {
    await using service = await startNoting();
    using her = new Somebody();
    her.file('config.yaml', `services: {prod: {api: "${service.url}"}}\n`);
    const variable = { EKS_WHOIS_API: service.url };
    const principal = ['whois', '--principal', 'AROAEXAMPLE1234567890:jane', '--at', '2h'];
    await her.run(['whois', '--audit-id', 'a'], variable);
    expect(service.requests.splice(0).map(({ pathname }) => pathname)).toEqual(['/whois']);
    await her.run(principal, { ...variable, AWS_REGION: 'eu-west-1' });
    expect(service.requests).toEqual([]);
    await her.run([...principal, '--service', 'prod'], {});
    expect(service.requests.map(({ searchParams }) => searchParams.get('principal'))).toEqual([
      'AROAEXAMPLE1234567890:jane',
    ]);
  });
});

describe('a pasted text', () => {
  const ID = '60e442b4-3ced-423b-a0e2-2c3a7220f24e';

  it.each(['ana@example.com', 'ana.silva', 'AROAXVZ4W4DLQPEXAMPLE', 'system:serviceaccount:orders:checkout', ID])(
    'is looked up in the configured service if CloudTrail cannot be searched for it: %s',
    async (text) => {
      await using service = await startNoting();
      using her = new Somebody();
      await her.run(['whois', text], { EKS_WHOIS_API: service.url });
      expect(service.requests.length).toBeGreaterThan(0);
      her.file('config.yaml', `services: {prod: {api: "${service.url}"}}\ndefault: prod\n`);
      service.requests.splice(0);
      await her.run([text.includes('.') ? text : `"${text}"`], {});
      expect(service.requests.length).toBeGreaterThan(0);
    },
  );

  it.each(['ASIA77YCHGK2XEXAMPLE', 'AROAXVZ4W4DLQPEXAMPLE:jane', ID])(
    'is looked up in CloudTrail if CloudTrail may know it: %s',
    async (text) => {
      await using service = await startNoting();
      using her = new Somebody();
      const { status, errors } = await her.run(['whois', text], {
        EKS_WHOIS_API: service.url,
        AWS_REGION: 'eu-west-1',
      });
      expect([status, errors]).toEqual([
        1,
        expect.stringContaining('CloudTrail did not answer in any account or Region'),
      ]);
      expect(errors.includes('Looking it up in CloudTrail as an event ID')).toBe(text === ID);
      expect(service.requests.length > 0).toBe(text === ID);
    },
  );

  it('that is a person gets a message with what to give if no service is configured', async () => {
    using her = new Somebody();
    const { status, errors } = await her.run(['ana@example.com'], { AWS_REGION: 'eu-west-1' });
    expect(status).toBe(1);
    for (const message of [
      'CloudTrail did not answer in any account or Region',
      '--api',
      '--table',
      '--audit PATH --cloudtrail PATH',
    ])
      expect(errors).toContain(message);
  });

  it('that is a service account gets a message with what it is, and what to give', async () => {
    using her = new Somebody();
    const { status, output, errors } = await her.run(['system:serviceaccount:orders:checkout']);
    expect([status, errors]).toEqual([0, 'CloudTrail was not queried: it cannot be searched by this\n']);
    for (const words of [
      'A service account is the identity of programs in pods',
      'eks-whois related AUDIT-ID',
      '--audit with',
      '--api or',
    ])
      expect(output).toContain(words);
  });

  it('with options that the configured service does not have is wrong usage', async () => {
    using her = new Somebody();
    const several = ['--region', 'eu-west-1', '--region', 'eu-west-2'];
    const { status, errors } = await her.run(['ana@example.com', ...several], { EKS_WHOIS_TABLE: 'eks-whois-prod' });
    expect([status, errors]).toEqual([2, expect.stringContaining('a service runs in one account and Region')]);
  });
});

describe('doctor', () => {
  it('uses no service if it checks files only', async () => {
    using her = new Somebody();
    const file = her.file('entries.json', '[]');
    const offline = ['doctor', '--offline', '--access-entries', file];
    expect(await her.run([...offline, '--service', 'prod'])).toMatchObject({
      status: 2,
      errors:
        'eks-whois: --offline queries no service, but one is given. Leave out --offline, or leave out --api, --table and --service.\n',
    });
    expect((await her.run(offline, { EKS_WHOIS_API: 'no address' })).errors).not.toContain('EKS_WHOIS_API');
  });
});

describe('the default cluster of records', () => {
  const NOTE = 'eks-whois: Only cluster prod (from EKS_WHOIS_CLUSTER). -A searches all clusters.\n';

  it.each([
    [['--actor', 'alice'], 'prod'],
    [['--since', '2026-03-10T08:00:00Z'], 'prod'],
    [['--no-system', '--not-verb', 'get'], 'prod'],
    [['--actor', 'alice', '--cluster', 'shop'], 'shop'],
    [['--actor', 'alice', '-A'], null],
    [['--actor', 'alice', '--all-clusters'], null],
    [['--actor', 'alice', '--not-cluster', 'shop'], null],
    [['--audit-id', 'a'], null],
  ])('is EKS_WHOIS_CLUSTER for %j %s, and a note says so', async (args, cluster) => {
    await using service = await startNoting();
    using her = new Somebody();
    const { status, errors } = await her.run(['records', '--api', service.url, ...args], { EKS_WHOIS_CLUSTER: 'prod' });
    expect(status).toBe(0);
    expect(clustersOf(service)).toContain(cluster);
    expect(errors.includes(NOTE)).toBe(cluster === 'prod');
  });

  it('is that of the configuration if the variable is empty', async () => {
    await using service = await startNoting();
    using her = new Somebody();
    her.file('config.yaml', 'cluster: shop\n');
    const { errors } = await her.run([...QUESTION, '--api', service.url], { EKS_WHOIS_CLUSTER: '' });
    expect(clustersOf(service)).toContain('shop');
    expect(errors).toContain(`Only cluster shop (from ${her.configuration}). -A searches all clusters.`);
    await her.run([...QUESTION, '--api', service.url], { EKS_WHOIS_CLUSTER: 'prod' });
    expect(clustersOf(service)).toContain('prod');
  });

  it('is no filter by itself, and does not apply with --all-clusters', async () => {
    using her = new Somebody();
    const environment = { EKS_WHOIS_CLUSTER: 'prod' };
    const nothing = await her.run(['records'], environment);
    expect(nothing).toMatchObject({ status: 2 });
    expect(nothing.errors).toMatch(/^eks-whois: Nothing selects which records/);
    expect(await her.run(['records', '-A', '--cluster', 'shop'], environment)).toMatchObject({
      status: 2,
      errors: 'eks-whois: --cluster and --all-clusters exclude each other: leave one of them out.\n',
    });
  });
});
