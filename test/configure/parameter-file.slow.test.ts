import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULTS } from '../../infra/parameters.ts';
import { givenToTemplate } from '../../infra/plain/parameters.ts';
import { plainTemplate } from '../../infra/plain/template.ts';
import { REPOSITORY } from '../builders/command.ts';
import { Somebody } from './asking.ts';

const RULES = `stage: prod
clusters: [prod-1]
usernameTemplates: ['admin:{{SessionName}}', 'team,a:{{SessionName}}']
trustedProxies: [teleport]
logGroups: ['/audit/archive=audit']
stages:
  test:
    usernameTemplates: ['test:{{SessionName}}']
`;

const FILES = ['--audit', join(REPOSITORY, 'examples/audit'), '--cloudtrail', join(REPOSITORY, 'examples/cloudtrail')];
const unmet = (errors: string) =>
  [...errors.matchAll(/--(username-template|trusted-proxy) (.+?) (?:matches|impersonates)/g)].map(([, , text]) => text);

describe('--config of commands over files', () => {
  it('uses the rules of the stage as if they were given as options', async () => {
    using her = new Somebody();
    const file = her.file('rules.yaml', RULES);
    const { status, errors } = await her.run(['attribute', ...FILES, '--config', file]);
    expect(status).toBe(0);
    expect(unmet(errors)).toEqual(["'admin:{{SessionName}}'", "'team,a:{{SessionName}}'", 'teleport']);
    const other = await her.run(['attribute', ...FILES, '--config', file, '--stage', 'test']);
    expect(unmet(other.errors)).toEqual(["'test:{{SessionName}}'", 'teleport']);
  });

  it('gives precedence to each option with the same meaning', async () => {
    using her = new Somebody();
    const file = her.file('rules.yaml', RULES);
    const given = ['--username-template', 'mine:{{SessionName}}'];
    const { errors } = await her.run(['attribute', ...FILES, '--config', file, ...given]);
    expect(unmet(errors)).toEqual(["'mine:{{SessionName}}'", 'teleport']);
  });

  it('is not searched in the current folder, because the file may have come with the evidence', async () => {
    using her = new Somebody();
    const { output } = await her.run(['attribute', ...FILES]);
    her.file('eks-whois.yaml', 'trustedProxies: ["*"]\nnonsense: true\n');
    const beside = await her.run(['attribute', ...FILES]);
    expect(beside).toMatchObject({ status: 0, output });
  });

  it.each([
    [['--stage', 'prod'], 'eks-whois: --stage works only with --config. Add --config FILE.\n'],
    [
      ['--config', 'rules.yaml', '--stage', 'pord'],
      'eks-whois: --stage pord: rules.yaml has no such stage. It has prod, test.\n',
    ],
    [['--config', 'none.yaml'], 'eks-whois: none.yaml does not exist. Check the path.\n'],
    [
      ['--config', 'wrong.yaml'],
      'eks-whois: wrong.yaml:1: clusterz: unknown key in the file. Did you mean clusters?\nwrong.yaml:2: recordDays: must be a whole number from 1 to 3650; it is "x".\n',
    ],
    [
      ['--config', 'stages.yaml'],
      'eks-whois: stages.yaml sets trustedProxies for single stages. Choose one: --stage prod or test.\n',
    ],
  ])('%j is wrong usage', async (args, errors) => {
    using her = new Somebody();
    her.file('rules.yaml', RULES);
    her.file('wrong.yaml', 'clusterz: [a]\nrecordDays: x\n');
    her.file('stages.yaml', 'stages: {prod: {trustedProxies: [teleport]}, test: {}}\n');
    expect(await her.run(['attribute', ...FILES, ...args])).toEqual({ status: 2, output: '', errors });
  });

  it.each(['whois', 'incident', 'related'])('is accepted by %s too', async (command) => {
    using her = new Somebody();
    const file = her.file('rules.yaml', RULES);
    const { errors } = await her.run([command, 'b90d4f36-f87d-47cd-a132-32b7e09aed63', ...FILES, '--config', file]);
    expect(unmet(errors)).toEqual(expect.arrayContaining(["'admin:{{SessionName}}'", 'teleport']));
  });

  it('says nothing about recording to a command that records nothing', async () => {
    using her = new Somebody();
    her.file('stages.yaml', 'stages: {prod: {record: "omit-reads:leases"}, test: {}}\n');
    const { status, errors } = await her.run(['attribute', ...FILES, '--config', 'stages.yaml']);
    expect({ status, errors }).toEqual({ status: 0, errors: expect.not.stringContaining('record (') });
  });

  it('leaves log groups out if no files are read, and everything if a service has its own rules', async () => {
    using her = new Somebody();
    const file = her.file('rules.yaml', RULES);
    const key = ['whois', '--access-key-id', 'ASIAEXAMPLE123456789', '--config', file];
    const { errors } = await her.run([...key, '--api', 'http://127.0.0.1:9']);
    expect(errors).not.toMatch(/--username-template|--log-group/);
  });
});

describe('configure check', () => {
  it('shows the settings of a stage of a valid file, and the names of its stages', async () => {
    using her = new Somebody();
    her.file('eks-whois.yaml', RULES);
    const { status, output, errors } = await her.run(['configure', 'check', '-o', 'json']);
    expect({ status, errors }).toEqual({
      status: 0,
      errors: 'eks-whois: eks-whois.yaml has no mistakes: stages prod, test.\n',
    });
    expect(JSON.parse(output)).toMatchObject({
      stage: 'prod',
      parameters: { clusters: ['prod-1'], trustedProxies: ['teleport'] },
    });
    const table = await her.run(['configure', 'check', 'eks-whois.yaml', '--stage', 'test']);
    expect(table.output).toContain('usernameTemplates  test:{{SessionName}}\n');
  });

  it('reports all mistakes at once, and those of stages that contradict themselves', async () => {
    using her = new Somebody();
    her.file('a.yaml', 'cluster: [a]\naccounts: [1]\n');
    expect(await her.run(['configure', 'check', 'a.yaml'])).toEqual({
      status: 1,
      output: '',
      errors:
        'eks-whois: 2 mistakes in a.yaml:\na.yaml:1: cluster: unknown key in the file. Did you mean clusters?\n' +
        'a.yaml:2: accounts: must be a list of account IDs of 12 digits; "1" does not fit.\n',
    });
    her.file('b.yaml', 'stages: {prod: {recordDays: 400}}\n');
    expect(await her.run(['configure', 'check', 'b.yaml'])).toMatchObject({
      status: 1,
      errors: expect.stringMatching(
        /^eks-whois: 1 mistake in b\.yaml:\nb\.yaml:1: stage prod: sessionDays: must be at least/,
      ),
    });
  });

  it('shows nothing that a terminal would obey', async () => {
    using her = new Somebody();
    her.file('a.yaml', '"\\e[31mclusters\\u202e": 1\nalertEmail: "\\e]0;x"\n');
    const { errors } = await her.run(['configure', 'check', 'a.yaml']);
    expect(errors).toMatch(/a\.yaml:1: .*unknown key.*\n.*a\.yaml:2: alertEmail: has an invisible character/);
    expect(['\u001b', '\u202e'].filter((unsafe) => errors.includes(unsafe))).toEqual([]);
  });

  it('writes the parameters of the plain templates: clusters are found by their names, never all of them', async () => {
    using her = new Somebody();
    her.file('eks-whois.yaml', RULES);
    const { output } = await her.run(['configure', 'check', '-o', 'cloudformation']);
    expect(JSON.parse(output)).toEqual([
      { ParameterKey: 'Prefix', ParameterValue: 'eks-whois-prod' },
      { ParameterKey: 'FindClusters', ParameterValue: 'prod-1' },
      { ParameterKey: 'UsernameTemplates', ParameterValue: '["admin:{{SessionName}}","team,a:{{SessionName}}"]' },
      { ParameterKey: 'TrustedProxies', ParameterValue: '["teleport"]' },
      { ParameterKey: 'LogGroups', ParameterValue: '["/audit/archive=audit"]' },
    ]);
    her.file('eks-whois.yaml', 'jwtAudience: ["a,b"]\n');
    expect(await her.run(['configure', 'check', '-o', 'cloudformation'])).toMatchObject({
      status: 1,
      errors: expect.stringContaining('jwtAudience: an entry contains a comma'),
    });
  });

  it.each(['hub', 'spoke'] as const)('knows the parameters of the template of a %s', (kind) => {
    const stack = kind === 'hub' ? 'hub' : 'ingest-only';
    const given = givenToTemplate({ path: '', stage: 'prod', parameters: { ...asTexts(DEFAULTS), stack } });
    const ofCode = ['CodeBucket', 'CodeBucketOfRegion', 'CodePrefix'];
    const own = [...ofCode, 'ProtectTables', 'Forward', 'ForwardGetCallerIdentity', 'LookupRoleRegion'];
    const known = Object.keys(plainTemplate(kind, '1').Parameters);
    expect(given.ok && given.value.map(({ ParameterKey }) => ParameterKey).sort()).toEqual(
      known.filter((name) => !own.includes(name)).sort(),
    );
  });

  function asTexts(values: Readonly<Record<string, unknown>>): Record<string, string | readonly string[]> {
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? value.map(String) : String(value)]),
    );
  }
});
