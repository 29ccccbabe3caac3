import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import type { Build } from '../console/build.ts';
import { parameterFileSchema } from '../infra/parameter-file/schema.ts';
import { bundleCommandLine, DIST, ROOT } from './bundle.ts';
import { bundledPackages, licencesText } from './licences.ts';

/** The schema of `eks-whois.yaml`. Editors look for it next to that file. */
export const SCHEMA = 'eks-whois.schema.json';

/**
 * Builds the generated content of `npm pack` in a folder. That is the bundled command line, the licenses of its parts,
 * and the schema. Returns esbuild's metafiles of the inputs.
 */
export async function buildPackage(page: Build, folder = ROOT): Promise<readonly Metafile[]> {
  const dist = join(folder, DIST);
  const metafiles = await bundleCommandLine(page, dist);
  await writeFile(join(dist, 'LICENSES.txt'), licencesText(await bundledPackages(ROOT, metafiles)));
  await writeFile(join(folder, SCHEMA), `${JSON.stringify(parameterFileSchema(), undefined, 2)}\n`);
  return metafiles;
}
