import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { environmentOf } from '../../infra/environment.ts';
import { type GivenNames, wrongNames } from '../../infra/parameter-names.ts';
import { PARAMETER_NAMES, readParameters } from '../../infra/parameters.ts';
import type { JsonObject } from '../../lib/json.ts';
import { deployed } from '../functions/deployed.ts';
import { packaged, propertiesOf } from './packaged.ts';
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
    expect(problems({ recordDays: 400 })).toHaveLength(1);
  });

  it('are as many accounts as a function’s environment and the policies have room for', () => {
    const accounts = Array.from({ length: 80 }, (_, at) => String(100_000_000_000 + at));
    expect(problems({ accounts })).toEqual([expect.stringMatching(/^accounts, .*4401 bytes .* room for 3300/)]);
    const fewer = deployed({ clusters: 'prod', accounts: accounts.slice(0, 59) });
    const settle = JSON.stringify(environmentOf(fewer, 'settle')).replaceAll('${AWS::Partition}', 'aws-us-gov');
    expect(settle.length).toBeLessThan(4_096);
    const policyOf = (table: JsonObject) => JSON.stringify(table.ResourcePolicy ?? '').length;
    const policies = propertiesOf(ownTemplate(fewer), 'AWS::DynamoDB::Table').map(policyOf);
    expect(Math.max(...policies)).toBeLessThan(20_480);
  });
});

it('a username template that the functions would refuse to start with is told before it is deployed', () => {
  const usernameTemplates = ['admin:{{SessionName}}', 'x:{{ SessionName }}', 'y:{{Role}}'];
  const read = readParameters({ ...DEFAULTS, usernameTemplates });
  expect(read.ok ? [] : read.problems).toEqual([
    expect.stringMatching(/^usernameTemplates: .*x:\{\{ SessionName \}\}/),
    expect.stringMatching(/^usernameTemplates: .*\{\{Role\}\}/),
  ]);
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

  it('stop osls, in one sentence each and without a stack trace', async () => {
    const failed = packaged(['cluster=prod', 'regionz=1', 'deadlineMinutes=0']);
    await expect(failed).rejects.toThrow(/Did you mean clusters\?\n.*regionz: .*\n.*deadlineMinutes: must be/);
    await expect(failed).rejects.not.toThrow(/Did you mean clusters[\s\S]*Did you mean clusters/); // osls asks thrice
    await expect(failed).rejects.not.toThrow(/\n {4}at /);
  });
});

describe('serverless.yml', () => {
  it('has no variable that packaging would have to ask an account for', () => {
    expect(readFileSync(join(import.meta.dirname, '../../serverless.yml'), 'utf8')).not.toMatch(
      /\$\{(?:aws|ssm|cf|s3|secretsManager)[:(]/,
    );
  });
});
