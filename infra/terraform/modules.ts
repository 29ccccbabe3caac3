import { isJsonObject, type JsonObject, textAt } from '../../lib/json.ts';
import { aligned, quoted, snakeCase } from './hcl.ts';
import { type Variable, variablesOf } from './variables.ts';

/** A file of a module, by its path from `infra/terraform`. */
export interface ModuleFile {
  readonly path: string;
  readonly text: string;
}

/** The templates that have a module; that of the deployer's role comes before anybody deploys. */
export const MODULES = ['hub', 'spoke', 'organization'] as const;
export type ModuleName = (typeof MODULES)[number];

const SAYS: Readonly<Record<ModuleName, string>> = {
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
export function terraformModule(name: ModuleName, template: JsonObject, version: string): readonly ModuleFile[] {
  const variables = variablesOf(template, Object.keys(COMPUTED));
  const computed = Object.entries(COMPUTED).filter(
    ([parameter]) => isJsonObject(template.Parameters) && parameter in template.Parameters,
  );
  const outputs = isJsonObject(template.Outputs) ? template.Outputs : {};
  return [
    { path: `${name}/main.tf`, text: mainText(name, { variables, computed, version }) },
    {
      path: `${name}/variables.tf`,
      text: [WRITTEN, ...OWN_VARIABLES, ...variables.map(({ block }) => block)].join('\n'),
    },
    { path: `${name}/outputs.tf`, text: [WRITTEN, ...Object.entries(outputs).map(outputText)].join('\n') },
  ];
}

const WRITTEN = '# Written by `npm run terraform` from the template of the release.\n';

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

function mainText(name: ModuleName, { variables, computed, version }: Made): string {
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
