import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { productVersion } from '../../cli/own-files.ts';
import { quoted, snakeCase } from '../../infra/terraform/hcl.ts';
import type { ModuleFile } from '../../infra/terraform/modules.ts';
import { variableOf } from '../../infra/terraform/variables.ts';
import { terraformFiles } from '../../release/terraform-files.ts';
import { REPOSITORY } from '../builders/command.ts';

const FOLDER = join(REPOSITORY, 'infra/terraform');
const read = (path: string) => readFileSync(join(FOLDER, path), 'utf8');

describe("Terraform's modules", () => {
  let files: readonly ModuleFile[];
  beforeAll(async () => {
    files = await terraformFiles(productVersion());
  });

  it('are those of the templates (npm run terraform writes them anew)', () => {
    expect(files.map(({ path }) => path).toSorted()).toEqual(
      ['hub', 'organization', 'spoke'].flatMap((name) => [
        `${name}/main.tf`,
        `${name}/outputs.tf`,
        `${name}/variables.tf`,
      ]),
    );
    for (const { path, text } of files) expect(read(path), path).toBe(text);
  });

  it('are given in the examples nothing that they do not take, and all that they must have', () => {
    const variables = (module: string) => [
      ...read(`${module}/variables.tf`).matchAll(/^variable "(\w+)" \{\n([\s\S]*?)^\}/gm),
    ];
    for (const example of readdirSync(join(FOLDER, 'examples'))) {
      for (const [, module = '', body = ''] of read(`examples/${example}/main.tf`).matchAll(
        /source\s+= "\.\.\/\.\.\/(\w+)"\n([\s\S]*?)^\}/gm,
      )) {
        const given = [...body.matchAll(/^ {2}(\w+)\s+=/gm)]
          .map(([, name]) => name)
          .filter((name) => name !== 'providers');
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
  it('has the type that the text stands for', () => {
    const parameter = (definition: object) => variableOf('FindClusters', { Type: 'String', ...definition });
    expect(parameter({ AllowedValues: ['true', 'false'] }).value).toBe('tostring(var.find_clusters)');
    expect(parameter({ Description: 'Names, with commas between', Default: 'a,b' }).block).toContain(
      'default     = ["a", "b"]',
    );
    expect(parameter({ Description: 'Proxies, as a JSON array of texts' }).value).toBe('jsonencode(var.find_clusters)');
    expect(parameter({ Type: 'Number', MinValue: 1, MaxValue: 9 }).block).toContain(
      'var.find_clusters >= 1 && var.find_clusters <= 9',
    );
  });

  it('is no template, whatever it says', () => {
    expect(quoted('${var.x} %{if} "')).toBe('"$${var.x} %%{if} \\""');
    expect(['LogsKmsKeyArn', 'FindClustersByTag', 'ApiUrl'].map(snakeCase)).toEqual([
      'logs_kms_key_arn',
      'find_clusters_by_tag',
      'api_url',
    ]);
  });
});
