import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { productVersion } from '../cli/own-files.ts';
import { ROOT } from './bundle.ts';
import { terraformFiles } from './terraform-files.ts';

/** `npm run terraform`: writes the modules of `infra/terraform` anew; a test says where they are not those of the templates. */
for (const { path, text } of await terraformFiles(productVersion())) {
  const file = join(ROOT, 'infra/terraform', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
