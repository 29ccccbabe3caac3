import { isJsonObject, objectAt } from '../../lib/json.ts';
import { sub } from '../cloudformation.ts';
import type { Deployment } from '../deployment.ts';
import { outputsOf } from '../outputs.ts';
import type { ParameterName } from '../parameters.ts';
import { stackOf } from '../stack.ts';
import { choicesOf } from './choices.ts';
import { type Expression, toTemplate } from './condition.ts';
import { type CodePlace, functionResources } from './functions.ts';
import { Marks } from './marks.ts';
import { overlay } from './overlay.ts';
import { declarations, plainName } from './parameters.ts';
import { spokeParts, withForwarding } from './spoke-parts.ts';

/** A CloudFormation template that needs no build. Its parameters are those of `serverless.yml`. */
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
  hub: 'eks-whois: which person did this to our EKS clusters? The hub: tables, functions, API, and the clusters of this account and Region.',
  spoke: "eks-whois in another account or Region: a spoke that sends its clusters' audit events to a hub.",
};

/**
 * Returns the template of a hub or of a spoke.
 * @param version the version of the release, which is part of the names of the functions' zip files.
 * @throws Error if a parameter has no effect in the template.
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
  const own = kind === 'spoke' ? withForwarding(made.Resources) : withProtection(made.Resources);
  const everything = { ...made, Resources: { ...own, ...parts.resources } };
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
  if (idle.length > 0)
    throw new Error(
      `The parameters ${idle.join(', ')} have no effect in the template of a ${kind}. Use them, or remove the template from their "in".`,
    );
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

/**
 * Lets a parameter decide the tables' deletion protection. CloudFormation cannot delete a protected table when the
 * deployment that creates it fails.
 */
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
    Object.entries(expressions).map(([name, of]) => [name, of === true ? {} : toTemplate(of)] as const),
  );
}

/** Returns the conditions that the resources name, and those on which these depend. */
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
      'Whether the tables are protected from deletion. false for a first deployment, so that CloudFormation can roll it back',
  },
};

const OWN_PARAMETERS = {
  CodeBucket: {
    Type: 'String',
    Description: "The bucket with the functions' zip files of the release, in this Region",
    AllowedPattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
  },
  CodeBucketOfRegion: {
    Type: 'String',
    Default: 'false',
    AllowedValues: ['true', 'false'],
    Description: 'Whether the name of the bucket is <CodeBucket>-<Region>. Lambda loads code only from its own Region',
  },
  CodePrefix: {
    Type: 'String',
    Default: '',
    Description: 'The prefix of the keys of the zip files: eks-whois/ for eks-whois/eks-whois-<version>-ingest.zip',
    AllowedPattern: "^(?:[\\w!.*'()-]+/)*$",
  },
  Prefix: {
    Type: 'String',
    Default: 'eks-whois-prod',
    Description: 'The prefix of every name. It must be the same in the hub and its spokes',
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

/** Returns the groups of parameters in CloudFormation's console. */
function metadata(names: readonly string[], parts: readonly string[]): object {
  return {
    // Some parameters have an empty default, and the rules require a value only if they are used.
    'cfn-lint': { config: { ignore_checks: ['W1030'] } },
    'AWS::CloudFormation::Interface': {
      ParameterGroups: [
        { Label: { default: 'The release' }, Parameters: Object.keys(OWN_PARAMETERS) },
        { Label: { default: 'Common parameters' }, Parameters: names.filter(isFirst) },
        {
          Label: { default: 'Other parameters' },
          Parameters: [...parts, ...names.filter((name) => !isFirst(name))],
        },
      ],
    },
  };
}

/** Returns rules for parameters that need another one. CloudFormation checks them before it creates any resource. */
function rulesOf(names: readonly string[]): object {
  const together: readonly (readonly [ParameterName, string, ParameterName, string])[] = [
    ['authorizer', 'jwt', 'jwtIssuer', 'Authorizer=jwt needs JwtIssuer and JwtAudience. Set both.'],
    [
      'trail',
      'log-group',
      'trailLogGroup',
      'Trail=log-group needs the log group that the trail writes to. Set TrailLogGroup.',
    ],
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
