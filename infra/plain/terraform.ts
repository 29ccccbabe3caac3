import { isJsonObject, type JsonObject, listAt, textAt } from '../../lib/json.ts';
import { PARAMETER_NAMES, type TemplateKind } from '../parameters.ts';
import { formOf, plainName } from './parameters.ts';
import type { PlainTemplate } from './template.ts';

type ModuleTemplate = Pick<PlainTemplate, 'Parameters'> & { readonly Outputs: object };

/** A file of a module. The path is relative to the folder that also has the examples. */
export interface ModuleFile {
  readonly path: string;
  readonly text: string;
}

/** The description of each module. The deployer's template has none, because it is deployed before Terraform runs. */
const DESCRIPTIONS: Readonly<Record<TemplateKind, string>> = {
  hub: 'The hub: tables, functions, API, and this account and Region.',
  spoke: 'A spoke: sends the audit events of another account or Region to a hub.',
  organization:
    'Spokes for every account of an organization, or of some of its units, including accounts that join later.',
};

/** The parameters that the module computes, with their expressions. */
const COMPUTED: Readonly<Record<string, string>> = { TemplateUrl: 'local.spoke_template' };

/**
 * Returns the files of a Terraform module that deploys a release's template. So Terraform creates the same resources,
 * and its users give variables of Terraform's own types (docs/decisions/0022). Source of resources and arguments:
 * registry.terraform.io, hashicorp/aws 6, `aws_cloudformation_stack`, `aws_s3_object`.
 */
export function terraformModule(name: TemplateKind, template: ModuleTemplate, version: string): readonly ModuleFile[] {
  const variables: Variable[] = [];
  const computed: (readonly [string, string])[] = [];
  for (const [parameter, definition] of Object.entries(template.Parameters)) {
    const known = COMPUTED[parameter];
    if (known !== undefined) computed.push([parameter, known]);
    else variables.push(variableOf(parameter, { ...definition }));
  }
  const outputs = Object.entries(template.Outputs);
  return [
    { path: `${name}/main.tf`, text: mainText(name, { variables, computed, version }) },
    {
      path: `${name}/variables.tf`,
      text: [WRITTEN, ...ownVariables(name), ...variables.map(({ block }) => block)].join('\n'),
    },
    { path: `${name}/outputs.tf`, text: [WRITTEN, ...outputs.map(outputText)].join('\n') },
  ];
}

const WRITTEN = '# Generated from the template of the release.\n';

/** The names of the stacks. They are those of release/deploy.sh. */
const STACK_NAMES: Readonly<Record<TemplateKind, string>> = {
  hub: 'eks-whois-prod',
  spoke: 'eks-whois-spoke',
  organization: 'eks-whois-organization',
};

const ownVariables = (name: TemplateKind) => [
  `variable "stack_name" {
  description = "The name of the CloudFormation stack"
  type        = string
  default     = "${STACK_NAMES[name]}"
}
`,
  `variable "artifacts_folder" {
  description = "A folder with the files of the release, to upload to the bucket in each Region. null if the buckets have them already"
  type        = string
  default     = null
}
`,
  `variable "cloudformation_role_arn" {
  description = "The role with which CloudFormation deploys. null to use the credentials of the provider"
  type        = string
  default     = null
}
`,
  `variable "tags" {
  description = "Tags of the stack. CloudFormation adds them to every resource that can have tags"
  type        = map(string)
  default     = {}
}
`,
];

/** The expression for the Region in which Terraform creates the stack. */
const HERE = 'data.aws_region.this.region';

/** The files of a release that the module uploads. */
const FILES = 'eks-whois-${local.release}-*.{zip,yaml}';

interface ModuleContent {
  readonly variables: readonly Variable[];
  readonly computed: readonly (readonly [string, string])[];
  readonly version: string;
}

function mainText(name: TemplateKind, { variables, computed, version }: ModuleContent): string {
  const parameters = [...computed, ...variables.map(({ parameter, value }) => [parameter, value] as const)];
  // Lambda loads code only from a bucket in its own Region, and a StackSet has spokes in several.
  const buckets =
    name === 'organization'
      ? `{ for region in toset(concat(var.spoke_regions, [${HERE}])) : region => "\${var.code_bucket}-\${region}" }`
      : `{ (${HERE}) = var.code_bucket_of_region ? "\${var.code_bucket}-\${${HERE}}" : var.code_bucket }`;
  const spoke =
    computed.length === 0
      ? []
      : [['spoke_template', '"${local.address}eks-whois-${local.release}-spoke.yaml"'] as const];
  return `# ${DESCRIPTIONS[name]} See docs/deploy.md.
${WRITTEN}
terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

data "aws_region" "this" {}

data "aws_partition" "this" {}

locals {
${alignLines(
  [
    ['release', quote(version)],
    ['buckets', buckets],
    ['artifacts', `var.artifacts_folder == null ? toset([]) : fileset(var.artifacts_folder, "${FILES}")`],
    [
      'address',
      `"https://\${local.buckets[${HERE}]}.s3.\${${HERE}}.\${data.aws_partition.this.dns_suffix}/\${var.code_prefix}"`,
    ],
    ...spoke,
  ],
  '  ',
)}}

resource "aws_s3_object" "artifact" {
  for_each = {
    for pair in setproduct(keys(local.buckets), local.artifacts) :
    "\${pair[0]}/\${pair[1]}" => { region = pair[0], file = pair[1] }
  }

  region      = each.value.region
  bucket      = local.buckets[each.value.region]
  key         = "\${var.code_prefix}\${each.value.file}"
  source      = "\${var.artifacts_folder}/\${each.value.file}"
  source_hash = filemd5("\${var.artifacts_folder}/\${each.value.file}")

  # An upgrade deletes the previous release's files only after the stack is updated. A failed update needs them to roll back.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudformation_stack" "this" {
  name         = var.stack_name
  template_url = "\${local.address}eks-whois-\${local.release}-${name}.yaml"
  capabilities = ["CAPABILITY_NAMED_IAM"]
  iam_role_arn = var.cloudformation_role_arn
  tags         = var.tags

  parameters = {
${alignLines(parameters, '    ')}  }

  # The provider's default is 30 minutes. A StackSet for many accounts takes hours.
  timeouts {
    create = "6h"
    update = "6h"
    delete = "6h"
  }

  depends_on = [aws_s3_object.artifact]
}
`;
}

function outputText([name, output]: [string, unknown]): string {
  const description = isJsonObject(output) ? (textAt(output, 'Description') ?? '') : '';
  const entries: (readonly [string, string])[] = [
    ['description', quote(description)],
    ['value', `lookup(aws_cloudformation_stack.this.outputs, ${quote(name)}, null)`],
  ];
  return `output ${quote(snakeCase(name))} {\n${alignLines(entries, '  ')}}\n`;
}

/** A Terraform variable for a parameter of a template, with the expression for the parameter's value. */
interface Variable {
  readonly parameter: string;
  readonly name: string;
  /** The `variable` block. */
  readonly block: string;
  /** The expression for the stack's parameter. */
  readonly value: string;
}

type Kind = 'string' | 'bool' | 'number' | 'list(string)' | 'json';

export function variableOf(parameter: string, definition: JsonObject): Variable {
  const kind = kindOf(parameter, definition);
  const name = snakeCase(parameter);
  return { parameter, name, block: block(name, kind, definition), value: expressionOf(`var.${name}`, kind) };
}

/**
 * Returns the variable's type. A template has only texts and numbers, so the table of parameters decides how to read a
 * text.
 */
function kindOf(parameter: string, definition: JsonObject): Kind {
  if (definition.Type === 'CommaDelimitedList') return 'list(string)';
  if (definition.Type === 'Number') return 'number';
  if (listAt(definition, 'AllowedValues')?.join() === 'true,false') return 'bool';
  const name = PARAMETER_NAMES.find((each) => plainName(each) === parameter);
  const form = name === undefined ? 'text' : formOf(name);
  return form === 'json' ? 'json' : form === 'commas' ? 'list(string)' : 'string';
}

function expressionOf(variable: string, kind: Kind): string {
  switch (kind) {
    case 'bool':
    case 'number':
      return `tostring(${variable})`;
    case 'list(string)':
      return `join(",", ${variable})`;
    case 'json':
      return `jsonencode(${variable})`;
    case 'string':
      return variable;
  }
}

function block(name: string, kind: Kind, definition: JsonObject): string {
  const description = (textAt(definition, 'Description') ?? '').replace(
    / (?:A JSON array of strings|Separate entries with commas)\.$/,
    '',
  );
  const entries: (readonly [string, string])[] = [
    ['description', quote(description)],
    ['type', kind === 'json' ? 'list(string)' : kind],
    ...('Default' in definition ? [['default', defaultOf(kind, definition.Default)] as const] : []),
    ['nullable', 'false'],
  ];
  return `variable ${quote(name)} {\n${alignLines(entries, '  ')}${validation(`var.${name}`, kind, definition)}}\n`;
}

function defaultOf(kind: Kind, value: unknown): string {
  const text = String(value);
  if (kind === 'bool' || kind === 'number' || kind === 'json') return text;
  return kind === 'string' ? quote(text) : listOf(text.split(',').filter((entry) => entry !== ''));
}

/** Returns the variable's validation block. `terraform plan` then refuses what CloudFormation would refuse later. */
function validation(variable: string, kind: Kind, definition: JsonObject): string {
  const allowed = listAt(definition, 'AllowedValues')?.map(String);
  const { AllowedPattern: pattern, MinValue: least, MaxValue: most } = definition;
  if (kind === 'number' && least !== undefined) {
    return rule(`${variable} >= ${least} && ${variable} <= ${most}`, `It must be from ${least} to ${most}.`);
  }
  if (kind !== 'string') return '';
  if (allowed !== undefined)
    return rule(`contains(${listOf(allowed)}, ${variable})`, `It must be one of ${allowed.join(', ')}.`);
  return typeof pattern === 'string'
    ? rule(`can(regex(${quote(pattern)}, ${variable}))`, `It must match ${pattern}.`)
    : '';
}

function rule(condition: string, message: string): string {
  return `\n  validation {\n${alignLines(
    [
      ['condition', condition],
      ['error_message', quote(message)],
    ],
    '    ',
  )}  }\n`;
}

/** Returns a quoted string of Terraform in which nothing is interpolated. */
export function quote(text: string): string {
  return JSON.stringify(text).replaceAll(/[$%](?=\{)/g, (mark) => mark + mark);
}

export function listOf(texts: readonly string[]): string {
  return `[${texts.map(quote).join(', ')}]`;
}

/** Returns the name in Terraform's style: `FindClustersByTag` becomes `find_clusters_by_tag`. */
export function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]|(?<=[A-Z])[A-Z](?=[a-z])/g, (letter) => `_${letter}`).toLowerCase();
}

/** Returns `name = value` lines with aligned equals signs, as `terraform fmt` writes them. */
export function alignLines(entries: readonly (readonly [string, string])[], indent: string): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${indent}${name.padEnd(width)} = ${value}\n`).join('');
}
