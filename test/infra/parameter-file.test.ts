import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { parametersOf, settingsOf, stagesOf } from '../../infra/parameter-file/parameter-file.ts';
import { parameterFileSchema } from '../../infra/parameter-file/schema.ts';
import { type ParameterFile, parseParameterFile } from '../../infra/parameter-file/text.ts';
import { DEFAULTS, PARAMETER_NAMES, parameter } from '../../infra/parameters.ts';
import { objectAt, textAt } from '../../lib/json.ts';
import { SCHEMA as SCHEMA_FILE } from '../../release/package.ts';
import { cases } from '../builders/chance.ts';

const ROOT = join(import.meta.dirname, '../..');
const SERVERLESS = readFileSync(join(ROOT, 'serverless.yml'), 'utf8');
const SCHEMA = parameterFileSchema();
const validate = new Ajv().compile(SCHEMA);

function problems(text: string): readonly string[] {
  const read = parseParameterFile('eks-whois.yaml', text);
  return read.ok ? [] : read.problems;
}

function fileOf(text: string): ParameterFile {
  const read = parseParameterFile('eks-whois.yaml', text);
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return read.value;
}

describe('eks-whois.yaml', () => {
  const FILE = fileOf(`
stage: prod
region: eu-west-1
clusters: [prod-1]
accounts: [012345678901, "444455556666"]   # unquoted ids keep their zeros
usernameTemplates:
  - admin:{{SessionName}}
  - 'a,b:{{SessionName}}'
recordDays: 30
stages:
  prod:
    clusters: [prod-1, prod-2]
    alertEmail: security@example.com
  test:
    region: eu-central-1
    recordDays: 7
  empty:
`);

  it('states the parameters of a stage: its own have precedence over those for all stages', () => {
    expect(settingsOf(FILE)).toEqual({
      path: 'eks-whois.yaml',
      stage: 'prod',
      region: 'eu-west-1',
      parameters: {
        clusters: ['prod-1', 'prod-2'],
        accounts: ['012345678901', '444455556666'],
        usernameTemplates: ['admin:{{SessionName}}', 'a,b:{{SessionName}}'],
        recordDays: '30',
        alertEmail: 'security@example.com',
      },
    });
    expect(settingsOf(FILE, 'test')).toMatchObject({ region: 'eu-central-1', parameters: { clusters: ['prod-1'] } });
    expect(stagesOf(FILE)).toEqual(['prod', 'test', 'empty']);
    expect(stagesOf(fileOf('stages: {a: , b: }'))).toEqual(['a', 'b']);
    expect(stagesOf(fileOf(''))).toEqual(['dev']);
  });

  it('uses the stage of serverless.yml if it names none', () => {
    expect(parse(SERVERLESS).provider.stage).toContain(`'${settingsOf(fileOf('')).stage}'`);
  });

  it('keeps a comma as part of an entry', () => {
    const read = parametersOf(FILE, 'prod');
    expect(read).toMatchObject({
      ok: true,
      value: { usernameTemplates: ['admin:{{SessionName}}', 'a,b:{{SessionName}}'] },
    });
  });

  it('reports all mistakes at once, each with its line, a similar name and the accepted values', () => {
    const wrong = `stagee: prod
region: europe
clusterz: [a]
recordDays: soon
recordDays: 30
serviceAccounts: tokns
clusters: a, b
accounts:
  - "1"
  - 444455556666
usernameTemplates: [{{SessionName}}, "x:{{ SessionName }}"]
alertOn: [unatributed]
nodeTraffic: yes
kmsKeyArn:
alertEmail: [x@example.com]
stages:
  prod:
    stage: x
    cluster: [a]
  "my stage":
    clusters: []
`;
    expect(problems(wrong)).toEqual([
      'eks-whois.yaml:1: stagee: unknown key in the file. Did you mean stage?',
      'eks-whois.yaml:2: region: must be an AWS Region; it is "europe".',
      'eks-whois.yaml:3: clusterz: unknown key in the file. Did you mean clusters?',
      'eks-whois.yaml:4: recordDays: must be a whole number from 1 to 3650; it is "soon".',
      'eks-whois.yaml:5: recordDays: this key is used twice, first in line 4. Remove one.',
      'eks-whois.yaml:6: serviceAccounts: must be one of none, tokens, all; it is "tokns". Did you mean tokens?',
      'eks-whois.yaml:7: clusters: is text. Write a list: ["a","b"].',
      'eks-whois.yaml:9: accounts: must be a list of account IDs of 12 digits; "1" does not fit.',
      expect.stringMatching(/^eks-whois\.yaml:11: usernameTemplates: has an entry that is a mapping\. Write .* quotes/),
      expect.stringMatching(/^eks-whois\.yaml:11: usernameTemplates: The username template "x:\{\{ SessionName \}\}"/),
      expect.stringMatching(
        /^eks-whois\.yaml:12: alertOn: must be a list of some of .*; it is "unatributed"\. Did you mean unattributed\?$/,
      ),
      'eks-whois.yaml:13: nodeTraffic: must be one of true, false; it is "yes".',
      'eks-whois.yaml:14: kmsKeyArn: has no value. Write "" for none, or remove the line.',
      'eks-whois.yaml:15: alertEmail: is a list. Write an email address as text. Use quotes if it begins with { or contains ": ".',
      'eks-whois.yaml:18: stage: allowed only at the top of the file. Move it there.',
      'eks-whois.yaml:19: cluster: unknown key in stages.prod. Did you mean clusters?',
      'eks-whois.yaml:20: stages: "my stage" is not a stage name. Use letters, digits and -.',
    ]);
  });

  it.each([
    ['a tab', 'stages:\n\tprod:\n', /:2: a tab is not allowed as indentation\. Use spaces\.$/],
    ['a list', '- clusters\n', /:1: the file is a list\. Write keys with values/],
    ['a text', '\nclusters\n', /:2: the file has text, but no keys\. Write keys with values/],
    ['another document', 'stage: a\n---\nstage: b\n', /:2: another YAML document begins here/],
    [
      'an open quote',
      'stage: "prod\n',
      /:2: this cannot be read as YAML: Missing closing "quote\. Correct it there\.$/,
    ],
    ['an open bracket', 'clusters: [a\nstage: b\n', /:\d: this cannot be read as YAML: /],
    ['an alias', 'clusters: &a [x]\nfindClusters: *a\n', /:2: findClusters: is an alias, \*a\. Write a list/],
    ['a merge key', '<<: {stage: a}\n', /:1: "<<": unknown key in the file/],
    [
      'a tag',
      'alertEmail: !Ref Email\n',
      /:1: this cannot be read as YAML: Unresolved tag: !Ref\. Correct it there\.$/,
    ],
    ['a key that is a list', '? [a]\n: b\n', /:1: a key must be text\.$/],
    ['a stage that is a list', 'stages:\n  prod: [a]\n', /:2: stages\.prod is a list\. Write keys/],
    ['a variable of osls', 'jwtAudience: ["${env:SECRET}"]\n', /:1: jwtAudience: contains \$\{, which osls/],
    ['what a terminal obeys', 'jwtAudience: ["\\e[31mx"]\n', /:1: jwtAudience: has an invisible character/],
    ['a key of prototypes', '__proto__: {clusters: [a]}\n', /:1: __proto__: unknown key in the file\. Use stage/],
    ['no word near', 'zzzzzz: 1\n', /which eks-whois\.schema\.json lists\.$/],
    ['a number of no value', 'recordDays:\n', /:1: recordDays: has no value\. Write one, or remove the line\.$/],
    ['an empty entry', 'clusters:\n  - a\n  -\n', /:3: clusters: has an empty entry\. /],
  ])('is refused with %s, and the message says where', (_, text, message) => {
    expect(problems(text)).toEqual([expect.stringMatching(message)]);
  });

  it('shows the line of one of two parameters that contradict each other', () => {
    const file = fileOf('clusters: [a]\nstages:\n  prod:\n    recordDays: 400\n  test: {stack: ingest-only}\n');
    expect(parametersOf(file, 'prod')).toEqual({
      ok: false,
      problems: [expect.stringMatching(/^eks-whois\.yaml:4: stage prod: sessionDays: must be /)],
    });
    expect(parametersOf(file, 'test')).toEqual({
      ok: false,
      problems: [
        expect.stringMatching(/^eks-whois\.yaml:5: stage test: hubRegion/),
        expect.stringMatching(/^eks-whois\.yaml:5: stage test: hubAccount/),
      ],
    });
    expect(parametersOf(file, 'other')).toMatchObject({ ok: true });
  });

  it('never throws, whatever the file contains, and reports no mistake without a line', () => {
    const words = fc.constantFrom(
      'stages:',
      'prod:',
      'clusters:',
      ' ',
      '  ',
      '\n',
      '- ',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '&a',
      '*a',
      '!!str',
      '#',
      '\t',
      ':',
      '---',
      '|',
      '>',
      'x',
      '0',
      '\u0000',
      '\u202e',
    );
    fc.assert(
      fc.property(
        fc.array(words, { maxLength: 25 }).map((each) => each.join('')),
        (text) => {
          for (const problem of problems(text)) expect(problem).toMatch(/^eks-whois\.yaml:\d+: \S/);
        },
      ),
      { numRuns: cases(200) },
    );
  });

  it('reports endless nesting as one mistake', () => {
    expect(problems(`clusters: ${'['.repeat(1_000)}`)).toEqual([expect.stringContaining('nested too deeply')]);
  });
});

describe('the schema of eks-whois.yaml', () => {
  it('describes each parameter, with its default', () => {
    const definitions = objectAt(SCHEMA, 'definitions');
    for (const name of PARAMETER_NAMES) {
      const definition = objectAt(definitions, name);
      expect(textAt(definition, 'description')?.length, name).toBeGreaterThan(20);
      expect(definition?.default, name).toEqual(DEFAULTS[name]);
    }
    expect(objectAt(definitions, 'clusters')).toMatchObject({
      description: 'The EKS clusters of this account and Region to whose audit log the service subscribes.',
    });
  });

  it('accepts the defaults, and so does the reader', () => {
    expect(validate(DEFAULTS)).toBe(true);
    expect(problems(stringify(DEFAULTS))).toEqual([]);
  });

  /** Values that are right for some parameters, and values that are right for none. */
  const VALUES: readonly unknown[] = [
    ...['', 'prod-1', 'all', 'true', '444455556666', 'eu-west-1', 'x@example.com', '/audit/a=audit'],
    ...['https://x', 'arn:aws:kms:eu-west-1:111122223333:key/0-0', 'a b', 'unattributed'],
    ...[true, 0, 30, 1_000, 4_000, 1.5, -1, null, { a: 'b' }],
  ];
  /** Parameters whose readers refuse more than their patterns. */
  const READ_FURTHER = ['usernameTemplates', 'trustedProxies', 'samePerson', 'record'];

  it.each(PARAMETER_NAMES)(
    'accepts for %s only what the reader accepts, and refuses only values of another type',
    (name) => {
      for (const value of [...VALUES, ...VALUES.map((each) => [each]), []]) {
        const text = JSON.stringify({ [name]: value });
        const isTaken = problems(text).length === 0;
        const fits = validate({ [name]: value });
        if (fits && !READ_FURTHER.includes(name)) expect(isTaken, text).toBe(true);
        else if (isTaken && !fits) expect(typeOf(value), `${text} is refused by the schema`).not.toBe(wantedType(name));
      }
    },
  );

  function typeOf(value: unknown): string {
    return typeof (Array.isArray(value) ? value[0] : value);
  }

  function wantedType(name: (typeof PARAMETER_NAMES)[number]): string {
    const { items, ...own } = parameter(name).reads.schema;
    const { type, enum: words } = items ?? own;
    if (type === 'integer') return 'number';
    return type ?? typeof words?.[0];
  }

  it.each([
    [{ stagee: 'prod' }],
    [{ stage: 'my stage' }],
    [{ region: 'europe' }],
    [{ stages: { 'my stage': {} } }],
    [{ stages: { prod: { stage: 'x' } } }],
    [{ stages: { prod: { recordDays: 0 } } }],
    [{ stages: [] }],
  ])('refuses %j, as the reader does', (value) => {
    expect(validate(value)).toBe(false);
    expect(problems(stringify(value))).toHaveLength(1);
  });
});

describe('the example', () => {
  const TEXT = readFileSync(join(ROOT, 'eks-whois.example.yaml'), 'utf8');

  it('is read without a complaint for each of its stages, and matches the schema that it names', () => {
    const file = fileOf(TEXT);
    for (const stage of stagesOf(file)) expect(parametersOf(file, stage)).toMatchObject({ ok: true });
    const value: unknown = parse(TEXT);
    validate(value);
    expect(validate.errors).toBe(null);
    const [, named = ''] = /^# yaml-language-server: \$schema=\.\/(.+)$/m.exec(TEXT) ?? [];
    expect(named).toBe(SCHEMA_FILE);
  });
});
