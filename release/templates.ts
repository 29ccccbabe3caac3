import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { zipSync } from 'fflate';
import { stringify } from 'yaml';
import { deployerTemplate } from '../infra/plain/deployer.ts';
import { organizationTemplate } from '../infra/plain/organization.ts';
import { plainTemplate } from '../infra/plain/template.ts';
import { type ModuleFile, terraformModule } from '../infra/plain/terraform.ts';
import { ROOT } from './bundle.ts';
import { NO_TIME } from './functions.ts';

/** A CloudFormation template of a release. It needs only a bucket with the functions' zips. */
interface ReleasedTemplate {
  readonly name: string;
  readonly text: string;
}

/**
 * Returns the templates `hub.yaml`, `spoke.yaml` (one further account and Region), `organization.yaml` (all its
 * spokes), and `deployer.yaml`. The last one has the role that deploys the hub and spokes. The same sources give the
 * same bytes.
 */
export function templatesOf(version: string): readonly ReleasedTemplate[] {
  const { hub, spoke, organization } = definitions(version);
  return [
    { name: 'hub.yaml', text: yaml(hub) },
    { name: 'spoke.yaml', text: yaml(spoke) },
    { name: 'organization.yaml', text: yaml(organization) },
    { name: 'deployer.yaml', text: yaml(deployerTemplate([hub, spoke])) },
  ];
}

function definitions(version: string) {
  const [hub, spoke] = [plainTemplate('hub', version), plainTemplate('spoke', version)];
  return { hub, spoke, organization: organizationTemplate(spoke, rollOutCode()) };
}

/**
 * Returns the code of the function that reports a roll-out. It does not contain the AWS SDK, which is part of Lambda's
 * runtime.
 */
export function rollOutCode(): string {
  const { outputFiles } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: ['functions/roll-out.ts'],
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    external: ['@aws-sdk/*'],
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

function yaml(template: object): string {
  return stringify(template, { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' });
}

/** Returns a Terraform module for each template. */
export function terraformFiles(version: string): readonly ModuleFile[] {
  const { hub, spoke, organization } = definitions(version);
  return [
    ...terraformModule('hub', hub, version),
    ...terraformModule('spoke', spoke, version),
    ...terraformModule('organization', organization, version),
  ];
}

/** Returns a zip of the modules and their examples. */
export async function zipTerraform(version: string): Promise<Uint8Array> {
  const encoder = new TextEncoder();
  const files = Object.fromEntries(terraformFiles(version).map(({ path, text }) => [path, encoder.encode(text)]));
  const folder = join(ROOT, 'infra/terraform');
  for (const name of (await readdir(join(folder, 'examples'))).sort()) {
    const path = `examples/${name}/main.tf`;
    files[path] = await readFile(join(folder, path));
  }
  return zipSync(files, { level: 9, mtime: NO_TIME });
}
