import { afterEach, describe, expect, it } from 'vitest';
import { optionsWithFile, readTyped } from '../../infra/by-file.ts';
import { findParameterFile, readParameterFile } from '../../infra/parameter-file/parameter-file.ts';
import { parseParameterFile } from '../../infra/parameter-file/text.ts';
import { readStack } from '../../infra/stack.ts';
import { Folder } from '../builders/command.ts';

const TEXT = `stage: prod
region: eu-west-1
clusters: [prod-1]
usernameTemplates: ['a,b:{{SessionName}}']
logDays: 60
stages:
  prod: {alertEmail: security@example.com}
  staging: {region: eu-central-1, recordDays: 400}
`;

function by(typed: string, text = TEXT, { namesStage = true } = {}) {
  const file = parseParameterFile('eks-whois.yaml', text);
  if (!file.ok) throw new Error(file.problems.join());
  const read = optionsWithFile(readTyped(typed.split(' ').filter(Boolean)), file.value, { namesStage });
  return read.ok ? { ...read.value, options: read.value.options.join(' ') } : read.problems;
}

describe('npm run deploy with eks-whois.yaml', () => {
  it.each([
    ['', '--stage prod --region eu-west-1'],
    ['--stage staging', '--stage staging --region eu-central-1'],
    ['-s staging -r us-east-1', '-s staging -r us-east-1'],
    ['--stage=prod --region=us-east-1', '--stage=prod --region=us-east-1'],
    ['--config other.yaml --param clusters=x', '--param clusters=x --stage prod --region eu-west-1'],
    ['--config=other.yaml --verbose', '--verbose --stage prod --region eu-west-1'],
  ])('typed as %j calls osls with %j: what is typed has precedence', (typed, options) => {
    expect(by(typed)).toMatchObject({ options });
  });

  it('says in one line what it takes from the file', () => {
    expect(by('--param logDays=30')).toMatchObject({
      notice: 'Using eks-whois.yaml, stage prod, Region eu-west-1: clusters, usernameTemplates, alertEmail.',
    });
    expect(by('', 'stages: {}')).toMatchObject({ notice: 'Using eks-whois.yaml, stage dev: no parameter.' });
  });

  it('refuses a mistyped stage, which would be a new stack', () => {
    expect(by('--stage pord')).toEqual([
      'eks-whois.yaml has no stage pord. Did you mean prod? If not, add pord: below stages in the file.',
    ]);
    expect(by('--stage demo')).toMatchObject({ options: '--stage demo --region eu-west-1' });
  });

  it('asks for the stage if the file has several and names none', () => {
    const text = 'stages: {prod: {clusters: [a]}, test: {}}';
    expect(by('', text)).toEqual([
      'Which stage? eks-whois.yaml has prod, test. Add --stage, or write stage: in the file.',
    ]);
    expect(by('--stage test', text)).toMatchObject({ options: '--stage test' });
  });

  it('removes no stage that only the file names', () => {
    expect(by('', TEXT, { namesStage: false })).toEqual([
      'Which stage? eks-whois.yaml names the stage prod. If you mean it, add --stage prod.',
    ]);
    expect(by('--stage prod', TEXT, { namesStage: false })).toMatchObject({
      options: '--stage prod --region eu-west-1',
    });
  });

  it('finds the file in the current folder or in the checkout, and asks if there are two', async () => {
    using here = new Folder();
    using checkout = new Folder();
    const folders = [here.path, checkout.path];
    expect(await findParameterFile(undefined, folders)).toEqual({ ok: true, value: undefined });
    const own = checkout.file('eks-whois.yaml', TEXT);
    expect(await findParameterFile(undefined, folders)).toEqual({ ok: true, value: own });
    const typed = here.file('eks-whois.yaml', TEXT);
    expect(await findParameterFile(undefined, folders)).toEqual({
      ok: false,
      problems: [`There are two files: ${typed} and ${own}. Choose one with --config FILE.`],
    });
    expect(await findParameterFile('eks-whois.yaml', folders)).toEqual({ ok: true, value: typed });
    expect(await findParameterFile(undefined, [here.path, here.path])).toEqual({ ok: true, value: typed });
  });

  it('says what cannot be read', async () => {
    using folder = new Folder();
    const read = (path: string) => readParameterFile(path, 'shown.yaml');
    expect(await read(folder.at('none.yaml'))).toEqual({
      ok: false,
      problems: ['shown.yaml does not exist. Check the path.'],
    });
    expect(await read(folder.path)).toEqual({ ok: false, problems: ['shown.yaml is a folder: name a file.'] });
    expect(await read(folder.file('latin.yaml', Buffer.from('clusters: [\xe4]', 'latin1')))).toMatchObject({
      ok: false,
    });
  });
});

describe('the parameters that osls gets', () => {
  afterEach(() => {
    delete process.env.EKS_WHOIS_PARAMETER_FILE;
  });

  /** Reads the stack as osls does for the file that serverless.yml includes. */
  function readAs(stage: string, param: readonly string[] = []) {
    const values: Record<string, unknown> = { 'self:service': 'eks-whois', 'sls:stage': stage };
    return readStack({
      options: { param },
      resolveConfigurationProperty: async () => ({
        default: { heartbeatHours: 25, recordDays: 91 },
        prod: { recordDays: null },
      }),
      resolveVariable: async (name) => values[name],
    });
  }

  const kept = async (stage: string, param?: readonly string[]) =>
    (await readAs(stage, param)).resources.Metadata.Parameters;

  it('come from the file’s stage, over serverless.yml and under --param', async () => {
    using folder = new Folder();
    process.env.EKS_WHOIS_PARAMETER_FILE = folder.file('eks-whois.yaml', TEXT);
    expect(await kept('prod')).toMatchObject({
      clusters: ['prod-1'],
      usernameTemplates: ['a,b:{{SessionName}}'],
      alertEmail: 'security@example.com',
      recordDays: 91,
      heartbeatHours: 25,
    });
    expect((await readAs('prod')).logDays).toBe(60);
    expect(await kept('prod', ['clusters=prod-2'])).toMatchObject({ clusters: ['prod-2'], logDays: 60 });
    await expect(readAs('staging')).rejects.toThrow(/sessionDays: must be .* \(.*eks-whois\.yaml:8\)/);
    expect(await kept('staging', ['sessionDays=400'])).toMatchObject({ recordDays: 400, alertEmail: '' });
  });

  it('do not come from a file with mistakes', async () => {
    using folder = new Folder();
    process.env.EKS_WHOIS_PARAMETER_FILE = folder.file('eks-whois.yaml', 'cluster: [a]\n');
    await expect(readAs('prod')).rejects.toThrow(
      /eks-whois\.yaml:1: cluster: unknown key in the file\. Did you mean clusters/,
    );
  });
});
