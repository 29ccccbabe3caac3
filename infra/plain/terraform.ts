import { isJsonObject, type JsonObject, listAt, textAt } from '../../lib/json.ts';
import { PARAMETER_NAMES, type TemplateKind } from '../parameters.ts';
import { formOf, plainName } from './parameters.ts';
import type { PlainTemplate } from './template.ts';

type ModuleTemplate = Pick<PlainTemplate, 'Parameters'> & { readonly Outputs: object };

/** A file of a module, by its path beside the examples. */
export interface ModuleFile {
  readonly path: string;
  readonly text: string;
}

/** The templates that have a module; that of the deployer's role comes before anybody deploys. */
const SAYS: Readonly<Record<TemplateKind, string>> = {
  hub: 'The hub: tables, functions, API, and this account and Region.',
  spoke: 'A spoke: hands the audit events of a further account or Region to a hub.',
  organization: 'Spokes for every account of an organization, or of units of it, and for those that come.',
};

/** What the module knows by itself. */
const COMPUTED: Readonly<Record<string, string>> = { TemplateUrl: 'local.spoke_template' };

/**
 * A Terraform module that deploys a release's template: the same resources by construction, with variables of Terraform's own types
 * (docs/decisions/0022). Resources and their arguments: registry.terraform.io, hashicorp/aws 6, `aws_cloudformation_stack`, `aws_s3_object`.
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
      text: [WRITTEN, ...OWN_VARIABLES, ...variables.map(({ block }) => block)].join('\n'),
    },
    { path: `${name}/outputs.tf`, text: [WRITTEN, ...outputs.map(outputText)].join('\n') },
  ];
}

const WRITTEN = '# Written from the template of the release.\n';

const OWN_VARIABLES = [
  `variable "stack_name" {
  description = "What the CloudFormation stack is called"
  type        = string
  default     = "eks-whois"
}
`,
  `variable "artifacts_folder" {
  description = "A folder with the files of the release, which are uploaded to code_bucket; null where they lie there already"
  type        = string
  default     = null
}
`,
  `variable "cloudformation_role_arn" {
  description = "The role that CloudFormation deploys as; null for whoever applies"
  type        = string
  default     = null
}
`,
  `variable "tags" {
  description = "Tags of the stack, which CloudFormation hands on to every resource that takes tags"
  type        = map(string)
  default     = {}
}
`,
];

const BUCKET = 'var.code_bucket_of_region ? "${var.code_bucket}-${data.aws_region.this.region}" : var.code_bucket';

interface Made {
  readonly variables: readonly Variable[];
  readonly computed: readonly (readonly [string, string])[];
  readonly version: string;
}

function mainText(name: TemplateKind, { variables, computed, version }: Made): string {
  const parameters = [...computed, ...variables.map(({ parameter, value }) => [parameter, value] as const)];
  // A StackSet's spokes take code from a bucket for each Region, as do templates that are told so.
  const hasOwnBuckets = name === 'organization';
  const spoke =
    computed.length === 0
      ? []
      : [['spoke_template', '"${local.address}eks-whois-${local.release}-spoke.yaml"'] as const];
  return `# ${SAYS[name]} docs/deploy.md leads through it.
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
${aligned(
  [
    ['release', quoted(version)],
    ['bucket', hasOwnBuckets ? '"${var.code_bucket}-${data.aws_region.this.region}"' : BUCKET],
    [
      'address',
      '"https://${local.bucket}.s3.${data.aws_region.this.region}.${data.aws_partition.this.dns_suffix}/${var.code_prefix}"',
    ],
    ...spoke,
  ],
  '  ',
)}}

resource "aws_s3_object" "artifact" {
  for_each = var.artifacts_folder == null ? toset([]) : fileset(var.artifacts_folder, "eks-whois-\${local.release}-*.{zip,yaml}")

  bucket      = local.bucket
  key         = "\${var.code_prefix}\${each.value}"
  source      = "\${var.artifacts_folder}/\${each.value}"
  source_hash = filemd5("\${var.artifacts_folder}/\${each.value}")
}

resource "aws_cloudformation_stack" "this" {
  name         = var.stack_name
  template_url = "\${local.address}eks-whois-\${local.release}-${name}.yaml"
  capabilities = ["CAPABILITY_NAMED_IAM"]
  iam_role_arn = var.cloudformation_role_arn
  tags         = var.tags

  parameters = {
${aligned(parameters, '    ')}  }

  depends_on = [aws_s3_object.artifact]
}
`;
}

function outputText([name, output]: [string, unknown]): string {
  const description = isJsonObject(output) ? (textAt(output, 'Description') ?? '') : '';
  const entries: (readonly [string, string])[] = [
    ['description', quoted(description)],
    ['value', `lookup(aws_cloudformation_stack.this.outputs, ${quoted(name)}, null)`],
  ];
  return `output ${quoted(snakeCase(name))} {\n${aligned(entries, '  ')}}\n`;
}

/** A parameter of a template as Terraform's variable, and the expression that makes the one of the other. */
interface Variable {
  readonly parameter: string;
  readonly name: string;
  /** The `variable` block. */
  readonly block: string;
  /** What the stack's parameter is. */
  readonly value: string;
}

type Kind = 'string' | 'bool' | 'number' | 'list(string)' | 'json';

export function variableOf(parameter: string, definition: JsonObject): Variable {
  const kind = kindOf(parameter, definition);
  const name = snakeCase(parameter);
  return { parameter, name, block: block(name, kind, definition), value: expressionOf(`var.${name}`, kind) };
}

/** Templates have texts and numbers alone; how a text is to be read the table of parameters says. */
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
    / (?:A JSON array of texts|With commas between)\.$/,
    '',
  );
  const entries: (readonly [string, string])[] = [
    ['description', quoted(description)],
    ['type', kind === 'json' ? 'list(string)' : kind],
    ...('Default' in definition ? [['default', defaultOf(kind, definition.Default)] as const] : []),
    ['nullable', 'false'],
  ];
  return `variable ${quoted(name)} {\n${aligned(entries, '  ')}${validation(`var.${name}`, kind, definition)}}\n`;
}

function defaultOf(kind: Kind, value: unknown): string {
  const text = String(value);
  if (kind === 'bool' || kind === 'number' || kind === 'json') return text;
  return kind === 'string' ? quoted(text) : listOf(text.split(',').filter((entry) => entry !== ''));
}

/** What CloudFormation would refuse is refused when it is planned. */
function validation(variable: string, kind: Kind, definition: JsonObject): string {
  const allowed = listAt(definition, 'AllowedValues')?.map(String);
  const { AllowedPattern: pattern, MinValue: least, MaxValue: most } = definition;
  if (kind === 'number' && least !== undefined) {
    return rule(`${variable} >= ${least} && ${variable} <= ${most}`, `It is to be from ${least} to ${most}.`);
  }
  if (kind !== 'string') return '';
  if (allowed !== undefined)
    return rule(`contains(${listOf(allowed)}, ${variable})`, `It is to be one of ${allowed.join(', ')}.`);
  return typeof pattern === 'string'
    ? rule(`can(regex(${quoted(pattern)}, ${variable}))`, `It is to match ${pattern}.`)
    : '';
}

function rule(condition: string, message: string): string {
  return `\n  validation {\n${aligned(
    [
      ['condition', condition],
      ['error_message', quoted(message)],
    ],
    '    ',
  )}  }\n`;
}

/** A quoted string in which nothing is a template. */
export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(/[$%](?=\{)/g, (mark) => mark + mark);
}

export function listOf(texts: readonly string[]): string {
  return `[${texts.map(quoted).join(', ')}]`;
}

/** `FindClustersByTag` as Terraform names things: `find_clusters_by_tag`. */
export function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]|(?<=[A-Z])[A-Z](?=[a-z])/g, (letter) => `_${letter}`).toLowerCase();
}

/** `name = value` lines, the equals signs below each other, as `terraform fmt` has them. */
export function aligned(entries: readonly (readonly [string, string])[], indent: string): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${indent}${name.padEnd(width)} = ${value}\n`).join('');
}
