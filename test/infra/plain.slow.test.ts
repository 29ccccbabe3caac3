import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployment } from '../../infra/deployment.ts';
import { outputsOf } from '../../infra/outputs.ts';
import { PARAMETER_NAMES, type ParameterName, parameter, readParameters } from '../../infra/parameters.ts';
import { deployerTemplate } from '../../infra/plain/deployer.ts';
import { TYPE_ACTIONS } from '../../infra/plain/deployer-actions.ts';
import { organizationTemplate } from '../../infra/plain/organization.ts';
import { plainName, plainValue } from '../../infra/plain/parameters.ts';
import { allResources, type PlainTemplate, plainTemplate } from '../../infra/plain/template.ts';
import { isJsonObject, type JsonObject, objectAt, parseJson } from '../../lib/json.ts';
import { rollOutCode, templatesOf } from '../../release/templates.ts';
import { cases } from '../builders/chance.ts';
import { documentOf } from '../docs/document.ts';
import { evaluate, type ParameterValues } from './evaluate.ts';
import { type Package, packaged } from './packaged.ts';
import { OTHER } from './stacks.ts';

/** The path of cfn-lint, which `.ci/other-aws` installs. */
const { CFN_LINT } = process.env;

const ROOT = join(import.meta.dirname, '../..');
const TEMPLATES = { hub: plainTemplate('hub', '1.2.3'), spoke: plainTemplate('spoke', '1.2.3') };

/** Returns the value as JSON. Values that are no texts count as the text that CloudFormation makes of them. */
function asJson(value: unknown): JsonObject {
  const read = parseJson(
    JSON.stringify(value, (_, each) => (['number', 'boolean'].includes(typeof each) ? String(each) : each)),
  );
  if (!read.ok || !isJsonObject(read.value)) throw new Error('no JSON object');
  return read.value;
}

/** Returns the template without the intended differences between a plain template and osls'. */
function withoutDifferences(template: { Resources?: unknown; Outputs?: unknown }): JsonObject {
  const all = asJson(template.Resources);
  const resources = Object.entries(all).filter(([id]) => !ONLY_HERE.includes(id) && !OF_SPOKES.test(id));
  const outputs = Object.entries(asJson(template.Outputs)).filter(([id]) => !ONLY_HERE.includes(id));
  return {
    Resources: Object.fromEntries(resources.map(([id, each]) => [id, alike(id, each as JsonObject)])),
    Outputs: Object.fromEntries(outputs.map(([id, each]) => [id, sameText(each)])),
  };
}

/** Resources of osls only: its bucket for code, and its outputs. Users give a plain template the bucket. */
const ONLY_HERE = [
  ...['ServerlessDeploymentBucket', 'ServerlessDeploymentBucketPolicy'],
  'ServerlessDeploymentBucketName',
];
/** Resources of infra/forwarding.yml and infra/lookup-role.yml. A plain spoke contains them; users of osls deploy them separately. */
const OF_SPOKES = /^(?:Forward|Undelivered|LookupRoleOfHub$)/;

const DEFAULT_CAUSES = String(parameter('alertOn').default);

function without(object: JsonObject, key: string): JsonObject {
  const { [key]: _, ...rest } = object;
  return rest;
}

function alike(id: string, resource: JsonObject): unknown {
  // osls repeats in DependsOn what references name already, in lists that may be empty.
  const { DependsOn, Metadata, ...rest } = resource;
  const properties = { ...objectAt(resource, 'Properties') };
  delete properties.Code; // The place of the code differs.
  const { Variables: variables } = objectAt(properties, 'Environment') ?? {};
  if (isJsonObject(variables)) {
    const known = without(variables, 'SENDS_GRANTS'); // A spoke of osls does not know whether its Region forwards.
    // osls leaves the default out, a template cannot.
    properties.Environment = { Variables: known.ALERT_ON === DEFAULT_CAUSES ? without(known, 'ALERT_ON') : known };
  }
  if (properties.Path === '/') delete properties.Path; // Roles without a path have this one.
  // A template cannot derive a name from a log group's, so it has a fixed name.
  if (/^TrailSubscription.*Alarm$/.test(id)) delete properties.AlarmName;
  return sameText({ ...rest, Properties: properties });
}

/** Returns `Fn::Join` without a separator as the `Fn::Sub` with the same result. */
function sameText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sameText);
  if (!isJsonObject(value)) return value;
  const [between, parts] = (value['Fn::Join'] ?? []) as readonly unknown[];
  if (between === '' && Array.isArray(parts))
    return { 'Fn::Sub': parts.map((each) => (isJsonObject(each) ? `\${${String(each.Ref)}}` : each)).join('') };
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, sameText(each)]));
}

/** Returns the same choice as osls and as a plain template take it. */
function choice(parameters: Readonly<Partial<Record<ParameterName, string>>>) {
  const all = { findClusters: '*', ...parameters };
  const kind = all.stack === 'ingest-only' ? ('spoke' as const) : ('hub' as const);
  const read = readParameters(all);
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const of = deployment('eks-whois', 'dev', read.value);
  const names = PARAMETER_NAMES.filter((name) => plainName(name) in TEMPLATES[kind].Parameters);
  const values = names.map((name) => [plainName(name), String(plainValue(name, read.value[name]))] as const);
  const given = { CodeBucket: 'code', Prefix: of.prefix, ...Object.fromEntries(values) };
  return { of, kind, given, osls: Object.entries(all).map(([name, value]) => `${name}=${value}`) };
}

function evaluated(template: PlainTemplate, given: ParameterValues) {
  const { Resources, Outputs } = template;
  return evaluate({ ...asJson({ ...template }), Resources, Outputs }, given);
}

const { stack, clusters, hubAccount, hubRegion, ...EVERYTHING } = OTHER;
const SPOKE = { stack, hubAccount, hubRegion };
const CHOICES = {
  'a hub with the defaults': choice({}),
  'a hub with everything': choice(EVERYTHING),
  'a spoke': choice({ ...SPOKE, kmsKeyArn: OTHER.kmsKeyArn, alertEmail: 'a@example.com' }),
};
type Choice = keyof typeof CHOICES;
const NAMES = Object.keys(CHOICES) as readonly Choice[];

describe('a plain template and what osls packages', () => {
  const packages = new Map<Choice, Package>();
  beforeAll(async () => {
    for (const name of NAMES) packages.set(name, await packaged(CHOICES[name].osls));
  });
  afterAll(async () => {
    for (const each of packages.values()) await each.remove();
  });

  it.each(NAMES)('have the same resources with the same properties, except for a list of differences: %s', (name) => {
    const { kind, given } = CHOICES[name];
    const plain = withoutDifferences(evaluated(TEMPLATES[kind], given));
    expect(plain).toEqual(withoutDifferences(packages.get(name)?.template ?? {}));
  });
});

describe('the template for an organization', () => {
  const template = asJson(organizationTemplate(TEMPLATES.spoke, rollOutCode()));
  const { Parameters: given } = objectAt(objectAt(objectAt(template, 'Resources'), 'Spokes'), 'Properties') ?? {};
  const keys = (given as JsonObject[]).map(({ ParameterKey }) => String(ParameterKey));

  it('passes every parameter on to the spoke, except those of one account and Region', () => {
    const rest = Object.keys(TEMPLATES.spoke.Parameters).filter((name) => !keys.includes(name));
    expect(rest).toEqual(['KmsKeyArn', 'LogsKmsKeyArn', 'Subnets', 'SecurityGroups', 'AlarmTopicArn']);
    expect(keys.filter((name) => !(name in TEMPLATES.spoke.Parameters))).toEqual([]);
  });

  it('refuses Regions without the role for look-ups, unless another stack creates it', () => {
    const refused = (LookupRoleRegion: string, HubRegion = 'eu-west-1') =>
      evaluate(template, {
        ...{ HubRegion, LookupRoleRegion, SpokeRegions: 'eu-west-1,us-east-1', HubAccount: '111122223333' },
        ...{ TemplateUrl: 'https://…', OrganizationalUnits: 'r-ab12', CodeBucket: 'code' },
      }).refused;
    expect([refused(''), refused('us-east-1'), refused('none'), refused('none', 'eu-central-1')]).toEqual([
      [],
      [],
      [],
      [],
    ]);
    const reason = expect.stringContaining('No account would get the role for look-ups. Set LookupRoleRegion');
    expect([refused('', 'eu-central-1'), refused('eu-central-1')]).toEqual([[reason], [reason]]);
  });

  it('rolls out to a quarter of the accounts at once, also if fewer may fail', () => {
    const properties = objectAt(objectAt(objectAt(template, 'Resources'), 'Spokes'), 'Properties');
    const preferences = objectAt(properties, 'OperationPreferences');
    expect(preferences).toMatchObject({ MaxConcurrentPercentage: '25', ConcurrencyMode: 'SOFT_FAILURE_TOLERANCE' });
  });

  it('gives no spoke to the hub and to the accounts that are left out on purpose', () => {
    const given = {
      ...{ HubRegion: 'eu-west-1', HubAccount: '111122223333', SpokeRegions: 'eu-west-1', CodeBucket: 'code' },
      ...{ TemplateUrl: 'https://…', OrganizationalUnits: 'r-ab12' },
    };
    const leftOut = (more: object) => {
      const { Resources, refused } = evaluate(template, { ...given, ...more });
      expect(refused).toEqual([]);
      const propertiesOf = (id: string) => objectAt(objectAt(asJson(Resources), id), 'Properties');
      const [group] = (propertiesOf('Spokes')?.StackInstancesGroup ?? []) as JsonObject[];
      const { EXCEPT_ACCOUNTS } = objectAt(objectAt(propertiesOf('RollOut'), 'Environment'), 'Variables') ?? {};
      return [objectAt(group, 'DeploymentTargets')?.Accounts, EXCEPT_ACCOUNTS];
    };
    expect(leftOut({})).toEqual([['111122223333'], '']);
    expect(leftOut({ ExceptAccounts: '444455556666,777788889999' })).toEqual([
      ['111122223333', '444455556666', '777788889999'],
      '444455556666,777788889999',
    ]);
  });

  it('reports the spokes to the hub by a function that may do nothing else', () => {
    const given = {
      ...{ HubRegion: 'eu-west-1', HubAccount: '111122223333', SpokeRegions: 'eu-west-1', CodeBucket: 'code' },
      ...{ TemplateUrl: 'https://…', OrganizationalUnits: 'r-ab12' },
    };
    const rollOut = (more: object) => {
      const { Resources } = evaluate(template, { ...given, ...more });
      const { Policies } = objectAt(objectAt(asJson(Resources), 'RollOutRole'), 'Properties') ?? {};
      return [...JSON.stringify(Policies ?? []).matchAll(/"(\w+:\w+)"/g)].map(([, action]) => action);
    };
    const reporting = ['cloudformation:ListStackInstances', 'events:PutEvents'];
    const own = ['logs:CreateLogStream', 'logs:PutLogEvents'];
    const accounts = ['organizations:ListAccountsForParent', 'organizations:ListOrganizationalUnitsForParent'];
    expect(rollOut({})).toEqual([...reporting, ...own, ...accounts]);
    expect(rollOut({ CallAs: 'DELEGATED_ADMIN' })).toEqual([
      ...[...reporting, ...own, ...accounts, 'organizations:ListDelegatedAdministrators'],
    ]);
    expect(rollOut({ ReportRollOut: 'false' })).toEqual([]);
  });

  it('raises an alarm outside the hub if that function fails, because the hub may be gone with all other alarms', () => {
    const given = {
      ...{ HubRegion: 'eu-west-1', HubAccount: '111122223333', SpokeRegions: 'eu-west-1', CodeBucket: 'code' },
      ...{ TemplateUrl: 'https://…', OrganizationalUnits: 'r-ab12' },
    };
    const watching = (more: object) => asJson(evaluate(template, { ...given, ...more }).Resources);
    const { RollOutAlarm, HubLost, HubLostSubscription } = watching({ HubLostEmail: 'security@example.com' });
    expect(RollOutAlarm).toMatchObject({
      Properties: {
        ...{ Namespace: 'AWS/Lambda', MetricName: 'Errors' },
        Dimensions: [{ Name: 'FunctionName', Value: 'eks-whois-prod-roll-out' }],
        AlarmDescription: expect.stringMatching(/ Runbook \(eks-whois [\d.]+\): docs\/alerts\.md#roll-out$/),
      },
    });
    expect(documentOf('docs/alerts.md')).toContain('\n### roll-out\n');
    expect([HubLost, HubLostSubscription]).toMatchObject([
      { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'eks-whois-prod-hub-lost' } },
      { Type: 'AWS::SNS::Subscription', Properties: { Endpoint: 'security@example.com' } },
    ]);
    expect(watching({})).not.toHaveProperty('HubLostSubscription');
    expect(Object.keys(watching({ ReportRollOut: 'false' }))).toEqual(['Spokes']);
  });

  it('contains the code of that function, which needs nothing but the SDK of the runtime', () => {
    const needed = [...rollOutCode().matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name);
    expect([...new Set(needed)].toSorted()).toEqual(
      ['cloudformation', 'eventbridge', 'organizations'].map((name) => `@aws-sdk/client-${name}`),
    );
    expect(rollOutCode()).toContain('module.exports={handler}');
    // `aws cloudformation deploy` takes a template of this size without a bucket.
    expect(templatesOf('1.2.3').find(({ name }) => name === 'organization.yaml')?.text.length).toBeLessThan(51_200);
  });

  it('has no transform, and neither has its spoke: service-managed StackSets cannot deploy one', () => {
    for (const each of [template, TEMPLATES.spoke]) {
      expect(Object.keys(each)).not.toContain('Transform');
      expect(JSON.stringify(each)).not.toMatch(/Fn::(?:ForEach|Transform|ToJsonString|Length)/);
    }
  });

  it('has every parameter that is needed, and none that the spoke does not have', () => {
    const needed = Object.entries(objectAt(template, 'Parameters') ?? {}).filter(
      ([, each]) => !('Default' in (each as JsonObject)),
    );
    expect(needed.map(([name]) => name)).toEqual([
      ...['TemplateUrl', 'OrganizationalUnits', 'SpokeRegions', 'CodeBucket', 'HubAccount', 'HubRegion'],
    ]);
  });
});

describe('the policy for whoever deploys', () => {
  const types = [...new Set(Object.values(TEMPLATES).flatMap(({ Resources }) => Object.values(asJson(Resources))))]
    .map((resource) => String((resource as JsonObject).Type))
    .filter((type, at, all) => all.indexOf(type) === at);
  const template = asJson(deployerTemplate(Object.values(TEMPLATES)));
  const documents = Object.entries(objectAt(template, 'Resources') ?? {}).flatMap(([id, resource]) => {
    const document = objectAt(objectAt(resource as JsonObject, 'Properties'), 'PolicyDocument');
    return document === undefined ? [] : [[id, document] as const];
  });
  const statements = documents
    .filter(([id]) => id.endsWith('Policy') && id !== 'KeyPolicy')
    .flatMap(([, document]) => document.Statement as JsonObject[]);

  it.each(types)('allows what CloudFormation does for a resource of the type %s', (type) => {
    const needed = TYPE_ACTIONS[type] ?? [];
    expect(needed.length).toBeGreaterThan(0);
    for (const { actions, on } of needed)
      for (const action of actions) {
        const places = statements.filter(({ Action }) => (Action as string[]).includes(action));
        const listed = JSON.stringify(places.map(({ Resource }) => Resource));
        for (const place of on) expect(listed, action).toContain(JSON.stringify(place));
      }
  });

  it.skipIf(CFN_LINT === undefined)('allows what the types’ schemas declare for reading a resource', () => {
    const folder = join(CFN_LINT ?? '', '../../lib');
    const schemas = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\/schemas\/resources\/[^/]+\.json$/.test(path))
      .map((path) => parseJson(readFileSync(join(folder, path), 'utf8')))
      .flatMap((read) => (read.ok && isJsonObject(read.value) ? [read.value] : []));
    const allowed = new Set(statements.flatMap(({ Action }) => (Action as string[]).map((each) => each.toLowerCase())));
    let compared = 0;
    for (const schema of schemas.filter(({ typeName }) => types.includes(String(typeName)))) {
      const { permissions } = objectAt(objectAt(schema, 'handlers'), 'read') ?? {};
      const reads = Array.isArray(permissions) ? permissions.map((each) => String(each).toLowerCase()) : [];
      compared += reads.length;
      // KeyPolicy allows the key alone.
      const missing = reads.filter((action) => !action.startsWith('kms:') && !allowed.has(action));
      expect(missing, String(schema.typeName)).toEqual([]);
    }
    expect(compared).toBeGreaterThan(50);
  });

  it('allows nothing that no resource needs, and no service as a whole', () => {
    const needed = new Set(types.flatMap((type) => (TYPE_ACTIONS[type] ?? []).flatMap(({ actions }) => actions)));
    const all = statements.flatMap(({ Action }) => Action as string[]);
    expect(all.filter((action) => !needed.has(action) || action.includes('*'))).toEqual([]);
    expect(Object.keys(TYPE_ACTIONS).filter((type) => !types.includes(type))).toEqual([]);
  });

  it('allows roles only with these names, under the boundary, and passes them only to Lambda and EventBridge', () => {
    const doing = (action: string) => statements.filter(({ Action }) => (Action as string[]).includes(action));
    for (const { Condition } of [...doing('iam:CreateRole'), ...doing('iam:PutRolePolicy')])
      expect(JSON.stringify(Condition)).toContain('iam:PermissionsBoundary');
    expect(doing('iam:PassRole').map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'iam:PassedToService': 'events.amazonaws.com' } },
      { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
    ]);
    for (const { Resource } of statements.filter(({ Action }) => String(Action).startsWith('iam:')))
      expect(JSON.stringify(Resource)).not.toContain('"*"');
  });

  it('is no longer than IAM accepts', () => {
    for (const [id, document] of documents) {
      const text = JSON.stringify(document).replaceAll(/\$\{[^}]+\}/g, 'x'.repeat(20));
      expect([id, text.length < 6_144]).toEqual([id, true]);
    }
  });
});

describe('a plain template', () => {
  /** Draws the parameters that have the value of a hub with everything. The others have their defaults. */
  const some = fc.subarray(Object.keys(EVERYTHING) as (keyof typeof EVERYTHING)[]);
  /** Parameters that must be given together. */
  const TOGETHER: readonly (readonly (keyof typeof EVERYTHING)[])[] = [
    ['subnets', 'securityGroups'],
    ['domainName', 'domainCertificateArn'],
    ['trail', 'trailLogGroup'],
    ['authorizer', 'jwtIssuer', 'jwtAudience', 'jwtScopes', 'jwtGroups', 'clusterClaim', 'consoleClientId'],
    ['organization', 'organizationPaths'],
    ['recordDays', 'sessionDays'],
    ['ingestConcurrency', 'queueConcurrency'],
  ];
  const complete = (names: readonly (keyof typeof EVERYTHING)[]) => {
    const chosen = new Set(names);
    for (const group of TOGETHER)
      if (group.some((name) => chosen.has(name))) for (const name of group) chosen.add(name);
    return Object.fromEntries([...chosen].map((name) => [name, EVERYTHING[name]]));
  };

  it.each(['hub', 'spoke'] as const)('has for every choice the resources that infra makes for it: %s', (which) => {
    fc.assert(
      fc.property(some, fc.constantFrom('eventbridge', 'lookups-only', undefined), (names, trail) => {
        const { of, kind, given } = choice({
          ...complete(names),
          ...(trail === undefined ? {} : { trail }),
          ...(which === 'spoke' ? SPOKE : {}),
        });
        const code = { bucket: '', keyOf: () => '' };
        const made = { Resources: allResources(of, code), Outputs: outputsOf(of) };
        expect(withoutDifferences(evaluated(TEMPLATES[kind], given))).toEqual(withoutDifferences(made));
      }),
      { numRuns: cases(60) },
    );
  });

  it('has the parameters that docs/deploy.md and docs/accounts.md use', () => {
    const guide = ['docs/deploy.md', 'docs/accounts.md']
      .map((page) => readFileSync(join(ROOT, page), 'utf8').replaceAll('\\\n', ' '))
      .join('\n');
    const commands = guide
      .split('\n')
      .filter((line) => line.includes('artifacts/') && line.includes('--parameter-overrides'));
    const templates: Readonly<Record<string, JsonObject>> = {
      ...Object.fromEntries(Object.entries(TEMPLATES).map(([kind, template]) => [kind, asJson(template)])),
      organization: asJson(organizationTemplate(TEMPLATES.spoke, rollOutCode())),
      deployer: asJson(deployerTemplate(Object.values(TEMPLATES))),
    };
    expect(commands.length).toBe(4);
    for (const command of commands) {
      const [, kind = ''] = /artifacts\/eks-whois-[\d.]+-(\w+)\.yaml/.exec(command) ?? [];
      const parameters = objectAt(templates[kind], 'Parameters') ?? {};
      const names = [...(command.split('--parameter-overrides')[1] ?? '').matchAll(/ (\w+)=/g)].map(
        ([, name = '']) => name,
      );
      expect(
        names.filter((name) => !(name in parameters)),
        command,
      ).toEqual([]);
      const needed = Object.entries(parameters).filter(([, each]) => !('Default' in (each as JsonObject)));
      expect(names, command).toEqual(expect.arrayContaining(needed.map(([name]) => name)));
    }
  });

  it.skipIf(CFN_LINT === undefined)('has no findings of cfn-lint', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'eks-whois-templates-'));
    const files = await Promise.all(
      templatesOf('1.2.3').map(async ({ name, text }) => {
        await writeFile(join(folder, name), text);
        return join(folder, name);
      }),
    );
    const { stdout } = await promisify(execFile)(CFN_LINT ?? '', files).catch((error) => error);
    await rm(folder, { recursive: true });
    expect(stdout).toBe('');
  });

  it('stays within CloudFormation’s limits', () => {
    for (const template of Object.values(TEMPLATES)) {
      expect(JSON.stringify(template).length).toBeLessThan(1_000_000);
      expect(Object.keys(template.Resources).length).toBeLessThan(500);
      expect(Object.keys(template.Parameters).length).toBeLessThan(200);
      for (const name of Object.keys(template.Conditions)) expect(name.length).toBeLessThan(255);
    }
  });
});
