import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { quote, snakeCase, variableOf } from '../../infra/plain/terraform.ts';
import { terraformFiles } from '../../release/templates.ts';
import { REPOSITORY } from '../builders/command.ts';

const EXAMPLES = join(REPOSITORY, 'infra/terraform/examples');

describe("Terraform's modules", () => {
  const files = new Map(terraformFiles('1.2.3').map(({ path, text }) => [path, text]));

  it('exist for each template, in the files that Terraform looks for', () => {
    expect([...files.keys()].toSorted()).toEqual(
      ['hub', 'organization', 'spoke'].flatMap((name) => [
        `${name}/main.tf`,
        `${name}/outputs.tf`,
        `${name}/variables.tf`,
      ]),
    );
  });

  it('repeat nothing in a pattern more often than Terraform accepts (RE2: 1,000 times)', () => {
    const counts = [...files.values()].flatMap((text) =>
      [...text.matchAll(/\{\d+,(\d+)\}/g)].map(([, most]) => Number(most)),
    );
    expect(Math.max(...counts)).toBeLessThanOrEqual(1_000);
  });

  it('upload the code to a bucket in each Region that has a stack, because Lambda loads it only from its own', () => {
    const here = 'data.aws_region.this.region';
    const uploadsOf = (name: string) => {
      const text = files.get(`${name}/main.tf`) ?? '';
      const [, upload = ''] = /^resource "aws_s3_object" "artifact" \{\n([\s\S]*?)^\}/m.exec(text) ?? [];
      expect(upload).toContain('for pair in setproduct(keys(local.buckets), local.artifacts)');
      expect(upload).toMatch(/^ {2}region +=\s+each\.value\.region$/m);
      expect(upload).toMatch(/^ {2}bucket +=\s+local\.buckets\[each\.value\.region\]$/m);
      return / buckets +=\s+(.*)/.exec(text)?.[1];
    };
    expect(uploadsOf('organization')).toBe(
      `{ for region in toset(concat(var.spoke_regions, [${here}])) : region => "\${var.code_bucket}-\${region}" }`,
    );
    for (const name of ['hub', 'spoke']) expect(uploadsOf(name)).toMatch(`{ (${here}) = `);
  });

  it('wait for a StackSet of many accounts, and keep the previous files until the stack is updated', () => {
    for (const name of ['hub', 'spoke', 'organization']) {
      const text = files.get(`${name}/main.tf`) ?? '';
      expect(text).toMatch(/^ {2}timeouts \{\n {4}create = "6h"\n {4}update = "6h"\n {4}delete = "6h"\n {2}\}$/m);
      expect(text).toMatch(
        /"aws_s3_object" "artifact" \{[^}]*(?:\}[^}]*)*?lifecycle \{\n {4}create_before_destroy = true/,
      );
    }
  });

  it('name each stack as the script of the release does, so that hub and organization fit into one account and Region', () => {
    const names = ['hub', 'organization', 'spoke'].map(
      (name) =>
        /^variable "stack_name" \{\n[\s\S]*?default\s+= "(.*)"/m.exec(files.get(`${name}/variables.tf`) ?? '')?.[1],
    );
    expect(names).toEqual(['eks-whois-prod', 'eks-whois-organization', 'eks-whois-spoke']);
    const script = readFileSync(join(REPOSITORY, 'release/deploy.sh'), 'utf8');
    expect(script).toContain('hub) stack=eks-whois-prod ;;\n  spoke | organization) stack=eks-whois-$kind ;;');
  });

  it('depend in the examples on no other module as a whole: their data sources would be read too late for for_each', () => {
    for (const example of readdirSync(EXAMPLES)) {
      const text = readFileSync(join(EXAMPLES, example, 'main.tf'), 'utf8');
      for (const [module] of text.matchAll(/^module "\w+" \{\n[\s\S]*?^\}/gm))
        expect(module).not.toMatch(/depends_on +=/);
    }
    const organization = readFileSync(join(EXAMPLES, 'organization/main.tf'), 'utf8');
    expect(organization).toMatch(/^ {2}hub_account += split\(":", module\.hub\.sts_bus_arn\)\[4\]$/m);
  });

  it('say which command lists the spokes that failed', () => {
    expect(files.get('organization/outputs.tf')).toContain('output "failed_spokes_command" {');
  });

  it('get in the examples only inputs that they have, and all that they need', () => {
    const variables = (module: string) => [
      ...(files.get(`${module}/variables.tf`) ?? '').matchAll(/^variable "(\w+)" \{\n([\s\S]*?)^\}/gm),
    ];
    for (const example of readdirSync(EXAMPLES)) {
      for (const [, module = '', body = ''] of readFileSync(join(EXAMPLES, example, 'main.tf'), 'utf8').matchAll(
        /source\s+= "\.\.\/\.\.\/(\w+)"\n([\s\S]*?)^\}/gm,
      )) {
        const given = [...body.matchAll(/^ {2}(\w+)\s+=/gm)]
          .map(([, name]) => name)
          .filter((name) => name !== 'providers' && name !== 'depends_on');
        const taken = variables(module).map(([, name]) => name);
        const needed = variables(module).flatMap(([, name, text]) => (text?.includes('default ') ? [] : [name]));
        expect(
          given.filter((name) => !taken.includes(name)),
          example,
        ).toEqual([]);
        expect(
          needed.filter((name) => !given.includes(name)),
          example,
        ).toEqual([]);
      }
    }
  });
});

describe("a template's parameter as Terraform's variable", () => {
  it('has the type that its text has', () => {
    const parameter = (definition: object, name = 'AlertEmail') => variableOf(name, { Type: 'String', ...definition });
    expect(parameter({ AllowedValues: ['true', 'false'] }).value).toBe('tostring(var.alert_email)');
    expect(parameter({ Default: 'a,b' }, 'FindClusters').block).toContain('default     = ["a", "b"]');
    expect(parameter({}, 'TrustedProxies').value).toBe('jsonencode(var.trusted_proxies)');
    expect(parameter({ Type: 'Number', MinValue: 1, MaxValue: 9 }).block).toContain(
      'var.alert_email >= 1 && var.alert_email <= 9',
    );
  });

  it('is never read as a template, whatever it contains', () => {
    expect(quote('${var.x} %{if} "')).toBe('"$${var.x} %%{if} \\""');
    expect(['LogsKmsKeyArn', 'FindClustersByTag', 'ApiUrl'].map(snakeCase)).toEqual([
      'logs_kms_key_arn',
      'find_clusters_by_tag',
      'api_url',
    ]);
  });
});
