import { isJsonObject, objectAt } from '../../lib/json.ts';
import { sub } from '../cloudformation.ts';
import type { Deployment } from '../deployment.ts';
import { outputsOf } from '../outputs.ts';
import type { ParameterName } from '../parameters.ts';
import { stackOf } from '../stack.ts';
import { choicesOf } from './choices.ts';
import { type Expression, written } from './condition.ts';
import { type CodePlace, functionResources } from './functions.ts';
import { Marks } from './marks.ts';
import { overlay } from './overlay.ts';
import { declarations, plainName } from './parameters.ts';
import { spokeParts } from './spoke-parts.ts';

/** A CloudFormation template that needs no build: its parameters are what `serverless.yml` takes. */
export interface PlainTemplate {
  readonly AWSTemplateFormatVersion: '2010-09-09';
  readonly Description: string;
  readonly Metadata: object;
  readonly Parameters: Readonly<Record<string, object>>;
  readonly Rules: object;
  readonly Conditions: Readonly<Record<string, object>>;
  readonly Resources: Readonly<Record<string, object>>;
  readonly Outputs: Readonly<Record<string, object>>;
}

type Kind = 'hub' | 'spoke';

const DESCRIPTIONS: Readonly<Record<Kind, string>> = {
  hub: 'eks-whois: which person did this to our EKS clusters? The hub: tables, functions, API, and this account and Region.',
  spoke: "eks-whois in a further account or Region: hands its clusters' audit events to a hub.",
};

/**
 * The template of a hub, or of one for each further account and Region. `version`: of the release, which the functions' zips bear.
 * @throws where a parameter changes nothing.
 */
export function plainTemplate(kind: Kind, version: string): PlainTemplate {
  const marks = new Marks();
  const { base, choices, conditions } = choicesOf(kind, marks);
  const code = codePlace(version);
  const resources = overlay(choices, (values) => allResources({ ...base, ...values }, code));
  const outputs = overlay(choices, (values) => outputsOf({ ...base, ...values }));
  const used = new Set<string>();
  const made = marks.resolved({ Resources: resources.entries, Outputs: outputs.entries }, used) as {
    Resources: Record<string, object>;
    Outputs: Record<string, object>;
  };
  const parts = kind === 'spoke' ? spokeParts() : NO_PARTS;
  const everything = { ...made, Resources: { ...withProtection(made.Resources), ...parts.resources } };
  const all = {
    ...OWN_CONDITIONS,
    ...conditions,
    ...parts.conditions,
    ...defined({ ...resources.conditions, ...outputs.conditions }),
  };
  const needed = neededConditions(all, JSON.stringify(everything));
  for (const [, ...found] of JSON.stringify([needed, parts.resources]).matchAll(/"Ref":"(\w+)"|\$\{(\w+)\}/g))
    for (const name of found) if (name !== undefined) used.add(name);
  const declared = declarations(kind);
  const names = Object.keys(declared);
  const idle = names.filter((name) => !used.has(name));
  if (idle.length > 0) throw new Error(`nothing in the template of a ${kind} goes by ${idle.join(', ')}`);
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: DESCRIPTIONS[kind],
    Metadata: metadata(names, [...(kind === 'hub' ? Object.keys(PROTECTION) : []), ...Object.keys(parts.parameters)]),
    Parameters: {
      ...OWN_PARAMETERS,
      ...(kind === 'hub' ? PROTECTION : {}),
      ...parts.parameters,
      ...declared,
    },
    Rules: rulesOf(names),
    Conditions: needed,
    Resources: everything.Resources,
    Outputs: made.Outputs,
  };
}

/** A table that is protected cannot be taken back when the deployment that makes it fails: a first one may do without. */
function withProtection(resources: Readonly<Record<string, object>>): Record<string, object> {
  const protectedBy = (resource: object) => {
    if (!isJsonObject(resource) || resource.Type !== 'AWS::DynamoDB::Table') return resource;
    return {
      ...resource,
      Properties: { ...objectAt(resource, 'Properties'), DeletionProtectionEnabled: { Ref: 'ProtectTables' } },
    };
  };
  return Object.fromEntries(Object.entries(resources).map(([id, resource]) => [id, protectedBy(resource)]));
}

export function allResources(of: Deployment, code: CodePlace): Record<string, object> {
  return { ...functionResources(of, code), ...stackOf(of).resources.Resources };
}

function codePlace(version: string): CodePlace {
  return {
    bucket: { 'Fn::If': ['BucketOfRegion', sub('${CodeBucket}-${AWS::Region}'), { Ref: 'CodeBucket' }] },
    keyOf: (zip) => sub(`\${CodePrefix}eks-whois-${version}-${zip}.zip`),
  };
}

function defined(expressions: Readonly<Record<string, Expression>>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(expressions).map(([name, of]) => [name, of === true ? {} : written(of)] as const),
  );
}

/** Those that the resources name, and those that these are made of. */
function neededConditions(all: Readonly<Record<string, object>>, text: string): Record<string, object> {
  const names = new Set<string>();
  const look = (within: string) => {
    for (const name of Object.keys(all).filter((each) => !names.has(each) && within.includes(`"${each}"`))) {
      names.add(name);
      look(JSON.stringify(all[name]));
    }
  };
  look(text);
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
}

const NO_PARTS = { resources: {}, conditions: {}, parameters: {} };

const OWN_CONDITIONS = { BucketOfRegion: { 'Fn::Equals': [{ Ref: 'CodeBucketOfRegion' }, 'true'] } };

const PROTECTION = {
  ProtectTables: {
    Type: 'String',
    Default: 'true',
    AllowedValues: ['true', 'false'],
    Description:
      'Whether the tables are protected from deletion; false for a first deployment, which then can be taken back',
  },
};

const OWN_PARAMETERS = {
  CodeBucket: {
    Type: 'String',
    Description: "The bucket of this Region that has the functions' zips of the release",
    AllowedPattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
  },
  CodeBucketOfRegion: {
    Type: 'String',
    Default: 'false',
    AllowedValues: ['true', 'false'],
    Description: 'Whether the bucket is called <CodeBucket>-<Region>: Lambda takes code from its own Region alone',
  },
  CodePrefix: {
    Type: 'String',
    Default: '',
    Description: 'What their keys begin with: eks-whois/ for eks-whois/eks-whois-<version>-ingest.zip',
    AllowedPattern: "^(?:[\\w!.*'()-]+/)*$",
  },
  Prefix: {
    Type: 'String',
    Default: 'eks-whois-prod',
    Description: 'What every name begins with; the same in hub and spokes',
    AllowedPattern: '^[a-zA-Z][a-zA-Z0-9-]{1,29}$',
  },
} as const;

const FIRST = [
  'findClusters',
  'findClustersByTag',
  'alertEmail',
  'trail',
  'trailLogGroup',
  'hubAccount',
  'hubRegion',
] as const;
const isFirst = (name: string) => FIRST.some((each) => plainName(each) === name);

/** How the console groups the parameters. */
function metadata(names: readonly string[], parts: readonly string[]): object {
  return {
    // Defaults that are empty, of parameters that the rules demand where they are used.
    'cfn-lint': { config: { ignore_checks: ['W1030'] } },
    'AWS::CloudFormation::Interface': {
      ParameterGroups: [
        { Label: { default: 'The release' }, Parameters: Object.keys(OWN_PARAMETERS) },
        { Label: { default: 'What most choose' }, Parameters: names.filter(isFirst) },
        {
          Label: { default: 'The rest' },
          Parameters: [...parts, ...names.filter((name) => !isFirst(name))],
        },
      ],
    },
  };
}

/** What means something only together with another, told before anything is made. */
function rulesOf(names: readonly string[]): object {
  const together: readonly (readonly [ParameterName, string, ParameterName, string])[] = [
    ['authorizer', 'jwt', 'jwtIssuer', 'With Authorizer=jwt, give JwtIssuer and JwtAudience.'],
    ['trail', 'log-group', 'trailLogGroup', 'With Trail=log-group, say which log group it writes to (TrailLogGroup).'],
  ];
  return Object.fromEntries(
    together
      .filter(([name]) => names.includes(plainName(name)))
      .map(([name, value, needed, AssertDescription]) => [
        `${plainName(name)}Needs${plainName(needed)}`,
        {
          RuleCondition: { 'Fn::Equals': [{ Ref: plainName(name) }, value] },
          Assertions: [
            { Assert: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: plainName(needed) }, ''] }] }, AssertDescription },
          ],
        },
      ]),
  );
}
