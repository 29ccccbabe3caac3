import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PARAMETER_NAMES, readParameters } from '../../infra/parameters.ts';

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
});

describe('serverless.yml', () => {
  it('has no variable that packaging would have to ask an account for', () => {
    expect(readFileSync(join(import.meta.dirname, '../../serverless.yml'), 'utf8')).not.toMatch(
      /\$\{(?:aws|ssm|cf|s3|secretsManager)[:(]/,
    );
  });
});
