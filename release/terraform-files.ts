import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { parse } from 'yaml';
import { MODULES, type ModuleFile, terraformModule } from '../infra/terraform/modules.ts';
import type { JsonObject } from '../lib/json.ts';
import { ROOT } from './bundle.ts';
import { NO_TIME } from './functions.ts';
import { templatesOf } from './templates.ts';

/** The modules of all templates of a release. */
export async function terraformFiles(version: string): Promise<readonly ModuleFile[]> {
  const templates = await templatesOf(version);
  return templates.flatMap(({ name, text }) => {
    const module = MODULES.find((each) => name === `${each}.yaml`);
    return module === undefined ? [] : terraformModule(module, parse(text) as JsonObject, version);
  });
}

/** The modules with their examples, as they lie in `infra/terraform`. */
export async function zipTerraform(version: string): Promise<Uint8Array> {
  const encoder = new TextEncoder();
  const modules = await terraformFiles(version);
  const files = Object.fromEntries(modules.map(({ path, text }) => [path, encoder.encode(text)]));
  const folder = join(ROOT, 'infra/terraform');
  for (const name of (await readdir(join(folder, 'examples'))).sort()) {
    const path = `examples/${name}/main.tf`;
    files[path] = await readFile(join(folder, path));
  }
  return zipSync(files, { level: 9, mtime: NO_TIME });
}
