import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandOutcome, runAsProcess } from '../builders/command.ts';
import type { NotedService } from '../configure/asking.ts';
import { Somebody } from '../configure/asking.ts';
import { startKnown } from './known-service.ts';

/** Names of namespaces that try to make a shell run them, or a person read something else. */
const HOSTILE = [
  'pay$(touch pwned)',
  'pay`touch pwned`',
  'pay;touch pwned',
  'pay\ntouch pwned',
  'pay ments',
  'pay"ments',
  "pay'ments",
  'pay\\ments',
  'pay*',
  'pay{a,b}',
  'pay~',
  'pay#ments',
  'pay|ments',
  'pay\u001b[2J',
  'pay\u202estnem',
  'pау', // Cyrillic
  '--output-file=pay',
  '~pay',
  '=pay',
];

let service: NotedService;
let home: Somebody;
beforeAll(async () => {
  service = await startKnown({
    actors: ['alice', 'Alina', 'alice@example.com', 'bob'],
    namespaces: ['pay', 'payments', 'Pay', 'team:pay/one', 'shop', ...HOSTILE],
  });
  home = new Somebody();
});
afterAll(async () => {
  home[Symbol.dispose]();
  await service[Symbol.asyncDispose]();
});

/** Returns the names that the program gives to a completion script, one a line. */
async function values(
  kind: string,
  beginning: string,
  words: readonly string[] = ['--api', service.url],
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandOutcome & { readonly names: readonly string[] }> {
  const aws = { AWS_CONFIG_FILE: home.at('aws-config'), AWS_SHARED_CREDENTIALS_FILE: home.at('aws-credentials') };
  const args = ['completion', 'values', kind, beginning, 'eks-whois', ...words];
  const ran = await home.run(args, { ...aws, ...environment });
  return { ...ran, names: ran.output.split('\n').filter((name) => name !== '') };
}

describe('names that a shell offers', () => {
  it('are those of the directory that begin as typed, in that case', async () => {
    expect(await values('actors', 'ali')).toMatchObject({
      names: ['alice', 'alice@example.com'],
      errors: '',
      status: 0,
    });
    expect((await values('actors', 'Ali')).names).toEqual(['Alina']);
    expect((await values('clusters', '')).names).toEqual(['prod']);
    expect((await values('namespaces', 'team:pay/')).names).toEqual(['team:pay/one']);
  });

  it('are those of actors and roles if anybody can be meant, without bare words if these would be read as commands', async () => {
    const { names } = await values('anybody', '');
    const { names: roles } = await values('roles', '');
    expect(roles.length).toBeGreaterThan(0);
    expect(names).toEqual(['Alina', 'alice', 'alice@example.com', 'bob', ...roles]);
    expect((await values('pasted', 'al')).names).toEqual(['alice@example.com']);
  });

  it('are only namespaces of the clusters in the command line', async () => {
    await using two = await startKnown({ namespaces: ['shop', 'pay'], staging: ['shop', 'payroll'] });
    const of = async (...words: readonly string[]) =>
      (await values('namespaces', '', ['records', ...words, '--api', two.url])).names;
    expect(await of()).toEqual(['pay', 'payroll', 'shop']);
    expect(await of('--cluster', 'prod')).toEqual(['pay', 'shop']);
    expect(await of('--cluster=staging')).toEqual(['payroll', 'shop']);
    expect(await of('--cluster', '"staging"')).toEqual(['payroll', 'shop']);
    expect(await of('--cluster', 'prod', '--cluster', 'staging')).toEqual(['pay', 'payroll', 'shop']);
    expect(await of('--cluster', '$CLUSTER')).toEqual(['pay', 'payroll', 'shop']);
    expect((await values('clusters', '', ['records', '--cluster', 'x', '--api', two.url])).names).toEqual([
      'prod',
      'staging',
    ]);
  });

  it('are never names that a shell or a person could misread', async () => {
    expect((await values('namespaces', '')).names).toEqual(['Pay', 'pay', 'payments', 'shop', 'team:pay/one']);
    expect((await values('namespaces', 'pay')).names).toEqual(['pay', 'payments']);
  });

  it('cost one request, and none if no offered name can begin as typed', async () => {
    service.requests.length = 0;
    await values('namespaces', 'pay');
    expect(service.requests.map(({ pathname, search }) => pathname + search)).toEqual([
      '/known?kind=namespace&prefix=pay&limit=1000',
    ]);
    expect(await values('namespaces', 'pay$(')).toMatchObject({ names: [], errors: '', status: 0 });
    expect(service.requests).toHaveLength(1);
  });

  it('are found behind a quote that is not closed yet', async () => {
    expect((await values('namespaces', '"payme')).names).toEqual(['payments']);
  });

  it('are not offered if there are more than fit into one page, because those on the page may begin alike', async () => {
    const many = Array.from({ length: 1_001 }, (_, at) => `team-${at < 1_000 ? 'a' : 'b'}-${at}`);
    await using large = await startKnown({ namespaces: many });
    expect((await values('namespaces', 'team-', ['--api', large.url])).names).toEqual([]);
    expect((await values('namespaces', 'team-a', ['--api', large.url])).names).toHaveLength(1_000);
  });
});

describe('the service that is asked for names', () => {
  it('is the one that the command line, the environment or the configuration names', async () => {
    const ways: readonly [readonly string[], Readonly<Record<string, string>>][] = [
      [['records', `--api=${service.url}`, '--actor'], {}],
      [['records', '--api', `"${service.url}"`, '--actor'], {}],
      [[], { EKS_WHOIS_API: service.url }],
      [['--service', 'here'], {}],
      [[], {}],
    ];
    home.file('config.yaml', `services: {here: {api: "${service.url}"}}\ndefault: here\n`);
    for (const [words, environment] of ways)
      expect((await values('actors', 'bo', words, environment)).names).toEqual(['bob']);
    home.file('config.yaml', '');
  });

  it('is none if nothing names one: a service on this machine is not guessed', async () => {
    expect(await values('actors', '', [])).toMatchObject({ output: '', errors: '', status: 0 });
  });

  it.each([
    [['--service', 'gone'], /there is no service gone/],
    [['--api', '$API'], /is not expanded yet/],
    [['--api', 'http://127.0.0.1:9'], /cannot be reached/],
    [['--api', 'http://127.0.0.1:9', '--profile', 'gone'], /There is no AWS profile gone/],
  ])('is not another where %j names one that cannot be asked', async (words, why) => {
    home.file('config.yaml', `services: {here: {api: "${service.url}"}}\ndefault: here\n`);
    const { output, errors, status } = await values('actors', '', words);
    home.file('config.yaml', '');
    expect(output).toBe('');
    expect(errors).toMatch(why);
    expect(status).not.toBe(0);
  });

  it('is not waited for longer than a person would wait', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const question = runAsProcess(['completion', 'values', 'actors', '', '--api', `http://127.0.0.1:${port}`]);
    expect(await question).toEqual({ output: '', errors: 'eks-whois: no answer within 2 seconds.\n', status: 1 });
    silent.close();
  });
});

describe('names of this machine', () => {
  it('are the configured services', async () => {
    home.file('config.yaml', 'services: {prod: {table: a}, preview: {table: b}, staging: {table: c}}\n');
    expect((await values('services', 'pr', [])).names).toEqual(['prod', 'preview']);
    home.file('config.yaml', '');
  });

  it('are the profiles of the AWS CLI’s files', async () => {
    home.file(
      'aws-config',
      '[default]\n[profile audit]\nregion = eu-west-1\n[profile "au dit"]\n[sso-session audits]\n',
    );
    home.file('aws-credentials', '[audit]\n[auditor]\n[$(touch pwned)]\n');
    expect((await values('profiles', 'au', [])).names).toEqual(['audit', 'auditor']);
    expect((await values('profiles', '', [])).names).toEqual(['default', 'audit', 'auditor']);
  });

  it('are refused for any other kind', async () => {
    expect(await values('secrets', '')).toMatchObject({ output: '', status: 2 });
  });
});
