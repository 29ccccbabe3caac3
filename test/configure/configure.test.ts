import { existsSync, readdirSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Somebody } from './asking.ts';

const COMMENTED = `# whom I ask
services:
  # the real one
  prod: {table: eks-whois-prod, profile: audit} # since March
  old:
    api: https://old.example # to go in May
default: prod
cluster: prod-1
`;

describe('configure check', () => {
  it('does not call a file that does not exist a mistake in it', async () => {
    using her = new Somebody();
    expect(await her.run(['configure', 'check'])).toEqual({
      status: 1,
      output: '',
      errors: 'eks-whois: eks-whois.yaml does not exist. Check the path.\n',
    });
  });
});

describe('configure set', () => {
  it('stores a service under a name, readable by nobody else; repeated, it changes nothing', async () => {
    using her = new Somebody();
    const args = ['configure', 'set', 'prod', '--table', 'eks-whois-prod', '--profile', 'audit', '--default'];
    const first = await her.run(args);
    expect(first).toMatchObject({ status: 0, errors: '' });
    expect(first.output).toBe(`prod is the tables eks-whois-prod, profile audit: written to ${her.configuration}\n`);
    const text = 'services:\n  prod:\n    table: eks-whois-prod\n    profile: audit\ndefault: prod\n';
    expect(her.read('config.yaml')).toBe(text);
    expect(statSync(her.configuration).mode & 0o777).toBe(0o600);
    const second = await her.run(args);
    expect(second.output).toBe(
      `prod is the tables eks-whois-prod, profile audit: nothing to change in ${her.configuration}\n`,
    );
    expect(her.read('config.yaml')).toBe(text);
    expect(readdirSync(her.path)).toEqual(['config.yaml']);
  });

  it('leaves the rest of the file as it was written, with the comments', async () => {
    using her = new Somebody();
    her.file('config.yaml', COMMENTED);
    const { status } = await her.run(['configure', 'set', 'old', '--api', 'https://new.example']);
    expect(status).toBe(0);
    expect(her.read('config.yaml')).toBe(COMMENTED.replace('old.example', 'new.example'));
  });

  it('replaces everything that the name stood for', async () => {
    using her = new Somebody();
    her.file('config.yaml', COMMENTED);
    await her.run(['configure', 'set', 'prod', '--api', 'https://prod.example', '--region', 'eu-west-1']);
    const { output } = await her.run(['configure', 'list', '-o', 'jsonl']);
    expect(
      output
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { name: 'prod', default: true, api: 'https://prod.example', region: 'eu-west-1' },
      { name: 'old', default: false, api: 'https://old.example' },
    ]);
    expect(her.read('config.yaml')).toContain('# the real one');
  });

  it.each([
    [['prod'], /has no address\. Give either --api/],
    [['prod', '--api', 'https://a.example', '--table', 'b'], /has two addresses\. Give either --api/],
    [['prod', '--api', 'a.example'], /--api is a\.example, which is not an http or https URL/],
    [['prod', '--api', 'https://jane:secret@a.example'], /Leave out the user, the password/],
    [['prod', '--api', 'https://a.example/?token=secret'], /Set a bearer token in EKS_WHOIS_TOKEN/],
    [['prod', '--table', 'a', '--region', 'europe'], /--region is europe, which is not a Region/],
    [['prod', '--table', 'a', '--profile', 'two\nlines'], /--profile takes one line/],
    [['my prod', '--table', 'a'], /my prod is not a valid name/],
    [['prod', '--table', 'a', '--table', 'b'], /--table is given twice, a and b/],
  ])('%j is wrong usage, and nothing is written', async (args, why) => {
    using her = new Somebody();
    const { status, output, errors } = await her.run(['configure', 'set', ...args]);
    expect(errors).toMatch(why);
    expect({ status, output }).toEqual({ status: 2, output: '' });
    expect(errors).not.toContain('secret');
    expect(existsSync(her.configuration)).toBe(false);
  });
});

describe('configure use and remove', () => {
  it('make a service the default, and remove one', async () => {
    using her = new Somebody();
    her.file('config.yaml', COMMENTED);
    expect((await her.run(['configure', 'use', 'old'])).output).toMatch(/^old is the default: written to /);
    expect(her.read('config.yaml')).toBe(COMMENTED.replace('default: prod', 'default: old'));
    const removed = await her.run(['configure', 'remove', 'old']);
    expect(removed).toMatchObject({
      status: 0,
      errors: 'eks-whois: It was the default. Without a default, the service on this machine is queried.\n',
    });
    const names = await her.run(['configure', 'list', '--output', 'names']);
    expect(names.output).toBe('prod\n');
    expect(her.read('config.yaml')).not.toMatch(/old|default/);
    expect(await her.run(['configure', 'remove', 'old'])).toMatchObject({
      status: 0,
      errors: '',
      output: `There is no service old: nothing to change in ${her.configuration}\n`,
    });
  });

  it('list the existing services if the name is unknown', async () => {
    using her = new Somebody();
    her.file('config.yaml', COMMENTED);
    const { status, errors } = await her.run(['configure', 'use', 'prdo']);
    expect(status).toBe(2);
    expect(errors).toContain(`there is no service prdo in ${her.configuration}. Did you mean prod?`);
    expect(her.read('config.yaml')).toBe(COMMENTED);
  });

  it('say that there is no file', async () => {
    using her = new Somebody();
    const { errors } = await her.run(['configure', 'use', 'prod']);
    expect(errors).toContain(`${her.configuration} does not exist, so no service is named prod. Add it with eks-whois`);
  });
});

describe('configure list', () => {
  it('shows the address and the sign-in of each service, and what overrides the file', async () => {
    using her = new Somebody();
    her.file('config.yaml', COMMENTED);
    const { output, errors } = await her.run(['configure', 'list'], { EKS_WHOIS_API: 'http://127.0.0.1:3000' });
    expect(output).toBe(
      [
        'DEFAULT  NAME  API                  TABLE           PROFILE  REGION',
        '*        prod                       eks-whois-prod  audit',
        '         old   https://old.example',
        '',
      ].join('\n'),
    );
    expect(errors).toBe(
      'eks-whois: Without --cluster, records shows cluster prod-1.\n' +
        'eks-whois: EKS_WHOIS_API=http://127.0.0.1:3000 overrides the file.\n',
    );
  });

  it('reads the file that the variables name, or else the one in the home folder', async () => {
    using her = new Somebody();
    const paths = { named: 'config.yaml', xdg: 'xdg/eks-whois/config.yaml', home: '.config/eks-whois/config.yaml' };
    for (const [name, path] of Object.entries(paths)) her.file(path, `services: {${name}: {table: a}}`);
    const listed = async (environment: Readonly<Record<string, string | undefined>>) =>
      (await her.run(['configure', 'list', '-o', 'names'], environment)).output;
    expect(await listed({ XDG_CONFIG_HOME: her.at('xdg') })).toBe('named\n');
    expect(await listed({ EKS_WHOIS_CONFIG: undefined, XDG_CONFIG_HOME: her.at('xdg') })).toBe('xdg\n');
    expect(await listed({ EKS_WHOIS_CONFIG: '', XDG_CONFIG_HOME: undefined })).toBe('home\n');
  });
});

describe('an invalid configuration', () => {
  it.each([
    [
      'defualt: prod',
      /its top level has an unknown key defualt\. Use services, default, cluster\. Did you mean default\?/,
    ],
    [
      'services: {prod: {apo: x}}',
      /services\.prod has an unknown key apo\. Use api, table, profile, region\. Did you mean api\?/,
    ],
    ['services: {prod: {api: https://a.example, token: secret}}', /services\.prod has an unknown key token/],
    ['services: {prod: {profile: audit}}', /services\.prod needs either api or table/],
    ['services: {prod: {api: https://a.example, table: a}}', /services\.prod needs either api or table/],
    ['services: {prod: {table: a, region: europe}}', /services\.prod\.region is europe, which is not a Region/],
    ['services: {prod: {table: [a]}}', /services\.prod\.table is not a text/],
    ['services: [prod]', /services is not a mapping/],
    ['services: {two words: {table: a}}', /has the name two words/],
    ['services: {prod: *gone}', /cannot be read/],
    ['services: {prod: {table: a}\n', /cannot be read as YAML/],
    ['default: a\ndefault: b', /cannot be read as YAML/],
  ])('%s is refused in a sentence, and is not changed', async (text, why) => {
    using her = new Somebody();
    her.file('config.yaml', text);
    for (const args of [['configure', 'list'], ['configure', 'set', 'b', '--table', 'b'], ['sessions']]) {
      const { status, output, errors } = await her.run(args);
      expect(errors).toMatch(why);
      expect(errors).toContain(her.configuration);
      expect(errors).not.toContain('secret');
      expect(errors.trimEnd().split('\n')).toHaveLength(1);
      expect({ status, output }).toEqual({ status: 1, output: '' });
    }
    expect(her.read('config.yaml')).toBe(text);
  });
});
