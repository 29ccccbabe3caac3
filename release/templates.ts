import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { deployerTemplate } from '../infra/plain/deployer.ts';
import { organizationTemplate } from '../infra/plain/organization.ts';
import { type PlainOptions, plainTemplate } from '../infra/plain/template.ts';
import { isJsonObject, objectAt } from '../lib/json.ts';
import { ROOT } from './bundle.ts';

/** A CloudFormation template of a release, that needs nothing but a bucket with the functions' zips. */
export interface ReleasedTemplate {
  readonly name: string;
  readonly text: string;
}

/** Of the hub, of a spoke for each further account and Region, of all spokes of an organization, and of
 * what deploys them. The same sources give the same bytes. */
export async function templatesOf(version: string): Promise<readonly ReleasedTemplate[]> {
  const options: PlainOptions = { version, defaults: await defaults() };
  const [hub, spoke] = [plainTemplate('hub', options), plainTemplate('spoke', options)];
  return [
    { name: 'hub.yaml', text: yaml(hub) },
    { name: 'spoke.yaml', text: yaml(spoke) },
    { name: 'organization.yaml', text: yaml(organizationTemplate(spoke)) },
    { name: 'deployer.yaml', text: yaml(deployerTemplate([hub, spoke])) },
  ];
}

function yaml(template: object): string {
  return stringify(template, { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' });
}

/** What `serverless.yml` has where nobody says otherwise. */
async function defaults(): Promise<PlainOptions['defaults']> {
  const configuration: unknown = parse(await readFile(join(ROOT, 'serverless.yml'), 'utf8'));
  const params = isJsonObject(configuration) ? objectAt(configuration, 'params') : undefined;
  return objectAt(params, 'default') ?? {};
}
